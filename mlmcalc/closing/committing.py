"""The commit of a period: once or not at all, whoever tries it however often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from mlmcalc.api.run import Run
from mlmcalc.api.stored_runs import load_run
from mlmcalc.closing.approving import standing_approval
from mlmcalc.closing.balances import balances_of, control_totals_of
from mlmcalc.closing.desk import CLOSED, Desk, called, same_person
from mlmcalc.closing.exact import decimals_of
from mlmcalc.closing.gathering import state_before
from mlmcalc.closing.journal import commit_journal
from mlmcalc.closing.payments import payments_of
from mlmcalc.closing.verifying import verified_run
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.approvals import Approval
from mlmcalc.store.clock import instant_text
from mlmcalc.store.closings import Closing, add_closing, standing_closing
from mlmcalc.store.documents import StoredDocument, add_document, document_of
from mlmcalc.store.objects import StoredObject
from mlmcalc.store.payments import add_balances, add_payments
from mlmcalc.store.periods import StoredPeriod, period_of, set_period
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.transaction import Reading, Writing
from mlmcalc.tables.decimals_out import decimal_type
from mlmcalc.tables.inputs import frame_digest

ADJUSTMENTS = "adjustments"
OPENING = "opening"
"""Table of a commit: the state that a period began with, where the one before was trued up since it was committed."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document that was made, now or before.

    Attributes
    ----------
    period : StoredPeriod
        As it is now.
    document : StoredDocument
    before : bool
        Whether the same person had made it already.
    """

    period: StoredPeriod
    document: StoredDocument
    before: bool

    @property
    def totals(self) -> Mapping[str, Any]:
        """Control totals, as the document has them."""
        return json.loads(self.document.body)["totals"]


@dataclass(frozen=True, slots=True)
class Bulk:
    """A table of a document: the frame, and the object that it was put into.

    Attributes
    ----------
    frame : polars.DataFrame
    stored : StoredObject
    """

    frame: pl.DataFrame
    stored: StoredObject

    def described(self) -> dict[str, Any]:
        """Return what a document says of it."""
        return {"sha256": self.stored.sha256, "rows": self.frame.height, "digest": frame_digest(self.frame)}


def put_tables(desk: Desk, tables: Mapping[str, pl.DataFrame]) -> dict[str, Bulk]:
    """Put tables into the store's objects, before the transaction that names them.

    Raises
    ------
    EnvironmentRefused
        ``store.full``, ``store.readonly``, ``store.disk``.
    """
    return {name: Bulk(frame, desk.store.objects.put(frame, name)) for name, frame in tables.items()}


def document_words(
    run: StoredRun, approved_by: str, tables: Mapping[str, Bulk], totals: Mapping[str, Any], reason: str
) -> dict[str, Any]:
    """Return what a document says beside its place in the chain."""
    return {
        "run": named_run(run),
        "approved_by": approved_by,
        "tables": {name: one.described() for name, one in tables.items()},
        "totals": dict(totals),
        "reason": reason,
    }


def named_run(run: StoredRun) -> dict[str, str]:
    """Return what a document says of a run that it names."""
    return {"id": run.id, "digest": run.digest, "manifest_sha256": run.manifest_sha256}


def commit(desk: Desk, program: str, label: str, run: str = "", reason: str = "") -> Sealed:
    """Commit a period: its payments, journal and balances stand from now on.

    Parameters
    ----------
    desk : Desk
    program, label : str
    run : str
        Id, or its end, where the person states which run; by default the one that was approved.
    reason : str
        What is said about it.

    Raises
    ------
    InputRefused
        ``closing.not_approved``, ``closing.other_run``, ``closing.state``, ``closing.negative``.
    ConflictError
        ``closing.committed_before``: somebody else was first, or with another run.
    IntegrityError
        As `verified_run`; ``closing.equation``, ``closing.journal``, ``closing.exact``.
    EnvironmentRefused
        As the store.
    """
    with desk.store.read() as tx:
        period = period_of(tx, program, label)
        if period.status in CLOSED:
            return _as_before(tx, period, desk.by, run)
        stored, approval = _approved(tx, period, run)
    folder = desk.store.run_folder(stored.id)
    manifest = verified_run(folder, stored)
    result = load_run(folder)
    payments = payments_of(result)
    frames = {
        "payments": payments,
        "journal": commit_journal(result, payments),
        "balances": balances_of(result),
    }
    totals = control_totals_of(result, **frames)
    if ADJUSTMENTS in manifest["locations"]:
        frames[ADJUSTMENTS] = desk.store.objects.read(_sealed(manifest, ADJUSTMENTS))
    opened_by = _opened_by(desk, stored)
    if opened_by is not None:
        frames[OPENING] = desk.store.objects.read(_sealed(manifest, "state"))
    tables = put_tables(desk, frames)
    with desk.store.write(desk.by) as tx:
        seen = period_of(tx, program, label)
        if seen.status in CLOSED:
            return _as_before(tx, seen, desk.by, stored.id)
        _refuse_moved(tx, seen, period, stored, approval)
        words = document_words(stored, approval.made_by, tables, totals, reason)
        words |= {} if opened_by is None else {"corrected": named_run(opened_by)}
        return Sealed(*_committed(tx, seen, stored, tables, words, result), before=False)


def _opened_by(desk: Desk, stored: StoredRun) -> StoredRun | None:
    """Return the run that the period before was trued up with, where this one begins with what that leaves."""
    run = json.loads(stored.details).get("corrected")
    if run is None:
        return None
    with desk.store.read() as tx:
        return run_of(tx, run)


def _sealed(manifest: Mapping[str, Any], name: str) -> str:
    return next(seal["sha256"] for seal in manifest["inputs"] if seal["name"] == name)


def _approved(tx: Reading, period: StoredPeriod, run: str) -> tuple[StoredRun, Approval]:
    approval = standing_approval(tx, period)
    if period.status != "reviewed" or approval is None:
        nothing = period.status == "open"
        command = f"calculate {period.label}" if nothing else f"approve {period.label} --by NAME"
        message = f"{called(period)} is {period.status}, not approved."
        remedy = f"First: `mlmcalc period {command}`{'' if nothing else ', by a second person'}."
        raise InputRefused(Finding("closing.not_approved", message, remedy))
    stored = run_of(tx, str(period.run))
    if run and run_of(tx, run).id != stored.id:
        message = f"{stored.id} was approved for {called(period)}, not {run}."
        remedy = "Commit the one that was approved, or calculate and approve again."
        raise InputRefused(Finding("closing.other_run", message, remedy))
    return stored, approval


def _as_before(tx: Reading, period: StoredPeriod, by: str, run: str) -> Sealed:
    """Return the commit that stands, where this person made it with this run; otherwise somebody was first."""
    standing = standing_closing(tx, period.program, period.label)
    assert standing is not None, "a committed period has a closing"
    same_run = not run or run_of(tx, run).id == standing.run
    if same_run and same_person(standing.made_by, by):
        return Sealed(period, document_of(tx, standing.document), before=True)
    digest = run_of(tx, standing.run).digest
    message = (
        f"{called(period)} was committed by {standing.made_by} at {instant_text(standing.made_at)} with run "
        f"{standing.run}, digest {digest}."
    )
    raise ConflictError(
        Finding("closing.committed_before", message, "Nothing is left to do; see `mlmcalc period status`.")
    )


def _refuse_moved(tx: Reading, seen: StoredPeriod, period: StoredPeriod, stored: StoredRun, approval: Approval) -> None:
    standing = standing_approval(tx, seen)
    if seen != period or standing is None or standing.number != approval.number:
        message = f"{called(period)} changed while it was being committed: it is {seen.status} now."
        raise ConflictError(Finding("closing.changed_meanwhile", message, "Look at `mlmcalc period status`."))
    opening = json.loads(stored.details)["opening"]
    if state_before(tx, seen).run != opening:
        message = f"{called(period)} was calculated from the state of {opening or 'nothing'}, which no longer stands."
        remedy = f"Calculate it again: `mlmcalc period calculate {period.label}`."
        raise InputRefused(Finding("closing.state", message, remedy))


def _committed(
    tx: Writing,
    seen: StoredPeriod,
    stored: StoredRun,
    tables: Mapping[str, Bulk],
    words: Mapping[str, Any],
    result: Run,
) -> tuple[StoredPeriod, StoredDocument]:
    for one in tables.values():
        tx.add_object(one.stored)
    document = add_document(tx, "commit", seen.program, seen.label, words)
    names = {name: one.stored.sha256 for name, one in tables.items()}
    closing = Closing(
        program=seen.program,
        period=seen.label,
        generation=seen.generation,
        run=stored.id,
        document=document.number,
        payments=names["payments"],
        journal=names["journal"],
        balances=names["balances"],
        adjustments=names.get(ADJUSTMENTS),
        made_by=tx.by,
        made_at=tx.at,
    )
    add_closing(tx, closing)
    place = (seen.program, seen.label, seen.generation)
    own = {result.totals["currency"]: result.totals["money_decimals"]}
    digits = result.manifest.get("currencies", {}) | own
    add_payments(tx, _payments(place, tables["payments"].frame, digits).iter_rows())
    add_balances(tx, _balances(place, tables["balances"].frame, result.totals["currency"]).iter_rows())
    tx.log("period.commit", called(seen), {"run": stored.id, "digest": stored.digest, "document": document.number})
    return set_period(tx, seen, "committed"), document


def _payments(place: tuple[str, str, int], frame: pl.DataFrame, digits: Mapping[str, int]) -> pl.DataFrame:
    """Return the rows of the store's `Payment`; what another currency has no coin for is paid to nobody."""
    paid = frame.filter(pl.col("amount") > 0).with_columns(
        decimals=pl.col("currency").replace_strict(dict(digits), return_dtype=pl.Int64)
    )
    return paid.select(
        *_placed(place),
        pl.col("member_id").cast(pl.String),
        "currency",
        _units(paid),
        "decimals",
        pl.lit("due").alias("state"),
        pl.lit("").alias("reason"),
        pl.lit(None, pl.Int64).alias("document"),
    )


def _balances(place: tuple[str, str, int], frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Return the rows of the store's `Balance`."""
    left = frame.with_columns(decimals=pl.lit(decimals_of(frame, "amount"), pl.Int64))
    return left.select(
        *_placed(place),
        pl.col("member_id").cast(pl.String),
        "kind",
        pl.lit(currency).alias("currency"),
        _units(left),
        "decimals",
    )


def _placed(place: tuple[str, str, int]) -> list[pl.Expr]:
    return [pl.lit(value).alias(name) for name, value in zip(("program", "period", "generation"), place, strict=True)]


def _units(frame: pl.DataFrame) -> pl.Series:
    """Return the amounts in units of ``10**-decimals``, int64; decimals are a column."""
    most = max([decimals_of(frame, "amount"), *frame.get_column("decimals").unique()])
    powers = {decimals: 10 ** (most - decimals) for decimals in range(most + 1)}
    power = pl.col("decimals").replace_strict(powers, return_dtype=pl.Int128)
    amount = pl.col("amount").cast(decimal_type(most)).to_physical()
    found = frame.select(units=amount // power, uneven=amount % power != 0)
    assert not found.get_column("uneven").any(), "a payment has no more decimals than its currency"
    return found.get_column("units").cast(pl.Int64)
