"""The trees in which everybody has a place: the recorded ones, and those that hang everybody anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlmcalc.trees.hung import Hung

if TYPE_CHECKING:
    from mlmcalc.runs.commission_run import CommissionRun


def whole_trees(run: CommissionRun) -> list[str]:
    """Return the names of the trees of a run that leave nobody out but by status."""
    hung = [name for name, word in run.plan.trees.items() if isinstance(word, Hung)]
    return [*run.values.network.trees, *hung]
