"""Titles, ranks that are kept, and periods at a rank, over several periods of one small company."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.cases.calculate import calculate
from mlmcalc.cases.verdict import judge
from mlmcalc.errors import InputRefused

HEAD = """mlmcalc: 1
plan: titles
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes: {pv: {sum: pv}}
trees: {sponsor: {parent: sponsor_id}}
"""
RUNGS = """    - {rank: Bronze, requires: {pv: 50}}
    - {rank: Silver, requires: {pv: 100}, keep: {pv: 80}}
    - {rank: Gold, requires: {pv: 200}}
"""
MEMBERS = pl.DataFrame({"member_id": [1], "sponsor_id": [None]}, schema={"member_id": pl.Int64, "sponsor_id": pl.Int64})


def volumes(pv: str) -> pl.DataFrame:
    return pl.DataFrame({"member_id": [1], "pv": [pv]})


def months(plan: str, amounts: list[str], column: str, **tables: Any) -> list[object]:
    """Return a column of the one member, month after month."""
    found, state = [], None
    for number, amount in enumerate(amounts, start=1):
        period = f"2026-{number:02}"
        run = mlmcalc.run(plan, MEMBERS, volumes=volumes(amount), period=period, state=state, **tables)
        found.append(run.members[column][0])
        state = run.state
    return found


def ladder(options: str) -> str:
    return HEAD + f"ranks:\n  {options}\n  ladder:\n" + RUNGS


def test_a_title_is_the_highest_rank_ever_held():
    assert months(ladder("title: true"), ["100", "200", "0", "50"], "rank.title") == ["Silver", "Gold", "Gold", "Gold"]


def test_a_title_falls_to_the_highest_rank_of_the_periods_below_it():
    plan = ladder("title: {lose_after: 3}")
    paid = ["200", "50", "100", "50", "0", "0", "0"]
    # Three months below Gold: Silver, the best of them; three months below Silver: nothing.
    expected = ["Gold", "Gold", "Gold", "Silver", "Silver", "Silver", None]
    assert months(plan, paid, "rank.title") == expected
    # A period at the title begins the count anew.
    assert months(plan, ["200", "0", "0", "200", "0", "0"], "rank.title") == ["Gold"] * 6


def test_a_rank_is_kept_by_less_than_it_takes_to_reach_it():
    paid = ["80", "100", "80", "80", "50", "80"]
    assert months(ladder("title: false"), paid, "rank") == ["Bronze", "Silver", "Silver", "Silver", "Bronze", "Bronze"]
    by_title = months(ladder("keep_by: title"), paid, "rank")
    assert by_title == ["Bronze", "Silver", "Silver", "Silver", "Bronze", "Silver"]
    # Gold was held before, so Silver is kept.
    assert months(ladder("title: false"), ["200", "80"], "rank") == ["Gold", "Silver"]


@pytest.mark.parametrize(("option", "expected"), [("title: true", None), ("title: {forced: true}", "Gold")])
def test_a_forced_rank_enters_the_title_only_if_stated(option: str, expected: str | None):
    row = {"member_id": 1, "override": "rank", "rank": "Gold", "reason": "transfer", "approver": "board"}
    forced = pl.DataFrame([row])
    assert months(ladder(option), ["0"], "rank.title", overrides=forced) == [expected]


def test_a_waiver_counts_for_keeping_too():
    row = {"member_id": 1, "override": "waiver", "rank": "Silver", "metric": "pv", "reason": "illness"}
    waiver = pl.DataFrame([row | {"approver": "board"}])
    assert months(ladder("title: false"), ["0"], "rank", overrides=waiver) == ["Silver"]


def test_explain_shows_what_a_rank_was_kept_by():
    plan = ladder("title: true")
    first = mlmcalc.run(plan, MEMBERS, volumes=volumes("100"), period="2026-01")
    second = mlmcalc.run(plan, MEMBERS, volumes=volumes("90"), period="2026-02", state=first.state)
    standing = second.explain(1).ranks[0]
    assert (standing.rank, standing.title) == ("Silver", "Silver")
    assert standing.kept == [
        "rank in 2026-01: required Silver or higher, actual Silver",
        "pv: required at least 80.00, actual 90.00",
    ]
    assert first.explain(1).ranks[0].kept == []
    rows = second.qualification(1).filter(pl.col("rank") == "Silver")
    assert rows["rung_met"].to_list() == [True] * 3


def test_an_unknown_rank_in_the_state_is_refused():
    plan = ladder("title: true")
    state = pl.DataFrame(
        {"period": ["2026-01"], "section": ["title"], "name": ["rank"], "member_id": [1], "key": ["Golt"], "value": [1]}
    )
    findings = mlmcalc.check(plan, MEMBERS, volumes=volumes("1"), period="2026-02", state=state)
    assert [(finding.code, finding.remedy) for finding in findings] == [("state.key", "Perhaps Gold is meant.")]


def test_a_plan_that_keeps_state_says_that_nothing_came_before():
    findings = mlmcalc.check(ladder("title: true"), MEMBERS, volumes=volumes("1"), period="2026-02")
    assert [(finding.code, finding.level) for finding in findings] == [("state.none", "warning")]
    assert mlmcalc.check(HEAD, MEMBERS, volumes=volumes("1"), period="2026-02") == []


def test_a_rung_cannot_ask_for_the_title_of_this_period():
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(HEAD + "ranks:\n  - {rank: Bronze, requires: {title: Bronze}}\n")
    assert [finding.code for finding in refusal.value.findings] == ["ranks.circle"]
    mlmcalc.load_plan(HEAD + "ranks:\n  - {rank: Bronze, requires: {title_before: Bronze}}\n")


def test_the_documented_table_of_state(tmp_path: Path):
    plan = (
        HEAD
        + """metrics:
  gv: {sum: pv, over: subtree}
  accumulated: {lifetime: gv}
  quarter: {history: pv, periods: 3}
