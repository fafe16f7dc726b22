"""``VOLUME@TREE``: a volume after a tree has rolled up, or dropped, that of those it leaves out."""

from __future__ import annotations

import numpy as np

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.rules.values import Quantity, Volume


def rolled_up(volume: Volume, tree: Tree) -> Volume:
    """Return a volume as a tree with `roll_up` or `drop` leaves it.

    Parameters
    ----------
    volume : Volume
        Of the original members.
    tree : Tree
        Derived, with policy ``roll_up`` (the keeper holds its own and that of all who belong to it) or ``drop`` (the
        keeper holds its own).

    Returns
    -------
    Volume
        `total` by position: 0 for whoever is left out; `own` and `entries` as they were.
    """
    assert tree.kept is not None, "a recorded tree leaves nobody out"
    assert tree.keeper is not None, "a derived tree knows every keeper"
    own = np.ascontiguousarray(tree.enter(volume.own.amounts))
    held = np.where(tree.kept, own, 0) if tree.policy == "drop" else sum_by_owner(tree.keeper, own, tree.size)
    total = Quantity(tree.leave(held), volume.own.decimals)
    return Volume(total, volume.own, volume.entries, tree.name)
