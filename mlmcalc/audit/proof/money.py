"""What documents pay and book, against the statements and the payout of their runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.audit.proof.bulk import read_table
from mlmcalc.audit.proof.documents import Document
from mlmcalc.audit.proof.report import DECIMAL, Check, broken, first_of, unlike
from mlmcalc.audit.proof.run_payments import PAID, PAYMENTS, due_of
from mlmcalc.errors import Finding
from mlmcalc.payout.sections import BALANCE, DEFERRED
from mlmcalc.tables.stored import StoredTables

PAYABLE, EXCHANGED, BANK = "payable", "exchanged", "bank"
OWED_MORE, OWED_LESS = ("adjusted", "forgiven"), ("forfeited", "withheld", "fee")
"""Steps of the payout by which the company owes its members more, and less."""
_MINE = pl.col("earner").is_not_null()


class CommitMoney:
    """The money of a commit.

    Parameters
    ----------
    folder : Path
        Of the archive.
    document : Document
        Whose tables are what it says.
    stored : StoredTables
        Of its run, verified.
    manifest : mapping
    """

    def __init__(self, folder: Path, document: Document, stored: StoredTables, manifest: Mapping[str, Any]) -> None:
        self._document = document
        self._stored = stored
        self._manifest = manifest
        self._currency = str(manifest["totals"].get("currency"))
        tables = {name: read_table(folder, said) for name, said in document.body["tables"].items()}
        self._payments, self._journal, self._balances = (tables[name] for name in ("payments", "journal", "balances"))
        self._steps = stored.scan("payout").select(
            pl.col("member").alias("member_id"), pl.col("step", "name").cast(pl.String), "amount"
        )
        self._statements = (
            stored.scan("statements")
            .filter(_MINE)
            .select(pl.col("earner").alias("member_id"), pl.col("bonus").cast(pl.String).alias("name"), "amount")
        )

    def checks(self) -> Iterator[Check]:
        """Yield every check."""
        yield self._paid()
        yield self._in_currency()
        yield journal_check(self._document, self._journal)
        yield self._booked()
        yield self._exchanged()
        yield self._left()
        yield self._adjusted()
        yield self._totals()

    def _check(self, text: str, count: int, rows: pl.DataFrame, say: Callable[[dict], str]) -> Check:
        findings = first_of("money", rows, lambda row: f"{self._document.called}: {say(row)}", self._document.file)
        return Check(self._document.called, text, count, findings)

    def _paid(self) -> Check:
        rows = self._payments
        payments = rows.lazy().select("member_id", pl.col("plan_amount").alias("amount"))
        check = self._check(
            "payments are what the payout, or the statements, come to, one for each member",
            rows.height,
            unlike(due_of(self._stored), payments, ["member_id"], ["amount"]),
            lambda row: f"{row['member_id']} is owed {row['amount']} and paid {row['amount_there']}.",
        )
        return Check(check.of, check.text, check.count, [*check.findings, *self._not_paid_once()])

    def _not_paid_once(self) -> list[Finding]:
        """Return what no table of payments may have: a member twice, nothing or less than that."""
        rows, file = self._payments, self._document.file
        twice = rows.group_by("member_id").len().filter(pl.col("len") > 1).sort("member_id")
        # In another currency, what is less than half its smallest unit is nothing.
        least = (
            pl.when(pl.col("currency") == self._currency).then(pl.col("amount") <= 0).otherwise(pl.col("amount") < 0)
        )
        below = rows.filter(least | (pl.col("plan_amount") <= 0))
        called = self._document.called
        return [
            *first_of("twice", twice, lambda row: f"{called}: {row['member_id']} is paid {row['len']} times.", file),
            *first_of("money", below, lambda row: f"{called}: {row['member_id']} is paid {row['amount']}.", file),
        ]

    def _in_currency(self) -> Check:
        """Return whether each member is paid in the currency, at the rate, and the amount that the run says."""
        keys, rate = ["member_id", "currency", "rate"], pl.col("rate").cast(pl.String)
        own = pl.col("currency") == self._currency
        if PAYMENTS in self._manifest["columns"]:
            exchanged = self._stored.scan(PAYMENTS).with_columns(pl.col("currency").cast(pl.String))
            wanted = exchanged.select("member_id", "currency", pl.when(~own).then(rate).alias("rate"), "amount")
        else:
            wanted = due_of(self._stored).select(
                "member_id", pl.lit(self._currency).alias("currency"), pl.lit(None, pl.String).alias("rate"), "amount"
            )
        paid = self._payments.lazy().select("member_id", pl.col("currency").cast(pl.String), rate, "amount")
        return self._check(
            "payments are in the currency, and at the rate, of the run",
            self._payments.height,
            unlike(wanted, paid, keys, ["amount"]),
            lambda row: (
                f"{row['member_id']}: {row['amount']} {row['currency']} of the run, {row['amount_there']} paid."
            ),
        )

    def _booked(self) -> Check:
        """Return whether what members are owed in the journal is their statements and the steps of their payout."""
        signed = pl.when(pl.col("step").is_in(OWED_MORE)).then(pl.col("amount")).otherwise(-pl.col("amount"))
        steps = self._steps.filter(pl.col("step").is_in([*OWED_MORE, *OWED_LESS])).select(
            "member_id", pl.col("step").alias("entry"), "name", signed.alias("amount")
        )
        earned = self._statements.select("member_id", pl.lit("earned").alias("entry"), "name", "amount")
        owed = pl.concat([earned, steps], how="vertical_relaxed")
        own = (pl.col("account") == PAYABLE) & (pl.col("entry") != EXCHANGED)
        booked = self._journal.lazy().filter(own & (pl.col("currency") == self._currency))
        keys = ["member_id", "entry", "name"]
        booked = booked.select(*keys, (pl.col("credit") - pl.col("debit")).alias("amount"))
        other = self._journal.filter(own & (pl.col("currency") != self._currency)).height
        check = self._check(
            "rows of the journal book what members earned and what became of it",
            self._journal.height,
            unlike(owed, booked, keys, ["amount"]),
            lambda row: (
                f"{row['member_id']}, {row['entry']} {row['name']}: {row['amount']} in the run, {row['amount_there']} "
                f"in the journal."
            ),
        )
        if not other:
            return check
        message = f"{self._document.called}: {other:,} rows of the journal owe in another currency than the plan's."
        return Check(
            check.of, check.text, check.count, [*check.findings, broken("money", message, self._document.file)]
        )

    def _exchanged(self) -> Check:
        """Return whether payments in other currencies leave the plan's, and nothing else is exchanged."""
        foreign = self._payments.lazy().filter(pl.col("currency") != self._currency)
        wanted = pl.concat(
            [
                foreign.select(
                    "member_id", pl.lit(self._currency).alias("currency"), -pl.col("plan_amount").alias("amount")
                ),
                foreign.select("member_id", "currency", "amount"),
            ],
            how="vertical_relaxed",
        )
        rows = self._journal.lazy().filter((pl.col("entry") == EXCHANGED) & (pl.col("account") == PAYABLE))
        booked = rows.select("member_id", "currency", (pl.col("credit") - pl.col("debit")).alias("amount"))
        return self._check(
            "payments in another currency are exchanged in the journal",
            foreign.select(pl.len()).collect().item(),
            unlike(wanted, booked, ["member_id", "currency"], ["amount"]),
            lambda row: (
                f"{row['member_id']}: {row['amount']} {row['currency']} exchanged, {row['amount_there']} booked."
            ),
        )

    def _left(self) -> Check:
        section, key = (pl.col(name).cast(pl.String) for name in ("section", "key"))
        state = self._stored.scan("state").filter(section.is_in([BALANCE, DEFERRED]))
        left = state.select(
            "member_id",
            pl.when(section == DEFERRED).then(section).otherwise(key).alias("kind"),
            pl.col("value").alias("amount"),
        )
        return self._check(
            "balances are what the state of the run leaves",
            self._balances.height,
            unlike(left, self._balances.lazy(), ["member_id", "kind"], ["amount"]),
            lambda row: f"{row['member_id']}: {row['amount']} {row['kind']} is left, {row['amount_there']} written.",
        )

    def _adjusted(self) -> Check:
        said = self._document.body["tables"].get("adjustments")
        taken = [seal["sha256"] for seal in self._manifest["inputs"] if seal["name"] == "adjustments"]
        findings = []
        if taken != ([] if said is None else [said["sha256"]]):
            message = f"{self._document.called} does not name the adjustments that its run read."
            findings.append(broken("money", message, self._document.file))
        return Check(self._document.called, "adjustments are those that the run read", len(taken), findings)

    def _totals(self) -> Check:
        earned = self._statements.select(pl.col("amount").sum()).collect().item() or Decimal(0)
        found = {
            "earned": earned,
            "payments": sums_by(self._payments, "currency", "amount"),
            "journal": sums_by(self._journal, "currency", "debit"),
            "balances": sums_by(self._balances, "kind", "amount"),
            "members": self._payments.height,
        }
        return totals_check(self._document, found)


