"""The table of orders as evidence: every row of it, what became of the row, and the few columns a plan reads."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import refuse_errors
from mlmcalc.genealogy.network import Column
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.periods import Period
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import OrderCells, read_cells, read_orders
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table
from mlmcalc.volumes.orders import ORDER_KINDS

FATES = ("used", "given twice", "before the period", "after the period")
"""What became of a row of orders."""
USED, TWICE, BEFORE, AFTER = range(len(FATES))


@dataclass(frozen=True, slots=True, eq=False)
class OrderEvidence:
    """Every row of a table of orders, in its own order.

    Attributes
    ----------
    table : Table
    orders, buyers : Ids
    day : (k,) int32
        Days since 1970-01-01.
    kind : (k,) int8
        Code into `ORDER_KINDS`.
    fate : (k,) int8
        Code into `FATES`.
    volumes : mapping of str to Column
        By our name.
    """

    table: Table
    orders: Ids
    buyers: Ids
    day: NDArray[np.int32]
    kind: NDArray[np.int8]
    fate: NDArray[np.int8]
    volumes: Mapping[str, Column]

    def counts(self) -> list[int]:
        """Return how many rows became what, in the order of `FATES`."""
        return np.bincount(self.fate, minlength=len(FATES)).tolist()

    def sums(self, name: str, chosen: NDArray[np.bool_]) -> int:
        """Return the exact sum of a volume over some rows, in its smallest units."""
        return int(exact_sum(self.volumes[name].values[chosen]))

    def places_of(self, orders: list[str]) -> NDArray[np.int64]:
        """Return the places of the rows of some orders that were used, ascending."""
        wanted = pl.Series(orders, dtype=pl.String)
        if self.orders.numbers is not None:
            found = np.isin(self.orders.numbers, wanted.cast(pl.Int64, strict=False).drop_nulls().to_numpy())
        else:
            found = self.orders.as_texts().is_in(wanted.implode()).fill_null(False).to_numpy()
        return np.flatnonzero(found & (self.fate == USED))

    def frame(self, places: NDArray[np.integer]) -> pl.DataFrame:
        """Return some rows as a table.

        Parameters
        ----------
        places : (m,) integers

        Returns
        -------
        polars.DataFrame
            ``row`` as a spreadsheet counts it, ``order`` and ``member`` as texts, ``day`` (a date), ``kind``, ``fate``
            and every volume, as an exact decimal.
        """
        columns = [
            pl.Series("row", [self.table.row(int(place)) for place in places], dtype=pl.Int64),
            self.orders.taken(places).as_texts().alias("order"),
            self.buyers.taken(places).as_texts().alias("member"),
            pl.Series("day", self.day[places]).cast(pl.Date),
            pl.Series("kind", [ORDER_KINDS[code] for code in self.kind[places].tolist()], dtype=pl.String),
            pl.Series("fate", [FATES[code] for code in self.fate[places].tolist()], dtype=pl.String),
        ]
        columns += [
            decimal_series(name, column.values[places], column.decimals) for name, column in self.volumes.items()
        ]
        return pl.DataFrame(columns)


def read_order_evidence(source: object, needs: Needs, period: Period, column_map: ColumnMap) -> OrderEvidence:
    """Read a table of orders that a run was made of, with what became of every row.

    Parameters
    ----------
    source : path, or polars frame, or anything polars makes a frame of
    needs : Needs
        What the plan reads; nothing else of the table is.
    period : Period
    column_map : ColumnMap

    Raises
    ------
    InputRefused
        With every finding, where the table is no longer one that a run could be made of.
    """
    collector = Collector()
    with ThreadPoolExecutor(1, thread_name_prefix="digest") as digests:
        table, _ = read_table(source, Wanted("orders", *needs.wanted_of_orders()), column_map, collector, digests)
    refuse_errors(collector.findings())
    assert table is not None, "without an error there is a table"
    cells = read_cells(table, needs)
    return _evidence(table, cells, needs, period)


def _evidence(table: Table, cells: OrderCells, needs: Needs, period: Period) -> OrderEvidence:
    # The buyers are let go of once they are looked up, which is not done here.
    buyers, collector = cells.buyers, Collector()
    rows = read_orders(cells, None, collector)
    refuse_errors(collector.findings())
    assert rows is not None, "every column is there"
    assert buyers is not None, "orders have buyers"
    fate = np.full(table.size, USED, np.int8)
    fate[rows.day < period.first_day] = BEFORE
    fate[rows.day > period.last_day] = AFTER
    if rows.repeated is not None:
        fate[rows.repeated] = TWICE
    volumes = {name: rows.columns[name] for name in needs.volume_columns if name in rows.columns}
    return OrderEvidence(table, rows.ids.all(), buyers, rows.day, rows.kind, fate, volumes)
