"""Double entry: what a commit, a payment and a reopening do to the company's accounts.

Every *entry* (a bonus earned, a tax withheld, a fee, ...) adds up to zero in every currency: what its rows debit they
credit. Members are named on the rows of their own account, ``payable``; the other side has one row for each entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from mlmcalc.closing.exact import decimals_of, negated, positive, with_decimals
from mlmcalc.closing.payments import payments_of
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.tables.decimals_out import decimal_type

if TYPE_CHECKING:
    from mlmcalc.api.run import Run

PAYABLE, EXPENSE, BANK, EXCHANGE = "payable", "commission expense", "bank", "currency exchange"


@dataclass(frozen=True, slots=True)
class EntryOf:
    """A step of the payout that changes what the company owes.

    Attributes
    ----------
    step : str
        As the table ``payout`` calls it.
    account : str
        The other side of ``payable``.
    owes_more : bool
        Whether the company owes more by it.
    """

    step: str
    account: str
    owes_more: bool = False


ENTRIES = (
    EntryOf("adjusted", "adjustment expense", owes_more=True),
    EntryOf("forfeited", EXPENSE),
    EntryOf("withheld", "tax payable"),
    EntryOf("forgiven", "forgiven debts", owes_more=True),
    EntryOf("fee", "fee income"),
)
"""What is deferred, held or carried stays ``payable``, and what is released was so already: no entry."""


def commit_journal(run: Run, payments: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the journal of a commit.

    Parameters
    ----------
    run : Run
    payments : polars.DataFrame, optional
        As `mlmcalc.closing.payments.payments_of` returns them; made of the run by default.

    Returns
    -------
    polars.DataFrame
        ``entry`` (text: ``earned``, ``adjusted``, ``forfeited``, ``withheld``, ``forgiven``, ``fee``, ``exchanged``),
        ``account`` (text), ``member_id`` (null on the company's side), ``name`` (text: of the bonus, rule or reason),
        ``debit``, ``credit`` (decimals, none below zero), ``currency`` (text). Entries in this order, names as the
        run has them, the company's side first, members in canonical order.

    Raises
    ------
    IntegrityError
        ``closing.journal``: an entry is out of balance.
    """
    paid = payments_of(run) if payments is None else payments
    currency = run.totals["currency"]
    statements = run.statements.filter(pl.col("earner").is_not_null() & (pl.col("amount") != 0))
    earned = statements.select(
        pl.col("earner").alias("member_id"), pl.col("bonus").cast(pl.String).alias("name"), "amount"
    )
    parts = [_entry("earned", EXPENSE, earned, currency)]
    steps = run.payout.select(
        pl.col("member").alias("member_id"), pl.col("step").cast(pl.String), pl.col("name").cast(pl.String), "amount"
    )
    for known in ENTRIES:
        rows = steps.filter(pl.col("step") == known.step).select("member_id", "name", "amount")
        signed = rows if known.owes_more else rows.with_columns(-pl.col("amount"))
        parts.append(_entry(known.step, known.account, signed, currency))
    exchanged = paid.filter(pl.col("currency") != currency)
    parts += [
        _entry("exchanged", EXCHANGE, _named(exchanged, "plan_amount", -1), currency),
        *(
            _entry("exchanged", EXCHANGE, _named(exchanged.filter(pl.col("currency") == other), "amount"), other)
            for other in exchanged.get_column("currency").unique().sort().to_list()
        ),
    ]
    return balanced(_together(parts, run.statements.schema["earner"]))


def payment_journal(payments: pl.DataFrame) -> pl.DataFrame:
    """Return the journal of a payment: what was payable leaves the bank.

    Parameters
    ----------
    payments : polars.DataFrame
        As `mlmcalc.closing.payments.payments_of` returns them.

    Returns
    -------
    polars.DataFrame
        As `commit_journal`; the only entry is ``paid``.
    """
    currencies = payments.get_column("currency").unique().sort().to_list()
    parts = [
        _entry("paid", BANK, _named(payments.filter(pl.col("currency") == currency), "amount", -1), currency)
        for currency in currencies
    ]
    return balanced(_together(parts, payments.schema["member_id"]))


def reversed_journal(journal: pl.DataFrame) -> pl.DataFrame:
    """Return a journal that takes another one back: its debits are credits."""
    return journal.with_columns(pl.col("credit").alias("debit"), pl.col("debit").alias("credit"))


def balanced(journal: pl.DataFrame) -> pl.DataFrame:
    """Return a journal in which every entry adds up to zero in every currency.

    Raises
    ------
    IntegrityError
        ``closing.journal``.
    """
    sums = journal.group_by("entry", "name", "currency").agg(pl.col("debit").sum() - pl.col("credit").sum())
    wrong = sums.filter(pl.col("debit") != 0).sort("entry", "name", "currency")
    if wrong.height:
        raise IntegrityError(
            Finding("closing.journal", f"{entry} {name} is out of balance by {amount} {currency}.", "Report it.")
            for entry, name, currency, amount in wrong.iter_rows()
        )
    return journal


def _named(rows: pl.DataFrame, column: str, sign: int = 1) -> pl.DataFrame:
    amount = pl.col(column) if sign > 0 else -pl.col(column)
    return rows.select("member_id", pl.lit("").alias("name"), amount.alias("amount"))


def _entry(entry: str, account: str, rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return the rows of one kind of entry: what is above zero is owed to the member, against the account."""
    names = rows.get_column("name").unique(maintain_order=True)
    order = pl.DataFrame({"name": names, "place": range(names.len())}, schema={"name": pl.String, "place": pl.Int64})
    own = rows.with_columns(pl.lit(PAYABLE).alias("account"), side=pl.lit(1), row=pl.int_range(pl.len()))
    sums = rows.group_by("name", maintain_order=True).agg(pl.col("amount").sum())
    other = sums.select(
        pl.lit(None, rows.schema["member_id"]).alias("member_id"),
        "name",
        -pl.col("amount"),
        pl.lit(account).alias("account"),
        side=pl.lit(0),
        row=pl.lit(0, pl.Int64),
    )
    # A name whose amounts cancel out has no row on the company's side.
    both = pl.concat([other.filter(pl.col("amount") != 0), own.select(other.columns)])
    placed = both.join(order, on="name", how="left").sort("place", "side", "row")
    return placed.select(
        pl.lit(entry).alias("entry"),
        "account",
        "member_id",
        "name",
        negated("amount").alias("debit"),
        positive("amount").alias("credit"),
        pl.lit(currency).alias("currency"),
    )


def _together(parts: Sequence[pl.DataFrame], ids: pl.DataType) -> pl.DataFrame:
    kept = [part for part in parts if part.height]
    if not kept:
        texts = dict.fromkeys(("entry", "account", "member_id", "name", "debit", "credit", "currency"), pl.String())
        return pl.DataFrame(schema=texts | {"member_id": ids, "debit": decimal_type(0), "credit": decimal_type(0)})
    places = max(decimals_of(part, side) for part in kept for side in ("debit", "credit"))
    return pl.concat([with_decimals(with_decimals(part, "debit", places), "credit", places).rechunk() for part in kept])


__all__ = ["ENTRIES", "PAYABLE", "balanced", "commit_journal", "payment_journal", "reversed_journal"]
