"""Orders that stay as they were read until something asks for single ones: most runs want nothing but sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.kernels.relabel import taken
from mlmcalc.tables.columns import reordered
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.sorting import ById, sort_ids
from mlmcalc.tables.text_ids import TextIds
from mlmcalc.volumes.orders import ORDER_KINDS, Amounts, Orders

_SALE = ORDER_KINDS.index("sale")


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


@dataclass(frozen=True, slots=True, eq=False)
class OrdersRead:
    """The rows of a table of orders, in its own order, free of errors.

    Attributes
    ----------
    ids : KeptIds
    by_id : ById or None
        None where they were not yet sorted; no id is there twice then.
    owner : (k,) int32
        Position of the buyer, -1 for an order that does not count.
    day : (k,) int32
    kind : (k,) int8
    columns : mapping of str to Column
    inside : (k,) bool or None
        Which of them count in the period, where earlier ones count too because the plan asks for the first order of a
        buyer; None where all that count do.
    """

    ids: KeptIds
    by_id: ById | None
    owner: NDArray[np.int32]
    day: NDArray[np.int32]
    kind: NDArray[np.int8]
    columns: Mapping[str, Column]
    inside: NDArray[np.bool_] | None


class ArrangedOrders(Orders):
    """The orders of a period, each column put in order when it is asked for.

    Parameters
    ----------
    read : OrdersRead
    size : int
        How many of them count in the period.
    members : int
        Number of positions.
    """

    def __init__(self, read: OrdersRead, size: int, members: int) -> None:
        self._read = read
        self._size = size
        self._members = members
        self._sorted_columns = _Columns(self)

    @property
    def size(self) -> int:
        """Number of orders."""
        return self._size

    @property
    def is_table(self) -> bool:
        """False: these are orders."""
        return False

    @property
    def has_text_ids(self) -> bool:
        """Whether order ids are texts."""
        return self._read.ids.numbers is None

    @property
    def member(self) -> NDArray[np.int32]:
        """Position of the buyer, ``(m,)`` int32, ascending."""
        return self._sorted_member

    @property
    def ids(self) -> NDArray[np.int64] | TextIds:
        """Order ids."""
        return self._sorted_ids

    @property
    def day(self) -> NDArray[np.int32]:
        """Days since 1970-01-01, ``(m,)`` int32."""
        return self._sorted_day

    @property
    def kind(self) -> NDArray[np.int8]:
        """Codes into `ORDER_KINDS`, ``(m,)`` int8."""
        return self._sorted_kind

    @property
    def first(self) -> NDArray[np.bool_] | None:
        """Whether each is its buyer's first order, ``(m,)`` bool; None unless the plan asks."""
        return self._arrangement[1]

    @property
    def columns(self) -> Mapping[str, Column]:
        """Volume columns and the company's own columns, by name."""
        return self._sorted_columns

    def amounts(self, name: str) -> Amounts:
        """Return a number column with its owners, as it was read."""
        read = self._read
        owner = read.owner if read.inside is None else np.where(read.inside, read.owner, np.int32(-1))
        return Amounts(owner, read.columns[name])

    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return list(self._read.columns)

    def sorted_column(self, name: str) -> Column:
        """Return a column in the order of the orders."""
        return reordered(self._read.columns[name], self._order)

    @cached_property
    def _sorted_member(self) -> NDArray[np.int32]:
        return _frozen(taken(self._read.owner, self._order))

    @cached_property
    def _sorted_ids(self) -> NDArray[np.int64] | TextIds:
        kept = self._read.ids
        if kept.numbers is None:
            return TextIds(kept.all().as_texts().gather(self._order))
        return _frozen(taken(kept.numbers, self._order).astype(np.int64) + kept.lowest)

    @cached_property
    def _sorted_day(self) -> NDArray[np.int32]:
        return _frozen(taken(self._read.day, self._order))

    @cached_property
    def _sorted_kind(self) -> NDArray[np.int8]:
        return _frozen(taken(self._read.kind, self._order))

    @property
    def _order(self) -> NDArray[np.integer]:
        return self._arrangement[0]

    @cached_property
    def _arrangement(self) -> tuple[NDArray[np.integer], NDArray[np.bool_] | None]:
        """Rows of the table by position of the buyer and then order id; and which is the buyer's first."""
        read = self._read
        order = self._by_position_and_id()
        if read.inside is None:
            return order, None
        is_sale = read.kind[order] == _SALE
        first = _frozen(_first_sales(read.owner[order], read.day[order], is_sale))
        within = read.inside[order]
        return order[within], _frozen(first[within])

    def _by_position_and_id(self) -> NDArray[np.integer]:
        read = self._read
        by_id = (sort_ids(read.ids.all()) if read.by_id is None else read.by_id).order
        counts = read.owner >= 0
        rows = np.flatnonzero(counts) if by_id is None else by_id[counts[by_id]]
        position = taken(read.owner, rows)
        if (position[1:] >= position[:-1]).all():
            return rows
        return taken(rows, order_by_group(position, self._members))


class _Columns(Mapping[str, Column]):
    """The columns of some orders, each put in order once."""

    def __init__(self, orders: ArrangedOrders) -> None:
        self._orders = orders
        self._sorted: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._sorted:
            self._sorted[name] = self._orders.sorted_column(name)
        return self._sorted[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._orders.column_names())

    def __len__(self) -> int:
        return len(self._orders.column_names())


def _first_sales(buyer: NDArray[np.int32], day: NDArray[np.int32], is_sale: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which row is its buyer's first sale, of rows by buyer and then order id."""
    first = np.zeros(buyer.size, np.bool_)
    sales = np.flatnonzero(is_sale)
    if sales.size:
        buyer, dated = buyer[sales], day[sales]
        starts = np.flatnonzero(np.r_[True, buyer[1:] != buyer[:-1]])
        earliest = np.minimum.reduceat(dated, starts)
        group = np.cumsum(np.r_[False, buyer[1:] != buyer[:-1]])
        hits = np.flatnonzero(dated == earliest[group])
        leading = np.r_[True, group[hits[1:]] != group[hits[:-1]]]
        first[sales[hits[leading]]] = True
    return first


def _frozen(column: NDArray) -> NDArray:
    column.flags.writeable = False
    return column
