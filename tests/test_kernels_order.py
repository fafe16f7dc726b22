"""Order of rows, cycles, ancestors: kernels against their twins."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels import ancestors, order
from tests.oracle import kernel_twins as twin
from tests.tree_shapes import LARGE, rows, shuffled, small_trees


def test_preorder_and_children_agree_with_the_twin():
    for seed, tree in enumerate(small_trees()):
        parent = shuffled(tree, seed)
        assert order.placed_rows(rows(parent)).order.tolist() == twin.preorder(parent)
        starts, children = order.children_of_rows(rows(parent))
        below = twin.children(parent)
        for row in range(len(parent)):
            assert children[starts[row] : starts[row + 1]].tolist() == below[row]
        assert children[starts[len(parent)] : starts[len(parent) + 1]].tolist() == below[-1]


def test_places_parents_and_depths_agree_with_the_twin_whatever_the_order_of_rows():
    for seed, tree in enumerate(small_trees()):
        # With parents first, and in random order: two ways to the same places.
        for parent in (tree, shuffled(tree, seed)):
            at = twin.preorder(parent)
            place = {row: index for index, row in enumerate(at)}
            found = order.placed_rows(rows(parent))
            assert found.order.tolist() == at
            assert found.place.tolist() == [place[row] for row in range(len(parent))]
            assert found.parent.tolist() == [place[parent[row]] if parent[row] >= 0 else -1 for row in at]
            assert found.depth.tolist() == [len(twin.ancestors(parent, row)) for row in at]


def test_cycles_and_what_hangs_below_them():
    for seed in range(300):
        draw = random.Random(seed)
        n = draw.randint(0, 14)
        parent = [draw.randrange(-1 if draw.random() < 0.3 else 0, n) for _ in range(n)]
        count, cycle = order.cycle_numbers(rows(parent))
        rings: dict[int, set[int]] = {}
        for row, number in enumerate(cycle.tolist()):
            if number >= 0:
                rings.setdefault(number, set()).add(row)
        expected = twin.cycles(parent)
        assert count == len(expected) == len(rings)
        assert {frozenset(ring) for ring in rings.values()} == {frozenset(ring) for ring in expected}
        assert set(range(n)) - set(order.rows_reached(rows(parent)).tolist()) == twin.unreached(parent)


def test_breadth_first_has_parents_before_children():
    for seed, tree in enumerate(small_trees()):
        parent = shuffled(tree, seed)
        place = {row: at for at, row in enumerate(order.rows_reached(rows(parent)).tolist())}
        assert len(place) == len(parent)
        assert all(above < 0 or place[above] < place[row] for row, above in enumerate(parent))


def test_depths_and_ancestors_agree_with_the_twin():
    for parent in small_trees():
        depth = [len(twin.ancestors(parent, member)) for member in range(len(parent))]
        assert ancestors.depths(rows(parent)).tolist() == depth
        for k in (0, 1, 2, 3, 5, 8, 39, 1000):
            assert ancestors.kth_ancestor(rows(parent), k).tolist() == twin.kth_ancestor(parent, k)


def test_rows_in_cycles_have_no_order():
    with pytest.raises(AssertionError, match="cycles"):
        order.placed_rows(rows([1, 0]))


@pytest.mark.compiled
def test_a_chain_of_a_million_upside_down():
    parent = np.append(np.arange(1, LARGE), -1).astype(np.int32)
    assert np.array_equal(order.placed_rows(parent).order, np.arange(LARGE)[::-1])
    assert order.cycle_numbers(parent)[0] == 0
    in_order = np.arange(-1, LARGE - 1, dtype=np.int32)
    assert np.array_equal(ancestors.depths(in_order), np.arange(LARGE))
    assert np.array_equal(ancestors.kth_ancestor(in_order, 700_000), np.maximum(np.arange(LARGE) - 700_000, -1))


@pytest.mark.compiled
def test_one_cycle_of_a_million():
    count, cycle = order.cycle_numbers(np.roll(np.arange(LARGE, dtype=np.int32), 1))
    assert count == 1
    assert not cycle.any()
    assert order.rows_reached(np.roll(np.arange(LARGE, dtype=np.int32), 1)).size == 0


@pytest.mark.compiled
def test_a_star_of_a_million_with_its_hub_last():
    parent = np.full(LARGE, LARGE - 1, dtype=np.int32)
    parent[-1] = -1
    assert np.array_equal(order.placed_rows(parent).order, np.append(LARGE - 1, np.arange(LARGE - 1)))
