"""Binary bonuses of drawn companies, with what the period before left, against the slow reference: lines and state."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from tests.engine import Stated, frames, of_engine, of_oracle
from tests.oracle.commission import run
from tests.oracle.companies import PERIOD, companies
from tests.oracle.drawn_binary import binary, carried
from tests.oracle.plans import Case, drawn_plan
from tests.oracle.words import Names
from tests.test_against_oracle import compare

DRAWN = ("team", "other", "match")


@st.composite
def two_periods(draw: st.DrawFn) -> Case:
    """Draw a plan with one or two binary bonuses, a company, and what the period before left."""
    plan, wishes = drawn_plan(draw)
    plan["trees"] |= {"places": {"parent": "placement_id", "leg": "placement_leg", "width": "2"}}
    names = Names(by_orders=wishes.by_orders, schemes="schemes" in plan, legs=True)
    names.amounts, names.numbers, names.bases = ["pv", "cv"], ["pv", "cv"], ["pv"]
    if "ranks" in plan:
        names.ladders = {"rank": ranks_of(plan["ranks"])}
    plan["bonuses"] |= {"team": binary(draw, names, []), "other": binary(draw, names, [])}
    plan["bonuses"]["match"] = {"levels": ["10%"], "base": {"earned": ["team"]}}
    company = draw(companies(replace(wishes, placement=True, binary=True), draw(st.booleans())))
    state = carried(draw, [row["member_id"] for row in company.members], plan["bonuses"])
    return Case(plan, replace(company, state=state, period=PERIOD, previous="2026-09"))


def ranks_of(ladder: object) -> list[str]:
    """Return the ranks of a ladder as drawn, lowest first."""
    if isinstance(ladder, dict):
        return ranks_of(ladder["ladder"] if "ladder" in ladder else max(ladder.values(), key=len))
    assert isinstance(ladder, list)
    return [rung["rank"] for rung in ladder]


def state_frame(case: Case) -> pl.DataFrame | None:
    if not case.company.state:
        return None
    frame = pl.DataFrame(case.company.state)
    return frame.with_columns(pl.col("member_id").cast(pl.Int64)) if case.company.integer_ids else frame


def run_engine(case: Case) -> tuple[mlmcalc.Run, Stated]:
    tables: dict[str, Any] = frames(case.company) | {"state": state_frame(case)}
    found = mlmcalc.run(case.text(), **tables, period=PERIOD)
    return found, of_engine(found, [])


def of_bonuses(stated: Stated) -> Stated:
    """Return what is stated of the bonuses drawn here; the others are compared elsewhere."""
    return Stated(
        lines=Counter({line: count for line, count in stated.lines.items() if line[0] in DRAWN}),
        statements={key: amount for key, amount in stated.statements.items() if key[1] in DRAWN},
        breakage={key: both for key, both in stated.breakage.items() if key[0] in DRAWN},
        equations={name: terms for name, terms in stated.equations.items() if name in DRAWN},
        transfers=stated.transfers,
        members={},
        payout=Counter(),
        payments=Counter(),
        state={},
    )


@settings(max_examples=40)
@given(two_periods())
def test_lines_and_state_are_those_of_the_reference(case: Case):
    expected = run(case.plan, case.company)
    _, stated = run_engine(case)
    oracle = of_oracle(expected)
    compare(of_bonuses(stated), of_bonuses(oracle))
    assert stated.state == oracle.state
