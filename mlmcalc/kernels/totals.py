"""Exact totals of int64 columns, as Python integers of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_INT64_MAX = 2**63 - 1
_CHUNK = 1 << 20


def exact_sum(values: NDArray[np.int64]) -> int:
    """Return the sum of a column, exactly.

    Parameters
    ----------
    values : (n,) int64
    """
    if values.size == 0:
        return 0
    return _sum_within(values, max(-int(values.min()), int(values.max())))


def total_magnitude(values: NDArray[np.int64]) -> int:
    """Return the sum of the absolute values of a column, exactly: no sum over any of its parts can be larger.

    Parameters
    ----------
    values : (n,) int64

    Returns
    -------
    int
        Of any size; up to ``2**63 - 1`` every partial sum fits int64.
    """
    if values.size == 0:
        return 0
    least, most = int(values.min()), int(values.max())
    if least >= 0:
        return _sum_within(values, most)
    if max(-least, most) <= _INT64_MAX:
        return _sum_within(np.abs(values), max(-least, most))
    return exact_sum(np.maximum(values, 0)) - exact_sum(np.minimum(values, 0))


def _sum_within(values: NDArray[np.int64], largest: int) -> int:
    # No value has a larger magnitude.
    if largest * values.size <= _INT64_MAX:
        return int(values.sum(dtype=np.int64))
    # A chunk of 2**20 halves of 32 bits cannot leave int64.
    total = 0
    for start in range(0, values.size, _CHUNK):
        chunk = values[start : start + _CHUNK]
        total += (int((chunk >> 32).sum(dtype=np.int64)) << 32) + int((chunk & 0xFFFFFFFF).sum(dtype=np.int64))
    return total
