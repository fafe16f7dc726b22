"""Depths, and ancestors a number of levels up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32, 1, 'C', readonly=True), int32[::1])")
def _fill_depths(parent, depth):
    for p in range(parent.size):
        depth[p] = depth[parent[p]] + 1 if parent[p] >= 0 else 0


@kernel("void(Array(int32, 1, 'C', readonly=True), Array(int32, 1, 'C', readonly=True), int32[::1])")
def _follow(first, then, reached):
    for p in range(first.size):
        # Who has no parent has no grandparent.
        reached[p] = then[np.uint64(first[p])] if first[p] >= 0 else -1


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
    jump, reached = parent, np.arange(n, dtype=np.int32)
    left = min(k, n)
    while left:
        if left & 1:
            reached = _followed(reached, jump)
        left >>= 1
        if left:
            jump = _followed(jump, jump)
    return reached


def _followed(first: NDArray[np.int32], then: NDArray[np.int32]) -> NDArray[np.int32]:
    reached = np.empty(first.size, dtype=np.int32)
    _follow(first, then, reached)
    return reached
