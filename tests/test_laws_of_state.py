"""Laws of what one period leaves to the next, on plans and companies drawn at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
from hypothesis import given, settings

import mlmcalc
from tests.engine import frames, of_engine, of_oracle, run_engine
from tests.oracle.commission import Result, run
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case, cases
from tests.oracle.snapshot import Company
from tests.test_against_oracle import compare

NEXT = "2026-11"


def following(company: Company, result: Result | None = None) -> Company:
    """Return the same trade a month later, beginning with what the slow reference left, if that is given."""
    orders = company.orders
    moved = [row | {"date": row["date"].replace("-10-", "-11-").replace("-11-31", "-11-30")} for row in orders or []]
    state = [
        {
            "section": left.section,
            "name": left.name,
            "member_id": left.member,
            "key": left.key,
            "since": left.since,
            "value": str(left.value),
        }
        for left in (result.state if result else [])
    ]
    weeks = {"2026-W41": "2026-W45", "2026-W42": "2026-W46"}
    closed = [row | {"period": weeks[row["period"]]} for row in company.closed]
    days = {"first": date(2026, 11, 1), "last": date(2026, 11, 30), "period": NEXT, "previous": PERIOD}
    return replace(company, orders=None if orders is None else moved, state=state, closed=closed, **days)


@settings(max_examples=30)
@given(cases())
def test_two_periods_of_the_engine_are_two_of_the_reference(case: Case):
    first = run_engine(case)
    expected = run(case.plan, following(case.company, run(case.plan, case.company)))
    names = list(next(iter(of_oracle(expected).members.values())))
    tables = frames(following(case.company))
    second = mlmcalc.run(case.text(), **tables, period=NEXT, state=first.state)
    compare(of_engine(second, names), of_oracle(expected))


@settings(max_examples=20)
@given(cases())
def test_rows_of_state_stand_in_any_order_and_titles_never_fall(case: Case):
    plan = mlmcalc.load_plan(case.text())
    first = mlmcalc.run(plan, **frames(case.company), period=PERIOD)
    tables = frames(following(case.company))
    second = mlmcalc.run(plan, **tables, period=NEXT, state=first.state)
    texts = ["value", "section", "name", "key", "since", "period"]
    shuffled = first.state.reverse().with_columns(pl.col(texts).cast(pl.String))
    assert mlmcalc.run(plan, **tables, period=NEXT, state=shuffled).digest == second.digest
    assert {(row["section"], row["name"]) for row in second.state.iter_rows(named=True)} <= {
        (kept.section, kept.name) for kept in plan.keeps
    }
    for ladder, word in plan.ladders.items():
        title = f"{ladder}.title"
        if title in first.members.columns and not (word.title is not None and word.title.lose_after):
            place = {None: 0} | {name: 1 + code for code, name in enumerate(plan.vocabulary.ladders[ladder])}
            held = [[place[cell] for cell in run.members[title].to_list()] for run in (first, second)]
            assert all(old <= new for old, new in zip(*held, strict=True))
