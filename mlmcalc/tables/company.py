"""The one door by which a company's data enter: members, orders or volumes, overrides, state, what else is given."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding, refuse_errors
from mlmcalc.genealogy.network import Column, Network
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.returned import ReturnedOrders
from mlmcalc.periods import Period
from mlmcalc.tables.adjustments import WANTED_OF_ADJUSTMENTS, AdjustmentRows, read_adjustments
from mlmcalc.tables.closed import WANTED_OF_CLOSED, ClosedRows, read_closed
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import Unreadable
from mlmcalc.tables.inputs import Fingerprint, InputRecord
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.members import Members, build_network, read_members
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import (
    OrderCells,
    OrderRows,
    build_orders,
    read_cells,
    read_orders,
    report_outside,
    returned_orders,
)
from mlmcalc.tables.overrides import WANTED_OF_OVERRIDES, OverrideRow, Overrides, build_overrides, read_overrides
from mlmcalc.tables.rates import WANTED_OF_RATES, RateRows, read_rates
from mlmcalc.tables.returned import OF_ORDER
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table
from mlmcalc.tables.state import WANTED_OF_STATE, StateTable, build_state, read_state
from mlmcalc.tables.volumes_table import VolumeRows, build_volumes, read_volume_rows
from mlmcalc.volumes.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """A company's data for one period.

    Attributes
    ----------
    network : Network
    orders : Orders
        Of the period, or volumes per member.
    overrides : tuple of OverrideRow
        In force on the period's last day.
    state : StateTable or None
        What the period before left; None where nothing is handed over.
    adjustments : AdjustmentRows or None
        As the table has them; None without one.
    closed : ClosedRows or None
    rates : RateRows or None
        Likewise.
    returned : ReturnedOrders
        Returns that name their orders.
    position_of_row : (n,) int32
        Position of each row of the table of members.
    findings : list of Finding
        Warnings; with an error there is no company.
    inputs : list of InputRecord
    left_out : dict of str to int
        Rows and columns that do not count, by reason.
    """

    network: Network
    orders: Orders
    overrides: tuple[OverrideRow, ...]
    state: StateTable | None
    adjustments: AdjustmentRows | None
    closed: ClosedRows | None
    rates: RateRows | None
    returned: ReturnedOrders
    position_of_row: NDArray[np.int32]
    findings: list[Finding]
    inputs: list[InputRecord]
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class _Sources:
    members: object
    orders: object
    volumes: object
    overrides: object
    state: object
    adjustments: object
    closed: object
    rates: object


def read_company(
    needs: Needs,
    members: object,
    period: Period,
    *,
    orders: object = None,
    volumes: object = None,
    overrides: object = None,
    state: object = None,
    adjustments: object = None,
    closed: object = None,
    rates: object = None,
    maps: Mapping[str, ColumnMap] | None = None,
    threads: int = 2,
) -> Company:
    """Read and check a company's data.

    Parameters
    ----------
    needs : Needs
        What the plan reads.
    members, orders, volumes, overrides, state, adjustments, closed, rates : path, frame, or what polars makes one of
        Orders or volumes, not both.
    period : Period
    maps : mapping of str to ColumnMap, optional
        By table, as the parameters are called.
    threads : int
        With 2, orders are read beside the members; the findings are the same, and so is their order.

    Raises
    ------
    InputRefused
        With the findings of all tables, if one of them is an error.
    """
    sources = _Sources(members, orders, volumes, overrides, state, adjustments, closed, rates)
    company, findings = _read(needs, period, sources, maps or {}, threads)
    refuse_errors(findings)
    assert company is not None, "without an error there is a company"
    return company


def check_company(
    needs: Needs,
    members: object,
    period: Period,
    *,
    orders: object = None,
    volumes: object = None,
    overrides: object = None,
    state: object = None,
    adjustments: object = None,
    closed: object = None,
    rates: object = None,
    maps: Mapping[str, ColumnMap] | None = None,
) -> list[Finding]:
    """Return every finding about a company's data; the parameters are those of `read_company`."""
    sources = _Sources(members, orders, volumes, overrides, state, adjustments, closed, rates)
    return _read(needs, period, sources, maps or {}, 2)[1]


