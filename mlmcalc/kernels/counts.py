"""How many: children, members of a subtree and legs in which somebody meets a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_FLAGS = "Array(boolean, 1, 'C', readonly=True)"
NOBODY = np.iinfo(np.int32).max
"""The distance to somebody who does not exist."""


@kernel(f"void({_ROWS}, {_FLAGS}, int64[::1])")
def _count_children(parent, mask, count):
    for p in range(parent.size):
        if mask[p] and parent[p] >= 0:
            count[parent[p]] += 1


@kernel(f"void({_ROWS}, int64[::1])")
def _count_below(parent, count):
    for p in range(parent.size - 1, -1, -1):
        if parent[p] >= 0:
            count[parent[p]] += count[p]


@kernel(f"void({_ROWS}, {_FLAGS}, int32[::1])")
def _fill_nearest(parent, mask, distance):
    nobody = 2147483647
    for p in range(parent.size - 1, -1, -1):
        if mask[p]:
            distance[p] = 0
        up = parent[p]
        if up >= 0 and distance[p] < nobody and distance[p] + 1 < distance[up]:
            distance[up] = distance[p] + 1


def count_children(parent: NDArray[np.int32], mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many children of each member meet a mask.

    Parameters
    ----------
    parent : (n,) int32
        -1 for whoever is nobody's child.
    mask : (n,) bool

    Returns
    -------
    (n,) int64
    """
    count = np.zeros(parent.size, dtype=np.int64)
    _count_children(parent, mask, count)
    return count


def count_subtree(parent: NDArray[np.int32], mask: NDArray[np.bool_], with_self: bool = False) -> NDArray[np.int64]:
    """Return how many members below each member meet a mask.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    mask : (n,) bool
    with_self : bool
        Whether the member itself counts too.

    Returns
    -------
    (n,) int64
    """
    count = mask.astype(np.int64)
    _count_below(parent, count)
    return count if with_self else count - mask


def nearest_below(parent: NDArray[np.int32], mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return how many levels below each member the nearest one is who meets a mask.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    mask : (n,) bool

    Returns
    -------
    (n,) int32
        0 for one who meets it, `NOBODY` where nobody below does.
    """
    distance = np.full(parent.size, NOBODY, dtype=np.int32)
    _fill_nearest(parent, mask, distance)
    return distance


def count_legs(parent: NDArray[np.int32], mask: NDArray[np.bool_], levels: int | None = None) -> NDArray[np.int64]:
    """Return in how many legs of each member at least one member meets a mask.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    mask : (n,) bool
    levels : int or None
        How deep to look, the head of the leg being level 1; None for any depth.

    Returns
    -------
    (n,) int64
    """
    # NOBODY is never below the bound: a chain is shorter than int32.
    bound = NOBODY if levels is None else min(levels, NOBODY)
    return count_children(parent, nearest_below(parent, mask) < bound)
