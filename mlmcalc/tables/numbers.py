"""Cells to integers in units of ``10**-decimals``, exactly or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.money import INT64_MAX, NotExact, units_from_text
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.source import Table

BLANK, NOT_A_NUMBER, TOO_PRECISE, TOO_LARGE, SPACED = 1, 2, 3, 4, 5
_CODES = {
    NOT_A_NUMBER: "tables.not_a_number",
    TOO_PRECISE: "tables.too_precise",
    TOO_LARGE: "tables.too_large",
}
_PLAIN = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
# Up to here a float's decimal text of so many digits is unique, and the products below are exact enough.
_FLOAT_SURE = 10**15


@dataclass(slots=True)
class Reading:
    """A column on its way to units.

    Attributes
    ----------
    units : (k,) int64
        0 where the cell has a fault or is blank.
    blank : (k,) bool
    faults : dict of int to int
        Index of the row to the kind of fault.
    """

    units: NDArray[np.int64]
    blank: NDArray[np.bool_]
    faults: dict[int, int] = field(default_factory=dict)


def read_amounts(
    table: Table, name: str, decimals: int, collector: Collector, blank_allowed: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.bool_] | None]:
    """Return a column of numbers as integers, and report every cell that is none.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    decimals : int
        The integers count ``10**-decimals``; a cell with more decimals is refused, trailing zeros aside.
    collector : Collector
        Receives ``tables.not_a_number``, ``tables.too_precise``, ``tables.too_large``, ``tables.blank_amount``,
        ``tables.wrong_type``, and the warning ``tables.stray_space``.
    blank_allowed : bool
        Whether an empty cell means "not given" and counts 0.

    Returns
    -------
    units : (k,) int64
    given : (k,) bool or None
        Which cells were filled; None where all were.
    """
    column = table.series(name)
    reader = _reader_of(column.dtype)
    if reader is None:
        seen = f"the column is of type {column.dtype}, and numbers are wanted."
        remedy = "Write plain decimals such as 25 or 25.00."
        collector.add(Finding("tables.wrong_type", seen, remedy, file=table.file, column=table.heading(name)))
        return np.zeros(column.len(), np.int64), None
    reading = reader(column, decimals)
    if reading.faults:
        _report(table, name, column, decimals, reading.faults, collector)
    if not reading.blank.any():
        return reading.units, None
    if not blank_allowed:
        remedy = "Write 0 if it is nothing."
        rows = np.flatnonzero(reading.blank)
        collector.rows("tables.blank_amount", table, name, rows, lambda _: "the amount is blank.", remedy)
    return reading.units, ~reading.blank


def _reader_of(dtype: pl.DataType) -> Callable[[pl.Series, int], Reading] | None:
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _from_text
    if dtype.is_integer():
        return _from_integers
    if dtype.is_float():
        return _from_floats
    if dtype.is_decimal():
        return _from_decimals
    return _from_nulls if dtype == pl.Null else None


def _report(
    table: Table, name: str, column: pl.Series, decimals: int, faults: dict[int, int], collector: Collector
) -> None:
    by_fault: dict[int, list[int]] = {}
    for row, fault in sorted(faults.items()):
        by_fault.setdefault(fault, []).append(row)
    for fault, rows in sorted(by_fault.items()):
        if fault == SPACED:
            collector.rows(
                "tables.stray_space",
                table,
                name,
                rows,
                lambda index, rows=rows: f"{shown(column[rows[index]])} has a stray space, which is ignored.",
                level="warning",
            )
        else:
            collector.rows(
                _CODES[fault],
                table,
                name,
                rows,
                lambda index, rows=rows, fault=fault: _message(fault, column[rows[index]], decimals),
                lambda index, rows=rows, fault=fault: _remedy(fault, column[rows[index]]),
            )


def _message(fault: int, value: object, decimals: int) -> str:
    if fault == TOO_PRECISE:
        return f"{shown(value)} has more than {decimals} decimals."
    if fault == TOO_LARGE:
        return f"{shown(value)} is too large to be kept with {decimals} decimals."
    return f"{shown(value)} is not a plain decimal number."


def _remedy(fault: int, value: object) -> str:
    if fault == TOO_PRECISE:
        return "Round it where it comes from, or declare more decimals in the plan."
    if fault == TOO_LARGE:
        return "Look for a slip of the pen."
    text = str(value).strip()
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return f"Write a decimal point, {text.replace(',', '.')}, and no separators of thousands."
    if re.fullmatch(r"[+-]?(?:[0-9]+\.|\.[0-9]+)", text):
        return "Write a digit on both sides of the decimal point."
    if re.fullmatch(r"[+-]?[0-9.,' \u00a0\u202f\u2019]+", text):
        return "Write a decimal point and no separators of thousands, as 1234.50."
    if re.fullmatch(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", text):
        return "Write it without exponent."
    if re.search(r"[$€£¥%]|[A-Z]{3}", text) and re.search(r"[0-9]", text):
        return "Leave currency and percent signs out."
    if any(letter.isdigit() for letter in text) and not text.isascii():
        return "Use the digits 0 to 9."
    return "Write a plain decimal such as 25 or 25.00."


def _limits(decimals: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what a number with so many decimals is multiplied by, and how large it may be before."""
    powers = np.array([10 ** max(decimals - places, 0) for places in range(decimals + 1)], np.int64)
    return powers, INT64_MAX // powers


