"""Programs and their periods, with the status that each has reached."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.rows import as_row, rows_of
from mlmcalc.store.tables import PERIOD, PROGRAM
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class Program:
    """A plan with its own calendar.

    Attributes
    ----------
    name : str
        The plan's name.
    calendar : str
        ``month``, ``week`` or ``days``.
    created_at : int
        Microseconds since 1970 in UTC.
    """

    name: str
    calendar: str
    created_at: int


@dataclass(frozen=True, slots=True)
class StoredPeriod:
    """A period of a program.

    Attributes
    ----------
    program, label : str
    first, last : str
        Days, as ``2026-10-01``; both inside.
    status : {"open", "calculated", "reviewed", "committed", "paid"}
    generation : int
        1, and one more with every reopening.
    run : str or None
        The run that was calculated, reviewed, committed; None while open.
    """

    program: str
    label: str
    first: str
    last: str
    status: str
    generation: int
    run: str | None


def add_program(tx: Writing, name: str, calendar: str) -> Program:
    """Record a program, or return it as it is recorded.

    Raises
    ------
    ConflictError
        ``store.calendar``: it is recorded with another calendar.
    """
    there = program_of(tx, name)
    if there is None:
        there = Program(name, calendar, tx.at)
        tx.connection.execute(insert(PROGRAM), dict(as_row(there)))
    if there.calendar != calendar:
        message = f"{name} has a calendar of {there.calendar}s in the store, of {calendar}s in its plan."
        raise ConflictError(Finding("store.calendar", message, "Give the plan with another calendar another name."))
    return there


def program_of(tx: Reading, name: str) -> Program | None:
    """Return a program, or None."""
    return next(iter(rows_of(tx, Program, select(PROGRAM).where(PROGRAM.c.name == name))), None)


def programs(tx: Reading) -> list[Program]:
    """Return all programs by name."""
    return rows_of(tx, Program, select(PROGRAM).order_by(PROGRAM.c.name))


def add_period(tx: Writing, program: str, label: str, first: str, last: str) -> StoredPeriod:
    """Record an open period, or return it as it is recorded.

    Raises
    ------
    ConflictError
        ``store.period``: it is recorded with other days, or its days overlap those of another.
    """
    there = find_period(tx, program, label)
    if there is not None:
        if (there.first, there.last) == (first, last):
            return there
        message = f"{program} {label} goes from {there.first} to {there.last} in the store, not {first} to {last}."
        raise ConflictError(Finding("store.period", message, "Use the calendar it was opened with."))
    query = select(PERIOD.c.label).where(PERIOD.c.program == program, PERIOD.c.first <= last, PERIOD.c.last >= first)
    other = tx.connection.execute(query.limit(1)).scalar()
    if other is not None:
        message = f"{program} {label} shares days with {other}."
        raise ConflictError(Finding("store.period", message, "Periods of a program follow one another."))
    made = StoredPeriod(program, label, first, last, "open", 1, None)
    tx.connection.execute(insert(PERIOD), dict(as_row(made)))
    return made


def find_period(tx: Reading, program: str, label: str) -> StoredPeriod | None:
    """Return a period, or None."""
    query = select(PERIOD).where(PERIOD.c.program == program, PERIOD.c.label == label)
    return next(iter(rows_of(tx, StoredPeriod, query)), None)


def period_of(tx: Reading, program: str, label: str) -> StoredPeriod:
    """Return a period.

    Raises
    ------
    InputRefused
        ``store.no_period``.
    """
    found = find_period(tx, program, label)
    if found is None:
        message = f"{program} has no period {label} in the store."
        raise InputRefused(
            Finding("store.no_period", message, "Calculate it first, or look at `mlmcalc period status`.")
        )
    return found


def periods(tx: Reading, program: str | None = None, statuses: Collection[str] = ()) -> list[StoredPeriod]:
    """Return the periods of a program, or of all, from the first to the last; of some statuses, or of all."""
    query = select(PERIOD).order_by(PERIOD.c.program, PERIOD.c.first)
    if program is not None:
        query = query.where(PERIOD.c.program == program)
    if statuses:
        query = query.where(PERIOD.c.status.in_(list(statuses)))
    return rows_of(tx, StoredPeriod, query)


def period_before(tx: Reading, period: StoredPeriod) -> StoredPeriod | None:
    """Return the period of the same program that is recorded before another, gap or not; None for the first."""
    query = (
        select(PERIOD)
        .where(PERIOD.c.program == period.program, PERIOD.c.first < period.first)
        .order_by(PERIOD.c.first.desc())
    )
    return next(iter(rows_of(tx, StoredPeriod, query.limit(1))), None)


def period_after(tx: Reading, period: StoredPeriod) -> StoredPeriod | None:
    """Return the period of the same program that is recorded after another; None for the last."""
    query = (
        select(PERIOD).where(PERIOD.c.program == period.program, PERIOD.c.first > period.first).order_by(PERIOD.c.first)
    )
    return next(iter(rows_of(tx, StoredPeriod, query.limit(1))), None)


def set_period(
    tx: Writing, period: StoredPeriod, status: str, run: str | None = None, generation: int | None = None
) -> StoredPeriod:
    """Bring a period to another status, from the state in which the caller saw it.

    Parameters
    ----------
    tx : Writing
    period : StoredPeriod
        As the caller read it, in this transaction or before.
    status : str
    run : str, optional
        Without it, the run stays; an open period has none.
    generation : int, optional
        Without it, it stays.

    Raises
    ------
    ConflictError
        ``store.period_moved``: somebody changed it since.
    """
    there = period_of(tx, period.program, period.label)
    if there != period:
        message = (
            f"{period.program} {period.label} was {period.status} (generation {period.generation}, run {period.run}) "
            f"when you looked; now it is {there.status} (generation {there.generation}, run {there.run})."
        )
        raise ConflictError(
            Finding("store.period_moved", message, "Look at `mlmcalc period status`, then decide again.")
        )
    kept = None if status == "open" else run or period.run
    made = StoredPeriod(
        period.program, period.label, period.first, period.last, status, generation or period.generation, kept
    )
    tx.connection.execute(
        update(PERIOD)
        .where(PERIOD.c.program == period.program, PERIOD.c.label == period.label)
        .values(status=made.status, run=made.run, generation=made.generation)
    )
    return made
