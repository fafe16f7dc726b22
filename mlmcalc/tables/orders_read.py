"""The rows of a table of orders as they were read: kept, or where they are many read again when they are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.columns import read_column
from mlmcalc.tables.days import read_days
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.sorting import ById
from mlmcalc.tables.source import SingleColumns, Table
from mlmcalc.tables.words import read_choice
from mlmcalc.volumes.orders import ORDER_KINDS

MANY_ROWS = 1 << 23
"""From so many rows on what was read is not kept, where the table can be read again."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptIds:
    """The ids of orders in as few bytes as they need, for hardly a run reads them again.

    Attributes
    ----------
    numbers : (k,) uint32 or int64, or None
        How far each id lies above `lowest`.
    lowest : int
    texts : Ids or None
        Where ids are no numbers.
    """

    numbers: NDArray[np.uint32] | NDArray[np.int64] | None
    lowest: int
    texts: Ids | None

    @classmethod
    def of(cls, ids: Ids) -> KeptIds:
        """Return ids, none of them absent, to be kept."""
        if ids.numbers is None:
            return cls(None, 0, ids)
        if not ids.numbers.size:
            return cls(ids.numbers, 0, None)
        lowest, highest = int(ids.numbers.min()), int(ids.numbers.max())
        if highest - lowest >= 2**32:
            return cls(ids.numbers, 0, None)
        above = np.empty(ids.numbers.size, np.uint32)
        np.subtract(ids.numbers, lowest, out=above, casting="unsafe")
        return cls(above, lowest, None)

    def all(self) -> Ids:
        """Return the ids as they were."""
        if self.texts is not None:
            return self.texts
        assert self.numbers is not None, "ids are numbers or texts"
        none = np.zeros(self.numbers.size, np.bool_)
        return Ids(self.numbers.astype(np.int64) + self.lowest, None, none, None, none)


class OrdersRead:
    """The rows of a table of orders, in its own order, free of errors.

    Parameters
    ----------
    owner : (k,) int32
        Position of the buyer, -1 for an order that does not count.
    inside : (k,) bool or None
        Which of them count in the period, where earlier ones count too because the plan asks for the first order of a
        buyer; None where all that count do.
    by_id : ById or None
        None where they were not yet sorted; no id is there twice then.
    ids : KeptIds
    day : (k,) int32
    kind : (k,) int8
    columns : mapping of str to Column
    """

    def __init__(
        self,
        owner: NDArray[np.int32],
        inside: NDArray[np.bool_] | None,
        by_id: ById | None,
        ids: KeptIds,
        day: NDArray[np.int32],
        kind: NDArray[np.int8],
        columns: Mapping[str, Column],
    ) -> None:
        self.owner = owner
        self.inside = inside
        self.by_id = by_id
        self._ids = ids
        self._day = day
        self._kind = kind
        self._columns = columns

    @property
    def has_text_ids(self) -> bool:
        """Whether order ids are texts."""
        return self._ids.numbers is None

    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._columns)

    def ids(self) -> KeptIds:
        """Return the order ids."""
        return self._ids

    def day(self) -> NDArray[np.int32]:
        """Return days since 1970-01-01, ``(k,)`` int32."""
        return self._day

    def kind(self) -> NDArray[np.int8]:
        """Return codes into `ORDER_KINDS`, ``(k,)`` int8."""
        return self._kind

    def column(self, name: str) -> Column:
        """Return a column of ``k`` rows."""
        return self._columns[name]


class OrdersReread(OrdersRead):
    """Rows of a table that stays at hand as it was, compressed: what is wanted of it is read again, every time.

    Most runs want each volume once and nothing else, so that what was read first is handed out, and gone.

    Parameters
    ----------
    read : OrdersRead
        Of the same table, which was found free of errors.
    table : Table
        Its columns can be read singly.
    needs : Needs
    """

    def __init__(self, read: OrdersRead, table: Table, needs: Needs) -> None:
        assert read.by_id is None, "ids that repeat are kept in order"
        self.owner = read.owner
        self.inside = read.inside
        self.by_id = None
        self._text_ids = read.has_text_ids
        self._fresh: dict[str, Column] = {name: read.column(name) for name in read.column_names()}
        self._names = list(self._fresh)
        self._table = table
        self._needs = needs

    @staticmethod
    def fits(table: Table) -> bool:
        """Return whether a table is large, and can be read again without looking for it."""
        return isinstance(table.frame, SingleColumns) and table.size >= MANY_ROWS

    @property
    def has_text_ids(self) -> bool:
        """Whether order ids are texts."""
        return self._text_ids

    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return self._names

    def ids(self) -> KeptIds:
        """Read the order ids."""
        return KeptIds.of(read_ids(self._table, "order_id", Collector()))

    def day(self) -> NDArray[np.int32]:
        """Read the days."""
        return read_days(self._table, "date", self._needs.time_zone, Collector(), blank_allowed=False)

    def kind(self) -> NDArray[np.int8]:
        """Read the kinds."""
        return read_choice(self._table, "kind", ORDER_KINDS, 0, "orders.kind", Collector())

    def column(self, name: str) -> Column:
        """Return a column: the first time as it was read, then read again."""
        fresh = self._fresh.pop(name, None)
        if fresh is not None:
            return fresh
        if name in self._needs.volume_columns:
            decimals = self._needs.volume_columns[name]
            return Column("number", read_amounts(self._table, name, decimals, Collector())[0], decimals=decimals)
        column_type, decimals = self._needs.order_columns[name]
        return read_column(self._table, name, column_type, decimals, self._needs.time_zone, Collector())
