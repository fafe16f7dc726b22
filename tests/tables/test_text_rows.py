"""Texts to rows: short and long, with planted collisions of their hashes, and sorted without comparing."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mlmcalc.tables import text_rows
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.sorting import packed_texts, sort_ids
from mlmcalc.tables.text_rows import TextRows
from tests.oracle import cells_twin as twin

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
SHORT = st.text(VISIBLE, min_size=1, max_size=12)
LONG = st.text(VISIBLE, min_size=1, max_size=30)
ANY = st.none() | LONG | st.text(max_size=14)


def _column(texts: list[str] | list[str | None]) -> pl.Series:
    return pl.Series("id", texts, dtype=pl.String)


@given(st.lists(SHORT, unique=True, max_size=30), st.lists(ANY, max_size=10))
def test_short_texts_are_found_by_what_they_hold(texts: list[str], others: list[str | None]):
    wanted = [*texts, *others, *(text + "\0" for text in texts[:2])]
    assert TextRows(_column(texts)).rows(_column(wanted)).tolist() == twin.rows_of_texts(texts, wanted)


@given(st.lists(LONG, unique=True, max_size=30), st.lists(ANY, max_size=10))
def test_long_texts_are_found_by_hash_and_text(texts: list[str], others: list[str | None]):
    texts = [*texts, "a text of more than twelve bytes"]
    wanted = [*texts, *others]
    assert TextRows(_column(texts)).rows(_column(wanted)).tolist() == twin.rows_of_texts(texts, wanted)


def _by_first_letter(texts: pl.Series) -> NDArray[np.int64]:
    return np.array([ord((text or " ")[0]) for text in texts.to_list()], np.int64)


MEMBERS = ["a member with a long id", "b member with a long id", "c"]
WANTED = [*MEMBERS, "a stranger of the same hash", "b", "d", None, "c"]


def test_a_stranger_who_shares_the_hash_of_a_member_is_not_that_member():
    rows = TextRows(_column(MEMBERS), _by_first_letter)
    assert rows._hashed is not None
    assert rows.rows(_column(WANTED)).tolist() == [0, 1, 2, -1, -1, -1, -1, 2]


@pytest.mark.parametrize(
    "members", [[*MEMBERS, "another member who begins with a"], ["aaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa"]]
)
def test_two_members_of_one_hash_are_told_apart(members: list[str]):
    rows = TextRows(_column(members), _by_first_letter)
    assert rows._hashed is None
    wanted = [*members, *WANTED]
    assert rows.rows(_column(wanted)).tolist() == twin.rows_of_texts(members, wanted)


def test_all_texts_of_one_hash():
    rows = TextRows(_column(MEMBERS), lambda texts: np.zeros(texts.len(), np.int64))
    assert rows.rows(_column(WANTED)).tolist() == twin.rows_of_texts(MEMBERS, WANTED)


def test_the_same_whatever_way_is_taken(monkeypatch: pytest.MonkeyPatch):
    texts = [f"M{number:07}" for number in range(3000)]
    wanted = [*reversed(texts), "M9", "m0000001"]
    by_words = TextRows(_column(texts)).rows(_column(wanted))
    monkeypatch.setattr(text_rows, "whole_words", lambda column: None)
    by_hashes = TextRows(_column(texts))
    assert by_hashes._hashed is not None
    by_join = TextRows(_column(texts), lambda column: np.zeros(column.len(), np.int64))
    assert by_words.tolist() == by_hashes.rows(_column(wanted)).tolist() == by_join.rows(_column(wanted)).tolist()


@given(st.lists(SHORT, max_size=40))
def test_texts_are_packed_in_their_own_order(texts: list[str]):
    packed = packed_texts(_column(texts))
    if packed is not None:
        assert sorted(range(len(texts)), key=lambda row: packed[row]) == sorted(
            range(len(texts)), key=texts.__getitem__
        )
        assert [first == second for first, second in itertools.pairwise(packed)] == [
            first == second for first, second in itertools.pairwise(texts)
        ]


def test_texts_too_many_for_64_bits_are_sorted_by_comparing():
    letters = [chr(0x21 + step) for step in range(90)]
    texts = [letter * 12 for letter in reversed(letters)]
    assert packed_texts(_column(texts)) is None
    none = np.zeros(len(texts), np.bool_)
    order = sort_ids(Ids(None, _column(texts), none, None, none)).order
    assert order is not None
    assert order.tolist() == list(reversed(range(90)))
