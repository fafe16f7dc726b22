"""What an auditor reads: by which rule an amount was changed, where the plan says so, and nothing in codes."""

from __future__ import annotations

from dataclasses import asdict

import click
import polars as pl
import pytest

import mlmcalc
from mlmcalc.cli.explanation_sheets import explanation_sheet
from mlmcalc.cli.summary import summary_lines
from tests.bonuses.small import CHAIN, HEAD, run
from tests.bonuses.test_binary import run as run_binary
from tests.bonuses.test_binary import team

PLAN = """
member_columns: {bank: flag}
metrics: {life: {lifetime: pv}}
ranks: {title: {lose_after: 3}, ladder: [{rank: A, requires: {pv: 50}, source: "5"}]}
bonuses:
  a: {personal: 10%, base: pv, cap: {per_earner: 8.00}, source: "6.1"}
  b_b: {personal: 5%, base: pv}
  c: {personal: 20%, base: pv, multiplier: 50%}
exclusive: [{greater_of: [a, b_b], source: "7"}]
limits: {most: {per_earner: 15.00, source: "8"}}
payout:
  minimum: 2.00
  later: {a: 1}
  hold: [{when: {bank: false}, reason: no bank, source: "9.1"}]
  withhold: [{name: tax, rate: 10%}]
  fees: [{name: bank, amount: 1.00, source: "9.3"}]
  source: "9"
"""
MEMBERS = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1], "bank": [True, False]})


def periods(*volumes: int) -> list[mlmcalc.Run]:
    head = HEAD.replace("PLACE", "line").replace("GRAIN", "source")
    found: list[mlmcalc.Run] = []
    for number, volume in enumerate(volumes):
        orders = pl.DataFrame(
            {"order_id": [1, 2], "member_id": [1, 2], "date": [f"2026-1{number}-05"] * 2,
             "kind": ["sale"] * 2, "pv": [str(volume), "40"]}
        )  # fmt: skip
        state = found[-1].state if found else None
        found.append(mlmcalc.run(head + PLAN, MEMBERS, orders, period=f"2026-1{number}", state=state))
    return found


@pytest.fixture(scope="module")
def runs() -> list[mlmcalc.Run]:
    return periods(100, 40)


def notes(found, bonus: str) -> dict[str, str]:
    return {step.step: step.note for step in found.workings if step.bonus == bonus}


def test_balances_of_a_table_of_state_are_read_without_a_warning(runs):
    assert not runs[1].findings.filter(pl.col("code").str.starts_with("state.")).height
    first, second = (
        {(row["member"], row["step"]): str(row["amount"]) for row in one.payout.to_dicts()} for one in runs
    )
    assert first[1, "deferred"] == second[1, "released"]
    assert first[2, "held"] == second[2, "opening_balance"]


def test_each_change_names_its_rule_and_the_place_in_the_document(runs):
    found = runs[0].explain(1)
    assert notes(found, "a")["cap"] == "per earner at most 8.00"
    assert notes(found, "a")["limit most"] == "all together at most 15.00 (plan 8)"
    assert notes(found, "b_b")["excluded"] == "greater of a, b_b: a is kept (plan 7)"
    payout = notes(found, "payout")
    assert (payout["deferred"], payout["withheld"], payout["fee"]) == (
        "a (plan 9)",
        "tax, 10% (plan 9)",
        "bank (plan 9.3)",
    )
    assert notes(runs[0].explain(2), "payout")["held"] == "no bank (plan 9.1)"


def test_a_title_that_is_about_to_be_lost_says_so(runs):
    (standing,) = runs[1].explain(1).ranks
    assert (standing.rank, standing.title, standing.below_title) == (
        "none",
        "A",
        "paid below it for 1 period, lost after 3",
    )
    assert runs[0].explain(1).ranks[0].below_title == ""


def test_an_order_says_what_its_earners_do_not_keep(runs):
    assert runs[0].explain_order(1).changed_later == {
        "a": "cap; limit most",
        "b_b": "greater of a, b_b",
        "c": "multiplier; limit most",
    }
    said = explanation_sheet(runs[0].explain_order(1), None).lines
    assert any("Changed afterwards" in line for line in said)


def test_the_summary_has_what_each_bonus_cut_itself(runs):
    assert {cause: float(amount) for cause, amount in runs[0].totals["cut"].items()} == {
        "last steps of a": 2.0,
        "last steps of c": 14.0,
        "greater_of a, b_b": 7.0,
        "most": 3.0,
    }
    text = "\n".join(summary_lines(runs[0].manifest, 80))
    assert "greater of a, b_b" in text


def test_cycles_are_paid_an_amount_each():
    found = run_binary(team("binary: {cycle: {strong: 200, weak: 100, pays: 14.00}}"), ["500", "400"]).explain(1)
    assert [line.rate for line in found.amounts] == ["14.00 each"]


def test_a_match_that_is_not_paid_is_said_without_codes():
    found = run_binary(team("binary: 20%, eligible: {cv: 50}"), ["100", "600"]).explain(1)
    assert notes(found, "team")["paid"].startswith("not eligible: cv: required")


def test_steps_that_nobody_reaches():
    found = run_binary(team("binary: {steps: {250: 40.00}}"), ["100", "600"]).explain(1)
    assert notes(found, "team")["step"] == "both legs reach none, or it has no amount for this member"


def test_compare_knows_amounts_for_each_unit_and_lines_that_change_an_earner():
    plan = "metrics: {heads: {count: frontline, tree: sponsor}}\n"
    plan += "bonuses: {b: {personal: 20.00, base: heads}}\nlimits: {most: {per_earner: 15.00}}\n"
    found = run(plan, CHAIN, [(1, 3, "100")])
    paid = pl.DataFrame({"member_id": ["1"], "bonus": ["b"], "amount": ["20"]})
    known = {row.member: row.knows for row in found.compare(paid).differences}
    assert known["1"] == "2 lines from 1 source, its own, 20.00 each, cut by a limit"


@pytest.mark.parametrize("width", [60, 80])
def test_long_names_and_many_columns_fit(runs, width, monkeypatch):
    monkeypatch.setattr("mlmcalc.cli.sheets.sheet_width", lambda: width)
    for found in (runs[0].explain(1), runs[1].explain(2), runs[0].explain_order(1)):
        assert asdict(found)
        assert max(len(click.unstyle(line)) for line in explanation_sheet(found, None).lines) <= width
