"""Returns that name the order they return: what they name, and that no more is returned than was sold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import Column
from mlmcalc.ledger.returned import ReturnedOrders
from mlmcalc.money import text_from_units
from mlmcalc.periods import Period, day_text
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.lookup import UNKNOWN, Directory
from mlmcalc.tables.source import Table
from mlmcalc.volumes.orders import ORDER_KINDS

OF_ORDER = "of_order"
"""The column of orders that says which order a return returns."""
_SALE = ORDER_KINDS.index("sale")


@dataclass(frozen=True, slots=True, eq=False)
class Returns:
    """The rows that name an order.

    Attributes
    ----------
    rows : (k,) int64
        Of the table, ascending.
    named : Ids
        What each of them names.
    """

    rows: NDArray[np.int64]
    named: Ids

    def in_all(self, size: int) -> NDArray[np.object_]:
        """Return what each of all rows names, as text; empty where it names nothing."""
        found = np.full(size, "", np.object_)
        found[self.rows] = self.named.as_texts().to_list()
        return found

    def ordered(self, ids: Ids, day: NDArray[np.int32], period: Period) -> ReturnedOrders:
        """Return the returns up to the period's last day.

        Parameters
        ----------
        ids : Ids
            Of all orders.
        day : (n,) int32
            Likewise.
        period : Period
        """
        there = np.flatnonzero(day[self.rows] <= period.last_day)
        rows = self.rows[there]
        texts = ids.taken(rows).as_texts().to_list()
        named = self.named.taken(there).as_texts().to_list()
        return ReturnedOrders(texts, named, [day_text(one) for one in day[rows].tolist()])


def read_returns(table: Table, kind: NDArray[np.int8], collector: Collector) -> Returns | None:
    """Return the rows that name an order, None where none does.

    Parameters
    ----------
    table : Table
    kind : (n,) int8
    collector : Collector
        Receives ``orders.return_kind`` and what `read_ids` finds.
    """
    if not table.has(OF_ORDER):
        return None
    named = read_ids(table, OF_ORDER, collector, blank="allowed")
    rows = np.flatnonzero(~named.absent)
    sales = rows[kind[rows] == _SALE]
    seen, remedy = "a sale returns no order.", "Give the row kind return, or leave the cell empty."
    collector.rows("orders.return_kind", table, OF_ORDER, sales, lambda _: seen, remedy)
    rows = rows[kind[rows] != _SALE]
    return Returns(rows, named.taken(rows)) if rows.size else None


def check_returns(
    returns: Returns,
    table: Table,
    ids: Ids,
    counted: NDArray[np.bool_],
    member: NDArray[np.int32],
    columns: Mapping[str, Column],
    collector: Collector,
) -> None:
    """Report what is wrong about returns and the orders they name.

    Parameters
    ----------
    returns : Returns
    table : Table
    ids : Ids
        Of all orders.
    counted : (n,) bool
        Which rows are no copies of an earlier one.
    member : (n,) int32
        Row of the buyer.
    columns : mapping of str to Column
        The volume columns.
    collector : Collector
        Receives ``orders.return_exceeds`` and the warnings ``orders.return_unknown`` and ``orders.return_buyer``.
    """
    once = _once(ids, np.flatnonzero(counted).astype(np.int64))
    found = Directory(ids.taken(once)).rows(table, OF_ORDER, returns.named, collector)
    unknown = np.flatnonzero(found == UNKNOWN)
    if unknown.size:
        first = int(unknown[0])
        seen = (
            f"{unknown.size} of {returns.rows.size} returns name an order that is not in this table; the first is "
            f"{shown(returns.named.text(first))}."
        )
        where = {"row": table.row(int(returns.rows[first])), "column": table.heading(OF_ORDER)}
        collector.add(Finding("orders.return_unknown", seen, level="warning", file=table.file, **where))
    known = np.flatnonzero((found >= 0) & counted[returns.rows])
    rows, sold = returns.rows[known], once[found[known]]
    others = rows[(member[rows] != member[sold]) & (member[rows] >= 0) & (member[sold] >= 0)]
    seen = "the return is of another member than the order it names."
    collector.rows("orders.return_buyer", table, "member_id", others, lambda _: seen, level="warning")
    for name, column in columns.items():
        _report_excess(table, name, column, ids, rows, sold, collector)


def _once(ids: Ids, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first row of each id among some rows; where two rows contradict one another that is told elsewhere."""
    if ids.numbers is not None:
        return rows[np.sort(np.unique(ids.numbers[rows], return_index=True)[1])]
    texts = ids.as_texts().gather(rows).fill_null("")
    return rows[texts.is_first_distinct().to_numpy()]


def _report_excess(
    table: Table,
    name: str,
    column: Column,
    ids: Ids,
    rows: NDArray[np.int64],
    sold: NDArray[np.int64],
    collector: Collector,
) -> None:
    orders, place = np.unique(sold, return_inverse=True)
    # Python's own integers: the sum of what is returned is not bounded yet.
    returned = [0] * orders.size
    last = np.zeros(orders.size, np.int64)
    for row, at in zip(rows.tolist(), place.tolist(), strict=True):
        returned[at] -= int(column.values[row])
        last[at] = row
    beyond = [at for at in range(orders.size) if returned[at] > max(int(column.values[orders[at]]), 0)]

    def message(index: int) -> str:
        at = beyond[index]
        back, out = returned[at], int(column.values[orders[at]])
        return (
            f"of order {ids.text(int(orders[at]))} {text_from_units(back, column.decimals)} are returned, and "
            f"{text_from_units(out, column.decimals)} were sold."
        )

    remedy = "Return no more than was sold, or name the right order."
    collector.rows("orders.return_exceeds", table, name, last[beyond], message, remedy)