def _read(
    needs: Needs, period: Period, sources: _Sources, maps: Mapping[str, ColumnMap], threads: int
) -> tuple[Company | None, list[Finding]]:
    with (
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as digests,
        ThreadPoolExecutor(max_workers=1, thread_name_prefix="orders") as beside,
    ):
        reader = _Reader(needs, period, maps, digests)
        # What orders say by themselves is read beside the members, with one thread after them.
        waiting = beside.submit(reader.order_cells, sources.orders) if threads > 1 else None
        members, built = reader.members(sources.members)
        directory = members.rows.directory if members is not None else None
        part = reader.order_cells(sources.orders) if waiting is None else waiting.result()
        trade = reader.trade(sources, part, directory)
        # Nothing else holds the file of the orders, which goes now.
        del part, waiting
        overrides = reader.overrides(sources.overrides, directory)
        state = reader.state(sources.state, directory)
        adjustments = reader.adjustments(sources.adjustments, directory)
        closed = reader.closed(sources.closed, directory)
        rates = reader.rates(sources.rates)
        findings = reader.collector.findings()
        if built is None or reader.collector.has_errors():
            return None, findings
        network, position_of_row = built
        returned = ReturnedOrders()
        if isinstance(trade, VolumeRows):
            orders = build_volumes(trade, position_of_row)
        elif trade is not None:
            orders = build_orders(trade, position_of_row, needs, period, reader.left_out)
            returned = returned_orders(trade, period)
        else:
            orders = _no_volumes()
        forced = build_overrides(overrides, position_of_row) if overrides is not None else ()
        kept = build_state(state, position_of_row) if state is not None else None
        inputs = [_record(opened) for opened in reader.opened]
    company = Company(
        network,
        orders,
        forced,
        kept,
        adjustments,
        closed,
        rates,
        returned,
        position_of_row,
        findings,
        inputs,
        reader.left_out,
    )
    return company, findings


