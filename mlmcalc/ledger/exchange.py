"""Rates of exchange of a period, and in which currency each member is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_PLACES = 12
"""Decimals of a rate of exchange."""


@dataclass(frozen=True, slots=True, eq=False)
class ExchangeRates:
    """What one unit of the plan's currency is in others.

    Attributes
    ----------
    currencies : sequence of str
        ISO 4217 codes, sorted, the plan's among them.
    rates : (c,) int64
        Units of each currency for one of the plan's, in units of ``10**-RATE_PLACES``.
    digits : sequence of int
        Decimals of the smallest amount of each; of the plan's, those of its money.
    own : int
        Place of the plan's currency.
    member : (n,) int32
        Place of the currency that each member is paid in, by position.
    """

    currencies: Sequence[str]
    rates: NDArray[np.int64]
    digits: Sequence[int]
    own: int
    member: NDArray[np.int32]

    @property
    def foreign_digits(self) -> dict[str, int]:
        """Decimals of every currency but the plan's."""
        return {
            name: digits
            for place, (name, digits) in enumerate(zip(self.currencies, self.digits, strict=True))
            if place != self.own
        }
