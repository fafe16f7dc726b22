"""What members are paid in their own currency: exchanged at the rates of the run, rounded once to its smallest unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.ledger.exchange import RATE_PLACES, ExchangeRates
from mlmcalc.ledger.sharing import scaled
from mlmcalc.money import Rounding, text_from_units


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, every number as decimal text.

    Attributes
    ----------
    currency, amount, plan_amount : str
    rate : str
        Units of the currency for one of the plan's, without zeros at its end.
    left : str
        What the exact amount is more, or less, in the same way.
    """

    currency: str
    amount: str
    plan_amount: str
    rate: str
    left: str


@dataclass(frozen=True, slots=True, eq=False)
class Payments:
    """One payment for every member who is paid anything.

    Attributes
    ----------
    members : (k,) int64
        Positions, ascending.
    plan_amounts : (k,) int64
        In the plan's money, in units of ``10**-plan_decimals``.
    currency : (k,) int64
        Place in `currencies`.
    currencies : sequence of str
        Those in which anybody is paid, sorted.
    rates : (c,) int64
        Of each of them, in units of ``10**-RATE_PLACES``.
    amounts : (k,) int64
        In that currency, in units of ``10**-decimals``.
    left : (k,) int64
        What the exact amount is more than this, or less: in that currency, in units of ``10**-left_decimals``.
    plan_decimals, decimals : int
    """

    members: NDArray[np.int64]
    plan_amounts: NDArray[np.int64]
    currency: NDArray[np.int64]
    currencies: Sequence[str]
    rates: NDArray[np.int64]
    amounts: NDArray[np.int64]
    left: NDArray[np.int64]
    plan_decimals: int
    decimals: int

    @property
    def left_decimals(self) -> int:
        """Decimals of what rounding left: those of an exact product."""
        return self.plan_decimals + RATE_PLACES

    def of(self, position: int) -> Payment | None:
        """Return the payment of a member; None where it is paid nothing."""
        row = int(np.searchsorted(self.members, position))
        if row == self.members.size or self.members[row] != position:
            return None
        code = int(self.currency[row])
        return Payment(
            self.currencies[code],
            text_from_units(int(self.amounts[row]), self.decimals),
            text_from_units(int(self.plan_amounts[row]), self.plan_decimals),
            _shortest(text_from_units(int(self.rates[code]), RATE_PLACES)),
            _shortest(text_from_units(int(self.left[row]), self.left_decimals)),
        )


def exchanged(rates: ExchangeRates, due: NDArray[np.int64], rounding: Rounding) -> Payments:
    """Return what is due to members in the currency that each is paid in.

    Parameters
    ----------
    rates : ExchangeRates
    due : (n,) int64
        What each member is paid, in the plan's money.
    rounding : Rounding
        Its mode rounds to the smallest unit of the other currency; what is paid in the plan's stays as it is.

    Raises
    ------
    InputRefused
        ``rates.overflow``: an amount needs more than 64 bits.
    """
    members = np.flatnonzero(due)
    plan_amounts, place = due[members], rates.member[members]
    used = np.unique(place)
    digits = np.array(rates.digits, np.int64)[used]
    decimals = int(digits.max(initial=rounding.money_decimals if not used.size else 0))
    currency = np.searchsorted(used, place)
    # An exact product has so many decimals more than the smallest unit.
    finer = 10 ** (rounding.money_decimals + RATE_PLACES - digits)
    try:
        smallest = scaled(plan_amounts, rates.rates[used][currency], finer[currency], 1, rounding.mode)
        own = currency == np.searchsorted(used, rates.own) if rates.own in used else np.zeros(members.size, np.bool_)
        smallest = np.where(own, plan_amounts, smallest)
        amounts = _in_decimals(smallest, decimals - digits[currency])
    except OverflowError:
        largest = int(np.abs(plan_amounts).argmax())
        message = "an amount in another currency needs more than 64 bits."
        code = rates.currencies[int(place[largest])]
        raise InputRefused(Finding("rates.overflow", message, f"Is the rate of {code} right?")) from None
    # Both products may leave 64 bits; what is between them is less than a smallest unit, and fits.
    left = plan_amounts * rates.rates[used][currency] - smallest * finer[currency]
    left[own] = 0
    names = [rates.currencies[int(code)] for code in used]
    return Payments(
        members,
        plan_amounts,
        currency,
        names,
        rates.rates[used],
        amounts,
        left,
        rounding.money_decimals,
        decimals,
    )


def _shortest(text: str) -> str:
    return text.rstrip("0").rstrip(".")


def _in_decimals(amounts: NDArray[np.int64], more: NDArray[np.int64]) -> NDArray[np.int64]:
    factor = 10**more
    if (np.abs(amounts) > np.iinfo(np.int64).max // factor).any():
        raise OverflowError
    return amounts * factor
