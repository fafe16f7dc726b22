"""The company's own columns, by the type the plan declares."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column, ColumnType
from mlmcalc.kernels.relabel import taken
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.days import read_days
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.source import Table
from mlmcalc.tables.words import read_flags, read_texts


def read_column(
    table: Table, name: str, column_type: ColumnType, decimals: int, time_zone: str, collector: Collector
) -> Column:
    """Return one declared column; an empty cell is "not given".

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column, which the table has.
    column_type : {"number", "text", "day", "flag"}
    decimals : int
        Of a number.
    time_zone : str
    collector : Collector
        Receives what `read_amounts`, `read_texts`, `read_days` and `read_flags` find.
    """
    if column_type == "number":
        units, given = read_amounts(table, name, decimals, collector, blank_allowed=True)
        return Column("number", units, decimals=decimals, given=given)
    if column_type == "text":
        codes, labels = read_texts(table, name, collector)
        return Column("text", codes, labels)
    if column_type == "day":
        return Column("day", read_days(table, name, time_zone, collector))
    values, given = read_flags(table, name, collector)
    return Column("flag", values, given=given)


def reordered(column: Column, order: NDArray[np.integer]) -> Column:
    """Return a column with its rows taken in an order, read-only.

    Parameters
    ----------
    column : Column
    order : (m,) integer
        Row of each new row.
    """
    values = taken(column.values, order)
    values.flags.writeable = False
    given = None if column.given is None else taken(column.given, order)
    return replace(column, values=values, given=given)
