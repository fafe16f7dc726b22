"""Order ids that stand there twice: the same order again counts once, another order under the same id is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlmcalc.tables.collector import Collector
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.sorting import ById
from mlmcalc.tables.source import Table


def report_repeats(
    table: Table, ids: Ids, by_id: ById, contents: Mapping[str, NDArray], collector: Collector
) -> NDArray[np.bool_] | None:
    """Report order ids that stand there more than once, and return which rows are copies.

    Parameters
    ----------
    table : Table
    ids : Ids
    by_id : ById
    contents : mapping of str to (k,) array
        Our name of each column that belongs to an order, to what the column holds.
    collector : Collector
        Receives the warning ``orders.duplicate`` and ``orders.conflict``.

    Returns
    -------
    (k,) bool or None
        Rows equal to an earlier one in all of these columns; None without any.
    """
    if by_id.repeats is None or by_id.order is None:
        return None
    order = by_id.order
    # The first place of each id, for all its places.
    leaders = order[np.maximum.accumulate(np.where(by_id.repeats, 0, np.arange(order.size)))]
    later, earlier = order[by_id.repeats], leaders[by_id.repeats]
    in_table_order = np.argsort(later)
    later, earlier = later[in_table_order], earlier[in_table_order]
    differs = {name: cells[later] != cells[earlier] for name, cells in contents.items()}
    conflict = np.logical_or.reduce(list(differs.values()))
    _report_copies(table, ids, later[~conflict], earlier[~conflict], collector)
    rows, of = later[conflict], earlier[conflict]
    names = {name: unequal[conflict] for name, unequal in differs.items()}

    def message(index: int) -> str:
        unequal = ", ".join(table.heading(name) for name, cells in names.items() if cells[index])
        earlier_row = table.row(int(of[index]))
        return f"order {ids.text(int(rows[index]))} is in row {earlier_row} already, with another {unequal}."

    remedy = "Give one of them another order id, or keep the right one."
    collector.rows("orders.conflict", table, "order_id", rows, message, remedy)
    repeated = np.zeros(table.size, np.bool_)
    repeated[later[~conflict]] = True
    return repeated if repeated.any() else None


def _report_copies(
    table: Table, ids: Ids, rows: NDArray[np.int64], of: NDArray[np.int64], collector: Collector
) -> None:
    collector.rows(
        "orders.duplicate",
        table,
        "order_id",
        rows,
        lambda index: (
            f"order {ids.text(int(rows[index]))} is in row {table.row(int(of[index]))} already, and counts once."
        ),
        level="warning",
    )
