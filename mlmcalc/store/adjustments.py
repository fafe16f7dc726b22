"""Adjustments: lines that go into an open period because of an older one, each with its cause."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.money import text_from_units
from mlmcalc.store.rows import next_number, of_period, rows_of, stated
from mlmcalc.store.tables import ADJUSTMENT
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class NewAdjustment:
    """An adjustment before it is recorded.

    Attributes
    ----------
    member_id, type : str
    units, decimals : int
        The amount, in units of ``10**-decimals``.
    reason : str
    bonus : str
        Empty where it is of none.
    origin : str
        Label of the period that it comes from; empty where there is none.
    cause : str
        Such as ``return``, ``late order``, ``move``; empty where it is only the reason.
    source_runs : sequence of str
        Ids of the runs whose difference it is.
    """

    member_id: str
    type: str
    units: int
    decimals: int
    reason: str
    bonus: str = ""
    origin: str = ""
    cause: str = ""
    source_runs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class StoredAdjustment:
    """One adjustment; fields as in `NewAdjustment`.

    Attributes
    ----------
    number : int
    program, period : str
        The open period that takes it.
    source_runs : str
        JSON list of ids.
    made_by : str
    made_at : int
        Microseconds since 1970 in UTC, as the other instants.
    approved_by, withdrawn_by : str or None
    approved_at, withdrawn_at : int or None
    """

    number: int
    program: str
    period: str
    member_id: str
    type: str
    bonus: str
    units: int
    decimals: int
    origin: str
    cause: str
    reason: str
    source_runs: str
    made_by: str
    made_at: int
    approved_by: str | None = None
    approved_at: int | None = None
    withdrawn_by: str | None = None
    withdrawn_at: int | None = None

    @property
    def amount(self) -> str:
        """The amount as decimal text."""
        return text_from_units(self.units, self.decimals)


def add_adjustments(tx: Writing, program: str, period: str, lines: Iterable[NewAdjustment]) -> list[StoredAdjustment]:
    """Record adjustments; whether the period still takes them is the caller's to know.

    Raises
    ------
    InputRefused
        ``store.reason``: one has none.
    """
    first = next_number(tx, ADJUSTMENT)
    made = [
        StoredAdjustment(
            number,
            program,
            period,
            line.member_id,
            line.type,
            line.bonus,
            line.units,
            line.decimals,
            line.origin,
            line.cause,
            stated(line.reason, "an adjustment"),
            json.dumps(list(line.source_runs)),
            tx.by,
            tx.at,
        )
        for number, line in enumerate(lines, start=first)
    ]
    if made:
        names = StoredAdjustment.__dataclass_fields__
        tx.connection.execute(insert(ADJUSTMENT), [{name: getattr(line, name) for name in names} for line in made])
    return made


def adjustments(
    tx: Reading, program: str | None = None, period: str | None = None, withdrawn: bool = False
) -> list[StoredAdjustment]:
    """Return the adjustments in a program, a period, or all, in the order they were made; those withdrawn if asked."""
    query = select(ADJUSTMENT).where(*of_period(ADJUSTMENT, program, period)).order_by(ADJUSTMENT.c.number)
    return rows_of(tx, StoredAdjustment, query if withdrawn else query.where(ADJUSTMENT.c.withdrawn_at.is_(None)))


def adjustment_of(tx: Reading, number: int) -> StoredAdjustment:
    """Return an adjustment.

    Raises
    ------
    InputRefused
        ``store.no_adjustment``.
    """
    found = rows_of(tx, StoredAdjustment, select(ADJUSTMENT).where(ADJUSTMENT.c.number == number))
    if not found:
        message = f"there is no adjustment {number}."
        raise InputRefused(Finding("store.no_adjustment", message, "Look at the list of them."))
    return found[0]


def withdraw_adjustments(tx: Writing, numbers: Sequence[int]) -> None:
    """Withdraw adjustments; they stay in the list.

    Raises
    ------
    InputRefused
        ``store.no_adjustment``.
    ConflictError
        ``store.withdrawn``: one is withdrawn already.
    """
    for number in numbers:
        there = adjustment_of(tx, number)
        if there.withdrawn_by is not None:
            message = f"adjustment {number} was withdrawn by {there.withdrawn_by}."
            raise ConflictError(Finding("store.withdrawn", message))
        row = {"withdrawn_by": tx.by, "withdrawn_at": tx.at}
        tx.connection.execute(update(ADJUSTMENT).where(ADJUSTMENT.c.number == number).values(row))


def approve_adjustments(tx: Writing, numbers: Sequence[int]) -> None:
    """Record who approves adjustments; who made them may not.

    Raises
    ------
    InputRefused
        ``store.no_adjustment``, ``store.own_approval``.
    """
    for number in numbers:
        if adjustment_of(tx, number).made_by == tx.by:
            message = f"{tx.by} made adjustment {number} and cannot approve it."
            raise InputRefused(Finding("store.own_approval", message, "Ask a second person."))
        row = {"approved_by": tx.by, "approved_at": tx.at}
        tx.connection.execute(update(ADJUSTMENT).where(ADJUSTMENT.c.number == number).values(row))
