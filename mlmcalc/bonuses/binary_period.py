"""One period of a binary bonus, from volume and carry in to carry out; nothing is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.binary_carry import LegBook, Lot, age_of, carried_in, refuse_volume
from mlmcalc.bonuses.binary_match import Match, Sides, Terms
from mlmcalc.bonuses.binary_words import BinaryKeys, Carry, MatchCap, OwnVolume
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.matching import ALL, EVERY_STEP, SECOND
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, Rounding, units_from_text
from mlmcalc.rules.amount_table import NO_LIMIT, scaled
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ELIGIBLE, eligibility
from mlmcalc.rules.leg_volumes import LegVolumes, enrolled_on_legs
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.values import Values

PAIRS = "pairs"


@dataclass(frozen=True, slots=True, eq=False)
class BinaryPeriod:
    """What one period of a binary bonus comes to, ``(k,)`` and ``(k, legs)`` by row.

    Only whose legs hold, or were left, anything has a row: nobody else matches or carries.

    Attributes
    ----------
    members : (k,) int64
        Position of every row, ascending.
    reason : (k,) int8
        Who is eligible, and why not (`mlmcalc.rules.eligibility`).
    on_sides : (k, legs) int64 or None
        How many of its own enrolment count on each leg; 0 where nothing depends on it.
    book : LegBook
    match : Match
        Before minimum and cap.
    offered : (k,) int64
        Exact amount of the whole match, whether it is paid or not.
    below : (k,) bool
        Whose match is below the minimum.
    pays : (k,) bool
        Who is paid.
    cap : (k,) int64 or None
        In units of the volume, cycles or exact amounts; below 0 none.
    steps, firsts : (k,) int64
        What is left of the steps under the cap.
    paid : (k,) int64
        Exact amount after the cap.
    lots : list of Lot
        What is carried out.
    had_first : (j,) int64
        Positions of all who have had the first step by now, ascending; nobody's where there is none.
    """

    members: NDArray[np.int64]
    reason: NDArray[np.int8]
    on_sides: NDArray[np.int64] | None
    book: LegBook
    match: Match
    offered: NDArray[np.int64]
    below: NDArray[np.bool_]
    pays: NDArray[np.bool_]
    cap: NDArray[np.int64] | None
    steps: NDArray[np.int64]
    firsts: NDArray[np.int64]
    paid: NDArray[np.int64]
    lots: list[Lot]
    had_first: NDArray[np.int64]

    def row_of(self, position: int) -> int | None:
        """Return the row of a member, None where it has none."""
        row = int(np.searchsorted(self.members, position))
        return row if row < self.members.size and self.members[row] == position else None


def period_of(word: BinaryKeys, values: Values, bonus: str, tree: Any, legs: int, rounding: Rounding) -> BinaryPeriod:
    """Return one period of a binary bonus, its volume in balance.

    Parameters
    ----------
    word : BinaryKeys
    values : Values
    bonus : str
        Its name, by which the state knows it.
    tree : Tree
        Recorded, with legs.
    legs : int
    rounding : Rounding
        Of the account it is posted to.

    Raises
    ------
    InputRefused
        ``bonuses.leg``, ``bonuses.carry_leg``, ``bonuses.carry_sign``, ``bonuses.overflow``, ``state.decimals``.
    IntegrityError
        ``bonuses.volume_equation``.
    """
    decimals = values.quantity(word.volume).decimals
    book, members = _opened(word, values, bonus, tree, legs, decimals)
    had = values.opening.rows(PAIRS, bonus)
    had_before = np.zeros(values.size, np.bool_)
    had_before[had.member[had.amounts > 0]] = True
    fresh = ~had_before[members]
    match = _matched(word, values, book, members, fresh, decimals)
    reason, on_sides = _reason(word, values, tree, legs, members, match)
    least = 0 if word.match_minimum is None else units_from_text(word.match_minimum, decimals)
    below = (match.volume > 0) & (match.volume < least)
    pays = (reason == ELIGIBLE) & ~below & match.made
    offered = match.exact(match.steps, match.firsts)
    steps, firsts = match.steps * pays, match.firsts * pays
    paid, cap = offered * pays, None
    book.matched = match.taken * pays[:, None]
    if word.match_cap is not None:
        exact_decimals = RATE_DECIMALS + (0 if word.binary.cycle is not None else decimals)
        # The cap is asked of those who are paid: few of the rows.
        rows = np.flatnonzero(pays)
        of_rows = _cap(word.match_cap, word.tier, values, members[rows], decimals, exact_decimals, rounding)
        cap = np.full(members.size, NO_LIMIT, np.int64)
        cap[rows] = of_rows
        some = match.of(rows)
        left = some.allowed(word.match_cap.kind, of_rows, _owners(word.match_cap, values, members[rows]))
        cut = np.flatnonzero(left[2] < paid[rows])
        _give_back(word.match_cap.then, book, rows[cut], some.of(cut).limited(left[0][cut], left[1][cut])[2])
        steps[rows], firsts[rows], paid[rows] = left
    lots = _carry_on(word, values, book, members, pays, reason)
    total = lots[0].amounts
    for lot in lots[1:]:
        total = total + lot.amounts
    book.verify(bonus, total)
    had_before[members[firsts > 0]] = True
    return BinaryPeriod(
        members, reason, on_sides, book, match, offered, below, pays, cap, steps, firsts, paid, lots,
        np.flatnonzero(had_before),
    )  # fmt: skip


def _opened(
    word: BinaryKeys, values: Values, bonus: str, tree: Any, legs: int, decimals: int
) -> tuple[LegBook, NDArray[np.int64]]:
    amounts = _of_sources(values, word.volume)
    refuse_volume(bonus, 2 * total_magnitude(amounts))
    volumes = LegVolumes(tree, amounts, legs, values.network.ids)
    held = volumes.held
    carried = carried_in(values.opening, bonus, legs, decimals)
    held[carried.member] = True
    own, floor = None, 0
    if word.own is not None:
        own = amounts
        if word.own.volume is not None:
            own = _of_sources(values, word.own.volume)
            refuse_volume(bonus, 2 * total_magnitude(own))
        floor = units_from_text(word.own.above, decimals)
        held |= own > floor
    members = np.flatnonzero(held)
    row = np.zeros(values.size, np.int32)
    row[members] = np.arange(members.size, dtype=np.int32)
    volume = volumes.of(row, members.size)
    lots = carried.lots(row, (members.size, legs))
    if word.own is None or own is None:
        return LegBook(volume, None, lots, decimals, members), members
    overflow = np.zeros_like(volume)
    above = np.maximum(own[members] - floor, 0)
    some = np.flatnonzero(above)
    overflow[some, _overflow_leg(word.own, volume[some], [lot.amounts[some] for lot in lots])] = above[some]
    return LegBook(volume, overflow, lots, decimals, members), members


def _of_sources(values: Values, volume: str) -> NDArray[np.int64]:
    amounts = values.quantity(volume).amounts
    return amounts if values.is_source.all() else amounts * values.is_source


def _overflow_leg(
    own: OwnVolume, volume: NDArray[np.int64], lots: Sequence[NDArray[np.int64]]
) -> NDArray[np.int64] | int:
    if own.into not in ("lesser", "lesser_with_carry"):
        return int(own.into) - 1
    for amounts in lots if own.into == "lesser_with_carry" else ():
        volume = volume + amounts
    # Of two legs the second is the lesser one only where it has less.
    return (volume[:, 1] < volume[:, 0]).astype(np.int64) if volume.shape[1] == 2 else volume.argmin(axis=1)


def _reason(
    word: BinaryKeys, values: Values, tree: Any, legs: int, members: NDArray[np.int64], match: Match
) -> tuple[NDArray[np.int8], NDArray[np.int64] | None]:
    reason = eligibility(values, word.eligible)[members]
    each = word.each_side
    if each is None:
        return reason, None
    counts = np.ones(values.size, np.bool_) if each.where is None else each.where.holds(values)
    # Who matches nothing is asked where the carry depends on it.
    every = word.carry.when_not_eligible != "keep"
    asked = np.arange(members.size) if every else np.flatnonzero(match.made)
    enrolment = values.trees[each.tree or values.network.first_tree.name]
    on_sides = np.zeros((members.size, legs), np.int64)
    on_sides[asked] = found = enrolled_on_legs(tree, enrolment, counts, legs, members[asked])
    short = asked[(found >= each.count).sum(axis=1) < (each.legs or legs)]
    reason[short[reason[short] == ELIGIBLE]] = NOT_ELIGIBLE
    return reason, on_sides


def _matched(
    word: BinaryKeys,
    values: Values,
    book: LegBook,
    members: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    decimals: int,
) -> Match:
    available = book.left
    before = word.pay_leg == "before_carry"
    deciding = np.maximum(book.fresh, 0) if before else available
    cycle = word.binary.cycle
    every = cycle is not None and cycle.decided == "every_cycle" and not before and available.shape[1] == 2
    # Of two legs the other one is always the next.
    mode = EVERY_STEP if every else ALL if word.weaker == "all" and available.shape[1] > 2 else SECOND
    sides = Sides(available, deciding, mode)
    first = None if word.first is None else _cycle_terms(word.first, word.tier, values, members, decimals)
    if cycle is not None:
        return Match.without_cap(sides, _cycle_terms(cycle, word.tier, values, members, decimals), first, fresh)
    unit = 1 if word.unit is None else units_from_text(word.unit, decimals)
    strong, weak = word.ratio
    size = lcm(unit, weak)
    sizes = np.array([[size * strong // weak, size]], np.int64)
    if word.binary.steps is not None:
        steps, _ = sides.match(sizes, np.full(members.size, INT64_MAX))
        terms = _step_terms(word, values, members, steps * size, decimals)
        return Match.without_cap(sides, terms, None, fresh, at_most=1)
    rate, highest = _chosen(word.binary.table, word.tier, values, members)
    _refuse_product(highest, size)
    worth = np.where(rate < 0, rate, rate * size)
    base = np.full(members.size, size, np.int64)
    return Match.without_cap(sides, Terms(sizes, rate, base, worth, highest * size), None, fresh)


def _refuse_product(rate: int, factor: int) -> None:
    if rate * factor > INT64_MAX:
        message = "what one step pays is more than 64 bits hold."
        raise InputRefused(Finding("bonuses.overflow", message, "Correct the plan, or state fewer decimals."))


def _cycle_terms(cycle: Any, tier: str | None, values: Values, members: NDArray[np.int64], decimals: int) -> Terms:
    rate, highest = _chosen(cycle.pays, tier, values, members)
    sizes = [units_from_text(cycle.strong, decimals), units_from_text(cycle.weak, decimals)]
    return Terms(np.array([sizes], np.int64), rate, np.ones(members.size, np.int64), rate, highest)


def _step_terms(
    word: BinaryKeys, values: Values, members: NDArray[np.int64], matched: NDArray[np.int64], decimals: int
) -> Terms:
    bound = _bound(word.binary.table, word.volume, values)
    table = bound.rates[bound.keys[0]][:, 0]
    # The step of a row is the lowest threshold from which its amount holds.
    per_rank = bound.tiers.size + 1
    threshold = np.zeros(table.size, np.int64)
    for row in range(table.size):
        reached = row % per_rank
        if reached:
            same = reached > 1 and table[row] == table[row - 1]
            threshold[row] = threshold[row - 1] if same else bound.tiers[reached - 1]
    row = bound.first_row(values)[members] + np.searchsorted(bound.tiers, matched, side="right")
    strong, weak = word.ratio
    size = threshold[row]
    sizes = np.ascontiguousarray(np.stack([-(-size * strong // weak), size], axis=1))
    factor = 10**decimals
    _refuse_product(int(table.max()), factor)
    worth = np.where(table < 0, table, table * factor)[row]
    return Terms(sizes, np.zeros(members.size, np.int64), size, worth, int(worth.max(initial=0)))


def _bound(table: RateTable, tier: str | None, values: Values) -> Any:
    assert values.vocabulary is not None, "a table is bound by the names of its plan"
    ranking = values.rankings.get("rank")
    return table.bind(values.vocabulary, None, tier, values.scheme_names, ranking.names if ranking else ())


def _chosen(
    table: RateTable, tier: str | None, values: Values, members: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    # The rate or amount of every row, in parts per million, -1 for none; and the highest that any member has.
    bound = _bound(table, tier, values)
    rates, row = bound.rates[bound.keys[0]][:, 0], bound.row(values)
    is_there = np.zeros(rates.size, np.bool_)
    is_there[row] = True
    return rates[row[members]], int(rates[is_there].max(initial=0))


def _cap(
    cap: MatchCap,
    tier: str | None,
    values: Values,
    members: NDArray[np.int64],
    decimals: int,
    exact_decimals: int,
    rounding: Rounding,
) -> NDArray[np.int64]:
    if cap.kind != "money":
        return cap.table.of_members(values, tier, decimals if cap.kind == "volume" else 0, members)
    money = cap.table.of_members(values, tier, rounding.money_decimals, members)
    if rounding.place == "line":
        # Lines are whole units, so a cap is too.
        money = np.where(money < 0, money, money // rounding.unit * rounding.unit)
    return np.where(money < 0, NO_LIMIT, scaled(money, rounding.money_decimals, exact_decimals))


def _owners(cap: MatchCap, values: Values, members: NDArray[np.int64]) -> NDArray[np.int32]:
    # One group for each owner: the positions that name it, and the owner itself.
    if cap.owner is None:
        return np.arange(members.size, dtype=np.int32)
    column = values.network.columns[cap.owner]
    place = {str(label): code for code, label in enumerate(column.labels)}
    own = np.array([place.get(str(values.network.ids[member]), -1) for member in members.tolist()], np.int64)
    named = column.values[members]
    code = np.where(named >= 0, named, own)
    return np.where(code >= 0, code + members.size, np.arange(members.size)).astype(np.int32)


def _give_back(then: str, book: LegBook, rows: NDArray[np.int64], fewer: NDArray[np.int64]) -> None:
    """Let a cap use up less of some rows, and flush what it says."""
    if not rows.size:
        return
    taken = book.matched[rows]
    matched = book.matched.copy()
    matched[rows] = fewer
    book.matched = matched
    lost = np.zeros_like(matched)
    if then == "flush_above":
        lost[rows] = taken - fewer
        book.flush("above the cap", lost)
    elif then == "flush_all":
        lost[rows] = book.left[rows]
        book.flush("cap reached", lost)


def _carry_on(
    word: BinaryKeys,
    values: Values,
    book: LegBook,
    members: NDArray[np.int64],
    pays: NDArray[np.bool_],
    reason: NDArray[np.int8],
) -> list[Lot]:
    carry, left = word.carry, book.left
    if carry.legs == "none":
        book.flush("not carried", left)
    elif carry.legs == "stronger":
        strongest = np.arange(left.shape[1]) == left.argmax(axis=1)[:, None]
        book.flush("weaker leg", np.where(pays[:, None] & ~strongest, left, 0))
    if carry.limit is not None:
        limit = carry.limit.of_members(values, word.tier, book.decimals, members)
        above = book.left - np.where(limit < 0, INT64_MAX, limit)[:, None]
        book.flush("above the limit", np.maximum(above, 0))
    if carry.expires is not None:
        ages = [age_of(lot.since, values.closing.period) for lot in book.lots]
        if any(age >= carry.expires.after for age in ages):
            for age, rest in zip(ages, book.remaining(), strict=False):
                if age >= carry.expires.after:
                    book.flush("expired", rest)
    if carry.is_tested:
        _flush_test(carry, values, book, members, reason)
    if carry.expires is None:
        return [Lot(values.closing.period, book.left)]
    since = [*(lot.since for lot in book.lots), values.closing.period]
    return [Lot(label, rest) for label, rest in zip(since, book.remaining(), strict=True)]


def _flush_test(
    carry: Carry, values: Values, book: LegBook, members: NDArray[np.int64], reason: NDArray[np.int8]
) -> None:
    def apply(what: str, whom: NDArray[np.bool_], why: str) -> None:
        if what == "keep" or not whom.any():
            return
        lost = book.left if what == "lose_all" else book.left - book.remaining()[-1]
        book.flush(why, lost * whom[:, None])

    assert values.active is not None, "active is judged before what reads it"
    inactive = ~values.active[members]
    apply(carry.when_inactive, inactive, "not active")
    apply(carry.when_not_eligible, (reason != ELIGIBLE) & ~inactive, "not eligible")
