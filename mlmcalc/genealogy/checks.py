"""What may be wrong with recorded trees: plain rows, which the tables turn into findings.

Rows are indexes into the members as the caller holds them; -1 as parent is a root.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.build import find_cycles
from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.kernels.relabel import taken

__all__ = [
    "doubled_legs",
    "find_cycles",
    "joined_before_parent",
    "legs_beyond_width",
    "missing_legs",
    "parents_of_themselves",
]


def parents_of_themselves(parent_rows: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the rows of members who are their own parent, ascending; `find_cycles` has them too, as cycles of one."""
    return np.flatnonzero(parent_rows == np.arange(parent_rows.size))


def joined_before_parent(parent_rows: NDArray[np.int32], joined: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the rows of members who joined on an earlier day than their parent, ascending.

    Parameters
    ----------
    parent_rows : (n,) int32
    joined : (n,) int32
        Days since 1970-01-01, `NO_DAY` where unknown; an unknown day is no contradiction.
    """
    if not parent_rows.size:
        return np.empty(0, np.int64)
    # An unknown day is below every other, so that an unknown parent's is never the later one.
    late = taken(joined, np.maximum(parent_rows, 0)) > joined
    late &= parent_rows >= 0
    late &= joined != NO_DAY
    return np.flatnonzero(late)


def doubled_legs(parent_rows: NDArray[np.int32], leg: NDArray[np.int16]) -> list[list[int]]:
    """Return the groups of two or more members who stand on one leg of one parent.

    Parameters
    ----------
    parent_rows : (n,) int32
    leg : (n,) int16
        From 1; what is below 1 is on no leg.

    Returns
    -------
    list of list of int
        Rows, ascending within a group; groups by parent and then leg.
    """
    placed = np.flatnonzero((parent_rows >= 0) & (leg >= 1))
    place = parent_rows[placed].astype(np.int64) * (2**16) + leg[placed]
    by_place = np.argsort(place, kind="stable")
    placed, place = placed[by_place], place[by_place]
    starts = np.flatnonzero(np.r_[True, place[1:] != place[:-1]]) if place.size else np.empty(0, dtype=np.int64)
    ends = np.r_[starts[1:], place.size] if place.size else starts
    return [placed[start:end].tolist() for start, end in zip(starts, ends, strict=True) if end - start > 1]


def missing_legs(parent_rows: NDArray[np.int32], leg: NDArray[np.int16]) -> NDArray[np.int64]:
    """Return the rows of members who have a parent but no leg (0), ascending."""
    return np.flatnonzero((parent_rows >= 0) & (leg == 0))


def legs_beyond_width(parent_rows: NDArray[np.int32], leg: NDArray[np.int16], width: int) -> NDArray[np.int64]:
    """Return the rows of members whose leg is not one of 1 to `width`, ascending; a missing leg (0) is not meant."""
    return np.flatnonzero((parent_rows >= 0) & (leg != 0) & ((leg < 1) | (leg > width)))
