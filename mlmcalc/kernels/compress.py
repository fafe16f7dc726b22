"""Nearest kept ancestors and what follows from them, in one forward pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_FLAGS = "Array(boolean, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, {_FLAGS}, boolean, int32[::1], int32[::1], int32[::1])")
def _compress(climb, kept, same_level, keeper, parent, depth):
    for p in range(climb.size):
        above = keeper[climb[p]] if climb[p] >= 0 else -1
        up = above
        if kept[p]:
            keeper[p] = p
        else:
            keeper[p] = above
            if same_level and above >= 0:
                up = parent[above]
        parent[p] = up
        depth[p] = depth[up] + 1 if up >= 0 else 0


def compressed(
    climb: NDArray[np.int32], kept: NDArray[np.bool_], same_level: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return keeper, parent and depth of a tree that keeps some members.

    Parameters
    ----------
    climb : (n,) int32
        Where to go on looking for the nearest kept ancestor, -1 for nowhere; ``climb[p] < p``.
    kept : (n,) bool
    same_level : bool
        Whether one left out hangs under the parent of its keeper instead of under the keeper.

    Returns
    -------
    keeper : (n,) int32
        Itself for one who is kept; otherwise the nearest kept ancestor, -1 if there is none.
    parent : (n,) int32
        Nearest kept strict ancestor of one who is kept; of one left out as `same_level` says. -1 if there is none.
    depth : (n,) int32
        0 where parent is -1, otherwise one more than the parent's.
    """
    keeper, parent, depth = (np.empty(climb.size, dtype=np.int32) for _ in range(3))
    _compress(climb, kept, same_level, keeper, parent, depth)
    return keeper, parent, depth