def payment_checks(folder: Path, document: Document) -> Iterator[Check]:
    """Yield whether a payment takes just its payments out of the bank.

    Parameters
    ----------
    folder : Path
    document : Document
        Of kind ``payment``, whose tables are what it says.
    """
    payments, journal = (read_table(folder, document.body["tables"][name]) for name in ("payments", "journal"))
    yield journal_check(document, journal)
    keys = ["member_id", "currency"]
    own = journal.lazy().filter((pl.col("account") == PAYABLE) & (pl.col("entry") == PAID))
    booked = own.select(*keys, (pl.col("debit") - pl.col("credit")).alias("amount"))
    rows = unlike(payments.lazy(), booked, keys, ["amount"])
    findings = first_of(
        "money",
        rows,
        lambda row: f"{document.called}: {row['member_id']} is paid {row['amount']}, {row['amount_there']} is booked.",
        document.file,
    )
    odd = journal.filter((pl.col("entry") != PAID) | ~pl.col("account").is_in([PAYABLE, BANK])).height
    if odd:
        findings.append(broken("money", f"{document.called}: {odd:,} rows of the journal pay nobody.", document.file))
    yield Check(document.called, "rows of the journal take the payments out of the bank", journal.height, findings)
    found = {"payments": sums_by(payments, "currency", "amount"), "members": payments.height}
    yield totals_check(document, found)


