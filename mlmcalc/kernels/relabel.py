"""A column in another order, and a column of rows under other numbers: gathers without the checks of an index."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
# Below so many rows numpy is as fast, and no kernel need be loaded.
_FEW = 1 << 16


@kernel(f"void(Array(int64, 1, 'C', readonly=True), {_ROWS}, int64[::1])")
def _take_long(column, order, taken):
    for i in range(order.size):
        taken[i] = column[order[i]]


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1])")
def _take_word(column, order, taken):
    for i in range(order.size):
        taken[i] = column[order[i]]


@kernel(f"void(Array(int8, 1, 'C', readonly=True), {_ROWS}, int8[::1])")
def _take_byte(column, order, taken):
    for i in range(order.size):
        taken[i] = column[order[i]]


_KERNELS = {8: (_take_long, np.int64), 4: (_take_word, np.int32), 1: (_take_byte, np.int8)}


def taken(column: NDArray[Any], order: NDArray[np.integer]) -> NDArray[Any]:
    """Return the values of a column at some rows, in this order.

    Parameters
    ----------
    column : (n,) of any type
    order : (m,) integer
        From 0 to ``n - 1``.

    Returns
    -------
    (m,)
        Of the type of `column`, never a view of it.
    """
    width = column.dtype.itemsize
    if order.size <= _FEW or width not in _KERNELS or column.size >= 2**31:
        return column[order]
    assert not order.size or (int(order.min()) >= 0 and int(order.max()) < column.size), "a row outside the column"
    take, plain = _KERNELS[width]
    found = np.empty(order.size, column.dtype)
    rows = np.ascontiguousarray(order, dtype=np.int32)
    take(np.ascontiguousarray(column).view(plain), rows, found.view(plain))
    return found
