"""Cells read from the words that hold them, against plain Python on the texts themselves."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.kernels import cells as kernels
from mlmcalc.tables.cells import OtherLayout, whole_words, words_of
from tests.oracle import cells_twin as twin

NOTHING = -99
ANY = st.text(max_size=14)
NUMBERS = st.from_regex(r"[+-]?[0-9]{0,11}(\.[0-9]{0,6})?", fullmatch=True) | st.text("+-.0123456789 ", max_size=14)
DAYS = (
    st.dates().map(str)
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True)
    | st.text("0123456789-", min_size=9, max_size=11)
)


def words(texts: list[str]) -> np.ndarray:
    """Return texts as the kernels get them; the first word of a long one is all of its text that is there."""
    found = list(words_of(pl.Series(texts, dtype=pl.String)))
    return np.concatenate([part.copy() for part in found]) if found else np.zeros((0, 4), np.uint32)


def first_none(read: list[int | bool | None]) -> int:
    """Return where the first cell of another form is, or how many there are."""
    return next((index for index, value in enumerate(read) if value is None or value is False), len(read))


@given(st.lists(NUMBERS | ANY, max_size=6), st.integers(0, kernels.MOST_DECIMALS), st.booleans())
def test_numbers_are_read_exactly_or_not_at_all(texts: list[str], decimals: int, canonical: bool):
    expected = [0 if not text else twin.number(text, 0 if canonical else decimals, canonical) for text in texts]
    units, blank = np.full(len(texts), 7, np.int64), np.zeros(len(texts), np.bool_)
    read = kernels.read_numbers(words(texts), 0 if canonical else decimals, canonical, units, blank)
    assert read == first_none(expected)
    assert units[:read].tolist() == expected[:read]
    assert blank[:read].tolist() == [not text for text in texts[:read]]


@given(st.lists(DAYS | st.just("") | ANY, max_size=6))
def test_days_are_read_exactly_or_not_at_all(texts: list[str]):
    expected = [NOTHING if not text else twin.iso_day(text) for text in texts]
    days = np.zeros(len(texts), np.int32)
    read = kernels.read_iso_days(words(texts), NOTHING, days)
    assert read == first_none(expected)
    assert days[:read].tolist() == expected[:read]


@given(st.lists(st.text(st.characters(max_codepoint=0x100), max_size=13) | st.text("!~ AZ", max_size=13), max_size=5))
def test_plain_texts_are_visible_ascii_without_spaces(texts: list[str]):
    expected: list[int | bool | None] = [twin.is_plain(text) for text in texts]
    blank = np.zeros(len(texts), np.bool_)
    read = kernels.read_plain(words(texts), blank)
    assert read == first_none(expected)
    assert blank[:read].tolist() == [not text for text in texts[:read]]


@pytest.mark.parametrize("byte", range(256))
@pytest.mark.parametrize("place", [0, 3, 4, 11])
def test_each_byte_at_each_place_is_told_apart(byte: int, place: int):
    one = np.frombuffer(b"A" * place + bytes([byte]) + b"A" * (11 - place), np.uint32)
    cell = np.array([[12, *one]], np.uint32)
    assert kernels.read_plain(cell, np.zeros(1, np.bool_)) == (0x21 <= byte <= 0x7E)


@given(st.lists(st.none() | ANY, max_size=20), st.integers(0, 20))
def test_words_hold_what_polars_holds_whatever_its_parts(texts: list[str | None], cut: int):
    column = pl.concat(
        [pl.Series(texts[:cut], dtype=pl.String), pl.Series(texts[cut:], dtype=pl.String)], rechunk=False
    )
    column = pl.concat([column, pl.Series(["x", None])], rechunk=False).slice(1)
    seen = []
    for part in words_of(column):
        seen += [(int(cell[0]), cell[1:].tobytes()) for cell in part]
    assert len(seen) == column.len()
    for (length, held), text in zip(seen, column.to_list(), strict=True):
        encoded = (text or "").encode()
        assert length == len(encoded)
        assert held[:4] == encoded[:4].ljust(4, b"\0")
        if length <= 12:
            assert held == encoded.ljust(12, b"\0")
    whole = whole_words(column)
    assert (whole is None) == any(len((text or "").encode()) > 12 for text in column.to_list())


def test_a_column_of_another_layout_is_left_to_other_readers():
    with pytest.raises(OtherLayout):
        list(words_of(pl.Series([1, 2])))
