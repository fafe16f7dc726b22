"""Closings: that a period was committed, once per generation, with what was written then."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import ConflictError, Finding
from mlmcalc.store.clock import instant_text
from mlmcalc.store.rows import as_row, of_period, rows_of
from mlmcalc.store.tables import CLOSING
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class Closing:
    """A commit of a period.

    Attributes
    ----------
    program, period : str
    generation : int
    run : str
    document : int
        Number of the document of the commit.
    payments, journal, balances, adjustments : str or None
        SHA-256 of the objects.
    made_by : str
    made_at : int
        Microseconds since 1970 in UTC.
    reopened : int or None
        Number of the document that reopened it.
    """

    program: str
    period: str
    generation: int
    run: str
    document: int
    payments: str | None
    journal: str | None
    balances: str | None
    adjustments: str | None
    made_by: str
    made_at: int
    reopened: int | None = None


def add_closing(tx: Writing, closing: Closing) -> Closing:
    """Record a commit; its document and objects are recorded.

    Raises
    ------
    ConflictError
        ``store.closed``: this generation of the period is committed already, by whom, when and with which run.
    """
    there = [found for found in closings(tx, closing.program, closing.period) if found.generation == closing.generation]
    if there:
        first = there[0]
        message = (
            f"{first.program} {first.period} was committed by {first.made_by} at {instant_text(first.made_at)} "
            f"with run {first.run} (document {first.document})."
        )
        raise ConflictError(Finding("store.closed", message, "Nothing is to be done; or reopen the period."))
    tx.connection.execute(insert(CLOSING), dict(as_row(closing)))
    return closing


def closings(
    tx: Reading, program: str | None = None, period: str | None = None, reopened: bool = True
) -> list[Closing]:
    """Return the closings of a program, a period, or all, in their order; those reopened unless not wanted."""
    query = select(CLOSING).where(*of_period(CLOSING, program, period)).order_by(CLOSING.c.document)
    return rows_of(tx, Closing, query if reopened else query.where(CLOSING.c.reopened.is_(None)))


def standing_closing(tx: Reading, program: str, period: str) -> Closing | None:
    """Return the closing of a period that was not reopened, or None."""
    return next(iter(closings(tx, program, period, reopened=False)), None)


def mark_reopened(tx: Writing, closing: Closing, document: int) -> None:
    """Record that a document reopened a closing.

    Raises
    ------
    ConflictError
        ``store.reopened``: it was reopened already.
    """
    made = tx.connection.execute(
        update(CLOSING)
        .where(CLOSING.c.document == closing.document, CLOSING.c.reopened.is_(None))
        .values(reopened=document)
    )
    if made.rowcount != 1:
        message = f"{closing.program} {closing.period} was reopened already."
        raise ConflictError(Finding("store.reopened", message, "Look at `mlmcalc period status`."))
