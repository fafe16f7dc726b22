"""Cells to days since 1970-01-01."""

from __future__ import annotations

import re
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.money import INT64_MAX
from mlmcalc.periods import day_number
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.flat import flat
from mlmcalc.tables.plain_cells import plain_days
from mlmcalc.tables.source import Table

# Years 1 to 9999, which is what a calendar of Python knows.
_FIRST, _LAST = day_number(date.min), day_number(date.max)
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_INSTANT = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]((?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)(?:\.[0-9]+)?"
    r"(?: ?(Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9]))?)?$"
)


def read_days(
    table: Table, name: str, time_zone: str, collector: Collector, blank_allowed: bool = True
) -> NDArray[np.int32]:
    """Return a column of days, and report every cell that is none.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    time_zone : str
        An instant with an offset is dated in it; without an offset it is local time already.
    collector : Collector
        Receives ``tables.bad_day`` and ``tables.wrong_type``.
    blank_allowed : bool

    Returns
    -------
    (k,) int32
        Days since 1970-01-01, `NO_DAY` for a blank cell or one with a fault.
    """
    column = table.series(name)
    if column.dtype in (pl.String, pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
        plain = plain_days(column)
        if plain is not None and (blank_allowed or not plain.size or int(plain.min()) != NO_DAY):
            return plain
        days = _from_text(column, time_zone)
        blank = column.is_null()
        if days.null_count():
            blank |= (column.str.strip_chars() == "").fill_null(True)
    elif column.dtype == pl.Date:
        days, blank = column.cast(pl.Int32), column.is_null()
    elif isinstance(column.dtype, pl.Datetime):
        days, blank = _from_instants(column, column.dtype, time_zone), column.is_null()
    elif column.dtype == pl.Null:
        days, blank = column.cast(pl.Int32), column.is_null()
    else:
        seen = f"the column is of type {column.dtype}, and days are wanted."
        remedy = "Write days as 2026-10-31; in Excel, format the cells as dates."
        collector.add(Finding("tables.wrong_type", seen, remedy, file=table.file, column=table.heading(name)))
        return np.full(column.len(), NO_DAY, np.int32)
    if _in_calendar(days):
        if not days.null_count():
            return flat(days)
        if blank_allowed and column.dtype == pl.Date:
            return flat(days.fill_null(NO_DAY))
    days = days.to_frame("day").select(pl.when(pl.col("day").is_between(_FIRST, _LAST)).then(pl.col("day"))).to_series()
    if not days.null_count():
        return days.to_numpy()
    bad = days.is_null() if not blank_allowed else days.is_null() & ~blank
    rows = np.flatnonzero(bad.to_numpy())
    collector.rows(
        "tables.bad_day",
        table,
        name,
        rows,
        lambda index: _message(column, int(rows[index])),
        lambda index: _remedy(column, int(rows[index])),
    )
    return days.fill_null(NO_DAY).to_numpy()


def _in_calendar(days: pl.Series) -> bool:
    lowest, highest = days.min(), days.max()
    return isinstance(lowest, int) and isinstance(highest, int) and lowest >= _FIRST and highest <= _LAST


def _message(column: pl.Series, row: int) -> str:
    if column.dtype != pl.String:
        # Polars cannot show a day beyond those of its own calendar.
        return "the day is blank." if column.is_null()[row] else "the day is not of the years 1 to 9999."
    value = column[row]
    return f"{shown(value)} is no day." if value and value.strip() else "the day is blank."


def _remedy(column: pl.Series, row: int) -> str:
    text = str(column[row]).strip() if column.dtype == pl.String else ""
    if dotted := re.fullmatch(r"([0-3]?[0-9])\.([01]?[0-9])\.([0-9]{4})", text):
        day, month, year = dotted.groups()
        return f"Write it as {year}-{month:0>2}-{day:0>2}; or give the Excel workbook itself."
    if re.fullmatch(r"[0-9]{1,4}[/.-][0-9]{1,2}[/.-][0-9]{1,4}", text):
        return "Write year, month, day, as 2026-10-31; or give the Excel workbook itself."
    return "Write it as 2026-10-31, or with time and offset as 2026-10-31T23:59:59+01:00."


def _from_instants(column: pl.Series, dtype: pl.Datetime, time_zone: str) -> pl.Series:
    per_day = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}[dtype.time_unit]
    # Two days inside the calendar no time zone can leave it.
    lowest, highest = max((_FIRST + 2) * per_day, -INT64_MAX), min((_LAST - 2) * per_day, INT64_MAX)
    instant = pl.col("instant")
    local = instant.dt.convert_time_zone(time_zone) if dtype.time_zone else instant
    known = column.alias("instant").to_frame()
    known = known.select(pl.when(instant.to_physical().is_between(lowest, highest)).then(instant).alias("instant"))
    return known.select(local.dt.date().cast(pl.Int32)).to_series()


def _from_text(column: pl.Series, time_zone: str) -> pl.Series:
    texts = column.alias("text").to_frame()
    plain = texts.select(
        pl.when(pl.col("text").str.contains(_DAY))
        .then(pl.col("text"))
        .str.to_date("%Y-%m-%d", strict=False)
        .cast(pl.Int32)
    ).to_series()
    if not plain.null_count() or plain.null_count() == column.null_count():
        return plain
    parts = texts.select(pl.col("text").str.strip_chars().str.extract_groups(_INSTANT).alias("part")).unnest("part")
    parts.columns = ["day", "clock", "offset"]
    clock = pl.when(pl.col("clock").str.len_bytes() == 5).then(pl.col("clock") + ":00").otherwise(pl.col("clock"))
    text = pl.col("day") + pl.lit(" ") + clock.fill_null("00:00:00")
    instant = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    ahead = (
        pl.col("offset").str.slice(1, 2).cast(pl.Int64, strict=False) * 60
        + pl.col("offset").str.slice(-2, 2).cast(pl.Int64, strict=False)
    ) * pl.when(pl.col("offset").str.starts_with("-")).then(-1).otherwise(1)
    in_utc = (instant - pl.duration(minutes=ahead.fill_null(0))).dt.replace_time_zone("UTC")
    dated = (
        pl.when(pl.col("offset").is_null())
        .then(instant.dt.date())
        .otherwise(in_utc.dt.convert_time_zone(time_zone).dt.date())
    )
    return plain.fill_null(parts.select(dated.cast(pl.Int32)).to_series())
