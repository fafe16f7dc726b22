"""What a leg has, what leaves it, and what it carries into the next period: the book of a binary bonus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, text_from_units
from mlmcalc.rules.state import Closing, Kept, Opening

CARRY = "carry"
_MOST = INT64_MAX // 4


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """What is left of one period's volume.

    Attributes
    ----------
    since : str
        Label of the period in which it arose.
    amounts : (n, legs) int64
        By position.
    """

    since: str
    amounts: NDArray[np.int64]


@dataclass(slots=True, eq=False)
class LegBook:
    """The movements of volume on the legs of every member in one period.

    Attributes
    ----------
    volume, overflow : (n, legs) int64
        What the period brought, and what of the own volume flowed over into the leg.
    lots : list of Lot
        What was carried in, oldest first.
    decimals : int
    matched : (n, legs) int64
        What was used up and paid for.
    flushed : dict of str to (n, legs) int64
        What was lost, by reason, in the order in which it was.
    """

    volume: NDArray[np.int64]
    overflow: NDArray[np.int64]
    lots: list[Lot]
    decimals: int
    matched: NDArray[np.int64] = field(init=False)
    flushed: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with nothing matched; what a leg has below zero is written off."""
        self.matched = np.zeros_like(self.volume)
        self.flush("below zero", np.minimum(self.carry_in + self.volume + self.overflow, 0))

    @property
    def carry_in(self) -> NDArray[np.int64]:
        """All that was carried in, ``(n, legs)`` int64."""
        total = np.zeros_like(self.volume)
        for lot in self.lots:
            total += lot.amounts
        return total

    @property
    def total_flushed(self) -> NDArray[np.int64]:
        """All that was lost, ``(n, legs)`` int64; below zero where a leg's shortfall was written off."""
        return sum(self.flushed.values(), np.zeros_like(self.volume))

    @property
    def left(self) -> NDArray[np.int64]:
        """What each leg has now, ``(n, legs)`` int64."""
        return self.carry_in + self.volume + self.overflow - self.matched - self.total_flushed

    def flush(self, reason: str, amounts: NDArray[np.int64]) -> None:
        """Write off volume."""
        if amounts.any():
            self.flushed[reason] = self.flushed.get(reason, np.zeros_like(self.volume)) + amounts

    def remaining(self) -> list[NDArray[np.int64]]:
        """Return what is left of each lot, this period's last, where the oldest is used up first."""
        gone = self.carry_in + self.volume + self.overflow - self.left
        fresh = self.volume + self.overflow
        # Less than nothing, as after returns, is taken from what was carried in.
        gone = gone - np.minimum(fresh, 0)
        found = []
        for amounts in [*(lot.amounts for lot in self.lots), np.maximum(fresh, 0)]:
            used = np.minimum(amounts, gone)
            gone = gone - used
            found.append(amounts - used)
        return found

    def verify(self, bonus: str, carry_out: NDArray[np.int64]) -> None:
        """Refuse the run unless carry in + volume + overflow = matched + flushed + carry out, on every leg.

        Raises
        ------
        IntegrityError
            ``bonuses.volume_equation``, with all terms of the first leg that is out of balance.
        """
        terms = {
            "carry in": self.carry_in,
            "volume": self.volume,
            "overflow": self.overflow,
            "matched": self.matched,
            "flushed": self.total_flushed,
            "carry out": carry_out,
        }
        has = terms["carry in"] + terms["volume"] + terms["overflow"]
        wrong = (has != terms["matched"] + terms["flushed"] + carry_out) | (carry_out < 0) | (self.matched < 0)
        if not wrong.any():
            return
        row, leg = (int(place) for place in np.argwhere(wrong)[0])
        shown = ", ".join(
            f"{name} {text_from_units(int(term[row, leg]), self.decimals)}" for name, term in terms.items()
        )
        message = f"bonus {bonus}, leg {leg + 1} of the member at position {row} is out of balance: {shown}."
        raise IntegrityError(Finding("bonuses.volume_equation", message, "Nothing was written; report it."))


def carried_in(opening: Opening, bonus: str, size: int, legs: int, decimals: int) -> list[Lot]:
    """Return what the period before left of a bonus, oldest first.

    Parameters
    ----------
    opening : Opening
    bonus : str
    size : int
        Number of members.
    legs, decimals : int

    Raises
    ------
    InputRefused
        ``bonuses.carry_leg``: a leg that the bonus does not have; ``bonuses.carry_sign``: less than nothing was
        carried; ``state.decimals``.
    """
    rows = opening.rows(CARRY, bonus)
    known = {str(leg + 1): leg for leg in range(legs)}
    leg_of_key = np.array([known.get(key, -1) for key in rows.keys] or [-1], np.int64)
    leg = leg_of_key[rows.key]
    if (leg < 0).any():
        key = rows.keys[int(rows.key[int(np.flatnonzero(leg < 0)[0])])]
        message = f"the opening state carries volume of {bonus} on leg {key!r}; the legs are 1 to {legs}."
        raise InputRefused(Finding("bonuses.carry_leg", message, "Correct the opening state."))
    amounts = rows.in_decimals(decimals, Kept(CARRY, bonus))
    if (amounts < 0).any():
        message = f"the opening state carries less than nothing of {bonus}."
        raise InputRefused(Finding("bonuses.carry_sign", message, "Correct the opening state."))
    refuse_volume(bonus, total_magnitude(amounts))
    lots = []
    for code in sorted(range(len(rows.periods)), key=lambda code: rows.periods[code]):
        chosen = rows.since == code
        if chosen.any():
            found = np.zeros((size, legs), np.int64)
            np.add.at(found, (rows.member[chosen], leg[chosen]), amounts[chosen])
            lots.append(Lot(rows.periods[code], found))
    return lots


def refuse_volume(bonus: str, magnitude: int) -> None:
    """Refuse volumes whose sums on a leg could leave 64 bits.

    Raises
    ------
    InputRefused
        ``bonuses.overflow``.
    """
    if magnitude > _MOST:
        message = f"the volumes of bonus {bonus} could add up to more than 64 bits hold on a leg."
        raise InputRefused(Finding("bonuses.overflow", message, "Correct the volume, or state fewer decimals."))


def leave_carry(closing: Closing, bonus: str, lots: Sequence[Lot], decimals: int) -> None:
    """Leave what each leg carries to the next period."""
    for lot in lots:
        for leg in range(lot.amounts.shape[1]):
            amounts = np.ascontiguousarray(lot.amounts[:, leg])
            closing.leave(CARRY, bonus, amounts, decimals, str(leg + 1), lot.since)


def age_of(since: str, period: str) -> int:
    """Return how many periods after another one a period is, at least 1; 1 where either has no label.

    Parameters
    ----------
    since, period : str
        Labels of one calendar; of two ranges of days the distance is counted in lengths of the later one.
    """
    if not since or not period:
        return 1
    if ".." in period:
        first, last = (date.fromisoformat(day).toordinal() for day in period.split(".."))
        length = last - first + 1
        return max(1, -(-(first - date.fromisoformat(since[:10]).toordinal()) // length))
    return max(1, _number(period) - _number(since))


def _number(label: str) -> int:
    # Periods of one calendar in a row.
    if "W" in label:
        return date.fromisocalendar(int(label[:4]), int(label[6:]), 1).toordinal() // 7
    return int(label[:4]) * 12 + int(label[5:7])
