"""Cells to units, against decimals of Python."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.tables.collector import Collector
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.source import Table

DECIMALS = st.integers(0, 9)
LIMIT = 2**63 - 1


def _table(column: pl.Series) -> Table:
    return Table("t", "t", "", pl.DataFrame({"cv": column}), {"cv": "cv"}, np.arange(2, column.len() + 2), {})


def _read(column: pl.Series, decimals: int) -> tuple[list[int], dict[int, str]]:
    collector = Collector()
    units, _ = read_amounts(_table(column), "cv", decimals, collector)
    return units.tolist(), {(finding.row or 0) - 2: finding.code for finding in collector.findings()}


def _expected(value: Decimal, decimals: int) -> int | str:
    if not value.is_finite():
        return "tables.not_a_number"
    with localcontext(prec=400):
        scaled = value.scaleb(decimals)
    if scaled != scaled.to_integral_value():
        return "tables.too_precise"
    return int(scaled) if abs(scaled) <= LIMIT else "tables.too_large"


def _agree(column: pl.Series, values: list[Decimal], decimals: int) -> None:
    units, faults = _read(column, decimals)
    for row, value in enumerate(values):
        wanted = _expected(value, decimals)
        assert (faults[row] if row in faults else units[row]) == wanted, value


_FLOATS = (
    st.floats(allow_nan=True)
    | st.builds(lambda units, places: units / 10**places, st.integers(-(10**17), 10**17), st.integers(0, 9))
    | st.integers(-(2**64), 2**64).map(float)
)


@given(st.lists(_FLOATS, min_size=1, max_size=30), DECIMALS)
def test_floats_count_where_their_shortest_text_fits(values: list[float], decimals: int):
    _agree(pl.Series(values, dtype=pl.Float64), [Decimal(repr(value)) for value in values], decimals)


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=30), DECIMALS)
def test_single_floats_count_by_their_own_shortest_text(values: list[float], decimals: int):
    _agree(pl.Series(values, dtype=pl.Float32), [Decimal(str(np.float32(value))) for value in values], decimals)


@given(
    st.lists(
        st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**25), max_value=10**25), min_size=1
    ),
    DECIMALS,
)
def test_decimals_are_exact(values: list[Decimal], decimals: int):
    _agree(pl.Series(values, dtype=pl.Decimal(38, 6)), values, decimals)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1), DECIMALS)
def test_integers_are_exact(values: list[int], decimals: int):
    _agree(pl.Series(values, dtype=pl.Int64), [Decimal(value) for value in values], decimals)


@given(st.lists(st.tuples(st.integers(-(10**22), 10**22), st.integers(0, 9), st.integers(0, 3)), min_size=1), DECIMALS)
def test_texts_are_exact(parts: list[tuple[int, int, int]], decimals: int):
    values = [Decimal(f"{units}e-{places}") for units, places, _ in parts]
    texts = [f"{value:f}" + "0" * zeros * (places > 0) for value, (_, places, zeros) in zip(values, parts, strict=True)]
    _agree(pl.Series(texts), values, decimals)


@given(st.lists(st.text(alphabet="0123456789.,-+eE ５\u00a0x", max_size=6), min_size=1), DECIMALS)
def test_what_is_no_plain_decimal_is_never_guessed(texts: list[str], decimals: int):
    units, faults = _read(pl.Series(texts), decimals)
    for row, text in enumerate(texts):
        digits = text.strip().lstrip("+-")
        plain = digits.isascii() and all(part.isdigit() for part in digits.split(".")) and digits.count(".") <= 1
        plain = plain and len(text.strip()) - len(digits) <= 1
        if not text.strip():
            assert faults[row] == "tables.blank_amount"
        elif not plain:
            assert faults[row] == "tables.not_a_number", text
            assert units[row] == 0
        elif row not in faults or faults[row] == "tables.stray_space":
            assert units[row] == Decimal(text.strip()).scaleb(decimals)
        else:
            assert faults[row] == "tables.too_precise"
