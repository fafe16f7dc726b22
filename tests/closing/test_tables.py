"""Payments, journal and balances of a run: one account, to the cent."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from mlmcalc.api.run import Run
from mlmcalc.closing.balances import balances_of, control_totals_of
from mlmcalc.closing.journal import PAYABLE, balanced, commit_journal, payment_journal, reversed_journal
from mlmcalc.closing.payments import payments_of
from mlmcalc.errors import InputRefused, IntegrityError
from tests.api.small_company import plan_text
from tests.closing.company import PAYOUT, PEOPLE, RETURNS, paying, run_of


def money(frame: pl.DataFrame, column: str = "amount") -> dict[object, str]:
    return {row["member_id"]: str(row[column]) for row in frame.iter_rows(named=True)}


def owed(journal: pl.DataFrame) -> dict[int, Decimal]:
    own = journal.filter(pl.col("account") == PAYABLE).group_by("member_id")
    return dict(own.agg(pl.col("credit").sum() - pl.col("debit").sum()).iter_rows())


def tables(run: Run) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    payments = payments_of(run)
    return payments, commit_journal(run, payments), balances_of(run)


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
def test_without_a_payout_everybody_is_paid_the_statement(place: str):
    run = run_of(plan_text(place))
    payments, journal, balances = tables(run)
    own = run.statements.filter(pl.col("earner").is_not_null())
    sums = dict(own.group_by("earner").agg(pl.col("amount").sum()).iter_rows())
    assert dict(payments.select("member_id", "amount").iter_rows()) == {m: a for m, a in sums.items() if a}
    assert payments.schema["amount"] == pl.Decimal(38, 2)
    assert owed(journal) == sums
    assert not balances.height
    assert set(journal["entry"]) == {"earned"}


@pytest.mark.parametrize("payout", ["", PAYOUT])
def test_payments_in_other_currencies_are_exchanged_out_of_what_is_owed(payout: str):
    people = PEOPLE.with_columns(pl.Series("currency", ["JPY", "KWD", None, "EUR", "JPY", "KWD"]))
    rates = pl.DataFrame({"currency": ["JPY", "KWD"], "rate": ["161.205", "0.3351"]})
    run = run_of(paying(payout), members=people, rates=rates)
    payments, journal, balances = tables(run)
    assert run.payments is not None
    assert payments["amount"].to_list() == run.payments["amount"].to_list()
    assert payments.filter(pl.col("currency") == "EUR")["rate"].null_count() == (payments["currency"] == "EUR").sum()
    totals = control_totals_of(run, payments, journal, balances)
    assert set(totals["payments"]) == set(run.totals["payments"])
    exchanged = journal.filter(pl.col("entry") == "exchanged")
    assert set(exchanged["currency"]) == {"EUR", "JPY", "KWD"}


def test_the_company_is_owed_nothing():
    run = run_of(plan_text())
    assert run.statements.filter(pl.col("earner").is_null()).height
    assert commit_journal(run).filter(pl.col("member_id").is_null())["account"].unique().to_list() == [
        "commission expense"
    ]


def test_steps_of_the_payout_become_entries():
    run = run_of(paying())
    payments, journal, balances = tables(run)
    steps = {
        (step, member): amount for member, step, _, amount in run.payout.cast({"step": pl.String}).iter_rows() if amount
    }
    assert {step for step, _ in steps} >= {"earned", "deferred", "forfeited", "withheld", "held", "fee", "paid"}
    assert dict(payments.select("member_id", "amount").iter_rows()) == {
        member: amount for (step, member), amount in steps.items() if step == "paid"
    }
    for step, account in (("withheld", "tax payable"), ("fee", "fee income"), ("forfeited", "commission expense")):
        whole = sum(amount for (one, _), amount in steps.items() if one == step)
        rows = journal.filter((pl.col("entry") == step) & (pl.col("account") == account))
        assert (rows["credit"].sum(), rows["debit"].sum()) == (whole, 0)
    held = {member: amount for (step, member), amount in steps.items() if step == "held"}
    assert dict(balances.filter(pl.col("kind") == "held").select("member_id", "amount").iter_rows()) == held
    assert "deferred" in set(balances["kind"])
    totals = control_totals_of(run, payments, journal, balances)
    assert totals["members"] == payments.height
    assert Decimal(totals["payments"]["EUR"]) == payments["amount"].sum()


def test_a_second_period_is_one_account_with_the_first():
    first = run_of(paying())
    second = run_of(paying(), RETURNS, "2026-11", state=first.state)
    left = sum(amount for *_, amount in balances_of(first).iter_rows())
    payments, journal, balances = tables(second)
    control_totals_of(second, payments, journal, balances)
    assert any(amount < 0 for *_, amount in balances.iter_rows()), "a debt is carried"
    came = sum(owed(journal).values())
    assert left + came == payments["amount"].sum() + sum(amount for *_, amount in balances.iter_rows())


def test_every_entry_adds_up_to_zero():
    second = run_of(paying(), RETURNS, "2026-11", state=run_of(paying()).state)
    for journal in (commit_journal(second), payment_journal(payments_of(run_of(paying())))):
        sums = journal.group_by("entry", "name", "currency").agg(pl.col("debit").sum() - pl.col("credit").sum())
        assert journal.height
        assert set(sums["debit"]) == {Decimal(0)}
        assert journal.filter((pl.col("debit") < 0) | (pl.col("credit") < 0)).is_empty()


def test_a_journal_reversed_takes_everything_back():
    journal = commit_journal(run_of(paying()))
    both = pl.concat([journal, reversed_journal(journal)])
    assert set(owed(both).values()) == {Decimal(0)}


def test_a_statement_below_zero_needs_a_payout():
    with pytest.raises(InputRefused) as refused:
        payments_of(run_of(plan_text(), RETURNS, "2026-11"))
    finding = refused.value.findings[0]
    assert (finding.code, finding.member) == ("closing.negative", "1")
    assert "payout: {}" in finding.remedy


def test_the_order_of_rows_is_that_of_the_run():
    run = run_of(paying())
    members = run.members["member_id"].to_list()
    payments, journal, balances = tables(run)
    for frame in (payments, balances, *journal.drop_nulls("member_id").partition_by("entry", "name")):
        places = [members.index(member) for member in frame["member_id"]]
        assert places == sorted(places)
    assert journal["entry"].unique(maintain_order=True).to_list() == ["earned", "forfeited", "withheld", "fee"]


def test_tables_that_are_not_of_one_run_are_refused():
    run = run_of(paying())
    payments, journal, balances = tables(run)
    with pytest.raises(IntegrityError, match="equation"):
        control_totals_of(run, payments.head(1), journal, balances)
    with pytest.raises(IntegrityError, match="out of balance"):
        balanced(journal.head(1))


def test_nothing_earned_is_nothing_paid():
    payments, journal, balances = tables(run_of(paying(), RETURNS.head(0), "2026-11"))
    assert (payments.height, journal.height, balances.height) == (0, 0, 0)
