"""Exact totals of int64 columns, as Python integers of any size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int64,1,'C',readonly=True), int64[::1])")
def _add_halves(values, halves):
    # Of values above 0 the sums of the upper and lower 32 bits, then of those below; none can leave int64.
    high, low, high_below, low_below = 0, 0, 0, 0
    for row in range(values.size):
        above = max(values[row], 0)
        below = min(values[row], 0)
        high += above >> 32
        low += above & 0xFFFFFFFF
        high_below += below >> 32
        low_below += below & 0xFFFFFFFF
    halves[0] = high
    halves[1] = low
    halves[2] = high_below
    halves[3] = low_below


def _above_and_below(values: NDArray[np.int64]) -> tuple[int, int]:
    halves = np.zeros(4, np.int64)
    _add_halves(np.ascontiguousarray(values, np.int64).ravel(), halves)
    high, low, high_below, low_below = halves.tolist()
    return (high << 32) + low, (high_below << 32) + low_below


def exact_sum(values: NDArray[np.int64]) -> int:
    """Return the sum of a column, exactly.

    Parameters
    ----------
    values : (n,) int64
    """
    return sum(_above_and_below(values))


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
    above, below = _above_and_below(values)
    return above - below
