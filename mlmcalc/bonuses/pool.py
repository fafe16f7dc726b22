"""``pool``: a fund shared among members, to the last unit (plan model, section 6)."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.pool_division import (
    VALUE_DECIMALS,
    Division,
    Fund,
    Holders,
    at_value,
    divide_fund,
    fits,
    point_value,
)
from mlmcalc.bonuses.pool_keys import POOL, PoolKeys
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.id_ties import ids_at
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, RATE_ONE_PPM, Rounding, units_from_text
from mlmcalc.rules.eligibility import ELIGIBLE, eligibility
from mlmcalc.rules.number_table import decimals_of, is_percentages, numbers_of
from mlmcalc.rules.proportion import MOST_WEIGHT
from mlmcalc.rules.sources import sources_of
from mlmcalc.rules.state import Kept, StateRows
from mlmcalc.rules.values import Values


class Pool(PoolKeys):
    """A fund, divided."""

    def post(self, values: Values, account: BonusAccount) -> None:
        """Divide the fund and post every holder's part.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``; ``state.decimals``, ``state.overflow``.
        """
        division = self.division(values, account.rounding, account.bonus)
        for measure in self.growing:
            measure.leave(values, account.bonus)
        fund, holders, unit = division.fund, division.holders, account.rounding.unit
        whole = account.exact_of_money(fund.units * unit)
        first = str(values.network.ids[int(holders.position[0])]) if holders.position.size else ""
        account.refuse_exact_overflow(whole, first)
        left = account.exact_of_money(division.left * unit)
        policy, outcome = self.where_left(division)
        if policy == "carry":
            _carry(values, account, division.left * unit)
        account.offer_exact(whole if policy != "carry" else whole - left)
        lines = Owed.to_earners(holders.position, holders.base)
        exact = division.amount * account.exact_of_money(unit)
        if fund.units:
            account.pay(lines, exact=exact)
        if division.left and policy == "company":
            account.lose_exact(0, "to_company", 0, left)
            account.pay(_to_company(account.members), exact=np.array([left], np.int64))
        elif division.left and policy == "lose":
            account.lose_exact(0, outcome, 0, left)

    def where_left(self, division: Division) -> tuple[str, str]:
        """Return where what is left of a fund goes, and the outcome where it is lost."""
        if not division.holders.position.size:
            return self.empty, "not_eligible"
        policy = self.leftover
        return (self.empty if policy == "others" else policy), "cap_reached" if self.maximum is not None else "no_rate"

    def division(self, values: Values, rounding: Rounding, name: str) -> Division:
        """Return the fund and everybody's part of it.

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
        score = None if self.top is None else self.top.by.of(values, name)
        fund = self._fund(values, rounding, name)
        holders = self._holders(values, rounding, name, reason == ELIGIBLE, score)
        if not fits(holders, fund.units):
            raise _overflow(name)
        nobody = np.empty(0, np.int64)
        if not holders.position.size:
            return Division(fund, holders, reason, score, nobody, fund.units)
        value = None
        if self.point_value is not None:
            holders, value = self._valued(values, holders, fund.units, rounding, name)
        if self.maximum is not None:
            holders = holders.at_most(self._most(values, rounding, holders, fund.units))
        if value is not None and holders.most is not None:
            return Division(fund, holders, reason, score, holders.most, fund.units - exact_sum(holders.most), value)
        amount, left = divide_fund(
            fund.units, holders, self.leftover == "others", ids_at(values.network.ids, holders.position)
        )
        return Division(fund, holders, reason, score, amount, left)

    def _fund(self, values: Values, rounding: Rounding, name: str) -> Fund:
        kept = Kept(POOL, name)
        carried = sum(values.opening.rows(*kept).in_decimals(rounding.money_decimals, kept).tolist())
        if self.of is None:
            return Fund.of(1, 0, self.pool, self.part, carried, rounding)
        allowed = values.is_source if self.sources is None else values.is_source & self.sources.holds(values)
        sources = sources_of(values, self.of, allowed, per_order=False)
        return Fund.of(exact_sum(sources.base), sources.decimals, self.pool, self.part, carried, rounding)

    def _holders(
        self,
        values: Values,
        rounding: Rounding,
        name: str,
        allowed: NDArray[np.bool_],
        score: NDArray[np.int64] | None,
    ) -> Holders:
        place = None
        if self.top is None or score is None:
            who = np.flatnonzero(allowed)
        else:
            who, place = self.top.winners(values, allowed, score)
            order = np.argsort(who)
            who, place = who[order], place[order]
            if self.positions:
                return self._prizes(who.astype(np.int32), score[who], place, rounding)
        weight, base, most = self._weights(values, rounding, name, who)
        held = weight > 0
        holders = Holders(
            position=who[held].astype(np.int32),
            base=base[held],
            weight=weight[held],
            most=None if most is None else most[held],
            place=None if place is None else place[held],
        )
        if self.out_of is None or values.vocabulary is None:
            return holders
        whole = units_from_text(self.out_of, self.base_decimals(values.vocabulary))
        return replace(holders, unheld=max(0, whole - exact_sum(holders.weight)))

    def _weights(
        self, values: Values, rounding: Rounding, name: str, who: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64] | None]:
        """Return weight, base of the line and maximum of those who may share."""
        each = None if self.each is None else values.quantity(self.each)
        if self.amounts is not None:
            amount = np.maximum(numbers_of(self.amounts, values, self.tier)[who], 0)
            if each is not None:
                amount = _product(amount, each.amounts[who], name) // 10**each.decimals
            units = amount // (10 ** (RATE_DECIMALS - rounding.money_decimals) * rounding.unit)
            return units, amount // 10 ** (RATE_DECIMALS - rounding.money_decimals), units
        if self.by is not None:
            weight = np.maximum(self.by.of(values, name)[who], 0)
        else:
            assert self.shares is not None, "a checked pool says how it is shared"
            step = 10 ** (RATE_DECIMALS - decimals_of(self.shares))
            weight = np.maximum(numbers_of(self.shares, values, self.tier)[who], 0) // step
        if each is not None:
            weight = _product(weight, each.amounts[who], name)
        return weight, weight, None

    def _prizes(
        self, who: NDArray[np.int32], score: NDArray[np.int64], place: NDArray[np.int64], rounding: Rounding
    ) -> Holders:
        """Return those who come first with what their places are worth; equals who share have the mean of theirs."""
        assert self.top is not None, "positions are those of the top"
        first = self.top.places[0]
        is_rate = self.positions[0].is_rate
        step = 1 if is_rate else 10 ** (RATE_DECIMALS - rounding.money_decimals) * rounding.unit
        worth = [prize.millionths // step for prize in self.positions]
        counts = {int(own): int(count) for own, count in zip(*np.unique(place, return_counts=True), strict=True)}
        scale = math.lcm(*counts.values())
        together = {own: sum(worth[own - first : own - first + count]) for own, count in counts.items()}
        weight = np.array([together[int(own)] * scale // counts[int(own)] for own in place], np.object_)
        held = (weight > 0).astype(np.bool_)
        unheld = 0
        if is_rate and self.leftover != "others":
            unheld = RATE_ONE_PPM * scale - int(weight.sum())
        if max(int(weight.sum()) + unheld, 1) > MOST_WEIGHT:
            raise _overflow("positions")
        weight = weight.astype(np.int64)
        most = None if is_rate else weight[held] // scale
        return Holders(who[held], score[held], weight[held], most, unheld, place[held])

    def _most(self, values: Values, rounding: Rounding, holders: Holders, units: int) -> NDArray[np.int64]:
        assert self.maximum is not None, "there is a maximum"
        most = numbers_of(self.maximum, values, self.tier)[holders.position]
        if is_percentages(self.maximum):
            distinct, places = np.unique(most, return_inverse=True)
            whole = [units * int(rate) // RATE_ONE_PPM if rate >= 0 else MOST_WEIGHT for rate in distinct]
            return np.array(whole, np.int64)[places]
        payable = most // (10 ** (RATE_DECIMALS - rounding.money_decimals) * rounding.unit)
        return np.where(most < 0, MOST_WEIGHT, payable)

    def _valued(
        self, values: Values, holders: Holders, units: int, rounding: Rounding, name: str
    ) -> tuple[Holders, int | None]:
        """Return holders with what their points are worth as a maximum, and the value where it is rounded."""
        assert self.point_value is not None, "a point has a value"
        assert values.vocabulary is not None, "decimals are known by the names of the plan"
        decimals = self.base_decimals(values.vocabulary)
        highest = None
        if self.point_value.at_most is not None:
            highest = units_from_text(self.point_value.at_most, VALUE_DECIMALS)
        value = None
        if self.point_value.round_down is not None:
            step = units_from_text(self.point_value.round_down, VALUE_DECIMALS)
            value = point_value(units, holders, decimals, step, rounding)
            highest = value if highest is None else min(value, highest // step * step)
            value = highest
        most = at_value(holders.weight, highest or 0, decimals, rounding)
        if most is None:
            raise _overflow(name)
        return holders.at_most(most), value


def _product(weight: NDArray[np.int64], each: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    # Below 0 counts as 0.
    each = np.maximum(each, 0)
    if int(weight.max(initial=0)) * int(each.max(initial=0)) > INT64_MAX:
        raise _overflow(name)
    return weight * each


def _overflow(name: str) -> InputRefused:
    message = f"fund or shares of bonus {name} do not fit 64 bits."
    return InputRefused(Finding("bonuses.overflow", message, "Correct the volumes, or state fewer decimals."))


def _carry(values: Values, account: BonusAccount, money: int) -> None:
    # The company has no row of its own in a table of state; the first member's stands for it.
    if money and values.size:
        zero = np.zeros(1, np.int32)
        amount, period = np.array([money], np.int64), (values.closing.period,)
        rows = StateRows(zero, zero, zero, amount, ("",), period, account.rounding.money_decimals)
        values.closing.leave_rows(POOL, account.bonus, rows)


def _to_company(members: int) -> Owed:
    # Nobody causes it.
    line = Owed.to_earners(np.array([members], np.int32))
    return replace(line, source=np.array([-1], np.int32))
