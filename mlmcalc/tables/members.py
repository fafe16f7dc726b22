"""The table of members: ids to rows, what each member is on the period's last day, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.build import trees_and_positions
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES, Column, Network
from mlmcalc.kernels.relabel import taken
from mlmcalc.periods import Period
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.columns import read_column, reordered
from mlmcalc.tables.days import read_days
from mlmcalc.tables.ids import COMPANY, Ids, read_ids, report_spaces
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.parents import Places, Rows, read_places
from mlmcalc.tables.sorting import groups_of_repeats, sort_ids
from mlmcalc.tables.source import Table
from mlmcalc.tables.text_ids import TextIds
from mlmcalc.tables.words import read_choice

_ACTIVE = STATUSES.index("active")
_NOT_JOINED = STATUSES.index("not_joined")
_RECORDED_STATUSES = STATUSES[:_NOT_JOINED]
_SHOWN_ROWS = 20


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The members by row, a row being an index into the ids in ascending order.

    Attributes
    ----------
    rows : Rows
    status, kind : (n,) int8
    joined : (n,) int32
    columns : mapping of str to Column
    places : Places
    """

    rows: Rows
    status: NDArray[np.int8]
    kind: NDArray[np.int8]
    joined: NDArray[np.int32]
    columns: Mapping[str, Column]
    places: Places


def read_members(table: Table, needs: Needs, period: Period, collector: Collector) -> Members | None:
    """Return the members, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : Needs
    period : Period
        Its last day decides what a dated status is.
    collector : Collector
        Receives ``members.none``, ``members.reserved_id``, ``members.status``, ``members.kind``, ``members.scheme``,
        the warning ``members.not_joined``, ``genealogy.duplicate_id`` and what `read_ids`, `read_places` and
        `read_column` find.

    Returns
    -------
    Members or None
        None without a single member.
    """
    if not table.has("member_id"):
        return None
    if table.size == 0:
        seen = "the table has no members."
        collector.add(Finding("members.none", seen, "Give at least one.", file=table.file))
        return None
    rows = _read_rows(table, collector)
    known = table.has("joined")
    joined = rows.by_row(read_days(table, "joined", needs.time_zone, collector)) if known else None
    status = rows.by_row(_read_status(table, needs, period, collector))
    kind = rows.by_row(read_choice(table, "kind", KINDS, 0, "members.kind", collector))
    if joined is None:
        joined = np.full(rows.size, NO_DAY, np.int32)
    if rows.size and int(joined.max()) > period.last_day:
        later = joined > period.last_day
        status[later] = _NOT_JOINED
        _report_later(rows, np.flatnonzero(later), period, collector)
    columns = {
        name: _by_row(rows, read_column(table, name, kind_, decimals, needs.time_zone, collector))
        for name, (kind_, decimals) in needs.own_columns_of_members().items()
        if table.has(name)
    }
    if needs.scheme_column in columns:
        _report_schemes(table, needs, rows, columns[needs.scheme_column], collector)
    places = read_places(rows, needs, joined if known else None, collector)
    return Members(rows, status, kind, joined, columns, places)


def build_network(members: Members, period: Period) -> tuple[Network, NDArray[np.int32]]:
    """Return the network in canonical order, and the position of each row.

    Parameters
    ----------
    members : Members
        Without errors.
    period : Period

    Returns
    -------
    network : Network
    position_of_row : (n,) int32
    """
    placed, trees = trees_and_positions(members.places.parents, members.places.legs)
    order = placed.order
    ids = members.rows.directory.ids
    network = Network(
        ids=_frozen(taken(ids.numbers, order)) if ids.numbers is not None else TextIds(ids.as_texts().gather(order)),
        status=_frozen(taken(members.status, order)),
        kind=_frozen(taken(members.kind, order)),
        joined=_frozen(taken(members.joined, order)),
        columns={name: reordered(column, order) for name, column in members.columns.items()},
        trees=trees,
        day=period.last_day,
        first_day=period.first_day,
    )
    return network, placed.place


def _report_schemes(table: Table, needs: Needs, rows: Rows, column: Column, collector: Collector) -> None:
    known = np.array([label in needs.schemes for label in column.labels] + [False])
    wrong = np.flatnonzero(~known[column.values])

    def seen(index: int) -> str:
        code = int(column.values[wrong[index]])
        return "the member has no scheme." if code < 0 else f"{shown(column.labels[code])} is no scheme of the plan."

    collector.rows(
        "members.scheme",
        table,
        needs.scheme_column,
        rows.places_of(wrong),
        seen,
        f"Give one of {', '.join(needs.schemes)}.",
        member=lambda index: rows.member(int(wrong[index])),
    )


def _frozen(column: NDArray) -> NDArray:
    column.flags.writeable = False
    return column


def _read_rows(table: Table, collector: Collector) -> Rows:
    """Return the members sorted by id, each once, and report those who are there twice."""
    ids = read_ids(table, "member_id", collector)
    report_spaces(table, "member_id", ids, "tables.stray_space", collector)
    _report_reserved(table, ids, collector)
    by_id = sort_ids(ids)
    groups = groups_of_repeats(by_id)

    def message(index: int) -> str:
        group = groups[index]
        numbers = [str(table.row(int(place))) for place in group[:_SHOWN_ROWS]]
        more = f" and {group.size - _SHOWN_ROWS} more" if group.size > _SHOWN_ROWS else ""
        return f"the member is there {group.size} times, in rows {', '.join(numbers)}{more}."

    seconds = [int(group[1]) for group in groups]
    collector.rows(
        "genealogy.duplicate_id",
        table,
        "member_id",
        seconds,
        message,
        "Keep one of the rows.",
        member=lambda index: ids.text(seconds[index]),
    )
    order = by_id.order
    if order is not None and by_id.repeats is not None:
        order = order[~by_id.repeats]
    return Rows(table, Directory(ids if order is None else ids.taken(order)), order)


def _by_row(rows: Rows, column: Column) -> Column:
    return column if rows.order is None else reordered(column, rows.order)


def _report_reserved(table: Table, ids: Ids, collector: Collector) -> None:
    if ids.texts is not None:
        rows = np.flatnonzero((ids.texts == COMPANY).fill_null(False).to_numpy())
        seen = f"the id {COMPANY!r} is reserved for what is paid to the company."
        remedy = "Give the member another id."
        collector.rows("members.reserved_id", table, "member_id", rows, lambda _: seen, remedy)


def _read_status(table: Table, needs: Needs, period: Period, collector: Collector) -> NDArray[np.int8]:
    status = read_choice(table, "status", _RECORDED_STATUSES, _ACTIVE, "members.status", collector)
    if table.has("status_from"):
        since = read_days(table, "status_from", needs.time_zone, collector)
        # An unknown day lies before every period.
        status[since > period.last_day] = _ACTIVE
    return status


def _report_later(rows: Rows, later: NDArray[np.integer], period: Period, collector: Collector) -> None:
    first = int(rows.places_of(later).min())
    seen = f"{later.size} members joined after {period.last.isoformat()}; they keep their places and earn nothing."
    collector.add(
        Finding(
            "members.not_joined",
            seen,
            level="warning",
            file=rows.table.file,
            row=rows.table.row(first),
            column=rows.table.heading("joined"),
        )
    )
