"""Parts and multiples of amounts, rounded to the amount's own unit without leaving int64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM, Mode

MOST_PPM = 10**12 - 1
"""Of a factor: below a million times, so that what is left below a million can be multiplied in int64."""


def digits_of(factor_ppm: int) -> int:
    """Return the decimals a factor needs: 0 for 18, 2 for 0.28, 1 for 30%."""
    digits = 6
    while digits and factor_ppm % 10 == 0:
        factor_ppm //= 10
        digits -= 1
    return digits


def fits(amounts: NDArray[np.int64], factor_ppm: int, added: int = 0) -> bool:
    """Return whether no sum of some multiples of the amounts can leave int64.

    Parameters
    ----------
    amounts : (k,) int64
    factor_ppm : int
    added : int
        The magnitude of what is added to the multiples.
    """
    return total_magnitude(amounts) * factor_ppm // RATE_ONE_PPM + added + amounts.size < INT64_MAX


def scaled(
    amounts: NDArray[np.int64], factor_ppm: int, mode: Mode, added: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Return each amount times a factor, and what is added to it, rounded once to the unit of the amounts.

    Parameters
    ----------
    amounts : (k,) int64
        The caller has seen that the products fit (`fits`).
    factor_ppm : int
        From 0 to `MOST_PPM`, in parts per million.
    mode : {"half_up", "half_even", "down", "up"}
        Acts on the magnitude of the sum.
    added : (k,) int64, optional

    Returns
    -------
    (k,) int64
    """
    assert 0 <= factor_ppm <= MOST_PPM, "a larger factor could leave int64"
    if factor_ppm == RATE_ONE_PPM:
        return amounts if added is None else amounts + added
    # Millions times the factor are exact; only what is left below a million is divided, so nothing overflows.
    millions, left = np.divmod(amounts, RATE_ONE_PPM)
    whole, rest = np.divmod(left * factor_ppm, RATE_ONE_PPM)
    whole += millions * factor_ppm
    if added is not None:
        whole += added
    negative = whole < 0
    quotient = np.where(negative, -whole - (rest > 0), whole)
    remainder = np.where(negative & (rest > 0), RATE_ONE_PPM - rest, rest)
    if mode == "up":
        quotient += remainder > 0
    elif mode == "half_up":
        quotient += 2 * remainder >= RATE_ONE_PPM
    elif mode == "half_even":
        half = 2 * remainder == RATE_ONE_PPM
        quotient += (2 * remainder > RATE_ONE_PPM) | (half & (quotient % 2 == 1))
    return np.where(negative, -quotient, quotient)


def share_of(amounts: NDArray[np.int64], rate_ppm: int, mode: Mode) -> NDArray[np.int64]:
    """Return a share of each amount, rounded once to the unit of the amounts.

    Parameters
    ----------
    amounts : (k,) int64
    rate_ppm : int
        Between 0 and 1,000,000.
    mode : {"half_up", "half_even", "down", "up"}
        Acts on the magnitude.

    Returns
    -------
    (k,) int64
    """
    assert 0 <= rate_ppm <= RATE_ONE_PPM, "more than the whole could leave int64"
    return scaled(amounts, rate_ppm, mode)
