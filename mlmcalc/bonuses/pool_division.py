"""A pool's fund, who holds shares of it, and how it is divided among them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.id_ties import Ids
from mlmcalc.money import RATE_DECIMALS, Rounding, round_div
from mlmcalc.rules.proportion import MOST_WEIGHT, divided, divided_up_to, floors


@dataclass(frozen=True, slots=True)
class Portion:
    """A rate in parts per million, or an amount in millionths."""

    millionths: int
    is_rate: bool


@dataclass(frozen=True, slots=True)
class Fund:
    """What there is to share.

    Attributes
    ----------
    total : int
        What it is a rate of, in units of ``10**-decimals``; 1 for a fixed fund.
    decimals : int
    carried : int
        From the period before, in units of money.
    units : int
        The whole fund, in payable units.
    """

    total: int
    decimals: int
    carried: int
    units: int

    @classmethod
    def of(
        cls, total: int, decimals: int, portion: Portion, part: tuple[int, int], carried: int, rounding: Rounding
    ) -> Fund:
        """Return the fund that a portion of a total makes, rounded once together with what was carried in.

        Parameters
        ----------
        total, decimals : int
            A total below 0 counts as 0.
        portion : Portion
        part : (int, int)
            Which part of it this pool shares.
        carried : int
            In units of money.
        rounding : Rounding
        """
        places = 10 ** (decimals + RATE_DECIMALS - rounding.money_decimals) * part[1]
        exact = max(total, 0) * portion.millionths * part[0] + carried * places
        return cls(total, decimals, carried, round_div(exact, places * rounding.unit, rounding.mode))


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """Who shares, ascending.

    Attributes
    ----------
    position : (k,) int32
    base : (k,) int64
        What lines show: points, shares or amounts, or the score of those who come first.
    weight : (k,) int64
        Above 0; in proportion to which the fund is divided.
    most : (k,) int64 or None
        The most each may have, in payable units.
    unheld : int
        The weight of shares that nobody holds.
    place : (k,) int64 or None
        Of those who come first.
    """

    position: NDArray[np.int32]
    base: NDArray[np.int64]
    weight: NDArray[np.int64]
    most: NDArray[np.int64] | None = None
    unheld: int = 0
    place: NDArray[np.int64] | None = None

    @property
    def total(self) -> int:
        """All weights together, also those that nobody holds."""
        return exact_sum(self.weight) + self.unheld

    def at_most(self, most: NDArray[np.int64]) -> Holders:
        """Return the same holders with one more maximum."""
        return replace(self, most=most if self.most is None else np.minimum(self.most, most))


@dataclass(frozen=True, slots=True, eq=False)
class Division:
    """A fund divided.

    Attributes
    ----------
    fund : Fund
    holders : Holders
    reason : (n,) int8
        Who may earn it, by position (`mlmcalc.rules.eligibility`).
    score : (n,) int64 or None
        By which those come first who share.
    amount : (k,) int64
        Of every holder, in payable units.
    left : int
        What nobody has, in payable units; the whole fund where there are no holders.
    point : int or None
        What one point is worth where that is rounded, in units of ``10**-VALUE_DECIMALS`` of money.
    """

    fund: Fund
    holders: Holders
    reason: NDArray[np.int8]
    score: NDArray[np.int64] | None
    amount: NDArray[np.int64]
    left: int
    point: int | None = None


VALUE_DECIMALS = RATE_DECIMALS
"""Of the value of a point."""


def point_value(units: int, holders: Holders, decimals: int, step: int, rounding: Rounding) -> int:
    """Return what one point is worth, rounded down to a step, in units of ``10**-VALUE_DECIMALS``.

    Parameters
    ----------
    units : int
        The fund, in payable units.
    holders : Holders
        At least one.
    decimals : int
        Of the weights.
    step : int
        Above 0, in units of ``10**-VALUE_DECIMALS``.
    rounding : Rounding
    """
    money = units * _value_divisor(decimals, rounding)
    return money // (holders.total * step) * step


def at_value(weight: NDArray[np.int64], value: int, decimals: int, rounding: Rounding) -> NDArray[np.int64] | None:
    """Return what weights are worth at a value of a point, cut to the payable unit; None where that leaves int64.

    Parameters
    ----------
    weight : (k,) int64
    value : int
        In units of ``10**-VALUE_DECIMALS``.
    decimals : int
        Of the weights.
    rounding : Rounding
    """
    divisor = _value_divisor(decimals, rounding)
    largest = int(weight.max(initial=0))
    if max(value, divisor, largest * value // divisor) > MOST_WEIGHT:
        return None
    return floors(weight, value, divisor)[0]


def _value_divisor(decimals: int, rounding: Rounding) -> int:
    return 10 ** (decimals + VALUE_DECIMALS - rounding.money_decimals) * rounding.unit


def fits(holders: Holders, units: int) -> bool:
    """Return whether the fund and all weights together are within what can be divided."""
    return max(holders.total, units) <= MOST_WEIGHT


def divide_fund(units: int, holders: Holders, others: bool, ids: Ids) -> tuple[NDArray[np.int64], int]:
    """Return what every holder has of a fund, and what is left, in payable units.

    Parameters
    ----------
    units : int
    holders : Holders
        At least one.
    others : bool
        Whether what a maximum leaves goes to the others.
    ids : (k,) int64 or a sequence of k str
        Of the holders.
    """
    if others and holders.most is not None:
        return divided_up_to(units, holders.weight, holders.most, ids)
    amount = divided(units, holders.weight, ids, holders.unheld)
    if holders.most is not None:
        amount = np.minimum(amount, holders.most)
    return amount, units - exact_sum(amount)
