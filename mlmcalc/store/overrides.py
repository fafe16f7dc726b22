"""Overrides of a period before its commit: typed, each with a member, a reason and a name; withdrawn, never deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select, update

from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.canonical import canonical_json
from mlmcalc.store.rows import next_number, of_period, rows_of, stated
from mlmcalc.store.tables import OVERRIDE
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class StoredOverride:
    """One override.

    Attributes
    ----------
    number : int
    program, period : str
    kind : {"rank", "waiver", "hold", "amount", "volume"}
    member_id : str
    fields : str
        JSON of texts: what the kind needs, such as ``{"rank": "gold"}``.
    reason, made_by : str
    made_at : int
        Microseconds since 1970 in UTC, as the other instants.
    approved_by, withdrawn_by : str or None
    approved_at, withdrawn_at : int or None
    """

    number: int
    program: str
    period: str
    kind: str
    member_id: str
    fields: str
    reason: str
    made_by: str
    made_at: int
    approved_by: str | None = None
    approved_at: int | None = None
    withdrawn_by: str | None = None
    withdrawn_at: int | None = None

    @property
    def values(self) -> Mapping[str, str]:
        """The fields by name."""
        return json.loads(self.fields)


def add_override(
    tx: Writing, program: str, period: str, kind: str, member_id: str, fields: Mapping[str, str], reason: str
) -> StoredOverride:
    """Record an override; whether the period still takes one is the caller's to know.

    Raises
    ------
    InputRefused
        ``store.reason``: it has none.
    """
    row = {
        "number": next_number(tx, OVERRIDE),
        "program": program,
        "period": period,
        "kind": kind,
        "member_id": member_id,
        "fields": canonical_json(fields),
        "reason": stated(reason, "an override"),
        "made_by": tx.by,
        "made_at": tx.at,
    }
    tx.connection.execute(insert(OVERRIDE), row)
    return StoredOverride(**row)


def overrides(
    tx: Reading, program: str | None = None, period: str | None = None, withdrawn: bool = False
) -> list[StoredOverride]:
    """Return the overrides of a program, a period, or all, in the order they were made; those withdrawn if asked."""
    query = select(OVERRIDE).where(*of_period(OVERRIDE, program, period)).order_by(OVERRIDE.c.number)
    return rows_of(tx, StoredOverride, query if withdrawn else query.where(OVERRIDE.c.withdrawn_at.is_(None)))


def override_of(tx: Reading, number: int) -> StoredOverride:
    """Return an override.

    Raises
    ------
    InputRefused
        ``store.no_override``.
    """
    found = rows_of(tx, StoredOverride, select(OVERRIDE).where(OVERRIDE.c.number == number))
    if not found:
        raise InputRefused(Finding("store.no_override", f"there is no override {number}.", "Look at the list of them."))
    return found[0]


def withdraw_override(tx: Writing, number: int) -> None:
    """Withdraw an override; it stays in the list.

    Raises
    ------
    InputRefused
        ``store.no_override``.
    ConflictError
        ``store.withdrawn``: it is withdrawn already.
    """
    there = override_of(tx, number)
    if there.withdrawn_by is not None:
        message = f"override {number} was withdrawn by {there.withdrawn_by}."
        raise ConflictError(Finding("store.withdrawn", message))
    row = {"withdrawn_by": tx.by, "withdrawn_at": tx.at}
    tx.connection.execute(update(OVERRIDE).where(OVERRIDE.c.number == number).values(row))


def approve_override(tx: Writing, number: int) -> None:
    """Record who approves an override; who made it may not.

    Raises
    ------
    InputRefused
        ``store.no_override``, ``store.own_approval``.
    """
    if override_of(tx, number).made_by == tx.by:
        message = f"{tx.by} made override {number} and cannot approve it."
        raise InputRefused(Finding("store.own_approval", message, "Ask a second person."))
    row = {"approved_by": tx.by, "approved_at": tx.at}
    tx.connection.execute(update(OVERRIDE).where(OVERRIDE.c.number == number).values(row))
