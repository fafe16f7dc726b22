"""Columns of polars as arrays of numpy, without a second copy on the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray


def flat(column: pl.Series) -> NDArray[Any]:
    """Return a column of numbers without nulls as one array, which may be a read-only view of it.

    Parameters
    ----------
    column : (k,) integers, floats or booleans
    """
    if column.n_chunks() == 1 or column.dtype == pl.Boolean:
        return column.to_numpy()
    # Numpy asks for large pages, so that filling is faster here than joining the chunks there.
    chunks = column.get_chunks()
    found = np.empty(column.len(), chunks[0].to_numpy().dtype)
    start = 0
    for chunk in chunks:
        found[start : start + chunk.len()] = chunk.to_numpy()
        start += chunk.len()
    return found


def flat_int64(column: pl.Series) -> NDArray[np.int64] | None:
    """Return a column of integers as int64; None where a cell is null or does not fit.

    Parameters
    ----------
    column : (k,) integers of any width
    """
    if column.null_count():
        return None
    if column.dtype == pl.Int64:
        return flat(column)
    found = np.empty(column.len(), np.int64)
    start = 0
    for chunk in column.get_chunks():
        narrow = chunk.cast(pl.Int64, strict=False)
        if narrow.null_count():
            return None
        found[start : start + chunk.len()] = narrow.to_numpy()
        start += chunk.len()
    return found
