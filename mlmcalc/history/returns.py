"""Returns that count in the period of the order they return."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from mlmcalc.history.facts import KEYS, Scope
from mlmcalc.history.parts import alike, canonical, stacked
from mlmcalc.tables.snapshot import OF_ORDER

_DAY = "#day"


def with_later_returns(
    orders: pl.DataFrame, known: pl.DataFrame | None, scope: Scope, ids: Sequence[str]
) -> pl.DataFrame:
    """Return the orders of a period with every return of one of them, on that order's day, and without other returns.

    A return that names no order counts on its own day. One that names an order of another day than those of the
    period, or one that is not known, does not count.

    Parameters
    ----------
    orders : polars.DataFrame
        Of the period, and of days before it.
    known : polars.DataFrame or None
        Every order that is known, of any day.
    scope : Scope
        The days of the period.
    ids : sequence of str
        Columns of ids.
    """
    if known is None or OF_ORDER not in known.columns or "kind" not in known.columns:
        return orders
    known, orders = alike([known, orders])
    names_order = (pl.col("kind") == "return") & pl.col(OF_ORDER).is_not_null()
    # The orders of these days may have come before any that named what it returns: then none of them does.
    may = {"kind", OF_ORDER} <= set(orders.columns)
    own = orders.filter(~names_order.fill_null(False)) if may else orders
    sold = own.filter(pl.col("date").is_between(scope.first, scope.last))
    sold = sold.select(pl.col("order_id").alias(OF_ORDER), pl.col("date").alias(_DAY))
    returns, sold = _same_ids(known.filter(names_order), sold)
    dated = returns.join(sold, on=OF_ORDER).with_columns(pl.col(_DAY).alias("date")).drop(_DAY)
    if not dated.height:
        return canonical(own, KEYS["orders"], ids)
    return canonical(stacked([own, dated]), KEYS["orders"], ids)


def orders_returned(returns: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the day of the order that each return names.

    Parameters
    ----------
    returns : polars.DataFrame
        Orders, or events of orders; those that are no returns, or name no order, are left out.
    known : polars.DataFrame
        Orders.

    Returns
    -------
    polars.DataFrame
        ``order_id`` of the return, ``sold``: the day; null where the order is not among those that are known.
    """
    if not {"kind", OF_ORDER, "order_id"} <= set(returns.columns):
        return pl.DataFrame(schema={"order_id": pl.Int64(), "sold": pl.Date()})
    named = returns.filter((pl.col("kind") == "return") & pl.col(OF_ORDER).is_not_null())
    sold = known if "kind" not in known.columns else known.filter((pl.col("kind") != "return").fill_null(True))
    sold = sold.select(pl.col("order_id").alias(OF_ORDER), pl.col("date").alias("sold"))
    named, sold = _same_ids(named, sold)
    return named.join(sold, on=OF_ORDER, how="left").select("order_id", "sold")


def _same_ids(returns: pl.DataFrame, sold: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    # The ids of orders may be texts where those that are returned are whole numbers, and the other way round.
    types = {returns.schema[OF_ORDER], sold.schema[OF_ORDER]}
    if len(types) == 1:
        return returns, sold
    text = pl.col(OF_ORDER).cast(pl.String)
    return returns.with_columns(text), sold.with_columns(text)
