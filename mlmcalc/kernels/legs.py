"""Per parent over its children, each with a size: the k-th largest, how many reach a size, sums with a cap on each.

And per numbered leg: what lies below it, and how many of those that a second tree puts under the same member.

A child that shall not count as a leg is given the parent -1. Sizes are int64; the caller bounds their sums.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_UNITS = "Array(int64, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, {_UNITS}, int32[::1], int64[:, ::1])")
def _keep_largest(parent, sizes, count, largest):
    k = largest.shape[1]
    for p in range(parent.size):
        up = parent[p]
        if up >= 0:
            at = count[up]
            if at < k:
                count[up] += 1
            elif largest[up, k - 1] >= sizes[p]:
                continue
            else:
                at = k - 1
            while at > 0 and largest[up, at - 1] < sizes[p]:
                largest[up, at] = largest[up, at - 1]
                at -= 1
            largest[up, at] = sizes[p]


def largest_legs(
    parent: NDArray[np.int32], sizes: NDArray[np.int64], k: int, extra: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return the k largest legs of each member, largest first.

    Parameters
    ----------
    parent : (n,) int32
        -1 for whoever is nobody's leg.
    sizes : (n,) int64
        Size of the leg that each member heads.
    k : int
        At least 1, and small: memory is n x k.
    extra : (n,) int64, optional
        One more leg for every member.

    Returns
    -------
    (n, k) int64
        0 where there are fewer legs.
    """
    largest = np.zeros((parent.size, k), dtype=np.int64)
    count = np.zeros(parent.size, dtype=np.int32)
    if extra is not None:
        largest[:, 0] = extra
        count[:] = 1
    _keep_largest(parent, sizes, count, largest)
    return largest


@kernel(f"void({_ROWS}, {_UNITS}, {_UNITS}, int64[::1])")
def _count_reaching(parent, sizes, threshold, count):
    for p in range(parent.size):
        if parent[p] >= 0 and sizes[p] >= threshold[parent[p]]:
            count[parent[p]] += 1


@kernel(f"void({_ROWS}, {_UNITS}, {_UNITS}, int64[::1])")
def _sum_capped(parent, sizes, cap, sums):
    for p in range(parent.size):
        if parent[p] >= 0:
            sums[parent[p]] += min(sizes[p], cap[parent[p]])


def _per_parent(amount: int | np.int64 | NDArray[np.int64], n: int) -> NDArray[np.int64]:
    return amount if isinstance(amount, np.ndarray) else np.full(n, amount, dtype=np.int64)


def legs_reaching(
    parent: NDArray[np.int32], sizes: NDArray[np.int64], threshold: int | np.int64 | NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many legs of each member are at least as large as a threshold.

    Parameters
    ----------
    parent : (n,) int32
        -1 for whoever is nobody's leg.
    sizes : (n,) int64
    threshold : int or (n,) int64
        In the unit of `sizes`; an array gives each parent its own.

    Returns
    -------
    (n,) int64
    """
    count = np.zeros(parent.size, dtype=np.int64)
    _count_reaching(parent, sizes, _per_parent(threshold, parent.size), count)
    return count


def capped_legs_sum(
    parent: NDArray[np.int32], sizes: NDArray[np.int64], cap: int | np.int64 | NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the sum of each member's legs, with at most a cap from each.

    Parameters
    ----------
    parent : (n,) int32
        -1 for whoever is nobody's leg.
    sizes : (n,) int64
        A leg below the cap, below zero too, counts as it is.
    cap : int or (n,) int64
        In the unit of `sizes`; an array gives each parent its own.

    Returns
    -------
    (n,) int64
    """
    sums = np.zeros(parent.size, dtype=np.int64)
    _sum_capped(parent, sizes, _per_parent(cap, parent.size), sums)
    return sums


@kernel(f"int64({_ROWS}, Array(int16, 1, 'C', readonly=True), {_ROWS}, {_UNITS}, int64, boolean[::1])")
def mark_legs(parent, leg, order, sums, legs, held):
    """Mark whose legs hold anything, and return the first index on a leg beyond the last, -1 for none.

    Parameters
    ----------
    parent : (n,) int32
    leg : (n,) int16
        From 1: on which leg of its parent each stands.
    order : (n,) int32
        Position of every index.
    sums : (n,) int64
        Of every index with all below it.
    legs : int
    held : (n,) bool, added to
        By position.
    """
    beyond = -1
    for index in range(parent.size):
        if parent[index] >= 0:
            if sums[index] != 0:
                held[order[parent[index]]] = True
            if leg[index] > legs and beyond < 0:
                beyond = index
    return beyond


@kernel(f"void({_ROWS}, Array(int16, 1, 'C', readonly=True), {_ROWS}, {_UNITS}, {_ROWS}, int64[:, ::1])")
def fill_legs(parent, leg, order, sums, row, found):
    """Fill what lies on each numbered leg of those who have a row.

    Parameters
    ----------
    parent, leg, order, sums
        As `mark_legs` has them; no two children of one parent stand on the same leg, none beyond the last.
    row : (n,) int32
        By position: row of `found`; not looked at where no leg holds anything.
    found : (k, legs) int64, written
        Holds zeros before.
    """
    for index in range(parent.size):
        if parent[index] >= 0 and sums[index] != 0:
            found[row[order[parent[index]]], leg[index] - 1] = sums[index]


@kernel(f"void({_ROWS}, {_ROWS}, {_ROWS}, Array(int16, 1, 'C', readonly=True), {_ROWS}, {_ROWS}, int64[:, ::1])")
def count_on_legs(owner, below, at, leg, size, row, found):
    """Count, for each pair of an owner and one that may stand below it, the leg of the owner on which it does.

    Parameters
    ----------
    owner, below : (m,) int32
        Members.
    at : (members,) int32
        Index of every member in pre-order: a subtree is one stretch of it.
    leg : (n,) int16
        In pre-order, from 1: on which leg of its parent each stands.
    size : (n,) int32
        In pre-order: how many a subtree has, its head included.
    row : (m,) int32
        Row of `found` for each pair.
    found : (rows, legs) int64, added to
    """
    for pair in range(owner.size):
        head = at[owner[pair]] + 1
        end = head - 1 + size[head - 1]
        place = at[below[pair]]
        if place < head or place >= end:
            continue
        # The first child follows its parent, the next one the subtree before it.
        while place >= head + size[head]:
            head += size[head]
        found[row[pair], leg[head] - 1] += 1


@kernel(f"void({_ROWS}, {_ROWS}, {_ROWS}, {_ROWS}, int32[::1])")
def heads_above(starts, heads, above, below, found):
    """Fill which child of one index heads the leg that holds another below it.

    Parameters
    ----------
    starts : (n + 1,) int32
        Where the children of every index begin in `heads`.
    heads : (k,) int32
        Children, by parent and ascending. Indices are in pre-order: the head is the last that does not come after.
    above, below : (m,) int32
        A pair of indices; -1 below is nobody.
    found : (m,) int32, written
        -1 where the two are one, or there is nobody.
    """
    for pair in range(above.size):
        low = starts[above[pair]]
        high = starts[above[pair] + 1]
        found[pair] = -1
        first = low
        if below[pair] <= above[pair]:
            continue
        while low < high:
            middle = (low + high) // 2
            if heads[middle] <= below[pair]:
                low = middle + 1
            else:
                high = middle
        if low > first:
            found[pair] = heads[low - 1]
