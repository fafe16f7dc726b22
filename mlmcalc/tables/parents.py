"""Parent and leg columns: every member whose place in a recorded tree is impossible, or doubtful."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.checks import (
    doubled_legs,
    find_cycles,
    joined_before_parent,
    legs_beyond_width,
    missing_legs,
    parents_of_themselves,
)
from mlmcalc.kernels.relabel import taken
from mlmcalc.periods import day_text
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.ids import read_ids
from mlmcalc.tables.lookup import UNKNOWN, Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.source import Table
from mlmcalc.tables.words import read_texts

_SHOWN_MEMBERS = 20
_LEGS = {"left": 1, "l": 1, "right": 2, "r": 2}
_MOST_LEGS = 32767


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The members by row, a row being an index into the ids in ascending order.

    Attributes
    ----------
    table : Table
    directory : Directory
    order : (n,) int64 or None
        Index into the table of each row; None where they are the same.
    """

    table: Table
    directory: Directory
    order: NDArray[np.int64] | None

    @property
    def size(self) -> int:
        """Number of members."""
        return self.table.size if self.order is None else self.order.size

    @property
    def places(self) -> NDArray[np.int64]:
        """Index into the table of each row, ``(n,)`` int64."""
        return np.arange(self.table.size, dtype=np.int64) if self.order is None else self.order

    def places_of(self, rows: NDArray[np.integer]) -> NDArray[np.integer]:
        """Return the index into the table of some rows."""
        return rows if self.order is None else self.order[rows]

    def by_row(self, column: NDArray[Any]) -> NDArray[Any]:
        """Return a column of the table by row."""
        return column if self.order is None else taken(column, self.order)

    def member(self, row: int) -> str:
        """Return a member's id as text."""
        return self.directory.ids.text(row)

    def report(
        self, code: str, column: str, rows: NDArray[np.integer], message: str, remedy: str, collector: Collector
    ) -> None:
        """Report members by row, all with one message."""
        collector.rows(
            code,
            self.table,
            column,
            self.places_of(rows),
            lambda _: message,
            remedy,
            member=lambda index: self.member(int(rows[index])),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where members stand: parent rows and legs per recorded tree, by row."""

    parents: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    legs: dict[str, NDArray[np.int16]] = field(default_factory=dict)


def read_places(rows: Rows, needs: Needs, joined: NDArray[np.int32] | None, collector: Collector) -> Places:
    """Return parents and legs of every recorded tree that the table has columns for.

    Parameters
    ----------
    rows : Rows
    needs : Needs
    joined : (n,) int32 or None
        Day of joining by row.
    collector : Collector
        Receives ``genealogy.orphan``, ``genealogy.self_sponsor``, ``genealogy.cycle``, ``genealogy.leg``,
        ``genealogy.leg_taken``, ``genealogy.width`` and the warning ``genealogy.joined_after_recruit``.
    """
    found = Places()
    for tree, (column, leg_column, width) in needs.trees.items():
        if not rows.table.has(column):
            continue
        parent = _read_parents(rows, tree, column, collector)
        if not found.parents and joined is not None:
            _report_late_parents(rows, column, parent, joined, collector)
        found.parents[tree] = parent
        if leg_column and rows.table.has(leg_column):
            found.legs[tree] = _read_legs(rows, parent, leg_column, width, collector)
        elif width and not leg_column:
            _report_width(rows, tree, column, parent, width, collector)
    return found


def _read_parents(rows: Rows, tree: str, column: str, collector: Collector) -> NDArray[np.int32]:
    wanted = read_ids(rows.table, column, collector, blank="allowed")
    parent = rows.by_row(rows.directory.rows(rows.table, column, wanted, collector))
    orphans = np.flatnonzero(parent == UNKNOWN)
    orphaned = rows.places_of(orphans)
    collector.rows(
        "genealogy.orphan",
        rows.table,
        column,
        orphaned,
        lambda index: f"{tree} {shown(wanted.text(int(orphaned[index])))} is not a member.",
        lambda index: f"Add the {tree}, or give {rows.member(int(orphans[index]))} another one.",
        member=lambda index: rows.member(int(orphans[index])),
    )
    parent[orphans] = -1
    own = parents_of_themselves(parent)
    rows.report("genealogy.self_sponsor", column, own, f"the member is its own {tree}.", "Correct it.", collector)
    parent[own] = -1
    cycles = find_cycles(parent)
    kind = ("genealogy.cycle", rows.table.file, rows.table.heading(column))
    collector.many(kind, len(cycles), lambda index: _cycle_finding(rows, column, cycles[index]))
    # The rest can be checked as if one of them were a root.
    parent[[cycle[0] for cycle in cycles]] = -1
    return parent


def _cycle_finding(rows: Rows, column: str, cycle: list[int]) -> Finding:
    names = [rows.member(row) for row in cycle[:_SHOWN_MEMBERS]]
    more = f" … ({len(cycle) - _SHOWN_MEMBERS} more)" if len(cycle) > _SHOWN_MEMBERS else ""
    return Finding(
        "genealogy.cycle",
        f"members {' → '.join(names)}{more} → {names[0]}: nobody can be below himself.",
        f"Correct one {rows.table.heading(column)} of the {len(cycle)}.",
        file=rows.table.file,
        row=rows.table.row(int(rows.places_of(np.array(cycle[:1]))[0])),
        column=rows.table.heading(column),
        member=names[0],
    )


def _report_late_parents(
    rows: Rows, column: str, parent: NDArray[np.int32], joined: NDArray[np.int32], collector: Collector
) -> None:
    late = joined_before_parent(parent, joined)

    def message(index: int) -> str:
        row = int(late[index])
        above = int(parent[row])
        return f"joined on {day_text(joined[row])}, before {rows.member(above)} above ({day_text(joined[above])})."

    collector.rows(
        "genealogy.joined_after_recruit",
        rows.table,
        column,
        rows.places_of(late),
        message,
        "Check both days.",
        level="warning",
        member=lambda index: rows.member(int(late[index])),
    )


def _read_legs(
    rows: Rows, parent: NDArray[np.int32], column: str, width: int, collector: Collector
) -> NDArray[np.int16]:
    codes, labels = read_texts(rows.table, column, collector)
    numbers = np.array([*(leg_number(label) for label in labels), 0], np.int16)
    codes = rows.by_row(codes)
    leg = numbers[codes]
    highest = width or _MOST_LEGS
    known = f"1 to {width}" if width else "1, 2, ..."
    remedy = f"Write left, right, or a number: {known}."
    missing = missing_legs(parent, leg)
    rows.report("genealogy.leg", column, missing, "the member has a parent, but no leg.", remedy, collector)
    beyond = legs_beyond_width(parent, leg, highest)
    collector.rows(
        "genealogy.leg",
        rows.table,
        column,
        rows.places_of(beyond),
        lambda index: f"{shown(labels[codes[beyond[index]]])} is no leg.",
        remedy,
        member=lambda index: rows.member(int(beyond[index])),
    )
    _report_doubled(rows, parent, leg, column, collector)
    return leg


def leg_number(label: str) -> int:
    """Return the number of a leg as written: left is 1, right is 2; -1 for what is none."""
    word = label.casefold()
    if word in _LEGS:
        return _LEGS[word]
    return int(word) if word.isascii() and word.isdigit() and len(word) < 5 and int(word) > 0 else -1


def _report_doubled(
    rows: Rows, parent: NDArray[np.int32], leg: NDArray[np.int16], column: str, collector: Collector
) -> None:
    placed = (parent >= 0) & (leg >= 1)
    keys = np.sort(parent[placed].astype(np.int64) * (_MOST_LEGS + 1) + leg[placed])
    if not (keys[1:] == keys[:-1]).any():
        return
    for group in doubled_legs(parent, leg):
        others = np.array(group[1:])
        holder = f"{rows.member(group[0])} (row {rows.table.row(int(rows.places_of(np.array(group[:1]))[0]))})"
        seen = f"leg {leg[group[0]]} of {rows.member(int(parent[group[0]]))} has {holder} already."
        rows.report("genealogy.leg_taken", column, others, seen, "Give one of them another leg.", collector)


def _report_width(
    rows: Rows, tree: str, column: str, parent: NDArray[np.int32], width: int, collector: Collector
) -> None:
    children = np.bincount(parent[parent >= 0], minlength=parent.size)
    crowded = np.flatnonzero(children > width)
    collector.rows(
        "genealogy.width",
        rows.table,
        column,
        rows.places_of(crowded),
        lambda index: f"{children[crowded[index]]} members stand below in {tree}, and {width} are allowed.",
        "Move some of them.",
        member=lambda index: rows.member(int(crowded[index])),
    )
