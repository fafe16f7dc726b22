"""Depths, and ancestors a number of levels up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32, 1, 'C', readonly=True), int32[::1])")
def _fill_depths(parent, depth):
    for p in range(parent.size):
        depth[p] = depth[parent[p]] + 1 if parent[p] >= 0 else 0


def depths(parent: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the depth of each member.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.

    Returns
    -------
    (n,) int32
        0 for a root, otherwise one more than the parent's.
    """
    depth = np.empty(parent.size, dtype=np.int32)
    _fill_depths(parent, depth)
    return depth


def kth_ancestor(parent: NDArray[np.int32], k: int) -> NDArray[np.int32]:
    """Return the ancestor k levels up, by doubling: log k gathers, whatever the shape.

    Parameters
    ----------
    parent : (n,) int32
        In tree order, -1 for a root.
    k : int
        0 is the member itself.

    Returns
    -------
    (n,) int32
        -1 where there is none.
    """
    n = parent.size
    # Index -1 meets the last entry, which stays -1: who has no parent has no grandparent.
    jump = np.append(parent, np.int32(-1))
    reached = np.append(np.arange(n, dtype=np.int32), np.int32(-1))
    left = min(k, n)
    while left:
        if left & 1:
            reached = jump[reached]
        left >>= 1
        if left:
            jump = jump[jump]
    return np.ascontiguousarray(reached[:n])