ranks: {title: true, ladder: [{rank: Gold, requires: {pv: 200}}]}
"""
    )
    page = (Path(mlmcalc.__file__).parent / "plan" / "README.md").read_text(encoding="utf-8")
    table = page.partition("```\nperiod,section,")[2].partition("```")[0]
    (tmp_path / "state.csv").write_text(f"period,section,{table}", encoding="utf-8")
    members = MEMBERS.with_columns(member_id=pl.lit(4711))
    trade = pl.DataFrame({"member_id": [4711], "pv": ["1"]})
    run = mlmcalc.run(plan, members, volumes=trade, period="2026-02", state=tmp_path / "state.csv")
    assert run.findings.height == 0
    assert [str(run.members[name][0]) for name in ("rank.title", "accumulated", "quarter")] == [
        "Gold",
        "13251.50",
        "321.00",
    ]


def test_the_documented_example(tmp_path: Path):
    # The table of the plan language's page, section State.
    case = tmp_path / "case.yaml"
    case.write_text(EXAMPLE, encoding="utf-8")
    result = judge(case, calculate)
    assert (result.outcome, result.differences) == ("passed", ())


EXAMPLE = """plan:
  mlmcalc: 1
  plan: example
  version: 1
  effective: 2026-01-01
  currency: EUR
  rounding: {place: line, mode: half_up, unit: 0.01}
  volumes: {pv: {sum: pv}}
  trees: {sponsor: {parent: sponsor_id}}
  metrics:
    accumulated: {lifetime: pv}
    quarter: {history: pv, periods: 3}
    weakest: {history: pv, periods: 3, take: least}
    best: {history: pv, periods: 3, take: largest}
    average: {history: pv, periods: 3, take: average_down}
    good_months: {history: pv, periods: 3, take: count, at_least: 100}
    in_a_row: {history: pv, periods: 3, take: in_a_row, at_least: 100}
    last_month: {history: pv, periods: 1, with_current: false}
    months_silver: {periods_at: Silver}
  ranks:
    title: {lose_after: 3}
    keep_by: paid_as
    ladder:
      - {rank: Silver, requires: {pv: 100}, keep: {pv: 80}}
      - {rank: Gold, requires: {pv: 200}}
members: [{member_id: Sam, sponsor_id: "-"}]
periods:
  - period: 2026-01
    volumes: [{member_id: Sam, pv: 200}]
    expected:
      ranks: [{member: Sam, rank: Gold}, {member: Sam, ladder: title, rank: Gold}]
      metrics: {accumulated: {Sam: 200}, quarter: {Sam: 200}, weakest: {Sam: 0}, good_months: {Sam: 1},
        in_a_row: {Sam: 1}, last_month: {Sam: 0}, months_silver: {Sam: 1}}
  - period: 2026-02
    volumes: [{member_id: Sam, pv: 90}]
    expected:
      ranks: [{member: Sam, rank: Silver}, {member: Sam, ladder: title, rank: Gold}]
      metrics: {accumulated: {Sam: 290}, quarter: {Sam: 290}, weakest: {Sam: 0}, good_months: {Sam: 1},
        in_a_row: {Sam: 0}, last_month: {Sam: 200}, months_silver: {Sam: 2}}
  - period: 2026-03
    volumes: [{member_id: Sam, pv: 100}]
    expected:
      ranks: [{member: Sam, rank: Silver}, {member: Sam, ladder: title, rank: Gold}]
      metrics: {accumulated: {Sam: 390}, quarter: {Sam: 390}, weakest: {Sam: 90}, good_months: {Sam: 2},
        in_a_row: {Sam: 1}, last_month: {Sam: 90}, months_silver: {Sam: 3}}
  - period: 2026-04
    volumes: [{member_id: Sam, pv: 40}]
    expected:
      ranks: [{member: Sam, rank: none}, {member: Sam, ladder: title, rank: Silver}]
      metrics: {accumulated: {Sam: 430}, quarter: {Sam: 230}, weakest: {Sam: 40}, good_months: {Sam: 1},
        best: {Sam: 100}, average: {Sam: 76.66},
        in_a_row: {Sam: 0}, last_month: {Sam: 100}, months_silver: {Sam: 0}}
"""