def reopening_checks(folder: Path, document: Document, commit: Document) -> Iterator[Check]:
    """Yield whether a reopening takes back just what its commit booked.

    Parameters
    ----------
    folder : Path
    document, commit : Document
        Whose tables are what they say.
    """
    journal, booked = (read_table(folder, one.body["tables"]["journal"]) for one in (document, commit))
    yield journal_check(document, journal)
    keys = ["entry", "account", "member_id", "name", "currency"]
    back = booked.lazy().rename({"debit": "credit", "credit": "debit"})
    rows = unlike(journal.lazy(), back, keys, ["debit", "credit"])
    findings = first_of(
        "money",
        rows,
        lambda row: f"{document.called}: {row['entry']} {row['name']} of {row['member_id']} is not what was booked.",
        document.file,
    )
    yield Check(document.called, "rows of the journal take back what the commit booked", journal.height, findings)
    payments = read_table(folder, document.body["tables"]["payments"])
    found = {"payments": sums_by(payments, "currency", "amount"), "members": payments.height}
    yield totals_check(document, found)


def journal_check(document: Document, journal: pl.DataFrame) -> Check:
    """Return whether every entry of a journal adds up to zero in every currency, and no row is below zero."""
    sums = journal.group_by("entry", "name", "currency").agg(
        (pl.col("debit").sum() - pl.col("credit").sum()).alias("rest")
    )
    findings = first_of(
        "journal",
        sums.filter(pl.col("rest") != 0).sort("entry", "name", "currency"),
        lambda row: f"{document.called}: {row['entry']} {row['name']} is out by {row['rest']} {row['currency']}.",
        document.file,
    )
    if journal.filter((pl.col("debit") < 0) | (pl.col("credit") < 0)).height:
        findings.append(broken("journal", f"{document.called}: a row is below zero.", document.file))
    return Check(document.called, "rows of the journal add up to zero, entry by entry", journal.height, findings)


def sums_by(rows: pl.DataFrame, key: str, value: str) -> dict[str, Decimal]:
    """Return the sum of a column for each key."""
    return dict(rows.group_by(pl.col(key).cast(pl.String)).agg(pl.col(value).sum()).sort(key).iter_rows())


def totals_check(document: Document, found: Mapping[str, Any]) -> Check:
    """Return whether the totals of a document are those of its tables."""
    said, findings = document.body["totals"], []
    for name, value in found.items():
        if not _alike(value, said.get(name)):
            message = f"{document.called}: the total of {name} is {said.get(name)}, its tables come to {_text(value)}."
            findings.append(broken("totals", message, document.file))
    odd = sorted(set(said) - set(found))
    if odd:
        findings.append(
            broken("totals", f"{document.called}: nobody knows a total of {', '.join(odd)}.", document.file)
        )
    return Check(document.called, "control totals of the document are those of its tables", len(found), findings)


def _alike(value: Any, said: Any) -> bool:
    if isinstance(value, dict):
        return (
            isinstance(said, dict) and set(said) == set(value) and all(_alike(value[key], said[key]) for key in value)
        )
    if isinstance(value, Decimal):
        return isinstance(said, str) and DECIMAL.fullmatch(said) is not None and Decimal(said) == value
    return type(said) is type(value) and said == value


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(part)}" for key, part in value.items()) or "nothing"
    return format(value, "f") if isinstance(value, Decimal) else str(value)
