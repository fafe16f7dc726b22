"""Cells to integers in units of ``10**-decimals``, exactly or not at all."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.source import Table
from mlmcalc.tables.units import BLANK, NOT_A_NUMBER, SPACED, TOO_LARGE, TOO_PRECISE, units_reader

_CODES = {
    NOT_A_NUMBER: "tables.not_a_number",
    TOO_PRECISE: "tables.too_precise",
    TOO_LARGE: "tables.too_large",
}


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
    reader = units_reader(column.dtype)
    if reader is None:
        seen = f"the column is of type {column.dtype}, and numbers are wanted."
        remedy = "Write plain decimals such as 25 or 25.00."
        collector.add(Finding("tables.wrong_type", seen, remedy, file=table.file, column=table.heading(name)))
        return np.zeros(column.len(), np.int64), None
    reading = reader(column, decimals)
    if not reading.fault.any():
        return reading.units, None
    _report(table, name, column, decimals, reading.fault, collector)
    blank = reading.fault == BLANK
    if blank.any() and not blank_allowed:
        remedy = "Write 0 if it is nothing."
        rows = np.flatnonzero(blank)
        collector.rows("tables.blank_amount", table, name, rows, lambda _: "the amount is blank.", remedy)
    return reading.units, ~blank if blank.any() else None


def read_exact(table: Table, name: str, most: int, collector: Collector) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return a column of numbers, each in the fewest decimals that hold it, and report every cell that is none.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    most : int
        The most decimals of a cell, trailing zeros aside.
    collector : Collector
        As for `read_amounts`.

    Returns
    -------
    units : (k,) int64
        In units of ``10**-decimals``, each in its own.
    decimals : (k,) int8
    """
    column = table.series(name)
    reader = units_reader(column.dtype)
    units, decimals = np.zeros(column.len(), np.int64), np.zeros(column.len(), np.int8)
    if reader is None:
        return read_amounts(table, name, most, collector)[0], decimals
    fault = np.full(column.len(), TOO_PRECISE, np.int8)
    rest = np.arange(column.len())
    for places in range(most + 1):
        reading = reader(column.gather(rest), places)
        units[rest], decimals[rest], fault[rest] = reading.units, places, reading.fault
        rest = rest[reading.fault == TOO_PRECISE]
        if not rest.size:
            break
    _report(table, name, column, most, fault, collector)
    blank = np.flatnonzero(fault == BLANK)
    remedy = "Write 0 if it is nothing."
    collector.rows("tables.blank_amount", table, name, blank, lambda _: "the amount is blank.", remedy)
    return units, decimals


def _report(
    table: Table, name: str, column: pl.Series, decimals: int, fault: NDArray[np.int8], collector: Collector
) -> None:
    for kind, code in _CODES.items():
        rows = np.flatnonzero(fault == kind)
        collector.rows(
            code,
            table,
            name,
            rows,
            lambda index, rows=rows, kind=kind: _message(kind, column[int(rows[index])], decimals),
            lambda index, rows=rows, kind=kind: _remedy(kind, column[int(rows[index])]),
        )
    spaced = np.flatnonzero(fault == SPACED)
    collector.rows(
        "tables.stray_space",
        table,
        name,
        spaced,
        lambda index: f"{shown(column[int(spaced[index])])} has a stray space, which is ignored.",
        level="warning",
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
        plain = text.replace(",", ".")
        return f"Write a decimal point, {plain}, and no separators of thousands; or give the Excel workbook itself."
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
