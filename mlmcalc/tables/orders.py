"""The table of orders: checked row by row, counted once, and cut to the period."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import NO_DAY, Column
from mlmcalc.kernels.relabel import taken
from mlmcalc.ledger.returned import ReturnedOrders
from mlmcalc.periods import Period, day_text
from mlmcalc.tables.arranged import ArrangedOrders
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.columns import read_column
from mlmcalc.tables.days import read_days
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.lookup import UNKNOWN, Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.orders_read import KeptIds, OrdersRead, OrdersReread
from mlmcalc.tables.repeats import report_repeats
from mlmcalc.tables.returned import Returns, check_returns, read_returns
from mlmcalc.tables.sorting import ById, has_repeats, sort_ids
from mlmcalc.tables.source import Table
from mlmcalc.tables.words import read_choice
from mlmcalc.volumes.orders import ORDER_KINDS, Orders

_SALE = ORDER_KINDS.index("sale")


@dataclass(frozen=True, slots=True, eq=False)
class OrderRows:
    """The rows of the table of orders, in its own order.

    Attributes
    ----------
    table : Table
    member : (k,) int32
        Row of the buyer (not yet a position), negative where it is unknown.
    ids : KeptIds
    by_id : ById or None
        None while no id is there twice and nobody has asked for their order.
    day : (k,) int32
    kind : (k,) int8
    columns : mapping of str to Column
        Volumes and the company's own columns.
    repeated : (k,) bool or None
        Exact copies of an earlier row.
    returns : Returns or None
        Rows that name the order they return.
    """

    table: Table
    member: NDArray[np.int32]
    ids: KeptIds
    by_id: ById | None
    day: NDArray[np.int32]
    kind: NDArray[np.int8]
    columns: Mapping[str, Column]
    repeated: NDArray[np.bool_] | None
    returns: Returns | None


def read_buyers(table: Table, directory: Directory | None, code: str, collector: Collector) -> NDArray[np.int32]:
    """Return the row of the member in each row of a table, and report the unknown ones.

    Parameters
    ----------
    table : Table
    directory : Directory or None
        None when the members could not be read; then nobody is known, and nobody reported.
    code : str
        Of the finding.
    collector : Collector

    Returns
    -------
    (k,) int32
        Negative where there is no such member.
    """
    return _find_buyers(table, read_ids(table, "member_id", collector), directory, code, collector)


def _find_buyers(
    table: Table, wanted: Ids, directory: Directory | None, code: str, collector: Collector
) -> NDArray[np.int32]:
    if directory is None:
        return np.full(table.size, -1, np.int32)
    member = directory.rows(table, "member_id", wanted, collector)
    unknown = np.flatnonzero(member == UNKNOWN)
    collector.rows(
        code,
        table,
        "member_id",
        unknown,
        lambda index: f"{shown(wanted.text(int(unknown[index])))} is not a member.",
        "Add the member, or correct the id.",
        member=lambda index: wanted.text(int(unknown[index])),
    )
    return member


def read_volumes(table: Table, needs: Needs, collector: Collector) -> dict[str, Column]:
    """Return the volume columns that the table has; a blank amount is refused."""
    return {
        name: Column("number", read_amounts(table, name, decimals, collector)[0], decimals=decimals)
        for name, decimals in needs.volume_columns.items()
        if table.has(name)
    }


@dataclass(slots=True, eq=False)
class OrderCells:
    """What a table of orders says by itself, before anything is known of the members.

    Attributes
    ----------
    table : Table
    buyers : Ids or None
        None where the table lacks the column, and once the members are found.
    ids : KeptIds or None
        None where the table lacks the column, or in `repeated`.
    repeated : Ids or None
        The order ids, if one of them stands there more than once.
    day : (k,) int32 or None
    kind : (k,) int8
    columns : mapping of str to Column
    volumes : collection of str
        Which of the columns are volumes.
    returns : Returns or None
    about_buyers, about_cells : Collector
        What was found, in two parts: what is found about unknown members comes between.
    """

    table: Table
    buyers: Ids | None
    ids: KeptIds | None
    repeated: Ids | None
    day: NDArray[np.int32] | None
    kind: NDArray[np.int8]
    columns: Mapping[str, Column]
    volumes: Collection[str]
    returns: Returns | None
    about_buyers: Collector
    about_cells: Collector


def read_cells(table: Table, needs: Needs) -> OrderCells:
    """Return the cells of the table of orders, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : Needs

    Returns
    -------
    OrderCells
        Its collectors hold ``orders.kind``, ``orders.sign``, ``orders.return_kind`` and what `read_ids`, `read_days`,
        `read_amounts` and `read_column` find.
    """
    # The widest columns are read while the fewest others stand in memory; findings keep the order of the parts.
    about_buyers, about_days, about_kinds, about_volumes, about_own, about_ids, about_returns = (
        Collector() for _ in range(7)
    )
    columns = read_volumes(table, needs, about_volumes)
    ids, repeated = _read_order_ids(table, about_ids) if table.has("order_id") else (None, None)
    day = None
    if table.has("date"):
        day = read_days(table, "date", needs.time_zone, about_days, blank_allowed=False)
    kind = read_choice(table, "kind", ORDER_KINDS, _SALE, "orders.kind", about_kinds)
    _report_signs(table, kind, columns, about_volumes)
    volumes = tuple(columns)
    for name, (column_type, decimals) in needs.order_columns.items():
        if table.has(name) and name not in columns:
            columns[name] = read_column(table, name, column_type, decimals, needs.time_zone, about_own)
    returns = read_returns(table, kind, about_returns)
    buyers = read_ids(table, "member_id", about_buyers) if table.has("member_id") else None
    about_cells = Collector()
    for part in (about_days, about_kinds, about_volumes, about_own, about_ids, about_returns):
        about_cells.absorb(part)
    return OrderCells(table, buyers, ids, repeated, day, kind, columns, volumes, returns, about_buyers, about_cells)


def read_orders(cells: OrderCells, directory: Directory | None, collector: Collector) -> OrderRows | None:
    """Return the rows of the table of orders, with the buyers found and everything that is wrong reported.

    Parameters
    ----------
    cells : OrderCells
    directory : Directory or None
    collector : Collector
        Receives what is wrong with the cells, ``orders.unknown_member``, ``orders.duplicate``, ``orders.conflict`` and
        what `check_returns` finds.

    Returns
    -------
    OrderRows or None
        None where a required column is missing; what can be checked without it is checked.
    """
    table = cells.table
    collector.absorb(cells.about_buyers)
    member = None
    if cells.buyers is not None:
        member = _find_buyers(table, cells.buyers, directory, "orders.unknown_member", collector)
        cells.buyers = None
    collector.absorb(cells.about_cells)
    by_id = copies = None
    if cells.repeated is not None:
        by_id = sort_ids(cells.repeated)
        given = {"member_id": member, "date": cells.day, "kind": cells.kind}
        contents = {name: column for name, column in given.items() if column is not None}
        contents |= {name: column.values for name, column in cells.columns.items()}
        if cells.returns is not None:
            contents["of_order"] = cells.returns.in_all(table.size)
        copies = report_repeats(table, cells.repeated, by_id, contents, collector)
    ids = cells.ids if cells.repeated is None else KeptIds.of(cells.repeated)
    if ids is None or member is None or cells.day is None:
        return None
    if cells.returns is not None:
        counted = np.ones(table.size, np.bool_) if copies is None else ~copies
        volumes = {name: column for name, column in cells.columns.items() if name in cells.volumes}
        check_returns(cells.returns, table, ids.all(), counted, member, volumes, collector)
    return OrderRows(table, member, ids, by_id, cells.day, cells.kind, cells.columns, copies, cells.returns)


def returned_orders(rows: OrderRows, period: Period) -> ReturnedOrders:
    """Return which orders were returned by which returns, up to the period's last day."""
    if rows.returns is None:
        return ReturnedOrders()
    return rows.returns.ordered(rows.ids.all(), rows.day, period)


