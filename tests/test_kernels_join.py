"""Ids to rows, dense and sparse, against a dict."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.kernels import join
from tests.tree_shapes import LARGE, units

INT64 = st.integers(-(2**63), 2**63 - 1)


def _expected(ids: list[int], wanted: list[int]) -> list[int]:
    first: dict[int, int] = {}
    for row, number in enumerate(ids):
        first.setdefault(number, row)
    return [first.get(number, -1) for number in wanted]


@given(st.lists(INT64 | st.integers(-5, 60), max_size=40), st.lists(INT64 | st.integers(-9, 70), max_size=40))
def test_rows_agree_with_a_dict(ids: list[int], others: list[int]):
    wanted = ids + others
    assert join.rows_of_ids(join.id_table(units(ids)), units(wanted)).tolist() == _expected(ids, wanted)


@pytest.mark.parametrize("low", [0, 1, -30, 10**15, 2**63 - 60, -(2**63)])
def test_dense_ids_use_a_direct_table_at_every_edge_of_int64(low: int):
    ids = [low + step for step in random.Random(low).sample(range(60), 30)]
    wanted = [*ids, -(2**63), 2**63 - 1, 0, min(low + 60, 2**63 - 1), max(low - 1, -(2**63))]
    table = join.id_table(units(ids))
    assert table.lowest is not None
    assert join.rows_of_ids(table, units(wanted)).tolist() == _expected(ids, wanted)


def test_ids_that_differ_only_above_32_bits():
    ids = [high * 2**32 + 7 for high in range(-50, 50)]
    table = join.id_table(units(ids))
    assert table.lowest is None
    assert join.rows_of_ids(table, units([*ids, 7 + 50 * 2**32])).tolist() == [*range(100), -1]


@pytest.mark.parametrize("step", [1, 10**6])
def test_of_several_rows_with_one_id_the_first_is_found(step: int):
    ids = [4 * step, 9 * step, 4 * step, 2 * step, 9 * step, 4 * step]
    table = join.id_table(units(ids))
    assert (table.lowest is None) == (step > 1)
    assert join.rows_of_ids(table, units(ids)).tolist() == [0, 1, 0, 3, 1, 0]


def test_nothing_to_find_and_nothing_wanted():
    assert join.rows_of_ids(join.id_table(units([])), units([1, -1])).tolist() == [-1, -1]
    assert join.rows_of_ids(join.id_table(units([3])), units([])).tolist() == []


@pytest.mark.compiled
@pytest.mark.parametrize("step", [1, 1000, 2**20, 2**40])
def test_a_million_ids_are_spread_whatever_their_step(step: int):
    ids = np.random.default_rng(5).permutation(LARGE) * step
    rows = join.rows_of_ids(join.id_table(ids), np.append(ids[::-1], -7))
    assert np.array_equal(rows, np.append(np.arange(LARGE)[::-1], -1))
