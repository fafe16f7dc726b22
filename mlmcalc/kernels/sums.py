"""Sums over subtrees and owners, each in one pass.

All amounts are int64 and additions wrap: a caller bounds its values first, with
`mlmcalc.kernels.totals.total_magnitude`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_UNITS = "Array(int64, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, int64[::1])")
def _roll_up(parent, sums):
    # Backward, a member's sum is complete before its parent takes it.
    for p in range(parent.size - 1, -1, -1):
        if parent[p] >= 0:
            sums[parent[p]] += sums[p]


@kernel(f"void({_ROWS}, {_UNITS}, int64[::1])")
def _add_to_owners(owner, amounts, sums):
    for i in range(owner.size):
        if owner[i] >= 0:
            sums[owner[i]] += amounts[i]


def subtree_sum(parent: NDArray[np.int32], amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each member's amount with all that lies below it.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    amounts : (n,) int64
        In tree order.

    Returns
    -------
    (n,) int64
        A fresh array, in the unit of `amounts`.
    """
    sums = np.array(amounts, dtype=np.int64, order="C", copy=True)
    _roll_up(parent, sums)
    return sums


def sum_by_owner(owner: NDArray[np.int32], amounts: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return, for each of so many owners, the sum of the amounts it owns: orders per buyer, groups per leader.

    Parameters
    ----------
    owner : (m,) int32
        Index of the owner, -1 for nobody.
    amounts : (m,) int64
    size : int
        Number of owners.

    Returns
    -------
    (size,) int64
        In the unit of `amounts`.
    """
    sums = np.zeros(size, dtype=np.int64)
    _add_to_owners(owner, amounts, sums)
    return sums


def children_sum(parent: NDArray[np.int32], amounts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the sum of the amounts of each member's children, its own not included.

    Parameters
    ----------
    parent : (n,) int32
        -1 for a root, and for whoever shall not count as a child.
    amounts : (n,) int64

    Returns
    -------
    (n,) int64
    """
    return sum_by_owner(parent, amounts, parent.size)
