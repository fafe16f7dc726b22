"""One column of any type to integers in units of ``10**-decimals``: exactly, or with the kind of fault per cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.money import INT64_MAX
from mlmcalc.tables.flat import flat_int64
from mlmcalc.tables.plain_cells import plain_numbers

FINE, BLANK, NOT_A_NUMBER, TOO_PRECISE, TOO_LARGE, SPACED = range(6)
PLAIN = r"^[+-]?[0-9]+(?:\.[0-9]+)?$"
# Up to here a float's decimal text of so many digits is unique, and the products below are exact enough.
_FLOAT_SURE = 10**15
# From here on every float is a whole number.
_FLOAT_WHOLE = 2**53


@dataclass(slots=True)
class Reading:
    """A column as units.

    Attributes
    ----------
    units : (k,) int64
        0 where the cell is blank or has a fault.
    fault : (k,) int8
        `FINE`, or what is wrong; `SPACED` is a stray space, the units hold all the same.
    """

    units: NDArray[np.int64]
    fault: NDArray[np.int8]


def units_reader(dtype: pl.DataType) -> Callable[[pl.Series, int], Reading] | None:
    """Return what reads a column of a type; None for types that hold no numbers.

    The reader takes the column and the decimals, at most 18.
    """
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return _from_text
    if dtype.is_integer():
        return _from_integers
    if dtype.is_float():
        return _from_floats
    if dtype.is_decimal():
        return _from_decimals
    return _from_nulls if dtype == pl.Null else None


def _from_text(column: pl.Series, decimals: int) -> Reading:
    texts = column.cast(pl.String)
    read = plain_numbers(texts, decimals, canonical=False)
    if read is not None:
        units, blank = read
        return Reading(units, blank.view(np.int8) * np.int8(BLANK) if blank.any() else np.zeros(units.size, np.int8))
    units, sure, _ = _parse(texts, decimals)
    empty = (texts.is_null() | (texts == "")).to_numpy()
    reading = Reading(units, np.where(empty, BLANK, FINE).astype(np.int8))
    rest = np.flatnonzero(~sure & ~empty)
    if rest.size:
        # Spaces, zeros that say nothing, and what is no number at all.
        seen = texts.gather(rest)
        trimmed = seen.str.strip_chars()
        short = trimmed.str.replace(r"(\.[0-9]*?)0+$", "$1").str.strip_suffix(".")
        short = short.str.replace(r"^([+-]?)0+([0-9])", "$1$2")
        units, sure, places = _parse(short, decimals)
        plain = trimmed.str.contains(PLAIN).to_numpy()
        fault = np.where(places > decimals, TOO_PRECISE, TOO_LARGE)
        fault = np.where(sure, np.where((seen != trimmed).to_numpy(), SPACED, FINE), fault)
        fault = np.where(plain, fault, np.where((trimmed == "").to_numpy(), BLANK, NOT_A_NUMBER))
        reading.units[rest] = np.where(plain & sure, units, 0)
        reading.fault[rest] = fault
    return reading


def _parse(texts: pl.Series, decimals: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.int64]]:
    """Return units, whether they are exact, and how many decimals were written."""
    text = pl.col("text")
    parsed = (
        texts.alias("text")
        .to_frame()
        .select(
            plain=text.str.contains(PLAIN).fill_null(False),
            places=(text.str.len_bytes().cast(pl.Int64) - 1 - text.str.find(".", literal=True)).fill_null(0),
            digits=text.str.replace(".", "", literal=True).cast(pl.Int64, strict=False),
        )
    )
    places = parsed.get_column("places").to_numpy()
    digits = parsed.get_column("digits").fill_null(0).to_numpy()
    powers = np.array([10 ** (decimals - written) for written in range(decimals + 1)], np.int64)
    limits = INT64_MAX // powers
    written = np.minimum(places, decimals)
    sure = parsed.get_column("plain").to_numpy() & parsed.get_column("digits").is_not_null().to_numpy()
    sure &= (places <= decimals) & (digits <= limits[written]) & (digits >= -limits[written])
    return np.where(sure, digits, 0) * powers[written], sure, places


def _from_integers(column: pl.Series, decimals: int) -> Reading:
    limit = INT64_MAX // 10**decimals
    units = flat_int64(column)
    if units is not None and (not units.size or (int(units.min()) >= -limit and int(units.max()) <= limit)):
        # Every cell is filled and fits: the common case, in few passes.
        return Reading(units * 10**decimals if decimals else units, np.zeros(units.size, np.int8))
    narrow = column.cast(pl.Int64, strict=False)
    units = narrow.fill_null(0).to_numpy()
    fault = np.where(column.is_null().to_numpy(), BLANK, FINE).astype(np.int8)
    beyond = (units > limit) | (units < -limit)
    if narrow.null_count() > column.null_count():
        beyond |= narrow.is_null().to_numpy() & (fault == FINE)
    if beyond.any():
        fault[beyond] = TOO_LARGE
        units = np.where(beyond, 0, units)
    return Reading(units * 10**decimals, fault)


def _from_floats(column: pl.Series, decimals: int) -> Reading:
    # The shortest text of a Float32 is not that of the same number as Float64: 5.1 against 5.099999904632568.
    wide = column if column.dtype == pl.Float64 else column.cast(pl.String).cast(pl.Float64)
    values = wide.fill_null(np.nan).to_numpy()
    power = float(10**decimals)
    with np.errstate(invalid="ignore", over="ignore"):
        rounded = np.rint(values * power)
        sure = np.abs(rounded) <= _FLOAT_SURE
        # The quotient is the float nearest to that decimal: if it is the value, the decimal is its shortest text.
        fits = sure & (rounded / power == values)
        beyond = (np.abs(values) >= _FLOAT_WHOLE) & (np.abs(rounded) > 2.0 * INT64_MAX)
    fault = np.where(beyond, TOO_LARGE, TOO_PRECISE)
    fault = np.where(fits, FINE, np.where(np.isfinite(values), fault, NOT_A_NUMBER))
    fault = np.where(column.is_null().to_numpy(), BLANK, fault).astype(np.int8)
    reading = Reading(np.where(fits, rounded, 0).astype(np.int64), fault)
    for row in np.flatnonzero(~sure & ~beyond & np.isfinite(values)).tolist():
        reading.units[row], reading.fault[row] = _units_of_float(float(values[row]), decimals)
    return reading


def _units_of_float(value: float, decimals: int) -> tuple[int, int]:
    scaled = Decimal(repr(value)).scaleb(decimals)
    if scaled != scaled.to_integral_value():
        return 0, TOO_PRECISE
    return (int(scaled), FINE) if abs(scaled) <= INT64_MAX else (0, TOO_LARGE)


def _from_decimals(column: pl.Series, decimals: int) -> Reading:
    scale = column.dtype.scale  # type: ignore[attr-defined]  the caller has looked at the type
    if scale <= decimals:
        return _from_integers(column.to_physical(), decimals - scale)
    divisor = pl.lit(10 ** (scale - decimals), dtype=pl.Int128)
    physical = pl.col("cell").to_physical()
    parts = column.alias("cell").to_frame().select(whole=physical // divisor, rest=physical % divisor)
    reading = _from_integers(parts.get_column("whole"), 0)
    uneven = (parts.get_column("rest") != 0).fill_null(False).to_numpy()
    return Reading(np.where(uneven, 0, reading.units), np.where(uneven, TOO_PRECISE, reading.fault).astype(np.int8))


def _from_nulls(column: pl.Series, decimals: int) -> Reading:
    return Reading(np.zeros(column.len(), np.int64), np.full(column.len(), BLANK, np.int8))
