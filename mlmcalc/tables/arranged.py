"""Orders that stay as they were read until something asks for single ones: most runs want nothing but sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.kernels.relabel import taken
from mlmcalc.tables.columns import reordered
from mlmcalc.tables.orders_read import OrdersRead
from mlmcalc.tables.sorting import sort_ids
from mlmcalc.tables.text_ids import TextIds
from mlmcalc.volumes.orders import ORDER_KINDS, Amounts, Orders

_SALE = ORDER_KINDS.index("sale")


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
        return self._read.has_text_ids

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
        return Amounts(owner, read.column(name))

    def column_names(self) -> list[str]:
        """Return the names of the columns."""
        return self._read.column_names()

    def sorted_column(self, name: str) -> Column:
        """Return a column in the order of the orders."""
        return reordered(self._read.column(name), self._order)

    @cached_property
    def _sorted_member(self) -> NDArray[np.int32]:
        return _frozen(taken(self._read.owner, self._order))

    @cached_property
    def _sorted_ids(self) -> NDArray[np.int64] | TextIds:
        kept = self._read.ids()
        if kept.numbers is None:
            return TextIds(kept.all().as_texts().gather(self._order))
        return _frozen(taken(kept.numbers, self._order).astype(np.int64) + kept.lowest)

    @cached_property
    def _sorted_day(self) -> NDArray[np.int32]:
        return _frozen(taken(self._read.day(), self._order))

    @cached_property
    def _sorted_kind(self) -> NDArray[np.int8]:
        return _frozen(taken(self._read.kind(), self._order))

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
        is_sale = read.kind()[order] == _SALE
        first = _frozen(_first_sales(read.owner[order], read.day()[order], is_sale))
        within = read.inside[order]
        return order[within], _frozen(first[within])

    def _by_position_and_id(self) -> NDArray[np.integer]:
        read = self._read
        by_id = (sort_ids(read.ids().all()) if read.by_id is None else read.by_id).order
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
