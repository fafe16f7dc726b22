"""The lines of true-ups, by themselves: whatever came before, what was paid and written off is what is due now."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.audit.run_difference import Effect
from mlmcalc.closing.trueup_lines import (
    BELOW,
    CLAWBACK,
    EARLIER,
    GONE,
    NOT_COLLECTED,
    NOT_PAID,
    TRUEUP,
    WRITTEN_OFF,
    Line,
    correcting_lines,
)
from mlmcalc.plan.corrections import Corrections
from mlmcalc.store.adjustments import StoredAdjustment

CENT = Decimal("0.01")
MEMBERS = ("1", "2")
Amounts = dict[tuple[str, str], Decimal]


def frame(amounts: Amounts) -> pl.DataFrame:
    rows = [(member, "bonus", bonus, amount) for (member, bonus), amount in amounts.items() if amount]
    schema = {"member": pl.String, "section": pl.String, "name": pl.String, "amount": pl.Decimal(38, 4)}
    return pl.DataFrame(rows, schema, orient="row")


def effects(**by_cause: Amounts) -> list[Effect]:
    return [Effect(cause.replace("_", " "), "", (), frame(amounts)) for cause, amounts in by_cause.items()]


def stored(lines: Sequence[Line], first: int = 1) -> list[StoredAdjustment]:
    """The lines as a store returns them."""
    return [
        StoredAdjustment(
            number,
            "alpine",
            "2026-12",
            line.member,
            line.type,
            line.bonus,
            int(line.amount.scaleb(2)),
            2,
            "2026-10",
            line.cause,
            "late",
            "[]",
            "Ann",
            0,
        )
        for number, line in enumerate(lines, start=first)
    ]


def lines_of(now: Amounts, causes: list[Effect], before: Sequence[Line] = (), **said: Any) -> list[Line]:
    rules = Corrections(
        **{"returns": "reversal", "settle": "pay_and_collect", "write_off_below": 0, "through": "period"} | said
    )
    return correcting_lines(frame(now), causes, stored(before), rules, 2, MEMBERS)


def money(text: str) -> Decimal:
    return Decimal(text)


def test_each_cause_is_a_line_and_a_return_is_a_clawback():
    now = {("1", "unilevel"): money("-3.00"), ("2", "pool"): money("1.00")}
    causes = effects(
        late_orders={("1", "unilevel"): money("2.00")},
        returns={("1", "unilevel"): money("-5.00"), ("2", "pool"): money("1.00")},
    )
    assert lines_of(now, causes) == [
        Line("1", "unilevel", TRUEUP, money("2.00"), "late orders"),
        Line("1", "unilevel", CLAWBACK, money("-5.00"), "returns"),
        Line("2", "pool", CLAWBACK, money("1.00"), "returns"),
    ]


def test_what_is_not_collected_is_written_off_and_comes_back_when_it_is():
    now = {("1", "unilevel"): money("-3.00"), ("1", "pool"): money("1.00")}
    causes = effects(moves=now)
    off = lines_of(now, causes, settle="pay_only")
    assert off == [
        Line("1", "pool", WRITTEN_OFF, money("1.00"), NOT_COLLECTED),
        Line("1", "unilevel", WRITTEN_OFF, money("-3.00"), NOT_COLLECTED),
    ]
    assert not lines_of(now, [], off, settle="pay_only")
    assert lines_of(now, [], off) == [
        Line("1", "pool", TRUEUP, money("1.00"), EARLIER),
        Line("1", "unilevel", TRUEUP, money("-3.00"), EARLIER),
        Line("1", "pool", WRITTEN_OFF, money("-1.00"), EARLIER),
        Line("1", "unilevel", WRITTEN_OFF, money("3.00"), EARLIER),
    ]


def test_what_was_paid_too_little_may_stay_so():
    now = {("1", "unilevel"): money("3.00"), ("2", "unilevel"): money("-3.00")}
    assert [
        (line.member, line.type, line.cause) for line in lines_of(now, effects(moves=now), settle="collect_only")
    ] == [
        ("1", WRITTEN_OFF, NOT_PAID),
        ("2", TRUEUP, "moves"),
    ]


def test_small_differences_add_up_until_they_pass_the_threshold():
    first = {("1", "unilevel"): money("-3.00")}
    off = lines_of(first, effects(moves=first), write_off_below=500)
    assert [(line.type, line.cause) for line in off] == [(WRITTEN_OFF, BELOW)]
    second = {("1", "unilevel"): money("-5.00")}
    causes = effects(moves={("1", "unilevel"): money("-2.00")})
    assert lines_of(second, causes, off, write_off_below=500) == [
        Line("1", "unilevel", TRUEUP, money("-3.00"), EARLIER),
        Line("1", "unilevel", TRUEUP, money("-2.00"), "moves"),
        Line("1", "unilevel", WRITTEN_OFF, money("3.00"), EARLIER),
    ]


def test_nobody_pays_or_is_paid_who_is_no_member_any_more():
    now = {("3", "unilevel"): money("9.00")}
    assert lines_of(now, effects(moves=now)) == [Line("3", "unilevel", WRITTEN_OFF, money("9.00"), GONE)]


def test_finer_amounts_add_up_to_whole_money():
    # A plan that rounds the payout has finer amounts by bonus, and the rest in a bonus of its own.
    now = {("1", "a"): money("0.3333"), ("1", "b"): money("0.3333"), ("1", "payout"): money("0.0034")}
    lines = lines_of(now, effects(moves=now))
    assert sum(line.amount for line in lines) == money("0.67")
    assert all(line.amount == line.amount.quantize(CENT) for line in lines)
    assert not lines_of(now, [], lines)


amounts = st.dictionaries(
    st.tuples(st.sampled_from(["1", "2", "3"]), st.sampled_from(["a", "b"])),
    st.integers(-900, 900).map(lambda cents: Decimal(cents) / 100),
    max_size=5,
)
policies = st.builds(
    Corrections,
    st.just("reversal"),
    st.sampled_from(["pay_and_collect", "pay_only", "collect_only"]),
    st.integers(0, 500),
    st.just("period"),
)


@given(st.lists(st.tuples(amounts, policies, st.sampled_from([MEMBERS, ("1", "2", "3")])), min_size=1, max_size=5))
def test_after_every_true_up_paid_and_written_off_are_what_is_due(rounds: list[tuple[Amounts, Corrections, Any]]):
    kept: list[Line] = []
    last: Amounts = {}
    for now, policy, members in rounds:
        part = {key: now.get(key, Decimal(0)) - last.get(key, Decimal(0)) for key in now.keys() | last.keys()}
        paid = {member: paid_to(member, kept) for member in ("1", "2", "3")}
        half = {key: (amount / 2).quantize(CENT) for key, amount in part.items()}
        causes = effects(moves=half, returns={key: part[key] - half[key] for key in part})
        kept += correcting_lines(frame(now), causes, stored(kept), policy, 2, members)
        last = now
        sums: Amounts = {}
        for line in kept:
            sums[line.member, line.bonus] = sums.get((line.member, line.bonus), Decimal(0)) + line.amount
        assert {key: amount for key, amount in sums.items() if amount} == {
            key: amount for key, amount in now.items() if amount
        }
        assert not correcting_lines(frame(now), [], stored(kept), policy, 2, members)
        for member in ("1", "2", "3"):
            due = sum((amount for (of, _), amount in now.items() if of == member), Decimal(0)) - paid[member]
            off = sum((line.amount for line in kept if (line.member, line.type) == (member, WRITTEN_OFF)), Decimal(0))
            free = member not in members or (due != 0 and not policy.settles(int(due * 100)))
            assert off == (due if free else 0)
            assert paid_to(member, kept) == paid[member] + (0 if free else due)


def paid_to(member: str, lines: Sequence[Line]) -> Decimal:
    return sum((line.amount for line in lines if line.member == member and line.type != WRITTEN_OFF), Decimal(0))
