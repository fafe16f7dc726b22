"""A run beside what another system paid."""

from __future__ import annotations

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from tests.audit import zoo


@pytest.fixture(scope="module")
def run() -> mlmcalc.Run:
    return mlmcalc.run(zoo.PLAN, **zoo.frames(), period="2026-10")


def paid_by(run: mlmcalc.Run) -> pl.DataFrame:
    earned = run.statements.filter(pl.col("earner").is_not_null())
    return earned.select(member_id="earner", bonus="bonus", amount=pl.col("amount").cast(pl.String)).with_columns(
        pl.col("bonus").cast(pl.String)
    )


def with_rows(run: mlmcalc.Run, *rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.concat([paid_by(run), pl.DataFrame(rows, schema=["member_id", "bonus", "amount"], orient="row")])


def differences(found) -> list[tuple[str, str, str, str, str]]:
    return [(row.member, row.bonus, row.here, row.there, row.difference) for row in found.differences]


def test_the_same(run: mlmcalc.Run):
    found = run.compare(paid_by(run))
    assert found.agrees
    assert found.total.difference == "0.00"
    assert found.total.equal == found.total.payouts_here == found.total.payouts_there
    assert found.notes == ["1.97 EUR to the company is not compared."]


def test_the_largest_difference_comes_first_whatever_its_sign(run: mlmcalc.Run):
    found = run.compare(
        with_rows(run, ("bob", "uni", "-3"), ("ann", "uni", "0.001"), ("cid", "gift", "2"), ("zoe", "uni", "1"))
    )
    assert differences(found) == [
        ("bob", "uni", "9.75", "6.75", "3.00"),
        ("cid", "gift", "0.00", "2.00", "-2.00"),
        ("zoe", "uni", "0.00", "1.00", "-1.00"),
        ("ann", "uni", "10.56", "10.561", "-0.001"),
    ]
    known = {row.member: row.knows for row in found.differences}
    assert known["zoe"] == "not a member of this run"
    assert known["cid"] == "the plan has no bonus of this name"
    assert "rank Manager" in known["bob"]
    assert "no more than rounding could make" in known["ann"]
    assert found.members == 4
    assert "Rows of the same member and bonus were added up: 2 stand in several rows of the table." in found.notes


def test_who_was_paid_there_but_not_here_gets_the_reason(run: mlmcalc.Run):
    found = run.compare(with_rows(run, ("cid", "uni", "5"), ("gus", "house", "1")))
    known = {row.member: row.knows for row in found.differences}
    assert "active: pv: required at least 50.00, actual 20.00" in known["cid"]
    assert "forced: moved from another line, approved by Ann Smith" in known["cid"]
    assert "joined: required 2026-10-31 or before, actual 2026-11-05" in known["gus"]


def test_without_bonuses_statements_are_compared(run: mlmcalc.Run):
    whole = paid_by(run).with_columns(pl.col("amount").cast(pl.Decimal(38, 8)))
    whole = whole.group_by("member_id").agg(pl.col("amount").sum().cast(pl.String))
    found = run.compare(whole)
    assert found.agrees
    assert found.bonuses == []


def test_names_of_the_other_system(run: mlmcalc.Run):
    theirs = paid_by(run).with_columns(pl.col("bonus").replace({"uni": "overrides", "pass": "overrides"}))
    assert not run.compare(theirs).agrees
    found = run.compare(theirs, names={"uni": "overrides", "pass": "overrides"})
    assert found.agrees
    assert [row.bonus for row in found.bonuses] == ["rebate", "overrides", "house", "like", "match", "served"]
    with pytest.raises(InputRefused, match=r"api.no_bonus .* Perhaps uni is meant"):
        run.compare(theirs, names={"unii": "overrides"})


def test_whole_payouts_rounded_meet_rounded_bonuses():
    plan = zoo.PLAN.replace("place: bonus", "place: payout")
    run = mlmcalc.run(plan, **zoo.frames(), period="2026-10")
    rounded = mlmcalc.run(zoo.PLAN, **zoo.frames(), period="2026-10")
    found = run.compare(paid_by(rounded))
    assert found.agrees
    assert found.notes[0].startswith("The plan rounds whole payouts")
    assert run.compare(paid_by(run)).agrees


def test_the_name_that_is_missing(run: mlmcalc.Run):
    found = run.compare(with_rows(run, ("ann", "", "4")))
    assert [row.knows for row in found.differences] == ["the table names no bonus in this row"]


def test_warnings_of_the_table_are_notes(run: mlmcalc.Run):
    found = run.compare(with_rows(run, ("Bob", "uni", "1")))
    assert any("'Bob' is taken for bob" in note for note in found.notes)
    with pytest.raises(InputRefused, match="missing_column"):
        run.compare(pl.DataFrame({"member": ["ann"], "amount": ["1"]}))
