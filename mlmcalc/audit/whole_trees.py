"""The trees in which everybody has a place: the recorded ones, and those that hang everybody anew."""

from __future__ import annotations

from mlmcalc.genealogy.tree import Tree
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.trees.hung import Hung


def whole_trees(run: CommissionRun) -> list[str]:
    """Return the names of the trees of a run that leave nobody out but by status."""
    hung = [name for name, word in run.plan.trees.items() if isinstance(word, Hung)]
    return [*run.values.network.trees, *hung]


def whole_tree(run: CommissionRun, name: str) -> Tree:
    """Return a tree with everybody in it, whatever their status."""
    if name in run.values.network.trees:
        return run.values.network.trees[name]
    tree = run.values.trees[name]
    return tree if tree.kept is None else run.plan.trees[name].whole(run.values, name)
