"""The plans of `fixtures/plans` on generated companies: two periods, what they pay, and the slow reference beside."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

import mlmcalc
from mlmcalc.plan.doubts import doubts_of
from mlmcalc.synthetic.company import generate_company
from tests.engine import of_engine, of_oracle
from tests.oracle.commission import run as run_oracle
from tests.oracle.snapshot import Company, Row
from tests.test_against_oracle import compare

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "plans"
FAMILIES = ("unilevel", "stairstep", "binary", "matrix", "party", "hybrid")
OCTOBER, NOVEMBER = "2026-10", "2026-11"
LAST = {OCTOBER: date(2026, 10, 31), NOVEMBER: date(2026, 11, 30)}


@cache
def company(size: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return members, and orders of which those of October are placed again in November."""
    made = generate_company(size, 7, period=OCTOBER)
    october = made.orders.filter(pl.col("date") >= date(2026, 10, 1))
    again = october.with_columns(pl.col("order_id") + 10**8, pl.col("date").dt.offset_by("1mo"))
    return made.members, pl.concat([made.orders, again])


@cache
def months(family: str, size: int) -> tuple[mlmcalc.Run, mlmcalc.Run]:
    """Return the runs of two months; the second begins with what the first left."""
    members, orders = company(size)
    plan = mlmcalc.load_plan(FOLDER / f"{family}.yaml")
    first = mlmcalc.run(plan, members=members, orders=orders, period=OCTOBER)
    return first, mlmcalc.run(plan, members=members, orders=orders, period=NOVEMBER, state=first.state)


def rows(frame: pl.DataFrame) -> list[Row]:
    """Return a frame as rows of text; an empty cell is empty text."""
    return frame.select(pl.all().cast(pl.String).fill_null("")).to_dicts()


def reference(family: str, size: int, period: str, state: pl.DataFrame | None) -> Any:
    """Return what the slow reference states for a month."""
    members, orders = company(size)
    month = LAST[period]
    return run_oracle(
        yaml.load((FOLDER / f"{family}.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader),
        Company(
            members=rows(members),
            first=month.replace(day=1),
            last=month,
            orders=rows(orders),
            integer_ids=True,
            state=[] if state is None else rows(state.drop("period")),
            period=period,
            previous="2026-09" if period == OCTOBER else OCTOBER,
        ),
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_two_months_balance_and_every_bonus_pays_somebody(family: str) -> None:
    first, second = months(family, 300)
    for run in (first, second):
        assert run.manifest["period"]["label"] in LAST
        for offered, paid, breakage, cut, rounding in run.balance.select(pl.exclude("bonus")).rows():
            assert offered == paid + breakage + cut + rounding
    bonuses = mlmcalc.load_plan(FOLDER / f"{family}.yaml").bonuses
    paid = first.lines.filter(pl.col("outcome") == "paid", pl.col("amount") > 0)
    assert set(paid["bonus"]) == set(bonuses)


def paid(run: mlmcalc.Run, bonus: str) -> Any:
    return run.lines.filter(pl.col("bonus") == bonus)["amount"].sum()


def test_the_second_month_begins_with_what_the_first_left() -> None:
    unilevel, stairstep, binary, matrix, party, hybrid = (months(family, 300) for family in FAMILIES)
    assert set(unilevel[1].state["section"]) == {"title"}
    assert paid(stairstep[0], "new_director") > 0 == paid(stairstep[1], "new_director")
    assert [set(run.lines.filter(pl.col("bonus") == "rank_award")["paid_level"]) for run in binary] == [{1}, {2}]
    assert paid(binary[1], "team") > paid(binary[0], "team")
    assert paid(matrix[1], "loyalty") > paid(matrix[0], "loyalty")
    for before, after in (party, hybrid):
        waiting = before.payout.filter(pl.col("step").is_in(["held", "carried"]))["amount"].sum()
        assert after.payout.filter(pl.col("step") == "opening_balance")["amount"].sum() == waiting > 0
    assert paid(hybrid[1], "cycles") > paid(hybrid[0], "cycles")


def test_what_makes_a_family_is_there() -> None:
    stairstep, hybrid = months("stairstep", 300)[0].lines, months("hybrid", 300)[1].lines
    assert set(stairstep.filter(pl.col("bonus") == "leadership")["paid_level"]) == {0, 1, 2}
    assert "guarantee" in set(stairstep["outcome"])
    assert {"excluded", "limit_reached"} <= set(hybrid["outcome"])
    assert set(months("matrix", 300)[0].lines["paid_level"]) >= set(range(1, 16))
    assert set(months("party", 300)[0].payout["step"]) >= {"held", "carried", "fee", "paid"}
    assert set(months("hybrid", 300)[0].payout["step"]) >= {"withheld", "carried", "fee", "paid"}


@pytest.mark.parametrize("family", FAMILIES)
def test_the_reference_pays_the_same_in_both_months(family: str) -> None:
    first, second = months(family, 120)
    for run, period, state in ((first, OCTOBER, None), (second, NOVEMBER, first.state)):
        expected = of_oracle(reference(family, 120, period, state))
        compare(of_engine(run, list(next(iter(expected.members.values())))), expected)


def test_the_matrix_is_filled_by_its_rules() -> None:
    members, orders = company(300)
    seated = members.filter(pl.col("kind") == "distributor").drop("placement_id", "placement_leg")
    placed = mlmcalc.place(seated, FOLDER / "matrix_placement.yaml", date=LAST[OCTOBER]).placement
    seats = placed.select("member_id", "placement_id", pl.col("leg").alias("placement_leg"))
    hung = members.drop("placement_id", "placement_leg").join(seats, on="member_id", how="left")
    run = mlmcalc.run(FOLDER / "matrix.yaml", members=hung, orders=orders, period=OCTOBER)
    assert max(placed["level"].drop_nulls().to_list()) > 3
    assert max(placed.group_by("placement_id").len().drop_nulls()["len"].to_list()) == 2
    assert paid(run, "matrix") > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_the_page_states_what_is_paid(family: str) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| [{family}.yaml]"))
    sums = months(family, 300)[0].balance.select(pl.col("paid", "breakage", "cut").sum().round(2)).row(0)
    assert [cell.strip() for cell in row.split("|")[-4:-1]] == [f"{amount:,.2f}" for amount in sums]


@pytest.mark.parametrize("family", FAMILIES)
def test_nothing_in_a_plan_is_doubtful(family: str) -> None:
    # Amounts for each head and pack are no part of what is counted.
    explained = {"lint.over_the_whole"} if family == "matrix" else set()
    assert {doubt.code for doubt in doubts_of(mlmcalc.load_plan(FOLDER / f"{family}.yaml"))} <= explained
