"""Orders that come after a run: read by the rules of the table of orders, and held against what is there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.api.order_book import IdIndex, OrderBook
from mlmcalc.errors import Finding, InputRefused, refuse_errors
from mlmcalc.genealogy.network import Column, Network
from mlmcalc.periods import Period
from mlmcalc.runs.preview.part import picked_orders
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.lookup import UNKNOWN, Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import OrderRows, build_orders, read_orders, report_outside
from mlmcalc.tables.source import ColumnMap, Wanted, read_table
from mlmcalc.volumes.orders import Orders

_ALWAYS = Period("", date.min, date.max)


class _Members(Directory):
    """The members by position, found without a join of them all."""

    def __init__(self, ids: NDArray[np.int64] | Sequence[str]) -> None:
        nobody = np.zeros(len(ids), np.bool_)
        if isinstance(ids, np.ndarray):
            super().__init__(Ids(ids, None, nobody, None, nobody))
        else:
            super().__init__(Ids(None, pl.Series(list(ids), dtype=pl.String), nobody, None, nobody))
            self._index = IdIndex(ids)

    def _rows_of_texts(self, texts: pl.Series) -> NDArray[np.int32]:
        rows = self._index.rows(texts.fill_null("").to_list())
        return np.where(rows < 0, UNKNOWN, rows).astype(np.int32)


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
        rows = self._rows(source, collector)
        if rows is None:
            raise InputRefused(collector.findings())
        report_outside(rows, self.period, collector)
        if rows.ids.numbers is None and not book.ids_are_texts:
            refuse_errors(collector.findings())
            return None
        copies = self._report_known(rows, book, collector)
        refuse_errors(collector.findings())
        left = rows.repeated if rows.repeated is not None else np.zeros(rows.member.size, np.bool_)
        return self._built(replace(rows, repeated=left | copies)), collector.findings()

    def outside(self, source: Any) -> Orders:
        """Return the orders of the run's own table that are not of the period."""
        rows = self._rows(source, Collector())
        assert rows is not None, "the run has read this table"
        orders = self._built(rows)
        assert orders.day is not None, "every order has a day"
        beyond = (orders.day < self.period.first_day) | (orders.day > self.period.last_day)
        return picked_orders(orders, np.flatnonzero(beyond), orders.member[beyond])

    def _rows(self, source: Any, collector: Collector) -> OrderRows | None:
        if self._directory is None:
            self._directory = _Members(self.network.ids)
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as threads:
            wanted = Wanted("orders", *self.needs.wanted_of_orders())
            table, _ = read_table(source, wanted, self.column_map, collector, threads)
        return None if table is None else read_orders(table, self.needs, self._directory, collector)

    def _built(self, rows: OrderRows) -> Orders:
        buyers, member = np.unique(rows.member, return_inverse=True)
        places = np.arange(buyers.size, dtype=np.int32)
        few = replace(rows, member=member.astype(np.int32))
        orders = build_orders(few, places, replace(self.needs, first_order=False), _ALWAYS, {})
        first = np.zeros(orders.size, np.bool_) if self.needs.first_order else None
        return replace(orders, member=buyers[orders.member].astype(np.int32), first=first)

    def _report_known(self, rows: OrderRows, book: OrderBook, collector: Collector) -> NDArray[np.bool_]:
        """Report the ids that are in the run already, and return which rows are copies of what is there."""
        numbers = rows.ids.numbers
        ids = numbers if numbers is not None and not book.ids_are_texts else rows.ids.as_texts().fill_null("").to_list()
        found = enumerate(book.find(ids))
        known = [(row, place) for row, place in found if place is not None and not rows.ids.absent[row]]
        unequal = {row: self._unequal(rows, row, *place) for row, place in known}
        copies = np.array([row for row, names in unequal.items() if not names], np.int64)
        others = [row for row, names in unequal.items() if names]
        collector.rows(
            "orders.duplicate",
            rows.table,
            "order_id",
            copies,
            lambda index: f"order {rows.ids.text(int(copies[index]))} is in the run already, and counts once.",
            level="warning",
        )
        collector.rows(
            "orders.conflict",
            rows.table,
            "order_id",
            others,
            lambda index: (
                f"order {rows.ids.text(others[index])} is in the run already, with another "
                f"{', '.join(rows.table.heading(name) for name in unequal[others[index]])}."
            ),
            "Give it another order id, or withdraw the one that is there first.",
        )
        there = np.zeros(rows.member.size, np.bool_)
        there[copies] = True
        return there

    def _unequal(self, rows: OrderRows, row: int, orders: Orders, at: int) -> list[str]:
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
