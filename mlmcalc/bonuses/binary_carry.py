"""What a leg has, what leaves it, and what it carries into the next period: the book of a binary bonus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, text_from_units
from mlmcalc.rules.state import Closing, Kept, Opening, StateRows

CARRY = "carry"
_MOST = INT64_MAX // 4


@dataclass(frozen=True, slots=True, eq=False)
class Lot:
    """What is left of one period's volume.

    Attributes
    ----------
    since : str
        Label of the period in which it arose.
    amounts : (k, legs) int64
        By row of the book.
    """

    since: str
    amounts: NDArray[np.int64]


class LegBook:
    """The movements of volume on the legs of members in one period; columns are only to read.

    Parameters
    ----------
    volume : (k, legs) int64
        What the period brought.
    overflow : (k, legs) int64 or None
        What of the own volume flowed over into the leg; None where nothing can.
    lots : list of Lot
        What was carried in, oldest first.
    decimals : int
    members : (k,) int64, optional
        Position of every row; the row itself where nothing is said.
    """

    def __init__(
        self,
        volume: NDArray[np.int64],
        overflow: NDArray[np.int64] | None,
        lots: list[Lot],
        decimals: int,
        members: NDArray[np.int64] | None = None,
    ) -> None:
        self.volume = volume
        self._overflow = overflow
        self.lots = lots
        self.decimals = decimals
        self.members = members
        self.flushed: dict[str, NDArray[np.int64]] = {}
        self.carry_in = _added([lot.amounts for lot in lots], volume)
        self.fresh = volume if overflow is None else volume + overflow
        self._matched: NDArray[np.int64] | None = None
        self.left = self.carry_in + self.fresh if lots else self.fresh
        # What a leg has below zero is written off.
        if self.left.size and self.left.min() < 0:
            self.flush("below zero", np.minimum(self.left, 0))

    @property
    def overflow(self) -> NDArray[np.int64]:
        """What of the own volume flowed over into the leg, ``(k, legs)`` int64."""
        return np.zeros_like(self.volume) if self._overflow is None else self._overflow

    @property
    def matched(self) -> NDArray[np.int64]:
        """What was used up and paid for, ``(k, legs)`` int64."""
        return np.zeros_like(self.volume) if self._matched is None else self._matched

    @matched.setter
    def matched(self, amounts: NDArray[np.int64]) -> None:
        before = self.left if self._matched is None else self.left + self._matched
        self._matched, self.left = amounts, before - amounts

    @property
    def total_flushed(self) -> NDArray[np.int64]:
        """All that was lost, ``(k, legs)`` int64; below zero where a leg's shortfall was written off."""
        return _added(list(self.flushed.values()), self.volume)

    def flush(self, reason: str, amounts: NDArray[np.int64]) -> None:
        """Write off volume."""
        if amounts.any():
            before = self.flushed.get(reason)
            self.flushed[reason] = amounts if before is None else before + amounts
            self.left = self.left - amounts

    def remaining(self) -> list[NDArray[np.int64]]:
        """Return what is left of each lot, this period's last, where the oldest is used up first."""
        left, found = self.left, []
        # What is used up last is left first; less than nothing, as after returns, was taken from what was carried in.
        for amounts in [np.maximum(self.fresh, 0), *(lot.amounts for lot in reversed(self.lots))]:
            found.append(np.minimum(amounts, left))
            left = left - found[-1]
        return found[::-1]

    def verify(self, bonus: str, carry_out: NDArray[np.int64]) -> None:
        """Refuse the run unless carry in + volume + overflow = matched + flushed + carry out, on every leg.

        Raises
        ------
        IntegrityError
            ``bonuses.volume_equation``, with all terms of the first leg that is out of balance.
        """
        has = self.carry_in + self.volume
        if self._overflow is not None:
            has += self._overflow
        goes = self.total_flushed + carry_out
        if self._matched is not None:
            goes += self._matched
        if np.array_equal(has, goes) and min(_least(carry_out), _least(self.matched)) >= 0:
            return
        terms = {
            "carry in": self.carry_in,
            "volume": self.volume,
            "overflow": self.overflow,
            "matched": self.matched,
            "flushed": self.total_flushed,
            "carry out": carry_out,
        }
        wrong = (has != goes) | (carry_out < 0) | (terms["matched"] < 0)
        row, leg = (int(place) for place in np.argwhere(wrong)[0])
        shown = ", ".join(
            f"{name} {text_from_units(int(term[row, leg]), self.decimals)}" for name, term in terms.items()
        )
        position = row if self.members is None else int(self.members[row])
        message = f"bonus {bonus}, leg {leg + 1} of the member at position {position} is out of balance: {shown}."
        raise IntegrityError(Finding("bonuses.volume_equation", message, "Nothing was written; report it."))


def _added(parts: Sequence[NDArray[np.int64]], like: NDArray[np.int64]) -> NDArray[np.int64]:
    if not parts:
        return np.zeros_like(like)
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _least(amounts: NDArray[np.int64]) -> int:
    return int(amounts.min()) if amounts.size else 0


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """What was carried in, before it is known whose legs hold anything.

    Attributes
    ----------
    periods : list of str
        Labels of the periods in which it arose, oldest first.
    member, leg, lot : (j,) integer
        Position, leg from 0 and place in `periods` of every amount.
    amounts : (j,) int64
        0 or more.
    """

    periods: list[str]
    member: NDArray[np.int32]
    leg: NDArray[np.int64]
    lot: NDArray[np.int64]
    amounts: NDArray[np.int64]

    def lots(self, row: NDArray[np.int32], shape: tuple[int, int]) -> list[Lot]:
        """Return it by row and leg.

        Parameters
        ----------
        row : (n,) int32
            The row of every member; of all to whom something was carried.
        shape : (int, int)
            Number of rows and legs.
        """
        found = np.zeros((len(self.periods), shape[0] * shape[1]), np.int64)
        place = row[self.member].astype(np.int64) * shape[1] + self.leg
        np.add.at(found.reshape(-1), self.lot * found.shape[1] + place, self.amounts)
        return [Lot(since, amounts.reshape(shape)) for since, amounts in zip(self.periods, found, strict=True)]


def carried_in(opening: Opening, bonus: str, legs: int, decimals: int) -> Carried:
    """Return what the period before left of a bonus.

    Parameters
    ----------
    opening : Opening
    bonus : str
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
    used = np.flatnonzero(np.bincount(rows.since, minlength=len(rows.periods)))
    order = sorted(used.tolist(), key=lambda code: rows.periods[code])
    place = np.zeros(len(rows.periods), np.int64)
    place[order] = np.arange(len(order))
    return Carried([rows.periods[code] for code in order], rows.member, leg, place[rows.since], amounts)


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


def leave_carry(closing: Closing, bonus: str, members: NDArray[np.int64], lots: Sequence[Lot], decimals: int) -> None:
    """Leave what each leg carries to the next period.

    Parameters
    ----------
    closing : Closing
    bonus : str
    members : (k,) int64
        Position of every row of the lots.
    lots : sequence of Lot
    decimals : int
    """
    for lot in lots:
        legs = lot.amounts.shape[1]
        amounts = np.ascontiguousarray(lot.amounts).reshape(-1)
        some = np.flatnonzero(amounts)
        row, leg = np.divmod(some, legs)
        zero = np.zeros(some.size, np.int32)
        keys = tuple(str(number + 1) for number in range(legs))
        member = members[row].astype(np.int32)
        rows = StateRows(
            member, leg.astype(np.int32), zero, amounts[some], keys, (lot.since or closing.period,), decimals
        )
        closing.leave_rows(CARRY, bonus, rows)


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
