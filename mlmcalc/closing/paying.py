"""Paying a committed period: once, with a file for the bank."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mlmcalc.closing.bank_file import StagedFile, bank_text
from mlmcalc.closing.committing import Sealed, document_words, put_tables
from mlmcalc.closing.desk import Desk, called, same_person
from mlmcalc.closing.journal import payment_journal
from mlmcalc.closing.payments import totals_of
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.agreement import amount_findings
from mlmcalc.store.checks import refuse_broken
from mlmcalc.store.clock import instant_text
from mlmcalc.store.closings import Closing, standing_closing
from mlmcalc.store.documents import add_document, document_of, documents, verify_documents
from mlmcalc.store.payments import amounts_of, pay_due
from mlmcalc.store.periods import StoredPeriod, period_of, set_period
from mlmcalc.store.runs import run_of
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment.

    Attributes
    ----------
    sealed : Sealed
    file : Path
        For the bank.
    """

    sealed: Sealed
    file: Path


def pay(desk: Desk, program: str, label: str, file: Path, reason: str = "") -> Paid:
    """Mark every payment of a committed period as paid, and write the file for the bank.

    The file gets its name when the payment is recorded, and not before; whoever paid gets the same file again.

    Parameters
    ----------
    desk : Desk
    program, label : str
    file : Path
        For the bank; one of the same content may be there.
    reason : str
        What is said about it.

    Raises
    ------
    InputRefused
        ``closing.not_committed``.
    ConflictError
        ``closing.paid_before``: somebody else was first; ``closing.file_exists``.
    IntegrityError
        ``store.object_missing``, ``store.object_altered``, ``store.document_chain``, ``store.payment_differs``,
        ``store.balance_differs``.
    EnvironmentRefused
        As the store; ``tables.output_refused``: if it is recorded that the period is paid, pay again for the file.
    """
    with desk.store.read() as tx:
        period = period_of(tx, program, label)
        closing = _committed(tx, period)
        refuse_broken([*verify_documents(tx), *amount_findings(tx, closing)])
        amounts = amounts_of(tx, program, label, closing.generation)
    payments = desk.store.objects.read(str(closing.payments))
    with StagedFile(file, bank_text(_rows(payments, amounts), f"{program} {label}").encode()) as staged:
        sealed = _recorded(desk, period, closing, payments, reason)
        staged.publish()
    return Paid(sealed, staged.target)


def default_file(folder: Path, program: str, label: str) -> Path:
    """Return where the file of payments goes if nobody says where."""
    return folder / "payments" / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', program)}-{label}.csv"


def _committed(tx: Reading, period: StoredPeriod) -> Closing:
    closing = standing_closing(tx, period.program, period.label)
    if closing is None:
        message = f"{called(period)} is {period.status}, so nothing is to be paid yet."
        remedy = f"Commit it first; `mlmcalc period status {period.label}` says what comes next."
        raise InputRefused(Finding("closing.not_committed", message, remedy))
    return closing


def _rows(payments: pl.DataFrame, amounts: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield member, currency and amount in the order of the run, with the digits that the database has."""
    for member, currency in payments.select(pl.col("member_id").cast(pl.String), "currency").iter_rows():
        if member in amounts:
            yield member, currency, amounts[member]


def _recorded(desk: Desk, period: StoredPeriod, closing: Closing, payments: pl.DataFrame, reason: str) -> Sealed:
    tables = put_tables(desk, {"payments": payments, "journal": payment_journal(payments)})
    with desk.store.write(desk.by) as tx:
        seen = period_of(tx, period.program, period.label)
        if seen.status == "paid":
            return _as_before(tx, seen, desk.by)
        if seen != period or _committed(tx, seen).document != closing.document:
            message = f"{called(seen)} changed while it was being paid: it is {seen.status} now."
            raise ConflictError(Finding("closing.changed_meanwhile", message, "Look at `mlmcalc period status`."))
        for one in tables.values():
            tx.add_object(one.stored)
        run = run_of(tx, closing.run)
        commit = document_of(tx, closing.document).content
        totals = totals_of(payments)
        words = document_words(run, commit["approved_by"], tables, totals, reason)
        document = add_document(tx, "payment", seen.program, seen.label, words)
        count = pay_due(tx, seen.program, seen.label, seen.generation, document.number)
        tx.log("period.pay", called(seen), {"document": document.number, "payments": count})
        return Sealed(set_period(tx, seen, "paid"), document, before=False)


def _as_before(tx: Reading, period: StoredPeriod, by: str) -> Sealed:
    made = [one for one in documents(tx, period.program, period.label) if one.kind == "payment"][-1]
    who = made.content["made_by"]
    if not same_person(who, by):
        message = f"{called(period)} was paid by {who} at {instant_text(made.made_at)} (document {made.number})."
        raise ConflictError(Finding("closing.paid_before", message, "Nothing is left to do."))
    return Sealed(period, made, before=True)
