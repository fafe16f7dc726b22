"""What a bonus leaves behind besides its lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.posting import round_products
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.money import MODE_CODE, Rounding


@dataclass(frozen=True, slots=True, eq=False)
class BonusResult:
    """What a bonus leaves behind besides its lines.

    Attributes
    ----------
    bonus : str
    amounts, counts : (n + 1,) int64
        Sum and number of lines of every earner by position; index n is the company. In the run's amount decimals.
    breakage : tuple of BreakageRow
    equation : Equation
    """

    bonus: str
    amounts: NDArray[np.int64]
    counts: NDArray[np.int64]
    breakage: tuple[BreakageRow, ...]
    equation: Equation

    def rounded(self, rounding: Rounding, decimals: int) -> NDArray[np.int64]:
        """Return what each member earned as money, in units of ``10**-money_decimals``, rounded to the plan's unit.

        Parameters
        ----------
        rounding : Rounding
        decimals : int
            Of `amounts`.

        Returns
        -------
        (n,) int64, without the company
        """
        rounded = round_amounts(self.amounts[:-1], rounding, decimals)
        finer = decimals - rounding.money_decimals
        return rounded // 10**finer if finer else rounded


def round_amounts(amounts: NDArray[np.int64], rounding: Rounding, decimals: int) -> NDArray[np.int64]:
    """Return amounts rounded to the plan's unit, in the same decimals.

    Parameters
    ----------
    amounts : (k,) int64
        In units of ``10**-decimals``.
    """
    divisor = rounding.divisor(decimals)
    if divisor == 1:
        return amounts
    rounded = np.empty_like(amounts)
    rule = np.array([1, divisor, MODE_CODE[rounding.mode], divisor], np.int64)
    round_products(amounts, np.ones(amounts.size, np.int64), rule, rounded)
    return rounded
