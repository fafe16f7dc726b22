"""What the batches of a store tell: their parts, and the tables that they come to at two times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Literal

import polars as pl

from mlmcalc.api.inputs import Inputs
from mlmcalc.api.needs import needs_of
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.history.facts import Scope, fold_facts, fold_orders
from mlmcalc.history.members import fold_members
from mlmcalc.history.parts import Part
from mlmcalc.history.returns import with_later_returns
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.store.batches import Batch, batches
from mlmcalc.store.clock import instant_text
from mlmcalc.store.objects import Objects, StoredObject
from mlmcalc.store.transaction import Reading
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.snapshot import id_columns, kept_columns

Returns = Literal["own_date", "original"]
"""``own_date``: a return counts on its own day. ``original``: it counts in the period of the order that it returns, on
that order's day; a return of an order of another period does not count in this one."""


class Told:
    """The batches that were known at an instant.

    Parameters
    ----------
    tx : Reading
        The frames are read while it lasts, or after it: objects never change.
    known_at : int, optional
        Microseconds since 1970 in UTC; everything by default.
    """

    def __init__(self, tx: Reading, known_at: int | None = None) -> None:
        self.batches: Sequence[Batch] = batches(tx, None, known_at)
        self._objects = tx.objects

    @property
    def last(self) -> int:
        """Number of the last batch; 0 where there is none."""
        return self.batches[-1].number if self.batches else 0

    def of_kind(self, kind: str) -> list[Batch]:
        """Return the batches of a kind."""
        return [batch for batch in self.batches if batch.kind == kind]

    def parts(self, kind: str, scope: Scope | None = None) -> list[Part]:
        """Return the parts of a kind; of volumes those that were given for a period.

        Parameters
        ----------
        kind : {"members", "orders", "volumes", "overrides"}
        scope : Scope, optional
            The days of the period.
        """
        days = None if scope is None else (scope.first.isoformat(), scope.last.isoformat())
        return [
            part
            for batch in self.of_kind(kind)
            if kind != "volumes" or (batch.source.scope_from, batch.source.scope_to) == days
            for part in self.parts_of(batch)
        ]

    def parts_of(self, batch: Batch) -> list[Part]:
        """Return the parts of a batch; each is read once, when it is asked for."""
        return _parts(self._objects, batch)


def _parts(objects: Objects, batch: Batch) -> list[Part]:
    first, last = (
        date.fromisoformat(day) if day and batch.kind == "orders" else None
        for day in (batch.source.scope_from, batch.source.scope_to)
    )
    return [Part(batch.number, part.columns, _loader(objects, part.object), first, last) for part in batch.parts]


def _loader(objects: Objects, sha256: str):  # type: ignore[no-untyped-def]  a callable that reads once
    return cache(lambda: objects.read(sha256))


@dataclass(frozen=True, slots=True)
class KnownInputs:
    """The inputs of a run as they were known.

    Attributes
    ----------
    inputs : Inputs
        Tables are paths of objects.
    objects : mapping of str to StoredObject
        By table; a store that is to keep the run records them.
    """

    inputs: Inputs
    objects: Mapping[str, StoredObject]


def inputs_at(
    tx: Reading,
    plan: Plan,
    period: Period,
    as_of: date | None = None,
    known_at: int | None = None,
    returns: Returns | None = None,
) -> KnownInputs:
    """Return what a run of a period is made of, as of a day and as known at an instant.

    Parameters
    ----------
    tx : Reading
    plan : Plan
    period : Period
    as_of : datetime.date, optional
        Members stand where they stood on that day, and orders of later days do not count; by default the last day of
        the period.
    known_at : int, optional
        Microseconds since 1970 in UTC: what became known later does not count; by default everything counts.
    returns : {"own_date", "original"}, optional
        By default as the plan says (``corrections``).

    Raises
    ------
    InputRefused
        As `tables_at`.
    EnvironmentRefused
        As `Objects.put`.
    IntegrityError
        As `Objects.read`.
    """
    told = Told(tx, known_at)
    day = as_of or period.last
    objects = _put(tx.objects, told, plan, period, day, returns)
    tables = {name: tx.objects.path(one.sha256) for name, one in objects.items()}
    return KnownInputs(Inputs(plan, tables, period.label, clocks=clocks_of(told, day)), objects)


