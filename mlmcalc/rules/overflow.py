"""Sums over trees that could leave int64 are refused before they are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.values import Values


def refuse_overflow(name: str, amounts: NDArray[np.int64], values: Values) -> None:
    """Refuse amounts, by position, whose sums over a tree could leave int64.

    Raises
    ------
    InputRefused
        ``metrics.overflow``, with the metric and the member whose amount is the largest.
    """
    # Half: a sum over levels is the difference of two sums.
    if total_magnitude(amounts) > INT64_MAX // 2:
        raise overflow(name, amounts, values)


def overflow(name: str, amounts: NDArray[np.int64], values: Values) -> InputRefused:
    """Return the refusal of sums that do not fit, with the member whose amount is the largest."""
    largest = int(np.argmax(np.maximum(amounts, -(amounts + 1))))
    message = f"The sums of the metric {name} do not fit 64 bits; the largest amount is this member's."
    remedy = "State fewer decimals, or correct the amount."
    return InputRefused(Finding("metrics.overflow", message, remedy, member=str(values.network.ids[largest])))
