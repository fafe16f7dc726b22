"""Amounts that people put into a period, and payments that they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.cli.main import run_command
from mlmcalc.errors import InputRefused
from tests.bonuses.small import HEAD

BODY = """
bonuses: {a: {personal: 10%, base: pv}}
"""
MEMBERS = pl.DataFrame({"member_id": [1, 2, 3], "sponsor_id": [None, 1, 1]})
ORDERS = pl.DataFrame(
    {"order_id": [1, 2], "member_id": [1, 2], "date": ["2026-10-05"] * 2, "pv": ["1000", "100"], "kind": ["sale"] * 2}
)


def given(*rows: tuple[int, str, str, dict[str, str]]) -> pl.DataFrame:
    """Return a table of adjustments of (member, type, amount, {other cells})."""
    cells = [
        {"member_id": member, "type": kind, "amount": amount, "reason": "agreed", "approver": "Ann", **more}
        for member, kind, amount, more in rows
    ]
    return pl.DataFrame(cells, infer_schema_length=None)


def plan(payout: str = "payout: {}") -> str:
    return HEAD.replace("PLACE", "line").replace("GRAIN", "source") + BODY + payout + "\n"


def run(payout: str = "payout: {}", adjustments: Any = None, **more: Any) -> mlmcalc.Run:
    return mlmcalc.run(plan(payout), MEMBERS, ORDERS, period="2026-10", adjustments=adjustments, **more)


def steps(found: mlmcalc.Run, member: int) -> list[tuple[str, str, str]]:
    rows = found.payout.filter(pl.col("member") == member).select("step", "name", "amount").rows()
    return [(step, name or "", str(amount)) for step, name, amount in rows]


def refused(**tables: Any) -> list[str]:
    with pytest.raises(InputRefused) as refusal:
        run(**tables)
    return [found.code for found in refusal.value.findings if found.level == "error"]


def test_an_adjustment_adds_to_the_balance_by_type():
    found = run(adjustments=given((1, "true_up", "-3.50", {}), (1, "manual", "20", {}), (1, "manual", "5", {})))
    assert steps(found, 1) == [
        ("earned", "", "100.00"),
        ("adjusted", "manual", "25.00"),
        ("adjusted", "true_up", "-3.50"),
        ("paid", "", "121.50"),
    ]
    assert found.totals["payout"] == {"earned": "110.00", "adjusted": "21.50", "paid": "131.50"}
    assert found.statements.equals(run().statements)


def test_who_earned_nothing_is_paid_what_is_adjusted():
    found = run("payout: {minimum: 5.00}", given((3, "manual", "4.99", {}), (2, "manual", "-10", {})))
    assert steps(found, 3) == [("adjusted", "manual", "4.99"), ("carried", "below the minimum", "4.99")]
    assert steps(found, 2) == [("earned", "", "10.00"), ("adjusted", "manual", "-10.00")]


def test_a_claw_back_becomes_a_debt_within_its_limit():
    found = run("payout: {negative: {carry: 30.00}}", given((2, "claw_back", "-60", {})))
    assert steps(found, 2) == [
        ("earned", "", "10.00"),
        ("adjusted", "claw_back", "-60.00"),
        ("forgiven", "", "20.00"),
        ("carried", "a debt", "-30.00"),
    ]
    kept = found.state.filter(pl.col("section") == "balance").select("member_id", "key").rows()
    assert kept == [(2, "carried")]


def test_a_percentage_of_what_was_earned_leaves_adjustments_out_and_one_of_what_is_paid_does_not():
    adjusted = given((1, "manual", "50", {}))
    earned = run("payout: {withhold: [{name: tax, rate: 10%}]}", adjusted)
    paid = run("payout: {withhold: [{name: tax, rate: 10%, base: paid}]}", adjusted)
    assert ("withheld", "tax", "10.00") in steps(earned, 1)
    assert ("withheld", "tax", "15.00") in steps(paid, 1)


def test_a_forfeited_balance_takes_the_adjustment_with_it():
    found = run("payout: {forfeit: [{when: {pv: 500}, reason: gone}]}", given((1, "manual", "5", {})))
    assert steps(found, 1)[-1] == ("forfeited", "gone", "105.00")


HOLD = {"member_id": [1], "override": ["hold"], "reason": ["dispute"], "approver": ["Bea"]}


def test_a_hold_of_people_comes_before_those_of_the_plan():
    holds = pl.DataFrame({**HOLD, "from": ["2026-10-31"], "to": [None]}, schema_overrides={"to": pl.String})
    payout = "payout: {hold: [{when: {pv: 50}, reason: no bank}]}"
    found = run(payout, overrides=holds)
    assert steps(found, 1)[-1] == ("held", "dispute", "100.00")
    assert steps(found, 2)[-1] == ("held", "no bank", "10.00")
    notes = {step.step: step.note for step in found.explain(1).workings}
    assert notes["held"] == "dispute, approved by Bea"
    before = holds.with_columns(pl.lit("2026-11-01").alias("from"))
    assert steps(run(payout, overrides=before), 1)[-1] == ("held", "no bank", "100.00")


def test_of_two_holds_the_first_by_its_reason_waits_whatever_the_order_of_rows():
    both = pl.DataFrame({**HOLD, "member_id": [1, 1], "override": ["hold"] * 2, "reason": ["b", "a"],
                         "approver": ["Bea"] * 2})  # fmt: skip
    for table in (both, both.reverse()):
        assert steps(run(overrides=table), 1)[-1] == ("held", "a", "100.00")


def test_what_is_held_is_paid_in_the_next_period():
    first = run(overrides=pl.DataFrame(HOLD))
    orders = ORDERS.with_columns(pl.lit("2026-11-05").alias("date"))
    second = mlmcalc.run(plan(), MEMBERS, orders, period="2026-11", state=first.state)
    assert steps(second, 1)[-1] == ("paid", "", "200.00")


def test_a_plan_without_payout_takes_neither():
    assert refused(payout="", adjustments=given((1, "manual", "5", {}))) == ["payout.adjusted"]
    assert refused(payout="", overrides=pl.DataFrame(HOLD)) == ["payout.held"]
    assert run("", given((1, "manual", "5", {})).clear()).payout.is_empty()


def test_bonus_and_period_must_be_known():
    wrong = given(
        (1, "manual", "5", {"bonus": "b", "period": ""}), (2, "manual", "5", {"bonus": "", "period": "2026-13"})
    )
    assert refused(adjustments=wrong) == ["adjustments.unknown_bonus", "adjustments.period"]
    assert refused(adjustments=given((1, "manual", "5", {"period": "2026-11"}))) == ["adjustments.period"]
    assert refused(adjustments=given((1, "manual", "5", {"bonus": "b", "period": "2026-10"}))) == [
        "adjustments.unknown_bonus"
    ]


def test_a_bonus_of_an_earlier_version_is_a_warning():
    found = run(adjustments=given((1, "true_up", "5", {"bonus": "gone", "period": "2026-07"})))
    assert found.findings["code"].to_list().count("adjustments.unknown_bonus") == 1


def test_explain_says_type_reason_and_cause(tmp_path: Path):
    cause = {"bonus": "a", "period": "2026-09", "cause": "order 17 returned"}
    table = given((1, "true_up", "-3.50", cause), (1, "manual", "20", {"bonus": "", "period": "", "cause": ""}))
    MEMBERS.write_csv(tmp_path / "members.csv")
    ORDERS.write_csv(tmp_path / "orders.csv")
    table.write_csv(tmp_path / "adjustments.csv")
    tables = {name: tmp_path / f"{name}.csv" for name in ("members", "orders", "adjustments")}
    kept = mlmcalc.run_to_folder(
        plan(),
        tables["members"],
        tmp_path / "run",
        tables["orders"],
        adjustments=tables["adjustments"],
        period="2026-10",
    )
    for found in (kept.explain(1), mlmcalc.load_run(tmp_path / "run").explain(1)):
        said = [(step.value, step.note) for step in found.workings if step.step == "adjusted"]
        assert said == [
            ("-3.50", "true_up of a, 2026-09: agreed, approved by Ann; order 17 returned"),
            ("20.00", "manual: agreed, approved by Ann"),
        ]
    (seal,) = [seal for seal in kept.manifest["inputs"] if seal["name"] == "adjustments"]
    assert (seal["rows"], seal["totals"]) == (2, {"amount": "16.50"})


def test_a_preview_keeps_them():
    table = given((1, "manual", "20", {}))
    late = pl.DataFrame({"order_id": [3], "member_id": [3], "date": ["2026-10-06"], "pv": ["10"], "kind": ["sale"]})
    found = mlmcalc.preview(plan(), MEMBERS, ORDERS, period="2026-10", adjustments=table).with_orders(late)
    whole = mlmcalc.run(plan(), MEMBERS, pl.concat([ORDERS, late]), period="2026-10", adjustments=table)
    assert found.digest == whole.digest
    assert found.payout.equals(whole.payout)


def test_the_command_and_the_workspace_read_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(plan(), encoding="utf-8")
    MEMBERS.write_csv("members.csv")
    ORDERS.write_csv("orders.csv")
    given((1, "manual", "20", {})).write_csv("extra.csv")
    tables = ["--members", "members.csv", "--orders", "orders.csv", "--adjustments", "extra.csv"]
    assert run_command(["run", "plan.yaml", *tables, "--period", "2026-10", "--out", "named", "--summary", "none"]) == 0
    words = "plan: plan.yaml\nmembers: members.csv\norders: orders.csv\nadjustments: extra.csv\n"
    Path("company.yaml").write_text(words + "expect: {adjustments: {sums: {amount: 20}}}\n", encoding="utf-8")
    assert run_command(["run", "--period", "2026-10", "--out", "described", "--summary", "none"]) == 0
    named, described = mlmcalc.load_run("named"), mlmcalc.load_run("described")
    assert named.digest == described.digest == run(adjustments=given((1, "manual", "20", {}))).digest
    Path("company.yaml").write_text(words + "expect: {adjustments: {sums: {amount: 21}}}\n", encoding="utf-8")
    assert run_command(["run", "--period", "2026-10", "--out", "no"]) == 3
    assert "workspace.expectation" in capsys.readouterr().err


def test_rows_in_another_order_are_the_same_run():
    table = given((1, "b", "1", {}), (2, "a", "-2", {}), (1, "a", "3", {}), (3, "c", "4", {}))
    assert run(adjustments=table).digest == run(adjustments=table.reverse()).digest
