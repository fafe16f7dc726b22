"""A table as a snapshot is kept: under our names, every cell as it is understood, in a type that holds it exactly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import InputRefused
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES, Column
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.columns import read_column
from mlmcalc.tables.content import Unreadable
from mlmcalc.tables.days import read_days
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.ids import Ids, read_ids
from mlmcalc.tables.needs import CURRENCY, Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.overrides import OVERRIDE_KINDS, WANTED_OF_OVERRIDES
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table
from mlmcalc.tables.words import read_choice, read_texts
from mlmcalc.volumes.orders import ORDER_KINDS

DEFAULT_WORDS = {"status": "active", "kind": KINDS[0]}
"""What a member is of whom the table says nothing."""
OF_ORDER = "of_order"
"""Of a return: the order that it returns."""
_CHOICES = {
    "members": {"status": (STATUSES[: STATUSES.index("not_joined")], "active"), "kind": (KINDS, KINDS[0])},
    "orders": {"kind": (ORDER_KINDS, "sale")},
    "volumes": {},
    "overrides": {"override": (OVERRIDE_KINDS, OVERRIDE_KINDS[0])},
}
_DAYS = {"members": ("joined", "status_from"), "orders": ("date",), "volumes": (), "overrides": ("from", "to")}


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A table as it was read.

    Attributes
    ----------
    frame : polars.DataFrame
        Ids Int64 where every id of the column is a whole number and String otherwise, amounts Decimal, days Date,
        flags Boolean, words and texts String; null where nothing is given.
    file : str
        As findings name it.
    sha256 : str
        Of the file, or of the content of a frame.
    """

    frame: pl.DataFrame
    file: str
    sha256: str


def id_columns(needs: Needs, kind: str) -> tuple[str, ...]:
    """Return the columns of ids in a table: its own first."""
    if kind == "members":
        return ("member_id", *dict.fromkeys(parent for parent, _, _ in needs.trees.values()))
    return ("order_id", "member_id", OF_ORDER) if kind == "orders" else ("member_id",)


def kept_columns(needs: Needs, kind: str) -> Wanted:
    """Return the columns that are kept of a table: what plans read, the currency, and the order that was returned."""
    if kind in ("members", "orders"):
        required, optional = needs.wanted_of_members() if kind == "members" else needs.wanted_of_orders()
        beside = [*optional, CURRENCY, *([OF_ORDER] if kind == "orders" else [])]
        return Wanted(kind, required, tuple(dict.fromkeys(name for name in beside if name not in required)))
    return Wanted(kind, ("member_id", *needs.volume_columns)) if kind == "volumes" else WANTED_OF_OVERRIDES


def read_snapshot(source: object, kind: str, needs: Needs, column_map: ColumnMap) -> Snapshot:
    """Return a table as it is kept; columns that nothing reads are left behind.

    Parameters
    ----------
    source : path, or polars frame, or anything polars makes a frame of
    kind : {"members", "orders", "volumes", "overrides"}
    needs : Needs
        Of all plans together.
    column_map : ColumnMap

    Raises
    ------
    InputRefused
        With every finding about columns and cells.
    """
    collector = Collector()
    with ThreadPoolExecutor(1, thread_name_prefix="digest") as threads:
        wanted = kept_columns(needs, kind)
        # Whether a plan can do without a column was asked when the table was checked for that plan.
        wanted = Wanted(kind, (), (*wanted.required, *wanted.optional))
        table, fingerprint = read_table(source, wanted, column_map, collector, threads)
        if table is None or fingerprint is None:
            raise InputRefused(collector.findings())
        sha256 = fingerprint.sha256.result()
    try:
        columns = [
            read_kept(table, kind, name, needs, collector)
            for name in (*wanted.required, *wanted.optional)
            if table.has(name)
        ]
    except Unreadable as refusal:
        collector.add(refusal.finding)
        columns = []
    if collector.has_errors():
        raise InputRefused(collector.findings())
    return Snapshot(pl.DataFrame(columns), table.file, sha256)


def read_kept(table: Table, kind: str, name: str, needs: Needs, collector: Collector) -> pl.Series:
    """Return one column as it is kept.

    Parameters
    ----------
    table : Table
        Has the column.
    kind : {"members", "orders", "volumes", "overrides"}
    name : str
        Our name of the column.
    needs : Needs
    collector : Collector
        Receives what is wrong with its cells.
    """
    if name in id_columns(needs, kind):
        return _of_ids(name, read_ids(table, name, collector, blank="allowed"))
    if name in _CHOICES[kind]:
        choices, default = _CHOICES[kind][name]
        codes = read_choice(table, name, choices, choices.index(default), f"{kind}.{name}", collector)
        return _of_codes(name, codes.astype(np.int32), choices)
    if name in _DAYS[kind]:
        return _of_days(name, read_days(table, name, needs.time_zone, collector))
    if name in needs.volume_columns and kind in ("orders", "volumes"):
        decimals = needs.volume_columns[name]
        return decimal_series(name, read_amounts(table, name, decimals, collector)[0], decimals)
    own = needs.own_columns_of_members() if kind == "members" else needs.order_columns if kind == "orders" else {}
    if name in own:
        column_type, decimals = own[name]
        return _of_column(name, read_column(table, name, column_type, decimals, needs.time_zone, collector))
    codes, labels = read_texts(table, name, collector)
    return _of_codes(name, codes, labels)


def _of_ids(name: str, ids: Ids) -> pl.Series:
    if ids.numbers is None:
        return ids.as_texts().alias(name)
    return _where(pl.Series(name, ids.numbers), ~ids.absent)


def _of_days(name: str, days: NDArray[np.int32]) -> pl.Series:
    return _where(pl.Series(name, days), days != NO_DAY).cast(pl.Date)


def _of_codes(name: str, codes: NDArray[np.int32], labels: tuple[str, ...] | list[str]) -> pl.Series:
    known = pl.Series(name, [*labels, None], dtype=pl.String)
    return known.gather(np.where(codes < 0, len(labels), codes))


def _of_column(name: str, column: Column) -> pl.Series:
    if column.type == "text":
        return _of_codes(name, column.values, list(column.labels))
    if column.type == "day":
        return _of_days(name, column.values)
    values = decimal_series(name, column.values, column.decimals) if column.type == "number" else None
    found = pl.Series(name, column.values) if values is None else values
    return found if column.given is None else _where(found, column.given)


def _where(column: pl.Series, given: NDArray[np.bool_]) -> pl.Series:
    if given.all():
        return column
    return column.to_frame().select(pl.when(pl.Series(given)).then(pl.col(column.name))).to_series()
