"""Companies for the tests of reading: one description, written in every format."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import xlsxwriter

from mlmcalc.genealogy.network import Network
from mlmcalc.volumes.orders import Orders


def excel(frame: pl.DataFrame) -> bytes:
    """Return a workbook: numbers as floats and days as Excel days, as Excel writes them."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        frame.write_excel(book, worksheet="table")
    return content.getvalue()


def parquet(frame: pl.DataFrame) -> bytes:
    """Return a Parquet file."""
    content = io.BytesIO()
    frame.write_parquet(content)
    return content.getvalue()


def _plain(column: Any) -> Any:
    return (
        column.tolist() if isinstance(column, np.ndarray) else list(column) if isinstance(column, Sequence) else column
    )


def network_facts(network: Network) -> dict[str, Any]:
    """Return everything a network says, as plain lists."""
    facts = {name: _plain(getattr(network, name)) for name in ("ids", "status", "kind", "joined")}
    for name, column in network.columns.items():
        facts["column " + name] = [_plain(column.values), list(column.labels), column.decimals, _plain(column.given)]
    for name, tree in network.trees.items():
        facts["tree " + name] = [_plain(part) for part in (tree.parent, tree.depth, tree.order, tree.leg)]
    return facts | {"day": network.day, "first day": network.first_day}


def order_facts(orders: Orders) -> dict[str, Any]:
    """Return everything orders say, as plain lists."""
    facts = {name: _plain(getattr(orders, name)) for name in ("member", "ids", "day", "kind", "first")}
    for name, column in orders.columns.items():
        facts["column " + name] = [_plain(column.values), list(column.labels), column.decimals, _plain(column.given)]
    return facts
