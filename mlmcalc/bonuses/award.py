"""``award``: an amount by rank, by event or by structure (plan model, section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.award_keys import (
    ACHIEVED,
    CONSECUTIVE,
    INSTALMENTS,
    REMAINDER,
    STREAK,
    AwardKeys,
    instalment_key,
)
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.structures import count_structures
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, RATE_ONE_PPM, Rounding, units_from_text
from mlmcalc.rules.bound_rates import EVERY_KEY
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, NOT_ELIGIBLE, eligibility
from mlmcalc.rules.number_table import bound_numbers
from mlmcalc.rules.rank_steps import Step, steps_of
from mlmcalc.rules.state import Kept, StateRows
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True, eq=False)
class Due:
    """What some members are entitled to, for one reason.

    Attributes
    ----------
    step : str
        The rank, or empty.
    position : (k,) int32
        Ascending.
    base : (k,) int64
        In units of money, before `rate_ppm`.
    rate_ppm : (k,) int64
    number : int
        Of the instalment, or the depth of the structure; 0 for a whole award.
    paid : (k,) bool
        Who may have it.
    kind : str
        ``award``, ``instalment``, ``structure`` or ``otherwise``.
    """

    step: str
    position: NDArray[np.int32]
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int64]
    number: int
    paid: NDArray[np.bool_]
    kind: str = "award"


@dataclass(slots=True, eq=False)
class Awarding:
    """An award worked out.

    Attributes
    ----------
    reason : (n,) int8
        Who may earn it (`mlmcalc.rules.eligibility`).
    times : (n,) int64
        How many times the award.
    due : list of Due
    before, runs : dict of str to (n,) int64
        By step, periods in a row up to the one before and up to this one.
    streak : (n,) int64 or None
        Periods in a row with the award.
    structures : (n, depths) int64 or None
        How many structures of each depth.
    closing : list of (section, key, (n,) int64, decimals)
        What the period leaves, one amount for every member.
    rows : list of (section, StateRows)
        What else it leaves.
    """

    reason: NDArray[np.int8]
    times: NDArray[np.int64]
    due: list[Due] = field(default_factory=list)
    before: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    runs: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    streak: NDArray[np.int64] | None = None
    structures: NDArray[np.int64] | None = None
    closing: list[tuple[str, str, NDArray[np.int64], int]] = field(default_factory=list)
    rows: list[tuple[str, StateRows]] = field(default_factory=list)

    def leave(self, section: str, key: str, amounts: NDArray, decimals: int = 0) -> None:
        """Leave one amount for every member."""
        self.closing.append((section, key, amounts.astype(np.int64), decimals))

    def why(self, due: Due) -> NDArray[np.int8]:
        """Return for everybody who is due something whether it is paid, or why not."""
        own = self.reason[due.position]
        barred = np.where(own == ELIGIBLE, NOT_ELIGIBLE, own)
        return np.where(due.paid, ELIGIBLE, barred).astype(np.int8)


class Award(AwardKeys):
    """An amount for what a member is, or for what happened, worked out."""

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what is due, and what is due but not paid.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``; ``state.decimals``, ``state.overflow``.
        """
        found = self.work_out(values, account.rounding, account.bonus)
        lines, whys = [], []
        for due in found.due:
            nothing = np.full(due.position.size, -1, np.int32)
            lines.append(
                Owed(
                    earner=due.position,
                    source=due.position,
                    via=nothing,
                    order=nothing,
                    level=np.zeros(due.position.size, np.int32),
                    paid_level=np.full(due.position.size, due.number, np.int16),
                    base=due.base,
                    rate_ppm=due.rate_ppm,
                )
            )
            whys.append(found.why(due))
        if lines:
            owed, why = Owed.joined(lines), np.concatenate(whys)
            order = np.argsort(owed.earner, kind="stable")
            self._settle(values, account, owed.pick(order), why[order])
        for section, key, amounts, decimals in found.closing:
            values.closing.leave(section, account.bonus, amounts, decimals, key=key)
        for section, rows in found.rows:
            values.closing.leave_rows(section, account.bonus, rows)

    def _settle(self, values: Values, account: BonusAccount, owed: Owed, why: NDArray[np.int8]) -> None:
        if owed.base.size == 0:
            return
        largest = int(owed.earner[owed.base.argmax()])
        magnitude, top = total_magnitude(owed.base), int(owed.rate_ppm.max())
        account.refuse_overflow(magnitude, top, str(values.network.ids[largest]))
        account.offer_all(owed.base, owed.rate_ppm)
        for code, outcome in ((NOT_ACTIVE, "not_active"), (NOT_ELIGIBLE, "not_eligible")):
            for level in np.unique(owed.paid_level[why == code]):
                barred = (why == code) & (owed.paid_level == level)
                account.lose_all(int(level), outcome, owed.base[barred], owed.rate_ppm[barred])
        account.pay(owed.pick((why == ELIGIBLE) & (owed.rate_ppm > 0)))

    def work_out(self, values: Values, rounding: Rounding, name: str) -> Awarding:
        """Return what everybody is entitled to, and what the period leaves.

        Parameters
        ----------
        values : Values
        rounding : Rounding
        name : str
            Of the bonus: what it left in the period before stands under it.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``; ``state.decimals``, ``state.overflow``.
        """
        reason = eligibility(values, self.eligible)
        found = Awarding(reason, np.ones(values.size, np.int64))
        if self.structure is not None:
            self._structures(values, found, name, rounding)
            return found
        steps = steps_of(self.award, values, self.tier)
        self._count(values, found, name)
        chosen = self._chosen(values, found, steps, name)
        if self.instalments > 1:
            self._old_instalments(values, rounding, found, steps, name)
        rate = self._streak(values, found, chosen, name)
        for step, entitled in chosen:
            self._award(found, step, entitled, rate, name, rounding)
        if self.otherwise_pays is not None:
            self._otherwise(values, rounding, found, chosen)
        return found

    def _count(self, values: Values, found: Awarding, name: str) -> None:
        """Set how many times everybody has the award, and leave events that are not yet paid for."""
        if self.per is None:
            return
        per = values.quantity(self.per)
        events = np.maximum(per.amounts, 0)
        if self.carry:
            kept = Kept(REMAINDER, name)
            before = values.opening.rows(*kept).per_member(values.size, per.decimals, kept)
            if total_magnitude(events) + total_magnitude(before) > INT64_MAX:
                raise _overflow(name)
            events = events + np.maximum(before, 0)
        size = min(self.every * 10**per.decimals, INT64_MAX)
        found.times = events // size
        if self.carry:
            found.leave(REMAINDER, "", events - found.times * size, per.decimals)
        if self.most is not None:
            found.times = np.minimum(found.times, self.most)

    def _chosen(
        self, values: Values, found: Awarding, steps: list[Step], name: str
    ) -> list[tuple[Step, NDArray[np.bool_]]]:
        """Return who is entitled to which step, lowest first, and leave runs and what is achieved."""
        eligible = found.reason == ELIGIBLE
        listed = np.zeros(values.size, np.bool_)
        may: list[NDArray[np.bool_]] = []
        achieved = values.opening.rows(ACHIEVED, name)
        for step in steps:
            listed |= step.own
            met = step.reached & (found.times > 0)
            if self.counts_periods:
                kept = Kept(CONSECUTIVE, name)
                before = values.opening.rows(*kept).of_key(step.name).per_member(values.size, 0, kept)
                run = np.where(met, np.maximum(before, 0) + 1, 0)
                found.before[step.name], found.runs[step.name] = before, run
                found.leave(CONSECUTIVE, step.name, np.where(eligible, run, 0))
                met &= run >= self.consecutive
            if self.when == "first_time":
                met[achieved.of_key(step.name).member] = False
            may.append(met)
        above = np.zeros(values.size, np.bool_)
        chosen = []
        for step, met in zip(reversed(steps), reversed(may), strict=True):
            entitled = met if self.lower_too else met & ~above & listed
            above |= entitled
            if self.when == "first_time":
                old = achieved.of_key(step.name)
                found.rows.append((ACHIEVED, old))
                passed = eligible & above & step.reached
                passed[old.member] = False
                found.leave(ACHIEVED, step.name, passed)
            chosen.append((step, entitled))
        return chosen[::-1]

    def _streak(
        self, values: Values, found: Awarding, chosen: list[tuple[Step, NDArray[np.bool_]]], name: str
    ) -> NDArray[np.int64]:
        """Return the rate of everybody's streak, and leave how long it is."""
        if self.streak is None:
            return np.full(values.size, RATE_ONE_PPM, np.int64)
        kept = Kept(STREAK, name)
        before = np.maximum(values.opening.rows(*kept).of_key("").per_member(values.size, 0, kept), 0)
        entitled = np.zeros(values.size, np.bool_)
        for _, mine in chosen:
            entitled |= mine
        found.streak = np.where(entitled, before + 1, 0)
        found.leave(STREAK, "", np.where(found.reason == ELIGIBLE, found.streak, 0))
        periods = np.array([periods for periods, _ in self.streak_steps], np.int64)
        rates = np.array([RATE_ONE_PPM, *(rate for _, rate in self.streak_steps)], np.int64)
        return rates[np.searchsorted(periods, found.streak, side="right")]

    def _award(
        self,
        found: Awarding,
        step: Step,
        entitled: NDArray[np.bool_],
        rate: NDArray[np.int64],
        name: str,
        rounding: Rounding,
    ) -> None:
        position = np.flatnonzero(entitled).astype(np.int32)
        base = _times(_money(step.number[position, 0], rounding), found.times[position], name)
        position, base = position[base > 0], base[base > 0]
        paid = found.reason[position] == ELIGIBLE
        number = 0
        if self.instalments > 1:
            number, whole = 1, base
            base = whole // (self.instalments * rounding.unit) * rounding.unit
            rest = np.zeros(found.times.size, np.int64)
            rest[position[paid]] = (whole - base)[paid]
            found.leave(INSTALMENTS, instalment_key(self.instalments - 1, step.name), rest, rounding.money_decimals)
        found.due.append(Due(step.name, position, base, rate[position], number, paid))

    def _old_instalments(
        self, values: Values, rounding: Rounding, found: Awarding, steps: list[Step], name: str
    ) -> None:
        """Add the instalments of earlier awards that are due, and leave what is still due of them."""
        kept = Kept(INSTALMENTS, name)
        for step in steps:
            allowed = (found.reason == ELIGIBLE) & (step.reached if self.keep else True)
            for left in range(1, self.instalments):
                rows = values.opening.rows(*kept).of_key(instalment_key(left, step.name))
                if not rows.size:
                    continue
                rows = rows.pick(np.lexsort((rows.since, rows.member)))
                money = rows.in_decimals(rounding.money_decimals, kept)
                part = money // (left * rounding.unit) * rounding.unit if left > 1 else money
                if left > 1:
                    zero, key = np.zeros(rows.size, np.int32), (instalment_key(left - 1, step.name),)
                    later = StateRows(
                        rows.member, zero, rows.since, money - part, key, rows.periods, rounding.money_decimals
                    )
                    found.rows.append((INSTALMENTS, later))
                rate = np.full(rows.size, RATE_ONE_PPM, np.int64)
                number = self.instalments - left + 1
                found.due.append(Due(step.name, rows.member, part, rate, number, allowed[rows.member], "instalment"))

    def _otherwise(
        self,
        values: Values,
        rounding: Rounding,
        found: Awarding,
        chosen: list[tuple[Step, NDArray[np.bool_]]],
    ) -> None:
        """Add what those have who had the award in the period before and do not have it now."""
        assert self.otherwise_pays is not None, "there is something for them"
        had, has = np.zeros(values.size, np.bool_), np.zeros(values.size, np.bool_)
        for step, entitled in chosen:
            had |= found.before[step.name] >= self.consecutive
            has |= entitled & (found.reason == ELIGIBLE)
        position = np.flatnonzero(had & ~has & values.may_earn).astype(np.int32)
        base = np.full(position.size, units_from_text(self.otherwise_pays, rounding.money_decimals), np.int64)
        rate = np.full(position.size, RATE_ONE_PPM, np.int64)
        found.due.append(Due("", position, base, rate, 0, np.ones(position.size, np.bool_), "otherwise"))

    def _structures(self, values: Values, found: Awarding, name: str, rounding: Rounding) -> None:
        """Add what the structures below everybody are worth, depth by depth."""
        assert self.structure is not None, "there is a structure"
        tree = values.trees[self.structure.tree or values.network.first_tree.name]
        counted = entered(tree, self.structure.member.holds(values))
        if tree.kept is not None:
            counted &= tree.kept
        bound, row = bound_numbers(self.award, values, self.tier)
        numbers = bound.rates[EVERY_KEY]
        times = np.zeros((values.size, numbers.shape[1]), np.int64)
        count_structures(kept_parent(tree), np.ascontiguousarray(counted), self.structure.width, times)
        found.structures = times = tree.leave(times)
        for depth in range(numbers.shape[1]):
            count = times[:, depth].copy()
            if self.structure.pays == "deepest" and depth + 1 < numbers.shape[1]:
                count -= times[:, depth + 1]
            position = np.flatnonzero(count).astype(np.int32)
            base = _times(_money(numbers[row[position], depth], rounding), count[position], name)
            position, base = position[base > 0], base[base > 0]
            paid = found.reason[position] == ELIGIBLE
            rate = np.full(position.size, RATE_ONE_PPM, np.int64)
            found.due.append(Due("", position, base, rate, depth + 1, paid, "structure"))


def _money(millionths: NDArray[np.int64], rounding: Rounding) -> NDArray[np.int64]:
    # No number is none.
    return np.maximum(millionths, 0) // 10 ** (RATE_DECIMALS - rounding.money_decimals)


def _times(money: NDArray[np.int64], times: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    if int(money.max(initial=0)) * int(times.max(initial=0)) > INT64_MAX:
        raise _overflow(name)
    return money * times


def _overflow(name: str) -> InputRefused:
    message = f"what bonus {name} awards, or counts, does not fit 64 bits."
    return InputRefused(Finding("bonuses.overflow", message, "Correct the volumes, or state fewer decimals."))
