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
    """Return some rows of a column; of one value that value.

    Parameters
    ----------
    column : (m,) array
    chosen : (k,) integer
    """
    return np.broadcast_to(column[0], chosen.size) if is_constant(column) else column[chosen]


def places_of(chosen: NDArray[Any]) -> NDArray[Any]:
    """Return a mask as the indices it stands for; several columns are picked by them ten times as fast.

    Parameters
    ----------
    chosen : (m,) bool or (k,) integer
    """
    return np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen
