"""Members are paid in their own currency: exchanged exactly, rounded once, nothing lost from sight."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mlmcalc
from mlmcalc.api.preview import Preview
from mlmcalc.api.recalculate import prepare_again
from mlmcalc.cli.main import run_command
from mlmcalc.errors import InputRefused
from mlmcalc.ledger.exchange import ExchangeRates
from mlmcalc.money import MODES, Mode, Rounding, minor_digits
from mlmcalc.payout.payments import exchanged
from tests.bonuses.small import HEAD
from tests.oracle.scalars import round_to

BODY = "bonuses: {a: {personal: 10%, base: pv}}\n"
MEMBERS = pl.DataFrame(
    {"member_id": [1, 2, 3, 4], "sponsor_id": [None, 1, 1, 1], "currency": ["EUR", "JPY", "KWD", None]}
)
ORDERS = pl.DataFrame(
    {
        "order_id": [1, 2, 3, 4],
        "member_id": [1, 2, 3, 4],
        "date": ["2026-10-05"] * 4,
        "pv": ["1000", "100", "33.30", "5"],
        "kind": ["sale"] * 4,
    }
)
RATES = pl.DataFrame({"currency": ["JPY", "KWD"], "rate": ["161.205", "0.3351"]})


def plan(payout: str = "payout: {}", mode: str = "half_up") -> str:
    head = HEAD.replace("PLACE", "line").replace("GRAIN", "source").replace("half_up", mode)
    return head + BODY + payout + "\n"


def run(rates: Any = RATES, text: str = "", members: pl.DataFrame = MEMBERS, **more: Any) -> mlmcalc.Run:
    return mlmcalc.run(text or plan(), members, ORDERS, period="2026-10", rates=rates, **more)


def paid(found: mlmcalc.Run | Preview) -> list[tuple[int, str, str, str, str]]:
    assert found.payments is not None
    rows = found.payments.select("member_id", "plan_amount", "currency", "amount", "left").rows()
    return [(member, str(due), name, _short(amount), _short(left)) for member, due, name, amount, left in rows]


def _short(number: Decimal) -> str:
    text = format(number, "f").rstrip("0").rstrip(".")
    return text or "0"


def refused(*about: Any, **more: Any) -> list[str]:
    with pytest.raises(InputRefused) as refusal:
        run(*about, **more)
    return [found.code for found in refusal.value.findings if found.level == "error"]


def test_every_member_is_paid_in_its_currency():
    found = run()
    assert paid(found) == [
        (1, "100.00", "EUR", "100", "0"),
        (2, "10.00", "JPY", "1612", "0.05"),
        (3, "3.33", "KWD", "1.116", "-0.000117"),
        (4, "0.50", "EUR", "0.5", "0"),
    ]
    assert found.totals["payments"]["KWD"] == {
        "members": 1,
        "plan_amount": "3.33",
        "amount": "1.116",
        "left": "-0.00011700000000",
    }
    assert found.statements.equals(run(None).statements)
    assert run(None).payments is None


def test_runs_without_rates_do_not_know_of_currencies():
    without = MEMBERS.drop("currency")
    assert run(None).digest == run(None, members=without).digest
    assert "payments" not in run(None).manifest["digests"]


@pytest.mark.parametrize(("mode", "amount"), [("half_up", "1612"), ("down", "1612"), ("up", "1613")])
def test_the_plan_says_how_to_round(mode: str, amount: str):
    assert paid(run(text=plan(mode=mode)))[1][3] == amount


def test_what_is_paid_out_is_exchanged_and_not_what_was_earned():
    found = run(text=plan("payout: {minimum: 5.00, fees: [{name: bank, amount: 1.00}]}"))
    assert [row[:3] for row in paid(found)] == [(1, "99.00", "EUR"), (2, "9.00", "JPY")]


def test_without_a_payout_statements_are_exchanged():
    assert paid(run(text=plan(""))) == paid(run())


def test_the_smallest_units_are_those_of_iso_4217_unless_stated():
    assert [minor_digits(code) for code in ("JPY", "EUR", "KWD", "CLF", "XXX", "NOT")] == [0, 2, 3, 4, None, None]
    stated = RATES.with_columns(digits=pl.Series([2, None]))
    assert paid(run(stated))[1:3] == [(2, "10.00", "JPY", "1612.05", "0"), paid(run())[2]]


def test_a_currency_that_is_no_more_needs_its_digits():
    members = MEMBERS.with_columns(currency=pl.lit("HRK"))
    rates = pl.DataFrame({"currency": ["HRK"], "rate": ["7.5345"]})
    assert refused(rates, members=members) == ["rates.currency"]
    assert paid(run(rates.with_columns(digits=2), members=members))[0][3] == "753.45"


def test_a_currency_without_a_rate_tells_how_many_are_paid_in_it():
    members = MEMBERS.with_columns(currency=pl.Series(["USD", "USD", "KWD", "JPY"]))
    with pytest.raises(InputRefused) as refusal:
        run(members=members)
    (found,) = (found for found in refusal.value.findings if found.level == "error")
    assert (found.code, found.message[:24]) == ("rates.missing", "2 members are paid in US")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("JPY", "0")], "rates.rate"),
        ([("JPY", "-1")], "rates.rate"),
        ([("JPY", "1.0000000000001")], "tables.too_precise"),
        ([("JPY", "much")], "tables.not_a_number"),
        ([("JPY", "1"), ("JPY", "1")], "rates.duplicate"),
        ([("JPY", "1"), ("EUR", "1.01")], "rates.plan_currency"),
        ([("JPY", "1"), ("jpy", "1")], "rates.currency"),
        ([("JPY", "1"), ("XXX", "1")], "rates.currency"),
        ([("JPY", "1"), (None, "1")], "rates.blank"),
    ],
)
def test_wrong_rates_are_refused(rows: list[tuple[str, str]], code: str):
    rates = pl.DataFrame(rows, ["currency", "rate"], orient="row")
    assert refused(rates, members=MEMBERS.with_columns(currency=pl.lit("JPY"))) == [code]


def test_digits_are_few():
    assert refused(RATES.with_columns(digits=pl.Series([7, 0]))) == ["rates.digits"]


def test_the_plans_own_currency_may_be_listed_at_one():
    rates = pl.concat([RATES, pl.DataFrame({"currency": ["EUR"], "rate": ["1.00"]})])
    assert run(rates).digest == run().digest


def test_a_plan_that_reads_the_column_as_something_else_is_told():
    text = plan().replace("volumes:", "member_columns: {currency: {decimals: 0}}\nvolumes:", 1)
    assert refused(text=text, members=MEMBERS.with_columns(currency=pl.lit(1))) == ["rates.column"]
    kept = text.replace("{decimals: 0}", "text")
    assert paid(run(text=kept)) == paid(run())


def test_an_amount_beyond_64_bits_is_refused():
    money = Rounding("line", "source", "half_up", 1, 2)
    for due, member in (([10**17], [1]), ([10**14, 1], [1, 0])):
        units, places = np.array([10**12, 9 * 10**18, 10**12]), np.array(member, np.int32)
        rates = ExchangeRates(["AAA", "BBB", "EUR"], units, [4, 0, 2], 2, places)
        with pytest.raises(InputRefused, match=r"rates\.overflow.*BBB"):
            exchanged(rates, np.array(due), money)


@settings(max_examples=200)
@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**16), min_size=2, max_size=2),
    st.sampled_from(MODES),
    st.data(),
)
def test_amount_and_what_is_left_are_the_exact_product(
    due: list[int], units: list[int], mode: Mode, data: st.DataObject
):
    digits = data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=2))
    member = data.draw(st.lists(st.integers(0, 2), min_size=len(due), max_size=len(due)))
    rates = ExchangeRates(
        ["AAA", "BBB", "EUR"], np.array([*units, 10**12]), [*digits, 2], 2, np.array(member, np.int32)
    )
    found = exchanged(rates, np.array(due, np.int64), Rounding("line", "source", mode, 1, 2))
    assert found.members.tolist() == [place for place, amount in enumerate(due) if amount]
    for row, position in enumerate(found.members.tolist()):
        exact = Fraction(due[position], 100) * Fraction(([*units, 10**12])[member[position]], 10**12)
        amount = Fraction(int(found.amounts[row]), 10**found.decimals)
        assert amount + Fraction(int(found.left[row]), 10**found.left_decimals) == exact
        places = [*digits, 2][member[position]]
        assert amount == round_to(exact, Fraction(1, 10**places), mode)


def test_explain_says_rate_amount_and_what_was_left(tmp_path: Path):
    found = run()
    found.write(tmp_path / "run")
    notes = {step.step: (step.value, step.note) for step in found.explain(2).workings}
    assert notes["paid in JPY"] == ("1612.000", "10.00 EUR at 161.205; rounding left 0.05")
    assert not [step for step in found.explain(1).workings if step.step.startswith("paid in")]


def test_a_preview_pays_as_a_whole_run_does():
    late = pl.DataFrame({"order_id": [9], "member_id": [3], "date": ["2026-10-06"], "pv": ["10"], "kind": ["sale"]})
    for text in (plan(), plan("")):
        found = mlmcalc.preview(text, MEMBERS, ORDERS, period="2026-10", rates=RATES).with_orders(late)
        whole = mlmcalc.run(text, MEMBERS, pl.concat([ORDERS, late]), period="2026-10", rates=RATES)
        assert found.digest == whole.digest
        assert found.totals == whole.totals
        assert paid(found) == paid(whole)


def test_the_command_writes_them_and_a_repeated_run_rounds_as_it_did(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("plan.yaml").write_text(plan(), encoding="utf-8")
    MEMBERS.write_csv("members.csv")
    ORDERS.write_csv("orders.csv")
    RATES.write_csv("rates.csv")
    words = "plan: plan.yaml\nmembers: members.csv\norders: orders.csv\nrates: rates.csv\n"
    Path("company.yaml").write_text(words, encoding="utf-8")
    assert run_command(["run", "--period", "2026-10", "--out", "run", "--format", "csv"]) == 0
    shown = capsys.readouterr().out
    assert "paid in" in shown
    assert "1,612.00" in shown
    back = mlmcalc.load_run("run")
    assert back.digest == run().digest
    assert paid(back) == paid(run())
    assert back.manifest["currencies"] == {"JPY": 0, "KWD": 3}
    assert back.manifest["versions"]["tables"]["payments"] == 1
    assert "payments" not in run(None).manifest["versions"]["tables"]
    monkeypatch.setattr("mlmcalc.api.rates.minor_digits", lambda code: 1)
    again = prepare_again("run").prepared
    assert again.besides.rates is not None
    assert again.besides.rates.foreign_digits == {"JPY": 0, "KWD": 3}
    assert (
        json.loads(Path("run/manifest.json").read_text(encoding="utf-8"))["totals"]["payments"]["JPY"]["members"] == 1
    )


def test_kept_values_say_the_same(tmp_path: Path):
    MEMBERS.write_csv(tmp_path / "members.csv")
    ORDERS.write_csv(tmp_path / "orders.csv")
    RATES.write_csv(tmp_path / "rates.csv")
    members, orders, rates = (tmp_path / f"{name}.csv" for name in ("members", "orders", "rates"))
    mlmcalc.run_to_folder(plan(), members, tmp_path / "run", orders, rates=rates, period="2026-10")
    kept = mlmcalc.load_run(tmp_path / "run").explain(3).workings
    assert kept == run().explain(3).workings