def _from_text(column: pl.Series, decimals: int) -> Reading:
    texts = column.cast(pl.String)
    point = pl.col("text").str.find(".", literal=True)
    parsed = (
        texts.alias("text")
        .to_frame()
        .select(
            plain=pl.col("text").str.contains(_PLAIN).fill_null(False),
            places=(pl.col("text").str.len_bytes().cast(pl.Int64) - 1 - point).fill_null(0),
            digits=pl.col("text").str.replace(".", "", literal=True).cast(pl.Int64, strict=False),
        )
    )
    places = parsed.get_column("places").to_numpy()
    digits = parsed.get_column("digits").fill_null(0).to_numpy()
    sure = parsed.get_column("plain").to_numpy() & parsed.get_column("digits").is_not_null().to_numpy()
    powers, limits = _limits(decimals)
    sure &= places <= decimals
    places = np.clip(places, 0, decimals)
    sure &= (digits <= limits[places]) & (digits >= -limits[places])
    reading = Reading(np.where(sure, digits, 0) * powers[places], (texts.is_null() | (texts == "")).to_numpy())
    rest = np.flatnonzero(~sure & ~reading.blank)
    known: dict[str, tuple[int, int]] = {}
    for row, text in zip(rest.tolist(), texts.gather(rest).to_list(), strict=True):
        if text not in known:
            known[text] = _units_or_fault(text, decimals)
        reading.units[row], fault = known[text]
        if fault == BLANK:
            reading.blank[row] = True
        elif fault:
            reading.faults[row] = fault
    return reading


def _units_or_fault(text: str, decimals: int) -> tuple[int, int]:
    """Return the units and 0, or the units of a text with stray spaces and `SPACED`, or 0 and the fault."""
    stripped = text.strip()
    if not stripped:
        return 0, BLANK
    try:
        return units_from_text(stripped, decimals), 0 if stripped == text else SPACED
    except NotExact:
        pass
    try:
        units_from_text(stripped, 0)
    except NotExact:
        if not re.fullmatch(_PLAIN, stripped):
            return 0, NOT_A_NUMBER
    fraction = stripped.partition(".")[2].rstrip("0")
    return 0, TOO_PRECISE if len(fraction) > decimals else TOO_LARGE


def _from_integers(column: pl.Series, decimals: int) -> Reading:
    narrow = column.cast(pl.Int64, strict=False)
    reading = Reading(narrow.fill_null(0).to_numpy(), column.is_null().to_numpy())
    if narrow.null_count() > column.null_count():
        beyond = narrow.is_null().to_numpy() & ~reading.blank
        reading.faults.update(dict.fromkeys(np.flatnonzero(beyond).tolist(), TOO_LARGE))
    power = 10**decimals
    beyond = (reading.units > INT64_MAX // power) | (reading.units < -(INT64_MAX // power))
    if beyond.any():
        reading.faults.update(dict.fromkeys(np.flatnonzero(beyond).tolist(), TOO_LARGE))
        reading.units = np.where(beyond, 0, reading.units)
    reading.units = reading.units * power
    return reading


def _from_floats(column: pl.Series, decimals: int) -> Reading:
    # The shortest text of a Float32 is not that of the same number as Float64: 5.1 against 5.099999904632568.
    wide = column if column.dtype == pl.Float64 else column.cast(pl.String).cast(pl.Float64)
    values = wide.fill_null(np.nan).to_numpy()
    power = float(10**decimals)
    with np.errstate(invalid="ignore", over="ignore"):
        units = np.rint(values * power)
        sure = np.abs(units) <= _FLOAT_SURE
        # The quotient is the float nearest to that decimal: if it is the value, the decimal is its shortest text.
        fits = sure & (units / power == values)
    reading = Reading(np.where(fits, units, 0).astype(np.int64), column.is_null().to_numpy())
    for row in np.flatnonzero(~fits & ~reading.blank).tolist():
        reading.units[row], fault = (0, TOO_PRECISE) if sure[row] else _units_of_float(float(values[row]), decimals)
        if fault:
            reading.faults[row] = fault
    return reading


def _units_of_float(value: float, decimals: int) -> tuple[int, int]:
    if not np.isfinite(value):
        return 0, NOT_A_NUMBER
    scaled = Decimal(repr(value)).scaleb(decimals)
    if scaled != scaled.to_integral_value():
        return 0, TOO_PRECISE
    return (int(scaled), 0) if abs(scaled) <= INT64_MAX else (0, TOO_LARGE)


def _from_decimals(column: pl.Series, decimals: int) -> Reading:
    scale = column.dtype.scale  # type: ignore[attr-defined]  the caller has looked at the type
    if scale > decimals:
        rest = pl.lit(10 ** (scale - decimals), dtype=pl.Int128)
        halves = (
            column.alias("cell")
            .to_frame()
            .select(whole=pl.col("cell").to_physical() // rest, rest=pl.col("cell").to_physical() % rest)
        )
        reading = _from_integers(halves.get_column("whole"), 0)
        for row in np.flatnonzero((halves.get_column("rest") != 0).fill_null(False).to_numpy()).tolist():
            reading.units[row] = 0
            reading.faults[row] = TOO_PRECISE
        return reading
    return _from_integers(column.to_physical(), decimals - scale)


def _from_nulls(column: pl.Series, decimals: int) -> Reading:
    return Reading(np.zeros(column.len(), np.int64), np.ones(column.len(), np.bool_))
