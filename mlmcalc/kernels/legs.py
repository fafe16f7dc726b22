"""Per parent over its children, each with a size: the k-th largest, how many reach a size, sums with a cap on each.

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
