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


def _legs_drawn(parent: list[int], draw: random.Random, legs: int) -> tuple[list[int], list[int]]:
    """Return parents with no more children than legs, and the leg of everybody, 0 for a root."""
    free = {member: draw.sample(range(1, legs + 1), legs) for member in range(len(parent))}
    seated, leg = [], []
    for above in parent:
        seated.append(above if above >= 0 and free[above] else -1)
        leg.append(free[above].pop() if seated[-1] >= 0 else 0)
    return seated, leg


def test_what_lies_on_numbered_legs_agrees_with_the_twin():
    for seed, drawn in enumerate(small_trees()):
        draw = random.Random(seed)
        legs_ = draw.choice([1, 2, 3, 5])
        parent, leg = _legs_drawn(drawn, draw, legs_)
        n = len(parent)
        order, amounts = draw.sample(range(n), n), _sizes(n, seed)
        sums = twin.subtree_sum(parent, amounts)
        of_leg = np.array(leg, np.int16)
        held, found = np.zeros(n, np.bool_), np.zeros((n + 1, legs_), np.int64)
        told = (rows(parent), of_leg, rows(order), units(sums))
        assert legs.mark_legs(*told, legs_, held) == -1
        # Everybody has a row, by position the last first.
        legs.fill_legs(*told, rows(list(range(n, 0, -1))), found)
        expected = twin.numbered_legs(parent, leg, amounts, legs_)
        assert [found[n - order[index]].tolist() for index in range(n)] == expected
        assert [bool(held[order[index]]) for index in range(n)] == [any(one) for one in expected]
        assert not found[0].any()
        first = next((index for index in range(n) if leg[index] == legs_), -1)
        assert legs.mark_legs(*told, legs_ - 1, held) == first


def test_who_stands_on_which_leg_agrees_with_the_twin():
    for seed, drawn in enumerate(small_trees()):
        draw = random.Random(seed)
        legs_ = draw.choice([1, 2, 3, 5])
        seated, leg = _legs_drawn(drawn, draw, legs_)
        n = len(seated)
        line = twin.preorder(seated)
        at = [line.index(member) for member in range(n)]
        pairs = [(draw.randrange(n), draw.randrange(n)) for _ in range(3 * n)]
        place = [draw.randrange(4) for _ in pairs]
        found = np.zeros((4, legs_), np.int64)
        sizes = twin.subtree_sum(seated, [1] * n)
        legs.count_on_legs(
            rows([owner for owner, _ in pairs]),
            rows([below for _, below in pairs]),
            rows(at),
            np.array([leg[member] for member in line], np.int16),
            rows([sizes[member] for member in line]),
            rows(place),
            found,
        )
        expected = [[0] * legs_ for _ in range(4)]
        for (owner, below), row in zip(pairs, place, strict=True):
            on = twin.leg_between(seated, leg, owner, below)
            if on is not None:
                expected[row][on - 1] += 1
        assert found.tolist() == expected


def test_the_head_of_a_leg_agrees_with_the_twin():
    for seed, drawn in enumerate(small_trees()):
        draw = random.Random(seed)
        line = twin.preorder(drawn)
        parent = [-1 if drawn[member] < 0 else line.index(drawn[member]) for member in line]
        n = len(parent)
        below = twin.children(parent)
        heads = [child for member in range(n) for child in below[member]]
        starts = [sum(len(below[member]) for member in range(end)) for end in range(n + 1)]
        # Everybody with all above it, with itself and with nobody.
        pairs = [(above, member) for member in range(n) for above in [member, *twin.ancestors(parent, member)]]
        pairs += [(draw.randrange(n), -1) for _ in range(min(n, 3))]
        found = np.empty(len(pairs), np.int32)
        legs.heads_above(
            rows(starts), rows(heads), rows([one for one, _ in pairs]), rows([other for _, other in pairs]), found
        )
        line_to = {member: [member, *twin.ancestors(parent, member)] for member in range(n)}
        expected = [
            -1 if member in (above, -1) else line_to[member][line_to[member].index(above) - 1]
            for above, member in pairs
        ]
        assert found.tolist() == expected


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
    place, ones = np.arange(LARGE, dtype=np.int32), np.ones(LARGE, dtype=np.int16)
    held, found, told = (
        np.zeros(LARGE, np.bool_),
        np.zeros((LARGE, 2), np.int64),
        (chain, ones, place, sizes[::-1].copy()),
    )
    assert legs.mark_legs(*told, 2, held) == -1
    legs.fill_legs(*told, place, found)
    assert found[:-1, 0].tolist() == sizes[::-1][1:].tolist()
    assert held.sum() == LARGE - 2
    on = np.zeros((1, 2), np.int64)
    owner, row = np.zeros(LARGE, np.int32), np.zeros(LARGE, np.int32)
    legs.count_on_legs(owner, place, place, ones, np.arange(LARGE, 0, -1, dtype=np.int32), row, on)
    assert on.tolist() == [[LARGE - 1, 0]]