def tables_at(
    tx: Reading, plan: Plan, period: Period, as_of: str, known_at: int, returns: Returns | None = None
) -> Mapping[str, StoredObject]:
    """Return the tables of a run as of a day and as known at an instant, as objects.

    Only the columns that the plan reads are in them, and the currency.

    Parameters
    ----------
    tx : Reading
    plan : Plan
    period : Period
    as_of : str
        Day, as ``2026-10-31``.
    known_at : int
        Microseconds since 1970 in UTC.
    returns : {"own_date", "original"}, optional
        By default as the plan says (``corrections``).

    Returns
    -------
    mapping of str to StoredObject
        ``members``, ``orders`` or ``volumes``, and ``overrides`` where there are any.

    Raises
    ------
    InputRefused
        ``history.nothing_known``: of members nothing is known at these times; ``history.column_unknown``: the plan
        reads a column that no import brought; ``history.orders_and_volumes``.
    EnvironmentRefused
        As `Objects.put`.
    IntegrityError
        As `Objects.read`.
    """
    return _put(tx.objects, Told(tx, known_at), plan, period, date.fromisoformat(as_of), returns)


def clocks_of(told: Told, as_of: date) -> dict[str, Any]:
    """Return the two times of a run for its manifest: nothing that was known later than the last batch went in."""
    known = instant_text(told.batches[-1].known_at if told.batches else 0)
    return {"as_of": as_of.isoformat(), "known_at": known, "batches": told.last}


def refuse_meanwhile(tx: Reading, told: Told) -> None:
    """Refuse to go on where something was taken in since the batches were looked at.

    Raises
    ------
    ConflictError
        ``history.meanwhile``.
    """
    if Told(tx).last != told.last:
        message = "somebody else took something in at the same time."
        raise ConflictError(Finding("history.meanwhile", message, "Repeat the command: it looks at everything anew."))


def _put(
    objects: Objects, told: Told, plan: Plan, period: Period, as_of: date, returns: Returns | None
) -> dict[str, StoredObject]:
    wanted: Returns = returns or ("original" if plan.corrections.returns == "reversal" else "own_date")
    tables = frames_at(told, needs_of(plan), period, as_of, wanted)
    _refuse_unknown_columns(tables, needs_of(plan), plan.file)
    return {name: objects.put(frame, name) for name, frame in tables.items()}


def frames_at(
    told: Told, needs: Needs, period: Period, as_of: date, returns: Returns = "own_date"
) -> dict[str, pl.DataFrame]:
    """Return the tables of a period as of a day, with the columns that are needed.

    Raises
    ------
    InputRefused
        ``history.nothing_known``, ``history.orders_and_volumes``.
    """
    members = fold_members(told.parts("members"), as_of, id_columns(needs, "members"))
    if members is None:
        message = f"of members nothing is known as of {as_of}."
        raise InputRefused(Finding("history.nothing_known", message, "Import them: `mlmcalc import --period PERIOD`."))
    scope = Scope(period.first, period.last)
    found = {"members": members}
    orders = _orders(told, needs, period, as_of, returns)
    volumes = fold_facts("volumes", told.parts("volumes", scope), id_columns(needs, "volumes"))
    if volumes is not None and orders is not None and orders.height:
        message = f"for {period.label} there are orders and a table of volumes."
        remedy = "Import one of the two without rows."
        raise InputRefused(Finding("history.orders_and_volumes", message, remedy))
    if volumes is not None:
        found["volumes"] = volumes
    elif orders is not None:
        found["orders"] = orders
    overrides = fold_facts("overrides", told.parts("overrides"), id_columns(needs, "overrides"))
    if overrides is not None:
        overrides = overrides.filter(Scope(period.first, max(period.last, as_of)).covers("overrides", overrides.schema))
        if overrides.height:
            found["overrides"] = overrides
    return {name: _needed(frame, needs, name) for name, frame in found.items()}


def _orders(told: Told, needs: Needs, period: Period, as_of: date, returns: Returns) -> pl.DataFrame | None:
    parts, ids = told.parts("orders"), id_columns(needs, "orders")
    # Whether an order is its buyer's first, all orders before decide.
    first = date.min if needs.first_order else period.first
    last = min(period.last, as_of)
    orders = fold_orders(parts, first, last, ids)
    if orders is None or returns == "own_date":
        return orders
    return with_later_returns(orders, fold_orders(parts, date.min, date.max, ids), Scope(period.first, last), ids)


def _needed(frame: pl.DataFrame, needs: Needs, kind: str) -> pl.DataFrame:
    wanted = kept_columns(needs, kind)
    kept = {*wanted.required, *wanted.optional}
    return frame.select(name for name in frame.columns if name in kept)


def _refuse_unknown_columns(tables: Mapping[str, pl.DataFrame], needs: Needs, file: str) -> None:
    findings = [
        Finding(
            "history.column_unknown",
            f"the plan reads {name} of {kind}, which nothing that was imported has.",
            "Import a table that has it.",
            file=file,
            column=name,
        )
        for kind, frame in tables.items()
        for name in kept_columns(needs, kind).required
        if name not in frame.columns and (kind != "overrides")
    ]
    if findings:
        raise InputRefused(findings)
