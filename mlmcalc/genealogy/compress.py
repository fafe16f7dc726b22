"""Derived trees: who is kept, and where everybody else belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.build import read_only
from mlmcalc.genealogy.tree import Tree, VolumePolicy
from mlmcalc.kernels.compress import compressed


def compress(tree: Tree, kept: NDArray[np.bool_], policy: VolumePolicy, name: str) -> Tree:
    """Return the tree that keeps some members of another, in the same tree order.

    Each member who is kept is attached to its nearest kept ancestor. Each other member belongs to its nearest kept
    ancestor, its keeper: it hangs one level below the keeper, or with `stay_same_level` beside it. Whoever has no
    keeper has parent -1 and depth 0; nobody hangs below a member left out.

    Parameters
    ----------
    tree : Tree
        Recorded or derived. A member it has left out cannot be kept by what is derived from it.
    kept : (n,) bool
        By position.
    policy : {"stay", "stay_same_level", "roll_up", "drop"}
        What happens to the volume of those left out.
    name : str
    """
    keep = np.ascontiguousarray(tree.enter(kept), dtype=np.bool_)
    climb = tree.parent
    if tree.kept is not None and tree.keeper is not None:
        keep = keep & tree.kept
        # Under `stay_same_level` the parent of one left out is above its keeper, who may be kept here.
        climb = np.where(tree.kept, tree.parent, tree.keeper)
    keeper, parent, depth = compressed(climb, keep, policy == "stay_same_level")
    return replace(
        tree,
        name=name,
        parent=read_only(parent),
        depth=read_only(depth),
        kept=read_only(keep.copy()),
        keeper=read_only(keeper),
        policy=policy,
        leg=None,
        root_tree=tree.root_tree or tree.name,
    )


def effective_compressed(tree: Tree, out: NDArray[np.bool_]) -> Tree:
    """Return a recorded tree under its own name with some members taken out, as statuses with ``walk: compressed`` ask.

    Parameters
    ----------
    tree : Tree
    out : (n,) bool
        By position: whom the status takes out. They remain sources, one level below their keeper.
    """
    return tree if not out.any() else compress(tree, ~out, "stay", tree.name)
