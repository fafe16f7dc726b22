"""Orders that come after a run: read by the rules of the table of orders, and held against what is there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.api.order_book import OrderBook
from mlmcalc.errors import Finding, InputRefused, refuse_errors
from mlmcalc.genealogy.network import Column, Network
from mlmcalc.periods import Period
from mlmcalc.runs.preview.part import picked_orders
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import OrderRows, build_orders, read_cells, read_orders, report_outside
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table
from mlmcalc.volumes.orders import Orders

_ALWAYS = Period("", date.min, date.max)


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """The rows of a table of orders, and the table."""

    table: Table
    rows: OrderRows
    ids: Ids


@dataclass(slots=True, eq=False)
class LateOrders:
    """What reads orders for a run that is there.

    Attributes
    ----------
    needs : Needs
    period : Period
    network : Network
    column_map : ColumnMap
        That of the run's table of orders.
    """

    needs: Needs
    period: Period
    network: Network
    column_map: ColumnMap
    _directory: Directory | None = None

    def read(self, source: Any, book: OrderBook) -> tuple[Orders, list[Finding]] | None:
        """Return the rows of a table that are new orders, of any day, and the warnings about all of them.

        None where the ids of the orders that are there are numbers, and those of the new ones are not: together they
        would be texts.

        Parameters
        ----------
        source : path, polars frame, or anything polars makes a frame of
        book : OrderBook

        Raises
        ------
        InputRefused
            With every finding: those of the table of orders (`mlmcalc.tables.orders.read_orders`), with
            ``orders.conflict`` and ``orders.duplicate`` for ids that are in the run already.
        """
        collector = Collector()
        read = self._read(source, collector)
        if read is None:
            raise InputRefused(collector.findings())
        rows = read.rows
        report_outside(rows, read.table, self.period, collector)
        if read.ids.numbers is None and not book.ids_are_texts:
            refuse_errors(collector.findings())
            return None
        copies = _report_known(read, book, collector)
        refuse_errors(collector.findings())
        left = rows.repeated if rows.repeated is not None else np.zeros(rows.member.size, np.bool_)
        return self._built(replace(rows, repeated=left | copies)), collector.findings()

    def outside(self, source: Any) -> Orders:
        """Return the orders of the run's own table that are not of the period."""
        read = self._read(source, Collector())
        assert read is not None, "the run has read this table"
        orders = self._built(read.rows)
        assert orders.day is not None, "every order has a day"
        beyond = (orders.day < self.period.first_day) | (orders.day > self.period.last_day)
        return picked_orders(orders, np.flatnonzero(beyond), orders.member[beyond])

    def _read(self, source: Any, collector: Collector) -> _Read | None:
        if self._directory is None:
            ids, nobody = self.network.ids, np.zeros(self.network.size, np.bool_)
            numbers = ids if isinstance(ids, np.ndarray) else None
            texts = None if numbers is not None else pl.Series(list(ids), dtype=pl.String)
            self._directory = Directory(Ids(numbers, texts, nobody, None, nobody))
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as threads:
            wanted = Wanted("orders", *self.needs.wanted_of_orders())
            table, _ = read_table(source, wanted, self.column_map, collector, threads)
        if table is None:
            return None
        rows = read_orders(read_cells(table, self.needs), self._directory, collector)
        return None if rows is None else _Read(table, rows, read_ids(table, "order_id", Collector()))

    def _built(self, rows: OrderRows) -> Orders:
        buyers, member = np.unique(rows.member, return_inverse=True)
        places = np.arange(buyers.size, dtype=np.int32)
        few = replace(rows, member=member.astype(np.int32))
        orders = build_orders(few, places, replace(self.needs, first_order=False), _ALWAYS, {})
        first = np.zeros(orders.size, np.bool_) if self.needs.first_order else None
        member = buyers[orders.member].astype(np.int32)
        return Orders(member, orders.ids, orders.day, orders.kind, first, dict(orders.columns))


def _report_known(read: _Read, book: OrderBook, collector: Collector) -> NDArray[np.bool_]:
    """Report the ids that are in the run already, and return which rows are copies of what is there."""
    rows, table, ids = read.rows, read.table, read.ids
    numbers = None if book.ids_are_texts else ids.numbers
    found = enumerate(book.find(ids.as_texts().fill_null("").to_list() if numbers is None else numbers))
    known = [(row, place) for row, place in found if place is not None and not ids.absent[row]]
    unequal = {row: _unequal(rows, row, *place) for row, place in known}
    copies = np.array([row for row, names in unequal.items() if not names], np.int64)
    others = [row for row, names in unequal.items() if names]
    collector.rows(
        "orders.duplicate",
        table,
        "order_id",
        copies,
        lambda index: f"order {ids.text(int(copies[index]))} is in the run already, and counts once.",
        level="warning",
    )
    collector.rows(
        "orders.conflict",
        table,
        "order_id",
        others,
        lambda index: (
            f"order {ids.text(others[index])} is in the run already, with another "
            f"{', '.join(table.heading(name) for name in unequal[others[index]])}."
        ),
        "Give it another order id, or withdraw the one that is there first.",
    )
    there = np.zeros(rows.member.size, np.bool_)
    there[copies] = True
    return there


def _unequal(rows: OrderRows, row: int, orders: Orders, at: int) -> list[str]:
    assert orders.day is not None, "every order has a day"
    assert orders.kind is not None, "every order is a sale or a return"
    pairs: dict[str, tuple[Any, Any]] = {
        "member_id": (rows.member[row], orders.member[at]),
        "date": (rows.day[row], orders.day[at]),
        "kind": (rows.kind[row], orders.kind[at]),
    }
    pairs |= {name: (_cell(column, row), _cell(orders.columns[name], at)) for name, column in rows.columns.items()}
    return [name for name, (one, other) in pairs.items() if one != other]


def _cell(column: Column, row: int) -> Any:
    value = column.values[row]
    return (column.labels[value] if value >= 0 else None) if column.type == "text" else value
