"""What was told of one member, event by event, each with its two times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from mlmcalc.closing.told import Told
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.history.facts import KEYS
from mlmcalc.history.parts import GONE, MEMBER, PRESENT, TRUE_FROM, WAS, Part
from mlmcalc.store.batches import Batch

_ORDER = "order_id"


@dataclass(frozen=True, slots=True)
class MemberEvent:
    """One event.

    Attributes
    ----------
    kind : {"members", "orders", "volumes", "overrides"}
    true_from : datetime.date or None
        The day it is true from; of an override None where it has no first day.
    column : str
        The attribute; of a fact what tells it apart.
    value : str or None
        As text; None where it was emptied.
    known_at : int
        Microseconds since 1970 in UTC.
    batch : int
    made_by, file, reason : str
        Of the batch.
    """

    kind: str
    true_from: date | None
    column: str
    value: str | None
    known_at: int
    batch: int
    made_by: str
    file: str
    reason: str


def member_events(told: Told, member: str, kinds: Sequence[str]) -> list[MemberEvent]:
    """Return what was told of a member, in the order in which it became known, and of one batch by day.

    Parameters
    ----------
    told : Told
    member : str
        Its id as text.
    kinds : sequence of {"members", "orders", "volumes", "overrides"}

    Raises
    ------
    InputRefused
        ``history.no_member``: nothing was told of it.
    IntegrityError
        As `Objects.read`.
    """
    found: list[MemberEvent] = []
    orders: set[str] = set()
    for batch in told.batches:
        if batch.kind not in kinds:
            continue
        parts = told.parts_of(batch)
        if batch.kind == "members":
            events = [event for part in parts for event in _of_member(part, batch, member)]
        else:
            events = [event for part in parts for event in _of_facts(part, batch, member, orders)]
        found += sorted(events, key=lambda event: (event.true_from or date.min, event.column != "member"))
    if not found:
        message = f"nothing was told of a member {member}."
        raise InputRefused(Finding("history.no_member", message, "Look at its id.", member=member))
    return found


def _of_member(part: Part, batch: Batch, member: str) -> Iterator[MemberEvent]:
    for row in _rows(part.load(), MEMBER, {member}):
        day = row[TRUE_FROM]
        if PRESENT in row:
            yield _event(batch, day, "member", "there" if row[PRESENT] else "gone")
        for name, value in row.items():
            if name in (MEMBER, TRUE_FROM, PRESENT) or (PRESENT in row and value is None):
                continue
            yield _event(batch, day, name, value)


def _of_facts(part: Part, batch: Batch, member: str, orders: set[str]) -> Iterator[MemberEvent]:
    frame = part.load()
    rows = _rows(frame, MEMBER, {member}) if MEMBER in frame.columns else []
    if batch.kind == "orders":
        # What is withdrawn, or now somebody else's, says no more whose it was.
        orders |= {str(row[_ORDER]) for row in rows}
        rows = _rows(frame, _ORDER, orders)
    keys = [name for name in KEYS[batch.kind] if name != MEMBER]
    for row in rows:
        first = batch.source.scope_from
        day = row.get("date") or row.get(WAS) or row.get("from")
        if batch.kind == "volumes" and first:
            day = date.fromisoformat(first)
        told = [str(row[name]) for name in keys if row.get(name) is not None and name != "from"]
        name = " ".join([batch.kind.removesuffix("s"), *told])
        rest = {key: value for key, value in row.items() if key not in (*keys, MEMBER, "date", GONE, WAS)}
        if str(row.get(MEMBER, member)) != member:
            rest[MEMBER] = row[MEMBER]
        value = ", ".join(f"{key} {value}" for key, value in rest.items() if value is not None)
        yield _event(batch, day, name, "withdrawn" if row.get(GONE) else value)


def _rows(frame: pl.DataFrame, name: str, wanted: set[str]) -> list[dict[str, Any]]:
    column = pl.col(name)
    ids: list[Any] = sorted(wanted)
    if frame.schema[name] == pl.Int64:
        ids = [int(text) for text in wanted if text.removeprefix("-").isdecimal() and str(int(text)) == text]
    return frame.filter(column.is_in(ids)).rows(named=True)


def _event(batch: Batch, day: date | None, column: str, value: Any) -> MemberEvent:
    source = batch.source
    text = None if value is None else str(value)
    return MemberEvent(
        batch.kind, day, column, text, batch.known_at, batch.number, batch.made_by, source.file, source.reason
    )
