"""Columns that hold one value, said once and not for every row: no memory, no pass over them.

They are read like any column, but are not contiguous: who gives one to a kernel makes it so first.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_NOBODY = np.int32(-1)


def nobody(count: int) -> NDArray[np.int32]:
    """Return a column of -1, ``(count,)`` int32."""
    return np.broadcast_to(_NOBODY, count)


def is_constant(column: NDArray[Any]) -> bool:
    """Return whether a column is one value, said once; without rows it is none."""
    return column.size > 0 and column.strides == (0,)


def picked(column: NDArray[Any], chosen: NDArray[Any]) -> NDArray[Any]:
    """Return some rows of a column, by mask or by index; of one value that value.

    Parameters
    ----------
    column : (m,) array
    chosen : (m,) bool or (k,) integer
    """
    if not is_constant(column):
        return column[chosen]
    return np.broadcast_to(column[0], int(np.count_nonzero(chosen)) if chosen.dtype == bool else chosen.size)
