"""Metrics that look back: calendars, pruning, decimals, bounds, faults."""

from __future__ import annotations

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused

PLAN = """mlmcalc: 1
plan: past
version: 1
effective: 2026-01-01
currency: EUR
period: {period}
rounding: {{place: line, mode: half_up, unit: 0.01}}
volumes: {{pv: {{sum: pv}}}}
trees: {{sponsor: {{parent: sponsor_id}}}}
metrics:
  {metric}
"""
MEMBERS = pl.DataFrame({"member_id": [1], "sponsor_id": [None]}, schema={"member_id": pl.Int64, "sponsor_id": pl.Int64})


def series(metric: str, periods: list[str], amounts: list[str], calendar: str = "month") -> list[str]:
    found, state = [], None
    for period, amount in zip(periods, amounts, strict=True):
        volumes = pl.DataFrame({"member_id": [1], "pv": [amount]})
        plan = PLAN.format(period=calendar, metric=f"m: {metric}")
        run = mlmcalc.run(plan, MEMBERS, volumes=volumes, period=period, state=state)
        found.append(str(run.members["m"][0]))
        state = run.state
    return found


@pytest.mark.parametrize(
    ("calendar", "periods"),
    [
        ("month", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        ("week", ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]),
        (
            "days",
            [
                "2026-01-01..2026-01-10",
                "2026-01-11..2026-01-20",
                "2026-01-21..2026-01-30",
                "2026-01-31..2026-02-09",
            ],
        ),
    ],
)
def test_a_window_follows_the_calendar(calendar: str, periods: list[str]):
    amounts = ["1", "10", "100", "1000"]
    assert series("{history: pv, periods: 2}", periods, amounts, calendar) == ["1.00", "11.00", "110.00", "1100.00"]
    before = "{history: pv, periods: 2, with_current: false}"
    assert series(before, periods, amounts, calendar) == ["0.00", "1.00", "11.00", "110.00"]


@pytest.mark.parametrize(
    ("calendar", "periods"),
    [
        ("month", ["2025-11", "2025-12", "2026-01", "2026-02"]),
        ("week", ["2026-W51", "2026-W52", "2026-W53", "2027-W01"]),  # W53 ends on 3 January
        (
            "days",
            ["2025-12-01..2025-12-10", "2025-12-11..2025-12-20", "2025-12-21..2026-01-09", "2026-01-10..2026-02-02"],
        ),
    ],
)
def test_what_begins_anew_looks_back_no_further(calendar: str, periods: list[str]):
    amounts = ["1", "10", "100", "1000"]
    word = "{history: pv, periods: 12, anew_in: [1]"
    assert series(word + "}", periods, amounts, calendar) == ["1.00", "11.00", "100.00", "1100.00"]
    before = word + ", with_current: false}"
    assert series(before, periods, amounts, calendar) == ["0.00", "1.00", "0.00", "100.00"]
    average = word + ", take: average_down}"
    assert series(average, periods, amounts, calendar)[2:] == ["100.00", "550.00"]
    count = word + ", take: in_a_row, at_least: 1}"
    assert series(count, periods, amounts, calendar) == ["1", "2", "1", "2"]


@pytest.mark.parametrize(
    ("months", "sums"), [("[9]", ["1111.00"]), ("[1, 4, 7, 10]", ["1100.00"]), ("[2]", ["1000.00"])]
)
def test_a_business_year_begins_in_its_month(months: str, sums: list[str]):
    periods = ["2025-11", "2025-12", "2026-01", "2026-02"]
    word = f"{{history: pv, periods: 12, anew_in: {months}}}"
    assert series(word, periods, ["1", "10", "100", "1000"])[-1:] == sums


def test_an_average_is_rounded_down_towards_zero():
    metric, months = "{history: pv, periods: 3, take: average_down}", ["2026-01", "2026-02"]
    assert series(metric, months, ["1.00", "0.01"]) == ["0.33", "0.33"]
    assert series(metric, months, ["-1.00", "-0.01"]) == ["-0.33", "-0.33"]


def test_only_what_the_next_period_needs_is_left():
    plan = PLAN.format(period="month", metric="m: {history: pv, periods: 2}\n  l: {lifetime: pv, with_current: false}")
    state = None
    for period in ("2026-01", "2026-02", "2026-03"):
        volumes = pl.DataFrame({"member_id": [1], "pv": ["5"]})
        run = mlmcalc.run(plan, MEMBERS, volumes=volumes, period=period, state=state)
        state = run.state
    rows = [(row["section"], row["name"], row["key"], str(row["value"])) for row in run.state.iter_rows(named=True)]
    assert rows == [("history", "pv", "2026-03", "5.00"), ("lifetime", "pv", None, "15.00")]
    assert str(run.members["l"][0]) == "10.00"


def test_a_history_that_is_handed_in_must_be_of_closed_periods_and_fit():
    plan = PLAN.format(period="month", metric="m: {history: pv, periods: 3}")
    volumes = pl.DataFrame({"member_id": [1], "pv": ["5"]})
    row = {"period": "2026-01", "section": "history", "name": "pv", "member_id": 1, "key": "2025-12", "value": "7.5"}

    def codes(**changed: str) -> list[str]:
        state = pl.DataFrame([row | changed])
        return [one.code for one in mlmcalc.check(plan, MEMBERS, volumes=volumes, period="2026-02", state=state)]

    assert codes() == []
    assert codes(key="2026-02") == ["state.key"]
    assert codes(key="") == ["state.key"]
    assert codes(key="2026-W02") == ["state.key"]
    state = pl.DataFrame([row | {"value": "7.123"}])
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.run(plan, MEMBERS, volumes=volumes, period="2026-02", state=state)
    assert refusal.value.findings[0].code == "state.decimals"


@pytest.mark.parametrize("metric", ["{lifetime: pv}", "{history: pv, periods: 2}"])
def test_a_sum_beyond_64_bits_is_refused(metric: str):
    plan = PLAN.format(period="month", metric=f"m: {metric}")
    volumes = pl.DataFrame({"member_id": [1], "pv": ["50000000000000000"]})
    first = mlmcalc.run(plan, MEMBERS, volumes=volumes, period="2026-01")
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.run(plan, MEMBERS, volumes=volumes, period="2026-02", state=first.state)
    assert refusal.value.findings[0].code == "metrics.overflow"


@pytest.mark.parametrize(
    ("metric", "code"),
    [
        ("{history: pw, periods: 2}", "metrics.unknown"),
        ("{history: pv, periods: 0}", "plan.value"),
        ("{history: pv, periods: 2, take: count}", "metrics.at_least"),
        ("{history: pv, periods: 2, at_least: 100}", "metrics.at_least"),
        ("{history: pv, periods: 2, take: count, at_least: 1.234}", "metrics.at_least"),
        ("{lifetime: pw}", "metrics.unknown"),
        ("{lifetime: m}", "plan.circle"),
        ("{periods_at: Gold}", "metrics.ladder"),
        ("{periods_at: Golt}\nranks: [{rank: Gold}]", "metrics.rank"),
    ],
)
def test_faults(metric: str, code: str):
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(PLAN.format(period="month", metric=f"m: {metric}"))
    assert [finding.code for finding in refusal.value.findings] == [code]
