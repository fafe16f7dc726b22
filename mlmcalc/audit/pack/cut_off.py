"""Cut-off: orders dated near both ends of the period, on either side of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mlmcalc.audit.pack.model import Bounded, Cell, Listing, Section, amounts, columns

KEY, TITLE = "cut-off", "Cut-off"
QUESTION = "Are orders near the ends of the period counted in the right one?"
MOST = 5_000
"""Rows of a list that is written in full."""


@dataclass(frozen=True, slots=True)
class DayTotals:
    """The orders of one day.

    Attributes
    ----------
    day : str
    inside : bool
        Whether the day is of the period.
    used, left_out : int
        Orders.
    volumes : mapping of str to (Decimal, Decimal)
        Used and left out, by volume column.
    """

    day: str
    inside: bool
    used: int
    left_out: int
    volumes: Mapping[str, tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class LateOrder:
    """An order of the period that was known only after it ended.

    Attributes
    ----------
    order, member, day, known : str
        `known` is the instant, in UTC.
    """

    order: str
    member: str
    day: str
    known: str


@dataclass(frozen=True, slots=True)
class CutOff:
    """Orders near the ends of a period.

    Attributes
    ----------
    days : int
        How many on each side of each end.
    by_day : sequence of DayTotals
    near : Bounded
        Orders within these days that the run left out: row, order, member, day, kind, what became of it, volumes.
    edges : Bounded
        Used orders of the first and the last day of the period, in the same columns.
    far : int
        Orders outside the period that lie further away.
    volumes : sequence of str
        The volume columns, in the order of the rows.
    late : Bounded or None
        Orders of the period that were known only after it ended: order, member, day, when it was known, whether the
        run used it; None where it is not known when orders were known.
    late_unused : int
        How many of these the run does not hold.
    """

    days: int
    by_day: Sequence[DayTotals]
    near: Bounded
    edges: Bounded
    far: int
    volumes: Sequence[str]
    late: Bounded | None = None
    late_unused: int = 0


def cut_off(found: CutOff) -> Section:
    """Return the orders near both ends of the period, day by day and one by one."""
    wrong = [day for day in found.by_day if day.used and not day.inside]
    listings = [_by_day(found), _orders(found, "cut-off-left-out", "Outside the period", found.near)]
    listings.append(_orders(found, "cut-off-edges", "Used, of the first and the last day", found.edges))
    if found.late is not None:
        listings.append(_late(found.late))
    said = (
        f"Within {found.days} days of either end {found.near.found:,} orders lie outside the period and are not in it; "
        f"{found.far:,} more lie further away."
    )
    if wrong:
        said += f" Orders dated {wrong[0].day}, outside the period, were used."
    if found.late is None:
        said += " When orders became known is not part of this run's inputs."
    else:
        said += f" {found.late.found:,} orders of the period became known after it ended, "
        said += f"{found.late_unused:,} of them too late for this run."
    kept = [one for one in listings if one.rows]
    return Section(KEY, TITLE, QUESTION, "differs" if wrong else "listed", said, kept)


def _by_day(found: CutOff) -> Listing:
    rows: list[list[Cell]] = []
    for day in found.by_day:
        sums = [amount for name in found.volumes for amount in day.volumes[name]]
        rows.append([day.day, "inside" if day.inside else "outside", day.used, day.left_out, *sums])
    names = columns(day="text", period="text", used="count", left_out="count")
    names += amounts(f"{name} {what}" for name in found.volumes for what in ("used", "left out"))
    note = "Left out inside the period: orders that were given twice. Outside it: all that are known."
    return Listing("cut-off-days", "Day by day", names, rows, note)


def _orders(found: CutOff, name: str, title: str, orders: Bounded) -> Listing:
    names = columns(row="count", order="text", member="text", day="text", kind="text", became="text")
    names += amounts(found.volumes)
    return Listing(name, title, names, orders.rows, orders.note, shown=15)


def _late(late: Bounded) -> Listing:
    names = columns(order="text", member="text", day="text", known="text", used="text")
    return Listing("cut-off-late", "Of the period, known after it ended", names, late.rows, late.note)
