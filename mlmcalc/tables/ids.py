"""Id columns: whole numbers where every id is one, otherwise texts of visible ASCII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.kernels.relabel import taken
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.flat import flat, flat_int64
from mlmcalc.tables.plain_cells import plain_numbers, plain_texts
from mlmcalc.tables.source import Table

_VISIBLE = r"^[!-~]+(?: [!-~]+)*$"
_FLOAT_EXACT = 2**53
COMPANY = "company"
"""The reserved earner; no member may have this id."""


@dataclass(frozen=True, slots=True, eq=False)
class Ids:
    """A column of ids.

    Attributes
    ----------
    numbers : (k,) int64 or None
        Where every id of the column is a canonical whole number (no sign plus, no leading zero); 0 where `absent`.
    texts : polars.Series or None
        Otherwise: the trimmed texts, null where `absent`.
    absent : (k,) bool
        Blank, or refused and reported.
    spaced : (k,) bool or None
        Where a stray space was taken away; None for nowhere.
    blank : (k,) bool
        Blank; a part of `absent`.
    """

    numbers: NDArray[np.int64] | None
    texts: pl.Series | None
    absent: NDArray[np.bool_]
    spaced: NDArray[np.bool_] | None
    blank: NDArray[np.bool_]

    def as_texts(self) -> pl.Series:
        """Return the ids as texts, null where absent."""
        if self.texts is not None:
            return self.texts
        return _without(pl.Series(self.numbers).cast(pl.String), self.absent)

    def as_numbers(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the ids as whole numbers, and which of them are."""
        if self.numbers is not None:
            return self.numbers, ~self.absent
        assert self.texts is not None, "ids are numbers or texts"
        numbers, canonical = _canonical(self.texts)
        return numbers, canonical & ~self.absent

    def text(self, place: int) -> str:
        """Return one id as text."""
        return str(self.numbers[place]) if self.numbers is not None else str(self.as_texts()[place] or "")

    def taken(self, order: NDArray[np.integer]) -> Ids:
        """Return the ids at some places, in this order."""
        return Ids(
            None if self.numbers is None else taken(self.numbers, order),
            None if self.texts is None else self.texts.gather(order),
            taken(self.absent, order),
            None if self.spaced is None else taken(self.spaced, order),
            taken(self.blank, order),
        )


def read_ids(table: Table, name: str, collector: Collector, blank: Literal["refused", "allowed"] = "refused") -> Ids:
    """Return a column of ids.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    collector : Collector
        Receives ``tables.blank_id``, ``tables.id_characters``, ``tables.id_number`` and ``tables.wrong_type``.
    blank : {"refused", "allowed"}
    """
    column = table.series(name)
    dtype = column.dtype
    if dtype.is_integer() and (ids := _of_integers(column)) is not None:
        pass
    elif dtype.is_float():
        ids = _of_floats(table, name, column, collector)
    elif dtype in (pl.String, pl.Categorical, pl.Enum) or dtype.is_integer() or dtype.is_decimal():
        ids = _of_texts(table, name, column.cast(pl.String), collector)
    elif dtype == pl.Null:
        none = np.ones(column.len(), np.bool_)
        ids = Ids(np.zeros(column.len(), np.int64), None, none, None, none)
    else:
        seen = f"the column is of type {dtype}, and ids are wanted."
        remedy = "Give whole numbers or texts."
        collector.add(Finding("tables.wrong_type", seen, remedy, file=table.file, column=table.heading(name)))
        none = np.ones(column.len(), np.bool_)
        return Ids(np.zeros(column.len(), np.int64), None, none, None, ~none)
    if blank == "refused" and ids.blank.any():
        rows = np.flatnonzero(ids.blank)
        collector.rows("tables.blank_id", table, name, rows, lambda _: "the id is blank.", "Fill it in.")
    return ids


