"""Parts of amounts: rate times amount, rounded to the amount's own unit without leaving int64."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.money import RATE_ONE_PPM, Mode


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
    if rate_ppm == RATE_ONE_PPM:
        return amounts
    magnitude = np.abs(amounts)
    # Millions times the rate are exact; only what is left below a million is divided, so nothing overflows.
    millions, rest = np.divmod(magnitude, RATE_ONE_PPM)
    quotient, remainder = np.divmod(rest * rate_ppm, RATE_ONE_PPM)
    quotient += millions * rate_ppm
    if mode == "up":
        quotient += remainder > 0
    elif mode == "half_up":
        quotient += 2 * remainder >= RATE_ONE_PPM
    elif mode == "half_even":
        half = 2 * remainder == RATE_ONE_PPM
        quotient += (2 * remainder > RATE_ONE_PPM) | (half & (quotient % 2 == 1))
    return np.where(amounts < 0, -quotient, quotient)