@dataclass(slots=True, eq=False)
class _Opened:
    table: Table
    fingerprint: Fingerprint
    rows: int
    columns: Mapping[str, Column] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of what the table was read from; its name and size are still known."""
        self.table = replace(self.table, frame=pl.DataFrame())


@dataclass(frozen=True, slots=True, eq=False)
class _OrderPart:
    """The table of orders as far as it can be read without the members."""

    opened: _Opened | None
    cells: OrderCells | None
    about_table: Collector


class _Reader:
    """Reads one table after the other, and goes on after a fault."""

    def __init__(self, needs: Needs, period: Period, maps: Mapping[str, ColumnMap], digests: Executor) -> None:
        self.collector = Collector()
        self.left_out: dict[str, int] = {}
        self.opened: list[_Opened] = []
        self._needs = needs
        self._period = period
        self._maps = maps
        self._digests = digests

    def members(self, source: object) -> tuple[Members | None, tuple[Network, NDArray[np.int32]] | None]:
        """Return the members, None without any, and the network they make if nothing is wrong with them."""
        if source is None:
            self.collector.add(Finding("members.none", "there is no table of members.", "Give one."))
            return None, None
        opened = self._open(source, Wanted("members", *self._needs.wanted_of_members()), self.collector, True)
        if opened is None:
            return None, None
        found = Collector()
        try:
            members = read_members(opened.table, self._needs, self._period, found)
        except Unreadable as refusal:
            self.collector.add(refusal.finding)
            return None, None
        self._keep(opened)
        self.collector.absorb(found)
        if members is None or self.collector.has_errors():
            return members, None
        return members, build_network(members, self._period)

    def order_cells(self, source: object) -> _OrderPart | None:
        """Return what the table of orders says by itself, None without one; may run beside everything else."""
        if source is None:
            return None
        about_table = Collector()
        wanted = Wanted("orders", *self._needs.wanted_of_orders(), seldom=(OF_ORDER,))
        opened = self._open(source, wanted, about_table, True)
        if opened is None:
            return _OrderPart(None, None, about_table)
        try:
            cells = read_cells(opened.table, self._needs)
        except Unreadable as refusal:
            about_table.add(refusal.finding)
            return _OrderPart(None, None, about_table)
        return _OrderPart(opened, cells, about_table)

    def trade(
        self, sources: _Sources, part: _OrderPart | None, directory: Directory | None
    ) -> OrderRows | VolumeRows | None:
        """Return the rows of the orders or of the table of volumes."""
        if part is not None and sources.volumes is not None:
            seen = "there are orders and a table of volumes."
            self.collector.add(Finding("tables.orders_and_volumes", seen, "Give one of them."))
        if part is None and sources.volumes is None and self._needs.volume_columns:
            seen = f"the plan reads {', '.join(self._needs.volume_columns)}, and there are neither orders nor volumes."
            self.collector.add(Finding("tables.no_orders", seen, "Give a table of orders, or of volumes per member."))
        rows: OrderRows | VolumeRows | None = None
        if sources.volumes is not None:
            wanted = Wanted("volumes", ("member_id", *self._needs.volume_columns))
            if opened := self._open(sources.volumes, wanted, self.collector):
                self._keep(opened)
                rows = read_volume_rows(opened.table, self._needs, directory, self.collector)
                opened.columns = self._volumes(rows)
        if part is not None:
            self.collector.absorb(part.about_table)
            if part.opened is not None and part.cells is not None:
                self._keep(part.opened)
                rows = read_orders(part.cells, directory, self.collector)
                part.opened.columns = self._volumes(rows)
                if rows is not None:
                    report_outside(rows, part.opened.table, self._period, self.collector)
                part.opened.close()
        return rows

    def overrides(self, source: object, directory: Directory | None) -> Overrides | None:
        """Return the overrides in force, None without a table of them."""
        if source is None:
            return None
        if (opened := self._open(source, WANTED_OF_OVERRIDES, self.collector)) is None:
            return None
        self._keep(opened)
        return read_overrides(opened.table, self._needs, self._period, directory, self.collector)

    def state(self, source: object, directory: Directory | None) -> StateTable | None:
        """Return what the period before left, None without a table of it."""
        opened = None if source is None else self._open(source, WANTED_OF_STATE, self.collector)
        if opened is None:
            return None
        self._keep(opened)
        return read_state(opened.table, directory, self.collector)

    def adjustments(self, source: object, directory: Directory | None) -> AdjustmentRows | None:
        """Return the amounts that enter the payout, None without a table of them."""
        opened = None if source is None else self._open(source, WANTED_OF_ADJUSTMENTS, self.collector)
        if opened is None:
            return None
        self._keep(opened)
        rows = read_adjustments(opened.table, self._needs, directory, self.collector)
        if rows is not None:
            opened.columns = {"amount": Column("number", rows.amounts, decimals=rows.decimals)}
        return rows

    def closed(self, source: object, directory: Directory | None) -> ClosedRows | None:
        """Return what other programs came to, None without a table of it."""
        opened = None if source is None else self._open(source, WANTED_OF_CLOSED, self.collector)
        if opened is None:
            return None
        self._keep(opened)
        rows = read_closed(opened.table, self._needs, directory, self.collector)
        if rows is not None:
            opened.columns = {"amount": Column("number", rows.amounts, decimals=rows.decimals)}
        return rows

    def rates(self, source: object) -> RateRows | None:
        """Return the rates of exchange, None without a table of them."""
        opened = None if source is None else self._open(source, WANTED_OF_RATES, self.collector)
        if opened is None:
            return None
        self._keep(opened)
        return read_rates(opened.table, self.collector)

    def _volumes(self, rows: OrderRows | VolumeRows | None) -> dict[str, Column]:
        columns = rows.columns if rows is not None else {}
        return {name: column for name, column in columns.items() if name in self._needs.volume_columns}

    def _open(self, source: object, wanted: Wanted, collector: Collector, piecewise: bool = False) -> _Opened | None:
        column_map = self._maps.get(wanted.label, ColumnMap())
        table, fingerprint = read_table(source, wanted, column_map, collector, self._digests, piecewise)
        return None if table is None or fingerprint is None else _Opened(table, fingerprint, table.size)

    def _keep(self, opened: _Opened) -> None:
        self.opened.append(opened)
        self.left_out.update(opened.table.left_out)


def _record(opened: _Opened) -> InputRecord:
    table = opened.table
    return InputRecord(
        name=table.label,
        path=table.path,
        sha256=opened.fingerprint.sha256.result(),
        rows=opened.rows,
        bytes=opened.fingerprint.bytes,
        totals={name: exact_sum(column.values) for name, column in opened.columns.items()},
        decimals={name: column.decimals for name, column in opened.columns.items()},
    )


def _no_volumes() -> Orders:
    return Orders(member=np.zeros(0, np.int32), ids=None, day=None, kind=None, first=None, columns={})
