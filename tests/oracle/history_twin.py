"""The slow twin of history: events one by one, in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """One attribute of one member, as a batch tells it."""

    member: str
    column: str
    value: Any
    true_from: date
    batch: int


def events_of(parts: Iterable[Any]) -> list[Told]:
    """Every attribute of every row of parts."""
    return [
        Told(str(row["member_id"]), column, row[column], row["true_from"], part.number)
        for part in parts
        for row in part.load().iter_rows(named=True)
        for column in row
        if column not in ("member_id", "true_from")
    ]


def folded(events: Iterable[Told], as_of: date, known: int) -> dict[str, Row]:
    """Members and their attributes, null ones left out."""
    best: dict[tuple[str, str], Told] = {}
    for event in events:
        if event.true_from > as_of or event.batch > known:
            continue
        place = (event.member, event.column)
        if place not in best or (event.true_from, event.batch) >= (best[place].true_from, best[place].batch):
            best[place] = event
    there = {member for (member, column), event in best.items() if column == "present" and event.value}
    table: dict[str, Row] = {member: {} for member in there}
    for (member, column), event in best.items():
        if member in there and column != "present" and event.value is not None:
            table[member][column] = event.value
    return table


@dataclass(frozen=True)
class Fact:
    """One version of an order."""

    order: str
    content: Mapping[str, Any] | None
    batch: int


def orders_of_days(versions: Iterable[Fact], first: date, last: date, known: int) -> dict[str, Row]:
    """The last known version of every order, where it is of these days."""
    best: dict[str, Fact] = {}
    for version in versions:
        if version.batch <= known and (version.order not in best or version.batch >= best[version.order].batch):
            best[version.order] = version
    return {
        order: dict(version.content)
        for order, version in best.items()
        if version.content is not None and first <= version.content["date"] <= last
    }
