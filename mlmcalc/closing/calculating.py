"""Calculating a period: into the store, as the run that is to be approved or as a preview beside it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mlmcalc.api.calculate import Progress, run_into_folder, silent
from mlmcalc.api.inputs import Inputs
from mlmcalc.api.run import Run
from mlmcalc.api.stored_runs import load_run
from mlmcalc.closing.changes import back_to_open
from mlmcalc.closing.desk import CALCULATED, Desk, called, day_of, instant_known, opened, refuse_closed
from mlmcalc.closing.gathering import Entered, Gathered, gathered
from mlmcalc.closing.plan_versions import refuse_edited
from mlmcalc.closing.verifying import refuse_changed
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.canonical import canonical_json
from mlmcalc.store.periods import StoredPeriod, period_of, set_period
from mlmcalc.store.runs import StoredRun, add_run, set_purpose
from mlmcalc.store.transaction import Writing

Purpose = Literal["calculated", "preview"]


@dataclass(frozen=True, slots=True)
class Calculation:
    """A run of a period that the store keeps.

    Attributes
    ----------
    period : StoredPeriod
        As it is now.
    run : StoredRun
    result : Run
    there_already : bool
        Whether the store had this very run: the same plan, inputs and arithmetic.
    provisional : bool
        Whether it begins with the state of a run that is not committed.
    """

    period: StoredPeriod
    run: StoredRun
    result: Run
    there_already: bool
    provisional: bool


class _There(Exception):
    """The store has the folder of this run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder


def calculate(
    desk: Desk,
    program: str,
    label: str,
    purpose: Purpose = "calculated",
    *,
    version: str | None = None,
    as_of: str | None = None,
    known_at: int | None = None,
    threads: int = 2,
    progress: Progress = silent,
) -> Calculation:
    """Calculate a period into the store.

    The first period of a program, and the one directly after the last, is opened by its calculation. What is
    calculated replaces what was calculated before; a preview changes nothing of the period.

    Parameters
    ----------
    desk : Desk
    program, label : str
    purpose : {"calculated", "preview"}
    version : str, optional
        Of the plan; by default the one in force on the period's first day.
    as_of : str, optional
        Day on which members stand where they stand; by default the period's last.
    known_at : int, optional
        Microseconds since 1970 in UTC: what became known later does not go in; by default now.
    threads : int
    progress : callable

    Raises
    ------
    InputRefused
        ``closing.committed``, ``closing.gap``, ``closing.state``, ``closing.version``, ``closing.plan_edited``,
        ``closing.known_at``, and as a run.
    ConflictError
        ``closing.changed_meanwhile``: somebody entered or decided something while it was calculated.
    IntegrityError
        A run of this id is in the store, and was changed since; what the run reads is missing or was changed.
    EnvironmentRefused
        As `run_into_folder` and the store.
    """
    plan = desk.plan(program, label, version)
    with desk.store.write(desk.by) as tx:
        period = opened(tx, plan, label)
        instant = instant_known(tx, known_at)
    if purpose == "calculated":
        refuse_closed(period)
    day = period.last if as_of is None else day_of(as_of)
    with desk.store.read() as tx:
        if purpose == "calculated":
            refuse_edited(tx, plan)
        given = gathered(tx, desk, plan, label, day, instant, provisional=purpose == "preview")
    result, there = run_into_store(desk, given, threads, progress)
    stored = stored_run(desk, given, result, purpose, day, instant)
    with desk.store.write(desk.by) as tx:
        return _recorded(tx, given, result, replace(stored, made_at=tx.at), there, purpose)


def run_into_store(desk: Desk, given: Gathered, threads: int, progress: Progress) -> tuple[Run, bool]:
    """Return a run in its folder of the store, and whether it was there already; then it is verified, not repeated."""

    def place(run: str) -> Path:
        folder = desk.store.run_folder(run)
        if os.path.lexists(folder):
            raise _There(folder)
        return folder

    inputs = Inputs(plan=given.plan, tables=given.tables, period=given.period.label, clocks=given.clocks)
    try:
        return run_into_folder(inputs, place, "parquet", threads, progress), False
    except _There as found:
        refuse_changed(found.folder)
        return load_run(found.folder), True
    except InputRefused as refusal:
        raise told_by_name(refusal, given) from None


def told_by_name(refusal: InputRefused, given: Gathered) -> InputRefused:
    """Return a refusal whose findings name the tables: nobody knows an object by its name."""
    names = {str(path): f"{name}, as known and entered" for name, path in given.tables.items() if path.is_file()}
    return InputRefused(replace(one, file=names.get(one.file, one.file)) for one in refusal.findings)


def stored_run(desk: Desk, given: Gathered, result: Run, purpose: str, as_of: str, known_at: int) -> StoredRun:
    """Return what the store records of a run in its folder; when it was made is for the transaction to say."""
    details: Mapping[str, object] = {
        "opening": given.before.run,
        **({"corrected": given.before.corrected} if given.before.corrected else {}),
        "provisional": not given.before.committed,
        "overrides": [one.number for one in given.entered.overrides],
        "adjustments": [one.number for one in given.entered.adjustments],
        "rates": dict(given.entered.rates),
        "closed": [list(one) for one in given.closed],
    }
    return StoredRun(
        id=result.id,
        program=given.plan.name,
        period=given.period.label,
        purpose=purpose,
        digest=result.digest,
        manifest_sha256=load_run(desk.store.run_folder(result.id)).manifest["manifest_sha256"],
        folder=f"runs/{result.id}",
        as_of=as_of,
        known_at=known_at,
        plan_version=given.plan.version,
        plan_digest=given.plan.digest,
        details=canonical_json(details),
        made_by=desk.by,
        made_at=0,
    )


def _recorded(
    tx: Writing, given: Gathered, result: Run, stored: StoredRun, there: bool, purpose: Purpose
) -> Calculation:
    for one in given.objects:
        tx.add_object(one)
    kept = add_run(tx, stored)
    provisional = not given.before.committed
    if purpose == "preview":
        tx.log("period.preview", called(given.period), {"run": kept.id, "digest": kept.digest})
        return Calculation(period_of(tx, kept.program, kept.period), kept, result, there, provisional)
    seen = period_of(tx, given.plan.name, given.period.label)
    refuse_closed(seen)
    _refuse_changed_meanwhile(tx, given, seen)
    set_purpose(tx, kept.id, "calculated")
    known = {"run": kept.id, "digest": kept.digest, "known_at": stored.known_at}
    tx.log(CALCULATED, called(seen), known)
    if seen.run == kept.id:
        # What was calculated, and perhaps approved, is what it comes to again.
        return Calculation(seen, kept, result, there, provisional)
    period = set_period(tx, back_to_open(tx, seen, "it was calculated again"), "calculated", kept.id)
    return Calculation(period, replace(kept, purpose="calculated"), result, there, provisional)


def _refuse_changed_meanwhile(tx: Writing, given: Gathered, seen: StoredPeriod) -> None:
    if Entered.of(tx, seen.program, seen.label) == given.entered and seen == given.period:
        return
    message = f"somebody changed {called(seen)} while it was calculated."
    remedy = "Look at `mlmcalc period status`, then calculate again."
    raise ConflictError(Finding("closing.changed_meanwhile", message, remedy))
