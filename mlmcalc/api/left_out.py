"""Looking up an order that is not among those of a run: perhaps the run left it out."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import Period
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.source import ColumnMap, Wanted, read_table


def no_order(order: str) -> InputRefused:
    """Return the refusal of an order that nothing is known of."""
    return InputRefused(
        Finding(
            "api.no_order",
            f"{order} is no order of this run.",
            "Orders outside the period are left out of a run; look the order up in the input.",
        )
    )


def order_left_out(order: str, table: Path, column_map: ColumnMap, period: Period) -> InputRefused:
    """Return why an order is not among those of a run.

    Parameters
    ----------
    order : str
    table : Path
        The orders the run was made of.
    column_map : ColumnMap
    period : Period
    """
    with ThreadPoolExecutor(1) as threads:
        wanted = Wanted("orders", ("order_id", "date"))
        found, _ = read_table(table, wanted, column_map, Collector(), threads)
    if found is None or not found.has("order_id") or not found.has("date"):
        return no_order(order)
    matches = found.series("order_id").cast(pl.String).str.strip_chars() == order
    places = matches.arg_true()
    if not len(places):
        return no_order(order)
    first = int(places[0])
    days = f"{period.first.isoformat()} to {period.last.isoformat()}"
    return InputRefused(
        Finding(
            "api.order_left_out",
            f"order {order} is dated {found.series('date')[first]}; the run is of {days}, and left it out.",
            "Explain it in the run of its own period.",
            file=os.path.normpath(table),
            row=found.row(first),
        )
    )
