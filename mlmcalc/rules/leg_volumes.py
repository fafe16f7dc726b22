"""What stands below each member on each leg of a recorded tree: volume, and the members it enrolled itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.sums import subtree_sum
from mlmcalc.rules.tree_columns import kept_parent


def leg_volumes(tree: Tree, amounts: NDArray[np.int64], legs: int, ids: Sequence[object]) -> NDArray[np.int64]:
    """Return the volume below each member on each leg: of the child on that leg, and of all below the child.

    Parameters
    ----------
    tree : Tree
        Recorded, with legs.
    amounts : (n,) int64
        By position.
    legs : int
    ids : sequence
        Member ids by position, for findings.

    Returns
    -------
    (n, legs) int64
        By position; 0 where nobody stands on the leg.

    Raises
    ------
    InputRefused
        ``bonuses.leg``: somebody stands on a leg that the bonus does not have.
    """
    sums = subtree_sum(tree.parent, np.ascontiguousarray(tree.enter(amounts)))
    child, up, leg = _children(tree)
    beyond = np.flatnonzero(leg >= legs)
    if beyond.size:
        index = int(child[beyond[0]])
        position = index if tree.order is None else int(tree.order[index])
        message = f"a member stands on leg {int(leg[beyond[0]]) + 1} of {tree.name}, and the bonus has {legs} legs."
        remedy = "State the width of the tree, or the legs of the bonus."
        raise InputRefused(Finding("bonuses.leg", message, remedy, member=str(ids[position])))
    found = np.zeros((tree.size, legs), np.int64)
    found[up, leg] = sums[child]
    return tree.leave(found)


def enrolled_on_legs(tree: Tree, enrolment: Tree, counts: NDArray[np.bool_], legs: int) -> NDArray[np.int64]:
    """Return how many frontline members of another tree each member has on each leg.

    Parameters
    ----------
    tree : Tree
        Recorded, with legs.
    enrolment : Tree
        Whose frontline is counted.
    counts : (n,) bool
        Who counts, by position.
    legs : int

    Returns
    -------
    (n, legs) int64
        By position.
    """
    above = kept_parent(enrolment)
    known = np.arange(tree.size, dtype=np.int32) if enrolment.order is None else enrolment.order
    enroller = enrolment.leave(np.where(above >= 0, known[above], -1)) if tree.size else above
    enrolled = np.flatnonzero((enroller >= 0) & counts)
    place = np.arange(tree.size, dtype=np.int64)
    if tree.order is not None:
        place[tree.order] = np.arange(tree.size)
    child, up, leg = _children(tree)
    head = np.full((tree.size, legs), -1, np.int64)
    head[up, leg] = child
    # In this order a subtree is one stretch.
    size = subtree_sum(tree.parent, np.ones(tree.size, np.int64))
    found = np.zeros((tree.size, legs), np.int64)
    owner, below = enroller[enrolled], place[enrolled]
    for number in range(legs):
        first = head[place[owner], number]
        inside = (first >= 0) & (below >= first) & (below < first + size[first])
        found[:, number] = np.bincount(owner[inside], minlength=tree.size)
    return found


def _children(tree: Tree) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    # Everybody below somebody: own index, that of the parent, and the leg from 0.
    assert tree.leg is not None, "the tree has legs"
    child = np.flatnonzero(tree.parent >= 0)
    return child, tree.parent[child], tree.leg[child].astype(np.int64) - 1
