"""The orders of a run, with what was added to them and withdrawn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.join import id_table, rows_of_ids
from mlmcalc.periods import Period
from mlmcalc.runs.preview.orders import Changed, buyers_of, by_member_and_id, joined, rows_of, whole_orders
from mlmcalc.runs.preview.part import picked_orders
from mlmcalc.tables.text_rows import TextRows
from mlmcalc.volumes.orders import ORDER_KINDS, Orders

_NO_ROWS = np.empty(0, np.int64)
_SALE = ORDER_KINDS.index("sale")


class IdIndex:
    """Where ids stand, however many there are.

    Parameters
    ----------
    ids : (n,) int64, or a sequence of n str
        Each once.
    """

    def __init__(self, ids: NDArray[np.int64] | Sequence[str]) -> None:
        self._numbers = id_table(np.ascontiguousarray(ids)) if isinstance(ids, np.ndarray) else None
        self._texts = None if self._numbers is not None else pl.Series(list(ids), dtype=pl.String)
        self._text_rows = None if self._texts is None else TextRows(self._texts)

    @cached_property
    def no_numbers(self) -> NDArray[np.int64]:
        """Rows of the texts that are no whole numbers."""
        return np.empty(0, np.int64) if self._texts is None else _no_numbers(self._texts)

    def rows(self, wanted: NDArray[np.int64] | Sequence[str]) -> NDArray[np.int32]:
        """Return the row of each id, -1 for those that are not there.

        Parameters
        ----------
        wanted : (k,) int64, or a sequence of k str
            Of the kind of the ids.
        """
        if self._numbers is not None:
            return rows_of_ids(self._numbers, np.ascontiguousarray(wanted, np.int64))
        assert self._text_rows is not None, "ids are numbers or texts"
        return self._text_rows.rows(pl.Series(list(wanted), dtype=pl.String))


@dataclass(frozen=True, slots=True, eq=False)
class OrderBook:
    """The orders of a run after some changes.

    Attributes
    ----------
    period : Period
    first_order : bool
        Whether the plan asks which order is the buyer's first.
    orders, outside : Orders
        What the run was made of, and what its table held that is not of the period.
    indexes : (IdIndex, IdIndex)
        Of the two.
    gone : (k,) int64
        Rows of `orders` that are withdrawn.
    outside_gone : (k,) int64
        Rows of `outside` that are withdrawn.
    added : Orders
        Of any day.
    """

    period: Period
    first_order: bool
    orders: Orders
    outside: Orders
    indexes: tuple[IdIndex, IdIndex]
    gone: NDArray[np.int64]
    outside_gone: NDArray[np.int64]
    added: Orders

    @classmethod
    def of(cls, period: Period, first_order: bool, orders: Orders, outside: Orders | None) -> OrderBook:
        """Return the orders of a run before any change.

        Parameters
        ----------
        period : Period
        first_order : bool
        orders : Orders
        outside : Orders or None
            None where the table held none.
        """
        nothing = none_of(orders)
        assert orders.ids is not None, "a table of volumes has no orders"
        beyond = nothing if outside is None else outside
        indexes = (IdIndex(orders.ids), IdIndex(_ids(beyond)))
        return cls(period, first_order, orders, beyond, indexes, _NO_ROWS, _NO_ROWS, nothing)

    @property
    def ids_are_texts(self) -> bool:
        """Whether order ids are texts."""
        return self.orders.has_text_ids

    def as_texts(self) -> OrderBook:
        """Return the same orders with texts as their ids, in the order of those."""
        orders, outside, added = (_with_ids(one, str) for one in (self.orders, self.outside, self.added))
        book = OrderBook.of(self.period, self.first_order, by_member_and_id(orders), by_member_and_id(outside))
        return book.without([str(one) for one in self.withdrawn]).with_added(added)

    def like(self, other: OrderBook) -> OrderBook:
        """Return the changes made to these orders, made to the same orders with numbers as their ids."""
        return other.without(self.withdrawn).with_added(_with_ids(self.added, int))

    def afresh(self) -> OrderBook:
        """Return the orders as they are now, with numbers as their ids, as if none had ever been changed."""
        now = whole_orders(self.orders, self.changed())
        beyond = np.setdiff1d(np.arange(self.added.size), self._inside(self.added))
        left = np.setdiff1d(np.arange(self.outside.size), self.outside_gone)
        parts = [(self.outside, left), (self.added, beyond)]
        outside = joined([picked_orders(one, rows, one.member[rows]) for one, rows in parts])
        orders, others = (by_member_and_id(_with_ids(one, int)) for one in (now, outside))
        return OrderBook.of(self.period, self.first_order, orders, others)

    @property
    def withdrawn(self) -> list[int | str]:
        """Ids of the orders that are withdrawn from those the run was made of."""
        return [
            _listed(_ids(orders))[row]
            for orders, gone in ((self.orders, self.gone), (self.outside, self.outside_gone))
            for row in gone.tolist()
        ]

    @property
    def could_be_numbers(self) -> bool:
        """Whether ids that are kept as texts are whole numbers, all those that are left."""
        pairs = ((self.indexes[0], self.gone), (self.indexes[1], self.outside_gone))
        if not self.ids_are_texts or not all(np.isin(index.no_numbers, gone).all() for index, gone in pairs):
            return False
        return not _no_numbers(pl.Series(list(_ids(self.added)), dtype=pl.String)).size

    def find(self, ids: NDArray[np.int64] | Sequence[str]) -> list[tuple[Orders, int] | None]:
        """Return where each order stands: the orders it is among, and its row there; None where it is not there."""
        found: list[tuple[Orders, int] | None] = []
        added = {one: row for row, one in enumerate(_listed(_ids(self.added)))}
        gone, outside_gone = set(self.gone.tolist()), set(self.outside_gone.tolist())
        rows = zip(self.indexes[0].rows(ids).tolist(), self.indexes[1].rows(ids).tolist(), strict=True)
        for one, (row, beyond) in zip(_listed(ids), rows, strict=True):
            if one in added:
                found.append((self.added, added[one]))
            elif row >= 0 and row not in gone:
                found.append((self.orders, row))
            else:
                found.append((self.outside, beyond) if beyond >= 0 and beyond not in outside_gone else None)
        return found

    def with_added(self, orders: Orders) -> OrderBook:
        """Return the orders with others that are not among them."""
        return replace(self, added=by_member_and_id(joined([self.added, orders])))

    def without(self, ids: Sequence[int | str]) -> OrderBook:
        """Return the orders without some of them.

        Raises
        ------
        InputRefused
            ``preview.no_order``, for each that is not there.
        """
        wanted = [self._known_kind(one) for one in dict.fromkeys(ids)]
        kind = self.ids_are_texts
        there = [one for one in wanted if one is not None]
        places = self.find([str(one) for one in there] if kind else np.array(there, np.int64))
        known = dict(zip(there, places, strict=True))
        missing = [
            given for given, one in zip(dict.fromkeys(ids), wanted, strict=True) if one is None or known[one] is None
        ]
        if missing:
            raise InputRefused(
                Finding("preview.no_order", f"order {one} is not among the orders.", "Correct the id.")
                for one in missing
            )
        rows: dict[int, list[int]] = {id(self.orders): [], id(self.outside): [], id(self.added): []}
        for place in known.values():
            assert place is not None, "whoever is missing was refused"
            rows[id(place[0])].append(place[1])
        stay = np.setdiff1d(np.arange(self.added.size), np.array(rows[id(self.added)], np.int64))
        return replace(
            self,
            gone=np.union1d(self.gone, np.array(rows[id(self.orders)], np.int64)),
            outside_gone=np.union1d(self.outside_gone, np.array(rows[id(self.outside)], np.int64)),
            added=picked_orders(self.added, stay, self.added.member[stay]),
        )

    def changed(self) -> Changed:
        """Return whose orders are others now, with all their orders of the period."""
        added = self._inside(self.added)
        parts = [self.orders.member[self.gone], self.added.member[added]]
        if self.first_order:
            parts += [self.added.member, self.outside.member[self.outside_gone]]
        buyers = buyers_of(*parts)
        rows = np.setdiff1d(rows_of(self.orders, buyers), self.gone)
        now = [
            picked_orders(self.orders, rows, self.orders.member[rows]),
            picked_orders(self.added, added, self.added.member[added]),
        ]
        orders = by_member_and_id(joined(now))
        if self.first_order:
            orders = _with_first(orders, self._first_sales(orders, buyers))
        return Changed(buyers, orders)

    def _inside(self, orders: Orders) -> NDArray[np.int64]:
        assert orders.day is not None, "every order has a day"
        return np.flatnonzero((orders.day >= self.period.first_day) & (orders.day <= self.period.last_day))

    def _first_sales(self, orders: Orders, buyers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which order is its buyer's first sale, earlier orders considered."""
        beyond = np.setdiff1d(np.flatnonzero(np.isin(self.outside.member, buyers)), self.outside_gone)
        parts = [orders]
        for rows, others in ((beyond, self.outside), (np.arange(self.added.size), self.added)):
            assert others.day is not None, "every order has a day"
            earlier = rows[others.day[rows] < self.period.first_day]
            parts.append(picked_orders(others, earlier, others.member[earlier]))
        every = joined([_with_first(part, None) for part in parts])
        assert every.day is not None, "every order has a day"
        assert every.kind is not None, "every order is a sale or a return"
        sales = np.flatnonzero(every.kind == _SALE)
        # Of one day the lowest id is the first; orders stand by id already.
        ids = every.ids
        by_id = np.argsort(ids, kind="stable") if isinstance(ids, np.ndarray) else np.argsort(np.array(ids, object))
        place = np.empty(every.size, np.int64)
        place[by_id] = np.arange(every.size)
        order = sales[np.lexsort((place[sales], every.day[sales], every.member[sales]))]
        leads = np.r_[True, every.member[order][1:] != every.member[order][:-1]][: order.size]
        first = np.zeros(every.size, np.bool_)
        first[order[leads]] = True
        return first[: orders.size]

    def _known_kind(self, one: int | str) -> int | str | None:
        if self.ids_are_texts:
            return str(one)
        text = str(one)
        return int(text) if text.lstrip("-").isdecimal() and str(int(text)) == text else None


def none_of(orders: Orders) -> Orders:
    """Return no orders, of the kind of some."""
    return picked_orders(orders, _NO_ROWS, np.empty(0, np.int32))


def _with_ids(orders: Orders, kind: type[int] | type[str]) -> Orders:
    ids = [kind(one) for one in _listed(_ids(orders))]
    kept = np.array(ids, np.int64) if kind is int else [str(one) for one in ids]
    return Orders(orders.member, kept, orders.day, orders.kind, orders.first, orders.columns)


def _with_first(orders: Orders, first: NDArray[np.bool_] | None) -> Orders:
    return Orders(orders.member, orders.ids, orders.day, orders.kind, first, orders.columns)


def _no_numbers(texts: pl.Series) -> NDArray[np.int64]:
    same = (texts.cast(pl.Int64, strict=False).cast(pl.String) == texts).fill_null(False)
    return np.flatnonzero(~same.to_numpy())


def _ids(orders: Orders) -> NDArray[np.int64] | Sequence[str]:
    assert orders.ids is not None, "a table of volumes has no orders"
    return orders.ids


def _listed(ids: NDArray[np.int64] | Sequence[str]) -> list[int] | list[str]:
    return ids.tolist() if isinstance(ids, np.ndarray) else list(ids)
