"""Pools and awards that go on from a period before: the engine against the slow reference, what is left included."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from tests.engine import frames, of_engine, of_oracle
from tests.oracle import drawn_award, drawn_pool
from tests.oracle.commission import run
from tests.oracle.companies import PERIOD
from tests.oracle.drawn_pool import Draw
from tests.oracle.plans import Case, cases
from tests.oracle.words import Names, chosen, condition, rarely
from tests.test_against_oracle import compare

BEFORE = "2026-09"
COLUMNS = ("section", "name", "member_id", "key", "since", "value")
VALUES = {"pool": ["7"], "growth": ["50", "200"], "achieved": ["1"], "remainder": ["1"], "instalments": ["60", "10"]}
PERIODS = ["1", "2", "3"]


NOT_THEIRS = ("points", "exclusive", "limits", "payout")
"""Sections that name bonuses which are drawn anew here."""


@st.composite
def cases_with_state(draw: Draw) -> tuple[Case, list[dict[str, str]]]:
    """Draw a case of pools and awards only, and what the period before left."""
    case = draw(cases())
    names = Names(by_orders=False, schemes=bool(case.plan.get("schemes")))
    names.ladders = {"rank": ladder_of(case.plan)} if "ranks" in case.plan else {}
    names.numbers, names.amounts, names.bases = ["pv", "cv"], ["pv", "cv"], ["pv", "cv"]
    names.trees = ["sponsor"]
    bonuses: dict[str, Any] = {}
    for name in ["first", "second"][: draw(st.integers(1, 2))]:
        one = chosen(draw, drawn_pool.pool, drawn_award.award, drawn_award.award)
        bonuses[name] = one(draw, names, list(bonuses))
        if rarely(draw, 3):
            bonuses[name]["eligible"] = condition(draw, names)
    plan = {key: section for key, section in case.plan.items() if key not in NOT_THEIRS}
    # A volume may count less of orders on which a bonus was paid that is drawn anew here.
    plan["volumes"] = {name: {**word} for name, word in plan["volumes"].items()}
    for word in plan["volumes"].values():
        word.pop("after", None)
    # Without a payout nobody can hold a payment or add an amount to one.
    overrides = [row for row in case.company.overrides if row["override"] != "hold"]
    company = replace(case.company, overrides=overrides, adjustments=[])
    case = replace(case, plan={**plan, "bonuses": bonuses}, company=company)
    members = [row["member_id"] for row in case.company.members]
    rows = []
    for kept in mlmcalc.load_plan(case.text()).keeps:
        if kept.section not in (*VALUES, "consecutive", "streak"):
            continue
        for member in members[:1] if kept.section == "pool" else members:
            for key in kept.keys or ("",):
                if kept.section == "pool" or draw(st.booleans()):
                    value = chosen(draw, *VALUES.get(kept.section, PERIODS))
                    since = chosen(draw, BEFORE, "2026-08")
                    values = (kept.section, kept.name, member, key, since, value)
                    rows.append(dict(zip(COLUMNS, values, strict=True)))
    return case, rows


def ladder_of(plan: dict[str, Any]) -> list[str]:
    ranks = plan["ranks"]
    if isinstance(ranks, dict) and "ladder" in ranks:
        ranks = ranks["ladder"]
    lists = list(ranks.values()) if isinstance(ranks, dict) else [ranks]
    return [rung["rank"] for rung in max(lists, key=len)]


@settings(max_examples=60)
@given(cases_with_state())
def test_what_was_left_goes_on_as_the_reference_says(drawn: tuple[Case, list[dict[str, str]]]):
    case, rows = drawn
    company = replace(case.company, state=rows, period=PERIOD, previous=BEFORE)
    expected = run(case.plan, company)
    tables = frames(company)
    found = mlmcalc.run(case.text(), **tables, period=PERIOD)
    stated = of_oracle(expected)
    compare(of_engine(found, list(next(iter(stated.members.values())))), stated)
    left = Counter((one.section, one.name, one.member, one.key, one.since, one.value) for one in expected.state)
    again = Counter(
        (section, name, str(member), key or "", since, Fraction(value))
        for section, name, member, key, since, value in found.state.select(COLUMNS).rows()
    )
    assert again == left
