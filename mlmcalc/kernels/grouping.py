"""Rows brought together by group, in one pass and without comparing: a counting sort."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_GROUPS = "Array(int32, 1, 'C', readonly=True)"


@kernel(f"void({_GROUPS}, int32[::1], int32[::1])")
def _count_and_place(group, starts, order):
    for row in range(group.size):
        starts[group[row] + 1] += 1
    for at in range(1, starts.size):
        starts[at] += starts[at - 1]
    for row in range(group.size):
        order[starts[group[row]]] = row
        starts[group[row]] += 1


def order_by_group(group: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """Return the rows ascending by group; within a group they keep their order.

    Parameters
    ----------
    group : (m,) int32
        From 0 to ``count - 1``.
    count : int
        Number of groups.

    Returns
    -------
    (m,) int32
        ``group[order]`` ascends.
    """
    assert group.size == 0 or (int(group.min()) >= 0 and int(group.max()) < count), "a group outside the groups"
    order = np.empty(group.size, dtype=np.int32)
    _count_and_place(np.ascontiguousarray(group, dtype=np.int32), np.zeros(count + 1, dtype=np.int32), order)
    return order