def report_spaces(table: Table, name: str, ids: Ids, code: str, collector: Collector) -> None:
    """Warn of ids from which a stray space was taken away."""
    if ids.spaced is not None:
        rows = np.flatnonzero(ids.spaced & ~ids.absent)
        column = table.series(name)
        collector.rows(
            code,
            table,
            name,
            rows,
            lambda index: f"{shown(column[int(rows[index])])} has a stray space, which is ignored.",
            level="warning",
            member=lambda index: ids.text(int(rows[index])),
        )


def _canonical(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    numbers = texts.cast(pl.Int64, strict=False)
    same = (numbers.cast(pl.String) == texts).fill_null(False)
    return numbers.fill_null(0).to_numpy(), same.to_numpy()


def _of_integers(column: pl.Series) -> Ids | None:
    numbers = flat_int64(column)
    if numbers is not None:
        none = np.zeros(column.len(), np.bool_)
        return Ids(numbers, None, none, None, none)
    narrow = column.cast(pl.Int64, strict=False)
    if narrow.null_count() > column.null_count():
        return None
    blank = column.is_null().to_numpy()
    return Ids(flat(narrow.fill_null(0)), None, blank, None, blank)


def _of_floats(table: Table, name: str, column: pl.Series, collector: Collector) -> Ids:
    values = column.cast(pl.Float64).fill_null(np.nan).to_numpy()
    # Other libraries have no other sign for an empty cell among floats.
    blank = np.isnan(values)
    with np.errstate(invalid="ignore"):
        whole = (np.abs(values) <= _FLOAT_EXACT) & (np.trunc(values) == values)
    rows = np.flatnonzero(~whole & ~blank)
    collector.rows(
        "tables.id_number",
        table,
        name,
        rows,
        lambda index: f"{shown(column[int(rows[index])])} is no whole number that a float holds exactly.",
        "Give ids as whole numbers or texts, not as floats.",
    )
    return Ids(np.where(whole, values, 0).astype(np.int64), None, ~whole, None, blank)


def _of_plain(column: pl.Series) -> Ids | None:
    """Return ids of a text column in which nothing need be trimmed or refused; None for any other."""
    if (read := plain_numbers(column, 0, canonical=True)) is not None:
        numbers, blank = read
        return Ids(numbers, None, blank, None, blank)
    blank = plain_texts(column)
    if blank is None or blank.all():
        return None
    return Ids(None, _without(column, blank), blank, None, blank)


def _without(texts: pl.Series, absent: NDArray[np.bool_]) -> pl.Series:
    if not absent.any():
        return texts
    return texts.alias("id").to_frame().select(pl.when(pl.Series(~absent)).then(pl.col("id"))).to_series()


def _of_texts(table: Table, name: str, column: pl.Series, collector: Collector) -> Ids:
    if (plain := _of_plain(column)) is not None:
        return plain
    blank = (column.is_null() | (column == "").fill_null(True)).to_numpy()
    numbers, canonical = _canonical(column)
    if (canonical | blank).all():
        return Ids(numbers, None, blank, None, blank)
    texts = column.str.strip_chars()
    spaced = (texts != column).fill_null(False).to_numpy()
    blank = (texts.is_null() | (texts == "").fill_null(True)).to_numpy()
    visible = texts.str.contains(_VISIBLE).fill_null(False).to_numpy()
    rows = np.flatnonzero(~visible & ~blank)
    collector.rows(
        "tables.id_characters",
        table,
        name,
        rows,
        lambda index: f"{shown(column[int(rows[index])])} has characters other than visible ASCII and single spaces.",
        "Write ids with the letters, digits and signs of an English keyboard.",
    )
    absent = blank | ~visible
    if spaced.any():
        numbers, canonical = _canonical(texts)
        if (canonical | blank).all():
            return Ids(numbers, None, blank, spaced, blank)
    texts = _without(texts, absent)
    return Ids(None, texts, absent, spaced if spaced.any() else None, blank)
