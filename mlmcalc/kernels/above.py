"""Everybody above some members, each once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, {_ROWS}, boolean[::1])")
def _climb(parent, members, marked):
    for place in range(members.size):
        at = members[place]
        while at >= 0 and not marked[at]:
            marked[at] = True
            at = parent[at]


def mark_above(parent: NDArray[np.int32], members: NDArray[np.int32], marked: NDArray[np.bool_]) -> None:
    """Mark members and everybody above them; whoever stands above one marked before is marked already.

    Parameters
    ----------
    parent : (n,) int32
        Index of the parent, -1 for none; without cycles.
    members : (k,) int32
    marked : (n,) bool, changed
        With every member marked before, everybody above it is.
    """
    _climb(parent, np.ascontiguousarray(members, np.int32), marked)
