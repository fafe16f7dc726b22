"""Reopening a period: newest first, with a reason; nothing that was written is deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from mlmcalc.closing.changes import CORRECTING, back_to_open
from mlmcalc.closing.committing import Bulk, document_words, put_tables
from mlmcalc.closing.desk import Desk, called, same_person
from mlmcalc.closing.journal import reversed_journal
from mlmcalc.closing.payments import totals_of
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.adjustments import adjustments, withdraw_adjustments
from mlmcalc.store.approvals import withdraw_approvals
from mlmcalc.store.closings import Closing, mark_reopened, standing_closing
from mlmcalc.store.documents import StoredDocument, add_document, document_of
from mlmcalc.store.log import log_records
from mlmcalc.store.payments import void_due
from mlmcalc.store.periods import StoredPeriod, period_after, period_of, periods, set_period
from mlmcalc.store.runs import run_of
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class Reopened:
    """A period that is open again.

    Attributes
    ----------
    period : StoredPeriod
    was : str
        Its status before.
    document : StoredDocument or None
        Of the reopening of a commit.
    before : bool
        Whether the same person had reopened it already, for the same reason.
    """

    period: StoredPeriod
    was: str
    document: StoredDocument | None
    before: bool = False


def reopen(desk: Desk, program: str, label: str, reason: str) -> Reopened:
    """Reopen a period that was calculated, reviewed or committed, but not paid.

    Parameters
    ----------
    desk : Desk
    program, label, reason : str

    Raises
    ------
    InputRefused
        ``closing.reason``; ``closing.open``: it is open; ``closing.paid``: it is paid; ``closing.newest_first``: a
        period after it, or one of another program that read its results, is not open.
    ConflictError
        ``closing.changed_meanwhile``.
    """
    if not reason.strip():
        raise InputRefused(Finding("closing.reason", "a reopening needs a reason.", "Say why: --reason."))
    with desk.store.read() as tx:
        period = period_of(tx, program, label)
        if (done := _as_before(tx, period, desk.by, reason.strip())) is not None:
            return done
        _refuse(tx, period)
        closing = standing_closing(tx, program, label)
    tables = {} if closing is None else _taken_back(desk, closing)
    with desk.store.write(desk.by) as tx:
        seen = period_of(tx, program, label)
        _refuse(tx, seen)
        if seen != period:
            message = f"{called(seen)} is {seen.status} now; it was {period.status}."
            raise ConflictError(Finding("closing.changed_meanwhile", message, "Look at `mlmcalc period status`."))
        if closing is None:
            return Reopened(back_to_open(tx, seen, reason.strip()), seen.status, None)
        document = _voided(tx, seen, closing, tables, reason.strip())
        return Reopened(set_period(tx, seen, "open", generation=seen.generation + 1), seen.status, document)


def _as_before(tx: Reading, period: StoredPeriod, by: str, reason: str) -> Reopened | None:
    """Return the reopening that is the last thing that happened to a period, where it is the one that is asked for."""
    record = next(
        (one for one in reversed(list(log_records(tx, called(period)))) if one.subject == called(period)), None
    )
    if period.status != "open" or record is None or not same_person(record.by, by):
        return None
    said = json.loads(record.details)
    if record.action == "period.reopen" and said["reason"] == reason:
        return Reopened(period, "committed", document_of(tx, said["document"]), before=True)
    if record.action == "period.back_to_open" and said["because"] == reason:
        return Reopened(period, said["was"], None, before=True)
    return None


def _taken_back(desk: Desk, closing: Closing) -> dict[str, Bulk]:
    journal = reversed_journal(desk.store.objects.read(str(closing.journal)))
    return put_tables(desk, {"journal": journal, "payments": desk.store.objects.read(str(closing.payments))})


def _voided(tx: Writing, seen: StoredPeriod, closing: Closing, tables: dict[str, Bulk], reason: str) -> StoredDocument:
    for one in tables.values():
        tx.add_object(one.stored)
    payments = tables["payments"].frame
    totals = totals_of(payments)
    words = document_words(run_of(tx, closing.run), "", tables, totals, reason)
    document = add_document(tx, "reopening", seen.program, seen.label, words)
    mark_reopened(tx, closing, document.number)
    void_due(tx, seen.program, seen.label, seen.generation, reason)
    withdraw_approvals(tx, seen.program, seen.label)
    _withdraw_corrections(tx, seen)
    tx.log("period.reopen", called(seen), {"run": closing.run, "document": document.number, "reason": reason})
    return document


def _withdraw_corrections(tx: Writing, seen: StoredPeriod) -> None:
    """Withdraw what corrects a period that is going to be calculated itself: it would be paid twice."""
    lines: dict[str, list[int]] = {}
    for line in adjustments(tx, seen.program):
        if line.origin == seen.label and line.type in CORRECTING:
            lines.setdefault(line.period, []).append(line.number)
    for label, numbers in lines.items():
        withdraw_adjustments(tx, numbers)
        because = f"{seen.label} is open again"
        tx.log("adjust.withdraw", called(period_of(tx, seen.program, label)), {"numbers": numbers, "because": because})


def _refuse(tx: Reading, period: StoredPeriod) -> None:
    if period.status == "open":
        raise InputRefused(Finding("closing.open", f"{called(period)} is open.", "Nothing is to be done."))
    if period.status == "paid":
        message = f"{called(period)} is paid: what is paid stands."
        remedy = f"Correct it in the open period: `mlmcalc trueup {period.label}`."
        raise InputRefused(Finding("closing.paid", message, remedy))
    later = period_after(tx, period)
    waiting = [later] if later is not None and later.status != "open" else []
    waiting += _readers(tx, period)
    if waiting:
        names = ", ".join(called(one) for one in waiting)
        remedy = "Reopen the newest first."
        raise InputRefused(Finding("closing.newest_first", f"{names} stands on {called(period)}.", remedy))


def _readers(tx: Reading, period: StoredPeriod) -> Iterator[StoredPeriod]:
    """Yield the periods of other programs whose run read the closed results of a period."""
    for other in periods(tx, statuses=("calculated", "reviewed", "committed", "paid")):
        if other.program == period.program or other.run is None:
            continue
        read = json.loads(run_of(tx, other.run).details).get("closed", [])
        if any((program, label) == (period.program, period.label) for program, label, _ in read):
            yield other
