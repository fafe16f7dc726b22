"""What a store knows of a run beside its folder: how it was closed and paid, who did what, which orders came late."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.api.needs import needs_of
from mlmcalc.api.pack.gather import Beside
from mlmcalc.api.places import ARCHIVE_FILE, archive_of
from mlmcalc.api.recalculate import PLAN_FILE
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.audit.pack.cut_off import LateOrder
from mlmcalc.audit.pack.decisions import Act, Acts, Approved, Entered
from mlmcalc.audit.pack.tie_out import Booked, Closed
from mlmcalc.closing.desk import called
from mlmcalc.closing.told import Told
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.history.facts import fold_orders
from mlmcalc.history.instants import end_of_day
from mlmcalc.plan.load import load_plan
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.approvals import approvals
from mlmcalc.store.clock import instant_text, microseconds_of
from mlmcalc.store.closings import closings, standing_closing
from mlmcalc.store.documents import documents
from mlmcalc.store.log import log_records
from mlmcalc.store.overrides import overrides
from mlmcalc.store.periods import find_period, periods
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.store import Store
from mlmcalc.store.transaction import Reading
from mlmcalc.tables.snapshot import id_columns
from mlmcalc.tables.verified import read_verified

MOST_DAYS = 31
"""Around a period: the longest cut-off list."""


def stored_run(store: Store, wanted: str, program: str | None = None) -> StoredRun:
    """Return a run of a store by the label of its period, or by its id, or the beginning or the end of it.

    Parameters
    ----------
    store : Store
    wanted : str
        Of a period the run that was calculated, approved or committed is meant.
    program : str, optional
        Where several have such a period.

    Raises
    ------
    InputRefused
        ``closing.which_program``, ``closing.not_calculated``, ``store.no_run``.
    """
    with store.read() as tx:
        found = [one for one in periods(tx, program) if one.label == wanted]
        if not found:
            return run_of(tx, wanted)
        if len(found) > 1:
            names = ", ".join(one.program for one in found)
            message = f"{len(found)} programs have a period {wanted}: {names}."
            raise InputRefused(Finding("closing.which_program", message, "Name one with --program."))
        if found[0].run is None:
            remedy = f"Calculate it: `mlmcalc period calculate {wanted}`."
            raise InputRefused(Finding("closing.not_calculated", f"{called(found[0])} has no run yet.", remedy))
        return run_of(tx, found[0].run)


def committed_runs(store: Store, program: str | None = None) -> list[Path]:
    """Return the folders of the runs that stand committed, of a program or of all."""
    with store.read() as tx:
        return [store.run_folder(one.run) for one in closings(tx, program, reopened=False)]


def evidence_of(store: Store, run: StoredRun) -> Beside:
    """Return what a store knows of one of its runs.

    Raises
    ------
    IntegrityError
        ``store.object_missing``, ``store.object_altered``.
    """
    with store.read() as tx:
        return Beside(company=tx.company, booked=_booked(tx, run), acts=_acts(tx, run), **_orders_told(store, tx, run))


def archive_evidence(folder: Path) -> Beside | None:
    """Return what an exported archive says of a run that lies in it; None for a run that lies in none.

    Every document is verified by its digest, and every table by its own.

    Raises
    ------
    IntegrityError
        ``closing.archive``, ``tables.digest``, ``tables.missing``: the archive is not what it says.
    """
    archive = archive_of(folder)
    if archive is None:
        return None
    manifest = sealed_manifest(folder)
    try:
        contents = json.loads((archive / ARCHIVE_FILE).read_bytes())
        # Only what lies among the documents is one, whatever the list says.
        files = [(archive / "documents" / Path(one["file"]).name, one["sha256"]) for one in contents["documents"]]
        bodies = [(json.loads(read_verified(file, sha256)), sha256) for file, sha256 in files]
        return Beside(company=contents["company"], booked=_archived(archive, manifest, bodies))
    except (ValueError, KeyError, TypeError) as fault:
        message = f"this is no list of an archive: {fault}."
        remedy = "Export it again."
        raise IntegrityError(Finding("closing.archive", message, remedy, file=str(archive / ARCHIVE_FILE))) from fault


def _archived(archive: Path, manifest: Mapping[str, Any], bodies: Iterable[tuple[Any, str]]) -> Booked | None:
    about = (manifest["plan"]["name"], manifest["period"]["label"])
    of_period = [(body, digest) for body, digest in bodies if (body["program"], body["period"]) == about]
    booked = None
    for body, _ in of_period:
        if body["kind"] == "commit" and body["run"]["id"] == manifest["run"]:
            booked = _booked_by(body, partial(_table, archive))
        elif body["kind"] == "reopening":
            booked = None
    return None if booked is None else replace(booked, closed=[_closed(*one) for one in of_period])


def _booked(tx: Reading, run: StoredRun) -> Booked | None:
    closing = standing_closing(tx, run.program, run.period)
    if closing is None or closing.run != run.id:
        return None
    made = documents(tx, run.program, run.period)
    commit = next(one for one in made if one.number == closing.document)
    booked = _booked_by(commit.content, tx.objects.read)
    return replace(booked, closed=[_closed(one.content, one.digest) for one in made])


def _booked_by(commit: Mapping[str, Any], read: Callable[[str], pl.DataFrame]) -> Booked:
    payments, journal = (read(commit["tables"][name]["sha256"]) for name in ("payments", "journal"))
    sums = journal.group_by("entry", "account", "currency", maintain_order=True)
    return Booked(
        f"document {commit['number']}",
        payments.select("member_id", pl.col("plan_amount").alias("amount")),
        sums.agg(pl.col("debit").sum(), pl.col("credit").sum()),
    )


def _table(archive: Path, sha256: str) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(read_verified(archive / "tables" / f"{sha256}.parquet", sha256)))


def _closed(body: Mapping[str, Any], digest: str) -> Closed:
    signed = (body["at"], body["made_by"], str(body.get("approved_by") or ""), str(body.get("reason") or ""))
    return Closed(body["number"], body["kind"], *signed, digest, body["previous"])


def _acts(tx: Reading, run: StoredRun) -> Acts:
    period = find_period(tx, run.program, run.period)
    assert period is not None, "a run is of a period of the store"
    subject = called(period)
    approved = [
        Approved(instant_text(one.made_at), one.made_by, one.reason, _withdrawn(one.withdrawn_by, one.withdrawn_at))
        for one in approvals(tx, run.program, run.period, run.id, withdrawn=True)
    ]
    log = [
        Act(one.seq, instant_text(one.at), one.by, one.action, one.details, one.digest)
        for one in log_records(tx, subject)
        if one.subject == subject
    ]
    return Acts(run.made_by, approved, list(_entered(tx, run)), log)


def _entered(tx: Reading, run: StoredRun) -> Iterator[Entered]:
    for one in overrides(tx, run.program, run.period, withdrawn=True):
        what = ", ".join(f"{name} {value}" for name, value in sorted(one.values.items()))
        signed = (one.made_by, instant_text(one.made_at), one.approved_by or "", one.withdrawn_by or "")
        yield Entered(one.number, one.kind, one.member_id, what, one.reason, *signed)
    for one in adjustments(tx, run.program, run.period, withdrawn=True):
        what = ", ".join(part for part in (one.amount, one.bonus, one.origin, one.cause) if part)
        signed = (one.made_by, instant_text(one.made_at), one.approved_by or "", one.withdrawn_by or "")
        yield Entered(one.number, f"adjustment: {one.type}", one.member_id, what, one.reason, *signed)


def _withdrawn(by: str | None, at: int | None) -> str:
    return "" if by is None or at is None else f"{instant_text(at)} by {by}"


def _orders_told(store: Store, tx: Reading, run: StoredRun) -> dict[str, Any]:
    """Return the orders that came late, and those of the days around the period that were known to the run."""
    told = Told(tx, run.known_at)
    if not told.batches:
        # The tables came from elsewhere, and nobody wrote down when.
        return {}
    period = find_period(tx, run.program, run.period)
    assert period is not None, "a run is of a period of the store"
    plan = load_plan(store.run_folder(run.id) / PLAN_FILE)
    first, last = date.fromisoformat(period.first), date.fromisoformat(period.last)
    around = timedelta(days=MOST_DAYS)
    ids = id_columns(needs_of(plan), "orders")
    orders = fold_orders(told.parts("orders"), first - around, last + around, ids)
    inside = pl.col("date").cast(pl.Date).is_between(first, last)
    beyond = None if orders is None else orders.filter(~inside)
    return {"late": _late(Told(tx), first, last, plan.time_zone), "beyond": beyond}


def _late(told: Told, first: date, last: date, zone: str) -> list[LateOrder]:
    ended = microseconds_of(end_of_day(last, zone))
    found: dict[str, LateOrder] = {}
    for batch in told.of_kind("orders"):
        if batch.known_at <= ended:
            continue
        for part in told.parts_of(batch):
            if not {"order_id", "member_id", "date"} <= set(part.columns):
                continue
            rows = part.load().select("order_id", "member_id", pl.col("date").cast(pl.Date))
            for order, member, day in rows.filter(pl.col("date").is_between(first, last)).iter_rows():
                found[str(order)] = LateOrder(str(order), str(member), str(day), instant_text(batch.known_at))
    return list(found.values())
