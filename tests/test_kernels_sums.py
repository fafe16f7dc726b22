"""Sums over subtrees, levels and owners, and exact totals."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.genealogy.levels import levels_sum
from mlmcalc.kernels import sums, totals
from tests.oracle import kernel_twins as twin
from tests.tree_shapes import LARGE, rows, small_trees, units

INT64 = st.integers(-(2**63), 2**63 - 1)


def _amounts(n: int, seed: int) -> list[int]:
    draw = random.Random(seed)
    return [draw.choice([0, draw.randint(-(10**12), 10**12)]) for _ in range(n)]


def test_subtree_and_children_sums_agree_with_the_twin():
    for seed, parent in enumerate(small_trees()):
        amounts = _amounts(len(parent), seed)
        column = units(amounts)
        assert sums.subtree_sum(rows(parent), column).tolist() == twin.subtree_sum(parent, amounts)
        assert column.tolist() == amounts
        assert sums.children_sum(rows(parent), column).tolist() == twin.levels_sum(parent, amounts, 1, 1)


def test_sums_over_levels_agree_with_the_twin():
    for seed, parent in enumerate(small_trees()):
        amounts = _amounts(len(parent), seed)
        for first, last in ((0, 0), (0, 1), (1, 1), (2, 4), (0, None), (1, None), (3, None), (0, 100), (50, 60)):
            got = levels_sum(rows(parent), units(amounts), first, last).tolist()
            assert got == twin.levels_sum(parent, amounts, first, last), (parent, first, last)


def test_sum_by_owner_leaves_out_what_nobody_owns():
    assert sums.sum_by_owner(rows([2, -1, 0, 2]), units([1, 10, 100, 1000]), 4).tolist() == [100, 0, 1001, 0]
    assert sums.sum_by_owner(rows([]), units([]), 2).tolist() == [0, 0]
    assert sums.sum_by_owner(rows([]), units([]), 0).tolist() == []


@given(st.lists(INT64, max_size=30))
def test_totals_are_exact(values: list[int]):
    assert totals.exact_sum(units(values)) == sum(values)
    assert totals.total_magnitude(units(values)) == sum(abs(value) for value in values)


def test_totals_where_int64_would_wrap():
    edge = [2**63 - 1, -(2**63)]
    assert totals.exact_sum(units(edge * 3)) == -3
    assert totals.total_magnitude(units(edge * 3)) == 3 * (2**64 - 1)
    assert totals.total_magnitude(units([2**62] * 2)) == 2**63
    many = np.full(2**21 + 3, 2**63 - 1, dtype=np.int64)
    assert totals.exact_sum(many) == (2**21 + 3) * (2**63 - 1)
    assert totals.exact_sum(-many - 1) == -(2**21 + 3) * 2**63


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star"])
def test_a_million(shape: str):
    chain = shape == "chain"
    parent = np.arange(-1, LARGE - 1, dtype=np.int32) if chain else np.zeros(LARGE, dtype=np.int32)
    parent[0] = -1
    amounts = np.arange(LARGE, dtype=np.int64)
    below = sums.subtree_sum(parent, amounts)
    expected = np.cumsum(amounts[::-1])[::-1] if chain else np.append(amounts.sum(), amounts[1:])
    assert np.array_equal(below, expected)
    deep = levels_sum(parent, np.ones(LARGE, dtype=np.int64), 1, 600_000)
    by_hand = np.minimum(np.arange(LARGE)[::-1], 600_000) if chain else np.append(LARGE - 1, np.zeros(LARGE - 1))
    assert np.array_equal(deep, by_hand)