def _read_order_ids(table: Table, collector: Collector) -> tuple[KeptIds | None, Ids | None]:
    ids = read_ids(table, "order_id", collector)
    return (None, ids) if has_repeats(ids) else (KeptIds.of(ids), None)


def build_orders(
    rows: OrderRows, position_of_row: NDArray[np.int32], needs: Needs, period: Period, left_out: dict[str, int]
) -> Orders:
    """Return the orders of the period; they are put in order when something asks for single ones.

    Parameters
    ----------
    rows : OrderRows
        Without errors.
    position_of_row : (n,) int32
    needs : Needs
    period : Period
    left_out : dict of str to int
        Receives what does not count, by reason.
    """
    counts = rows.day <= period.last_day
    if rows.repeated is not None:
        left_out["orders given twice"] = int(np.count_nonzero(rows.repeated))
        counts &= ~rows.repeated
    inside = counts & (rows.day >= period.first_day)
    size = int(np.count_nonzero(inside))
    if outside := rows.day.size - left_out.get("orders given twice", 0) - size:
        left_out["orders outside the period"] = outside
    owner = taken(position_of_row, rows.member)
    # Earlier orders decide which is the first, and only that.
    np.copyto(owner, np.int32(-1), where=~(counts if needs.first_order else inside))
    owner.flags.writeable = False
    within = inside if needs.first_order else None
    read = OrdersRead(owner, within, rows.by_id, rows.ids, rows.day, rows.kind, rows.columns)
    if rows.by_id is None and OrdersReread.fits(rows.table):
        read = OrdersReread(read, rows.table, needs)
    return ArrangedOrders(read, size, position_of_row.size)


def report_outside(rows: OrderRows, table: Table, period: Period, collector: Collector) -> None:
    """Warn, once, of orders that are not of the period."""
    beyond = (rows.day < period.first_day) & (rows.day != NO_DAY)
    beyond |= rows.day > period.last_day
    outside = np.flatnonzero(beyond)
    if outside.size:
        first = int(outside[0])
        seen = (
            f"{outside.size} of {rows.day.size} orders are not of {period.first.isoformat()} to "
            f"{period.last.isoformat()} and are left out; the first is dated {day_text(rows.day[first])}."
        )
        where = {"file": table.file, "row": table.row(first), "column": table.heading("date")}
        collector.add(Finding("orders.outside_period", seen, level="warning", **where))


def _report_signs(table: Table, kind: NDArray[np.int8], columns: Mapping[str, Column], collector: Collector) -> None:
    is_sale = kind == _SALE
    for name, column in columns.items():
        below, above = column.values < 0, column.values > 0
        below &= is_sale
        above &= ~is_sale
        wrong = np.flatnonzero(below | above)
        if not wrong.size:
            continue
        cells = table.series(name)
        collector.rows(
            "orders.sign",
            table,
            name,
            wrong,
            lambda index, wrong=wrong, cells=cells: (
                f"a {ORDER_KINDS[kind[wrong[index]]]} of {shown(cells[int(wrong[index])])} is not possible."
            ),
            "Sales are zero or more; returns are of kind return, and zero or less.",
        )
