"""``award``: an amount by rank, by event or by structure (plan model, section 6)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.award_due import Awarding, Due
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
from mlmcalc.rules.rank_steps import Step, reached_any, steps_of
from mlmcalc.rules.state import Kept, StateRows
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Values


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
            if len(lines) > 1:
                order = np.argsort(owed.earner, kind="stable")
                owed, why = owed.pick(order), why[order]
            self._settle(values, account, owed, why)
        for section, key, members, amounts, decimals in found.closing:
            values.closing.leave(section, account.bonus, amounts, decimals, key=key, members=members)
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
        found = Awarding(eligibility(values, self.eligible))
        if self.structure is not None:
            self._structures(values, found, name, rounding)
            return found
        steps, row = steps_of(self.award, values, self.tier)
        self._count(values, found, steps, row, name)
        chosen = self._chosen(values, found, steps, row[found.members], name)
        if self.instalments > 1:
            self._old_instalments(values, rounding, found, steps, row, name)
        rate = self._streak(values, found, chosen, name)
        for step, entitled in chosen:
            self._award(found, step, entitled, row, rate, name, rounding)
        if self.otherwise_pays is not None:
            self._otherwise(values, rounding, found, chosen)
        return found

    def _count(self, values: Values, found: Awarding, steps: list[Step], row: NDArray[np.int32], name: str) -> None:
        """Set whom the award may concern and how many times each has it; leave events that are not yet paid for."""
        events, decimals = None, 0
        if self.per is None:
            concerned = reached_any(steps, row)
        else:
            events, decimals = self._events(values, name)
            concerned = events > 0
        if self.counts_periods:
            concerned[values.opening.rows(CONSECUTIVE, name).member] = True
        found.members = members = np.flatnonzero(concerned)
        if events is None:
            found.times = np.ones(members.size, np.int64)
            return
        events = events[members]
        size = min(self.every * 10**decimals, INT64_MAX)
        found.times = events if size == 1 else events // size
        if self.carry:
            found.leave(REMAINDER, "", members, events - found.times * size, decimals)
        if self.most is not None:
            found.times = np.minimum(found.times, self.most)

    def _events(self, values: Values, name: str) -> tuple[NDArray[np.int64], int]:
        """Return how many events everybody has, with what the period before left of them, and their decimals."""
        per = values.quantity(self.per or "")
        events = np.maximum(per.amounts, 0)
        if self.carry:
            kept = Kept(REMAINDER, name)
            before = values.opening.rows(*kept).per_member(values.size, per.decimals, kept)
            if total_magnitude(events) + total_magnitude(before) > INT64_MAX:
                raise _overflow(name)
            events = events + np.maximum(before, 0)
        return events, per.decimals

    def _chosen(
        self, values: Values, found: Awarding, steps: list[Step], row: NDArray[np.int32], name: str
    ) -> list[tuple[Step, NDArray[np.bool_]]]:
        """Return who is entitled to which step, lowest first, and leave runs and what is achieved."""
        members, eligible = found.members, found.eligible
        listed = np.zeros(members.size, np.bool_)
        may: list[NDArray[np.bool_]] = []
        old = {step.name: self._achieved_by(values, found, step, name) for step in steps}
        for step in steps:
            listed |= step.own[row]
            met = step.reached[row] & (found.times > 0)
            if self.counts_periods:
                kept = Kept(CONSECUTIVE, name)
                before = values.opening.rows(*kept).of_key(step.name).per_member(values.size, 0, kept)[members]
                run = np.where(met, np.maximum(before, 0) + 1, 0)
                found.before[step.name], found.runs[step.name] = before, run
                found.leave(CONSECUTIVE, step.name, members, np.where(eligible, run, 0))
                met &= run >= self.consecutive
            met[old[step.name]] = False
            may.append(met)
        above = np.zeros(members.size, np.bool_)
        chosen = []
        for step, met in zip(reversed(steps), reversed(may), strict=True):
            entitled = met if self.lower_too else met & ~above & listed
            above |= entitled
            if self.when == "first_time":
                found.rows.append((ACHIEVED, values.opening.rows(ACHIEVED, name).of_key(step.name)))
                passed = eligible & above & step.reached[row]
                passed[old[step.name]] = False
                found.leave(ACHIEVED, step.name, members[passed], np.ones(np.count_nonzero(passed), np.int64))
            chosen.append((step, entitled))
        return chosen[::-1]

    def _achieved_by(self, values: Values, found: Awarding, step: Step, name: str) -> NDArray[np.int64]:
        """Return the rows of those who achieved a step before, where it is paid once."""
        if self.when != "first_time" or not found.members.size:
            return np.empty(0, np.int64)
        member = values.opening.rows(ACHIEVED, name).of_key(step.name).member
        row = np.minimum(np.searchsorted(found.members, member), found.members.size - 1)
        return row[found.members[row] == member]

    def _streak(
        self, values: Values, found: Awarding, chosen: list[tuple[Step, NDArray[np.bool_]]], name: str
    ) -> NDArray[np.int64]:
        """Return the rate of every row's streak, and leave how long it is."""
        members = found.members
        if self.streak is None:
            return np.full(members.size, RATE_ONE_PPM, np.int64)
        kept = Kept(STREAK, name)
        opening = values.opening.rows(*kept).of_key("").per_member(values.size, 0, kept)
        before = np.maximum(opening[members], 0)
        entitled = np.zeros(members.size, np.bool_)
        for _, mine in chosen:
            entitled |= mine
        found.streak = np.where(entitled, before + 1, 0)
        found.leave(STREAK, "", members, np.where(found.eligible, found.streak, 0))
        periods = np.array([periods for periods, _ in self.streak_steps], np.int64)
        rates = np.array([RATE_ONE_PPM, *(rate for _, rate in self.streak_steps)], np.int64)
        return rates[np.searchsorted(periods, found.streak, side="right")]

    def _award(
        self,
        found: Awarding,
        step: Step,
        entitled: NDArray[np.bool_],
        row: NDArray[np.int32],
        rate: NDArray[np.int64],
        name: str,
        rounding: Rounding,
    ) -> None:
        mine = np.flatnonzero(entitled)
        position = found.members[mine].astype(np.int32)
        base = _times(_money(step.number[:, 0], rounding)[row[position]], found.times[mine], name)
        if base.size and base.min() <= 0:
            mine, position, base = mine[base > 0], position[base > 0], base[base > 0]
        paid = found.reason[position] == ELIGIBLE
        number = 0
        if self.instalments > 1:
            number, whole = 1, base
            base = whole // (self.instalments * rounding.unit) * rounding.unit
            key = instalment_key(self.instalments - 1, step.name)
            found.leave(INSTALMENTS, key, position[paid], (whole - base)[paid], rounding.money_decimals)
        found.due.append(Due(step.name, position, base, rate[mine], number, paid))

    def _old_instalments(
        self,
        values: Values,
        rounding: Rounding,
        found: Awarding,
        steps: list[Step],
        row: NDArray[np.int32],
        name: str,
    ) -> None:
        """Add the instalments of earlier awards that are due, and leave what is still due of them."""
        kept = Kept(INSTALMENTS, name)
        opening = values.opening.rows(*kept)
        for step in steps:
            for left in range(1, self.instalments):
                rows = opening.of_key(instalment_key(left, step.name))
                if not rows.size:
                    continue
                rows = rows.pick(np.lexsort((rows.since, rows.member)))
                allowed = found.reason[rows.member] == ELIGIBLE
                if self.keep:
                    allowed &= step.reached[row[rows.member]]
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
                found.due.append(Due(step.name, rows.member, part, rate, number, allowed, "instalment"))

    def _otherwise(
        self,
        values: Values,
        rounding: Rounding,
        found: Awarding,
        chosen: list[tuple[Step, NDArray[np.bool_]]],
    ) -> None:
        """Add what those have who had the award in the period before and do not have it now."""
        assert self.otherwise_pays is not None, "there is something for them"
        members = found.members
        had, has = np.zeros(members.size, np.bool_), np.zeros(members.size, np.bool_)
        for step, entitled in chosen:
            had |= found.before[step.name] >= self.consecutive
            has |= entitled & found.eligible
        position = members[had & ~has & values.may_earn[members]].astype(np.int32)
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
