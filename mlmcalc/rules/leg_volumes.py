"""What stands below each member on each leg of a recorded tree: volume, and the members it enrolled itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.legs import count_on_legs, fill_legs, mark_legs
from mlmcalc.kernels.sums import subtree_sum
from mlmcalc.rules.tree_columns import kept_parent, places_of


class LegVolumes:
    """The volume below each member on each leg: of the child on that leg, and of all below the child.

    Parameters
    ----------
    tree : Tree
        Recorded, with legs.
    amounts : (n,) int64
        By position.
    legs : int
    ids : sequence
        Member ids by position, for findings.

    Attributes
    ----------
    held : (n,) bool
        By position: whose legs hold anything.

    Raises
    ------
    InputRefused
        ``bonuses.leg``: somebody stands on a leg that the bonus does not have.
    """

    def __init__(self, tree: Tree, amounts: NDArray[np.int64], legs: int, ids: Sequence[object]) -> None:
        assert tree.leg is not None, "the tree has legs"
        self._legs = legs
        order = np.arange(tree.size, dtype=np.int32) if tree.order is None else tree.order
        sums = subtree_sum(tree.parent, np.ascontiguousarray(tree.enter(amounts)))
        self._tree = (tree.parent, tree.leg, order, sums)
        self.held = np.zeros(tree.size, np.bool_)
        beyond = mark_legs(*self._tree, legs, self.held)
        if beyond >= 0:
            message = f"a member stands on leg {int(tree.leg[beyond])} of {tree.name}, and the bonus has {legs} legs."
            remedy = "State the width of the tree, or the legs of the bonus."
            raise InputRefused(Finding("bonuses.leg", message, remedy, member=str(ids[int(order[beyond])])))

    def of(self, row: NDArray[np.int32], rows: int) -> NDArray[np.int64]:
        """Return the volumes of some members, at least of those whose legs hold anything.

        Parameters
        ----------
        row : (n,) int32
            By position: which row each of them has.
        rows : int

        Returns
        -------
        (rows, legs) int64
            0 where nobody stands on the leg.
        """
        found = np.zeros((rows, self._legs), np.int64)
        fill_legs(*self._tree, row, found)
        return found


def enrolled_on_legs(
    tree: Tree, enrolment: Tree, counts: NDArray[np.bool_], legs: int, whom: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many frontline members of another tree some members have on each leg.

    Parameters
    ----------
    tree : Tree
        Recorded, with legs.
    enrolment : Tree
        Whose frontline is counted.
    counts : (n,) bool
        Who counts, by position.
    legs : int
    whom : (k,) int64
        Positions, ascending.

    Returns
    -------
    (k, legs) int64
        Of each in `whom`.
    """
    assert tree.leg is not None, "the tree has legs"
    found = np.zeros((whom.size, legs), np.int64)
    if not whom.size:
        return found
    # Nobody's row is the last one, and nobody's.
    row = np.full(tree.size + 1, -1, np.int32)
    row[whom] = np.arange(whom.size, dtype=np.int32)
    above = kept_parent(enrolment)
    known = enrolment.order
    enroller = above if known is None else enrolment.leave(np.where(above >= 0, known[above], -1))
    enrolled = np.flatnonzero((row[enroller] >= 0) & counts).astype(np.int32)
    owner = enroller[enrolled]
    size = subtree_sum(tree.parent, np.ones(tree.size, np.int64)).astype(np.int32)
    at = places_of(tree, np.arange(tree.size, dtype=np.int32))
    count_on_legs(owner, enrolled, at, tree.leg, size, row[owner], found)
    return found
