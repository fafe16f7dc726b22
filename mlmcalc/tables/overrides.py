"""The table of forced ranks, waivers and holds: each with a reason and an approver, and the days it is in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.periods import Period
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.days import read_days
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import read_buyers
from mlmcalc.tables.source import Table, Wanted
from mlmcalc.tables.words import read_choice, read_texts

OverrideKind = Literal["rank", "waiver", "hold"]
OVERRIDE_KINDS: tuple[OverrideKind, ...] = ("rank", "waiver", "hold")
WANTED_OF_OVERRIDES = Wanted(
    "overrides", ("member_id", "override", "reason", "approver"), ("rank", "metric", "ladder", "from", "to")
)
_LADDER = "rank"


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """A forced rank, a waiver or a hold that is in force on the period's last day.

    Attributes
    ----------
    member : int
        Position.
    kind : {"rank", "waiver", "hold"}
    ladder, rank, metric : str
        The ladder is ``rank`` where the table says nothing; a waiver without a rank is for every rung. All are empty
        for a hold.
    reason, approver : str
    """

    member: int
    kind: OverrideKind
    ladder: str
    rank: str
    metric: str
    reason: str
    approver: str


@dataclass(frozen=True, slots=True, eq=False)
class Overrides:
    """The rows of the table that are in force.

    Attributes
    ----------
    member : (k,) int32
        Row of the member, not yet a position.
    rows : (k,) int64
        Index into the table.
    kind : (m,) int8
        Of every row of the table: code into `OVERRIDE_KINDS`, -1 unknown.
    texts : dict of str to list of str
        Of every row of the table.
    """

    member: NDArray[np.int32]
    rows: NDArray[np.int64]
    kind: NDArray[np.int8]
    texts: dict[str, list[str]]


def read_overrides(
    table: Table, needs: Needs, period: Period, directory: Directory | None, collector: Collector
) -> Overrides | None:
    """Return the overrides in force on the period's last day, with everything that is wrong about any of them reported.

    Parameters
    ----------
    table : Table
    needs : Needs
    period : Period
    directory : Directory or None
    collector : Collector
        Receives ``overrides.unknown_member``, ``overrides.kind``, ``overrides.reason``, ``overrides.approver``,
        ``overrides.rank``, ``overrides.metric``, ``overrides.hold``, ``overrides.days``, ``overrides.conflict``.
    """
    if not (table.has("member_id") and table.has("override")):
        return None
    member = read_buyers(table, directory, "overrides.unknown_member", collector)
    kind = read_choice(table, "override", OVERRIDE_KINDS, -1, "overrides.kind", collector)
    texts = {name: _texts(table, name, collector) for name in ("ladder", "rank", "metric", "reason", "approver")}
    holds = kind == OVERRIDE_KINDS.index("hold")
    _report_beside_holds(table, holds, texts, collector)
    texts["ladder"] = [
        "" if is_hold else ladder or _LADDER for ladder, is_hold in zip(texts["ladder"], holds.tolist(), strict=True)
    ]
    for name in ("reason", "approver"):
        if table.has(name):
            empty = np.flatnonzero([not text for text in texts[name]])
            remedy = "An override counts only with a reason and an approver."
            seen = f"the override has no {name}."
            collector.rows(f"overrides.{name}", table, name, empty, lambda _, seen=seen: seen, remedy)
    lacking = np.flatnonzero((kind == 0) & np.array([not text for text in texts["rank"]], np.bool_))
    collector.rows("overrides.rank", table, "rank", lacking, lambda _: "no rank is forced.", "Name the rank.")
    lacking = np.flatnonzero((kind == 1) & np.array([not text for text in texts["metric"]], np.bool_))
    collector.rows("overrides.metric", table, "metric", lacking, lambda _: "nothing is waived.", "Name the metric.")
    _report_blank_kind(table, collector)
    in_force = _in_force(table, needs, period, collector)
    rows = np.flatnonzero(in_force & (member >= 0) & (kind >= 0))
    _report_conflicts(table, member, kind, texts, rows, directory, collector)
    return Overrides(member[rows], rows, kind, texts)


def build_overrides(found: Overrides, position_of_row: NDArray[np.int32]) -> tuple[OverrideRow, ...]:
    """Return the overrides by position of the member, those of one member in table order."""
    position = position_of_row[found.member]
    order = np.argsort(position, kind="stable")
    return tuple(
        OverrideRow(
            int(position[place]),
            OVERRIDE_KINDS[found.kind[row]],
            *(found.texts[name][row] for name in ("ladder", "rank", "metric", "reason", "approver")),
        )
        for place in order.tolist()
        for row in (int(found.rows[place]),)
    )


def _texts(table: Table, name: str, collector: Collector) -> list[str]:
    if not table.has(name):
        return [""] * table.size
    codes, labels = read_texts(table, name, collector)
    return [labels[code] if code >= 0 else "" for code in codes.tolist()]


def _report_blank_kind(table: Table, collector: Collector) -> None:
    codes, _ = read_texts(table, "override", Collector())
    blank = np.flatnonzero(codes < 0)
    remedy = "Write rank, waiver or hold."
    collector.rows("overrides.kind", table, "override", blank, lambda _: "the kind of override is blank.", remedy)


def _report_beside_holds(
    table: Table, holds: NDArray[np.bool_], texts: dict[str, list[str]], collector: Collector
) -> None:
    for name in ("ladder", "rank", "metric"):
        rows = np.flatnonzero(holds & np.array([bool(text) for text in texts[name]], np.bool_))
        seen = f"a hold is of the whole payment, and this one names a {name}."
        collector.rows("overrides.hold", table, name, rows, lambda _, seen=seen: seen, "Leave the cell empty.")


def _in_force(table: Table, needs: Needs, period: Period, collector: Collector) -> NDArray[np.bool_]:
    """Return which rows are in force on the period's last day; an open end is far away."""
    start = np.full(table.size, NO_DAY, np.int32)
    end = start
    if table.has("from"):
        start = read_days(table, "from", needs.time_zone, collector)
    if table.has("to"):
        end = read_days(table, "to", needs.time_zone, collector)
    backwards = np.flatnonzero((start != NO_DAY) & (end != NO_DAY) & (start > end))
    seen = "the override ends before it begins."
    collector.rows("overrides.days", table, "to", backwards, lambda _: seen, "Correct one of the days.")
    return (start <= period.last_day) & ((end == NO_DAY) | (end >= period.last_day))


def _report_conflicts(
    table: Table,
    member: NDArray[np.int32],
    kind: NDArray[np.int8],
    texts: dict[str, list[str]],
    rows: NDArray[np.int64],
    directory: Directory | None,
    collector: Collector,
) -> None:
    forced: dict[tuple[int, str], int] = {}
    for row in rows.tolist():
        if kind[row] != 0:
            continue
        key = (int(member[row]), texts["ladder"][row])
        earlier = forced.setdefault(key, row)
        if texts["rank"][earlier] != texts["rank"][row]:
            seen = f"row {table.row(earlier)} forces another rank of this member at the same time."
            collector.add(
                Finding(
                    "overrides.conflict",
                    seen,
                    "End one of them before the other begins.",
                    file=table.file,
                    row=table.row(row),
                    column=table.heading("rank"),
                    member=directory.ids.text(key[0]) if directory else "",
                )
            )
