"""Runs that the store keeps, each with its folder."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.store.rows import as_row, of_period, rows_of
from mlmcalc.store.tables import RUN
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run and where its folder is.

    Attributes
    ----------
    id : str
        As its manifest says: plan, inputs and arithmetic make it.
    program, period : str
    purpose : {"preview", "calculated", "trueup", "projection", "trial"}
    digest, manifest_sha256 : str
    folder : str
        Relative to the folder of the store, with ``/``.
    as_of : str
        Day, as ``2026-10-31``.
    known_at : int
        Microseconds since 1970 in UTC: what was known then went in.
    plan_version, plan_digest : str
    details : str
        JSON: what else is to be known of it; ``{}`` for nothing.
    made_by : str
    made_at : int
        Microseconds since 1970 in UTC.
    """

    id: str
    program: str
    period: str
    purpose: str
    digest: str
    manifest_sha256: str
    folder: str
    as_of: str
    known_at: int
    plan_version: str
    plan_digest: str
    details: str
    made_by: str
    made_at: int


def add_run(tx: Writing, run: StoredRun) -> StoredRun:
    """Record a run whose folder is in its place, or return it as it is recorded; its program must be.

    Raises
    ------
    IntegrityError
        ``store.run_differs``: a run of this id, so of the same inputs, is recorded with another digest.
    """
    there = find_run(tx, run.id)
    if there is None:
        tx.connection.execute(insert(RUN), dict(as_row(run)))
        return run
    if there.digest != run.digest:
        message = (
            f"{run.id} came to {run.digest[:16]}, and to {there.digest[:16]} before: the same inputs, another result."
        )
        raise IntegrityError(Finding("store.run_differs", message, "Keep both folders and have this looked into."))
    return there


def find_run(tx: Reading, id: str) -> StoredRun | None:
    """Return a run, or None."""
    return next(iter(rows_of(tx, StoredRun, select(RUN).where(RUN.c.id == id))), None)


def run_of(tx: Reading, id: str) -> StoredRun:
    """Return a run by its id, or by the beginning or the end of it, if only one has it.

    Raises
    ------
    InputRefused
        ``store.no_run``: there is none, or more than one.
    """
    found = find_run(tx, id)
    if found is not None:
        return found
    ids = [
        known
        for known in tx.connection.execute(select(RUN.c.id)).scalars()
        if known.startswith(id) or known.endswith(id)
    ]
    if len(ids) != 1:
        message = f"{len(ids)} runs of the store are called {id!r}." if ids else f"the store has no run {id!r}."
        remedy = f"Name one of {', '.join(sorted(ids)[:5])}." if ids else "Look at `mlmcalc period status`."
        raise InputRefused(Finding("store.no_run", message, remedy))
    return rows_of(tx, StoredRun, select(RUN).where(RUN.c.id == ids[0]))[0]


def runs(
    tx: Reading, program: str | None = None, period: str | None = None, purpose: str | None = None
) -> list[StoredRun]:
    """Return the runs of a program, a period, a purpose, or all, from the oldest to the newest."""
    query = select(RUN).where(*of_period(RUN, program, period)).order_by(RUN.c.made_at, RUN.c.id)
    return rows_of(tx, StoredRun, query if purpose is None else query.where(RUN.c.purpose == purpose))


def set_purpose(tx: Writing, id: str, purpose: str) -> None:
    """Give a run another purpose: a preview becomes what is calculated."""
    tx.connection.execute(update(RUN).where(RUN.c.id == id).values(purpose=purpose))
