"""Approvals of a period's run, by a second person."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.periods import StoredPeriod
from mlmcalc.store.rows import next_number, of_period, rows_of
from mlmcalc.store.runs import run_of
from mlmcalc.store.tables import APPROVAL
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval.

    Attributes
    ----------
    number : int
    program, period : str
    generation : int
    run : str
        What was approved.
    made_by : str
        Who approves.
    made_at : int
        Microseconds since 1970 in UTC.
    reason : str
        What he says about it; may be empty.
    withdrawn_by : str or None
    withdrawn_at : int or None
    """

    number: int
    program: str
    period: str
    generation: int
    run: str
    made_by: str
    made_at: int
    reason: str
    withdrawn_by: str | None = None
    withdrawn_at: int | None = None


def add_approval(tx: Writing, period: StoredPeriod, run: str, reason: str = "") -> Approval:
    """Record that the actor approves a run of a period; who made the run may not.

    Whoever made overrides or adjustments of the period may not either; that is the caller's to know.

    Raises
    ------
    InputRefused
        ``store.own_approval``, ``store.no_run``.
    """
    if run_of(tx, run).made_by == tx.by:
        message = f"{tx.by} calculated {run} and cannot approve it."
        raise InputRefused(Finding("store.own_approval", message, "Ask a second person."))
    made = {
        "number": next_number(tx, APPROVAL),
        "program": period.program,
        "period": period.label,
        "generation": period.generation,
        "run": run,
        "made_by": tx.by,
        "made_at": tx.at,
        "reason": reason.strip(),
    }
    tx.connection.execute(insert(APPROVAL), made)
    return Approval(**made)


def approvals(
    tx: Reading,
    program: str | None = None,
    period: str | None = None,
    run: str | None = None,
    withdrawn: bool = False,
) -> list[Approval]:
    """Return the approvals of a program, a period, a run, or all, in their order; those withdrawn if asked."""
    query = select(APPROVAL).where(*of_period(APPROVAL, program, period)).order_by(APPROVAL.c.number)
    if run is not None:
        query = query.where(APPROVAL.c.run == run)
    return rows_of(tx, Approval, query if withdrawn else query.where(APPROVAL.c.withdrawn_at.is_(None)))


def withdraw_approvals(tx: Writing, program: str, period: str) -> int:
    """Withdraw every approval of a period that stands, because what was approved changed; return how many."""
    row = {"withdrawn_by": tx.by, "withdrawn_at": tx.at}
    conditions = [*of_period(APPROVAL, program, period), APPROVAL.c.withdrawn_at.is_(None)]
    return tx.connection.execute(update(APPROVAL).where(*conditions).values(row)).rowcount
