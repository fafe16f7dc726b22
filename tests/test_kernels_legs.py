"""Legs and counts: kernels against their twins."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels import counts, legs
from tests.oracle import kernel_twins as twin
from tests.tree_shapes import LARGE, flags, rows, small_trees, units


def _sizes(n: int, seed: int) -> list[int]:
    draw = random.Random(seed)
    return [draw.choice([0, 5, 5, -3, draw.randint(-20, 60)]) for _ in range(n)]


def _mask(n: int, seed: int) -> list[bool]:
    draw = random.Random(seed)
    share = draw.choice([0.0, 0.1, 0.4, 1.0])
    return [draw.random() < share for _ in range(n)]


def test_largest_legs_agree_with_the_twin():
    for seed, parent in enumerate(small_trees()):
        sizes, extra = _sizes(len(parent), seed), _sizes(len(parent), seed + 1)
        for k in (1, 2, 3, 6):
            for more in (None, extra):
                got = legs.largest_legs(rows(parent), units(sizes), k, None if more is None else units(more))
                expected = [(sorted_legs + [0] * k)[:k] for sorted_legs in twin.legs(parent, sizes, more)]
                assert got.tolist() == expected


def test_legs_reaching_and_capped_agree_with_the_twin():
    for seed, parent in enumerate(small_trees()):
        n = len(parent)
        sizes, own = _sizes(n, seed), _sizes(n, seed + 2)
        for bound in (0, 5, -1, 40):
            reached = legs.legs_reaching(rows(parent), units(sizes), bound)
            assert reached.tolist() == [sum(size >= bound for size in found) for found in twin.legs(parent, sizes)]
            capped = legs.capped_legs_sum(rows(parent), units(sizes), bound)
            assert capped.tolist() == [sum(min(size, bound) for size in found) for found in twin.legs(parent, sizes)]
        by_parent = list(zip(own, twin.legs(parent, sizes), strict=True))
        assert legs.capped_legs_sum(rows(parent), units(sizes), units(own)).tolist() == [
            sum(min(size, cap) for size in found) for cap, found in by_parent
        ]
        assert legs.legs_reaching(rows(parent), units(sizes), units(own)).tolist() == [
            sum(size >= bound for size in found) for bound, found in by_parent
        ]


def test_a_bound_may_be_an_integer_of_numpy():
    assert legs.legs_reaching(rows([-1, 0]), units([0, 5]), np.int64(5)).tolist() == [1, 0]


def test_counts_agree_with_the_twin():
    for seed, parent in enumerate(small_trees()):
        mask = _mask(len(parent), seed)
        assert counts.count_children(rows(parent), flags(mask)).tolist() == [
            sum(mask[child] for child in twin.children(parent)[member]) for member in range(len(parent))
        ]
        for with_self in (False, True):
            got = counts.count_subtree(rows(parent), flags(mask), with_self)
            assert got.tolist() == twin.count_subtree(parent, mask, with_self)
        nearest = [counts.NOBODY if near is None else near for near in twin.nearest_below(parent, mask)]
        assert counts.nearest_below(rows(parent), flags(mask)).tolist() == nearest
        for levels in (None, 1, 2, 4, 2**40):
            got = counts.count_legs(rows(parent), flags(mask), levels)
            assert got.tolist() == twin.count_legs(parent, mask, levels)


@pytest.mark.compiled
def test_a_chain_and_a_star_of_a_million():
    chain = np.arange(-1, LARGE - 1, dtype=np.int32)
    last = np.zeros(LARGE, dtype=np.bool_)
    last[-1] = True
    assert np.array_equal(counts.nearest_below(chain, last), np.arange(LARGE)[::-1])
    assert counts.count_legs(chain, last).sum() == LARGE - 1
    assert counts.count_legs(chain, last, 10).sum() == 10
    star = np.zeros(LARGE, dtype=np.int32)
    star[0] = -1
    sizes = np.arange(LARGE, dtype=np.int64)
    assert legs.largest_legs(star, sizes, 3)[0].tolist() == [LARGE - 1, LARGE - 2, LARGE - 3]
    assert legs.largest_legs(star, sizes[::-1].copy(), 2)[0].tolist() == [LARGE - 2, LARGE - 3]
    assert counts.count_subtree(star, np.ones(LARGE, dtype=np.bool_))[0] == LARGE - 1
