"""Recorded trees from parent rows, and what may be wrong with them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.genealogy import build, checks
from mlmcalc.genealogy.network import NO_DAY
from tests.oracle import kernel_twins as twin
from tests.tree_shapes import LARGE, rows, shuffled, small_trees


def _legs(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int16)


def test_the_first_tree_gives_the_positions():
    for seed, tree in enumerate(small_trees()):
        parent = shuffled(tree, seed)
        order, trees = build.build_trees({"sponsor": rows(parent)})
        assert order.tolist() == twin.preorder(parent)
        first = trees["sponsor"]
        assert first.order is None
        assert first.root_tree == "sponsor"
        place = {row: at for at, row in enumerate(order.tolist())}
        assert first.parent.tolist() == [place[parent[row]] if parent[row] >= 0 else -1 for row in order]
        assert first.depth.tolist() == [len(twin.ancestors(parent, row)) for row in order]


def test_another_tree_has_an_order_of_its_own():
    for seed, tree in enumerate(small_trees()):
        sponsor, placement = shuffled(tree, seed), shuffled(tree, seed + 1)
        leg = [1 + row % 2 for row in range(len(tree))]
        order, trees = build.build_trees(
            {"sponsor": rows(sponsor), "placement": rows(placement)}, {"placement": _legs(leg)}
        )
        second = trees["placement"]
        places = np.arange(len(tree))
        of_index = places if second.order is None else second.order
        row_of_index = [order[position] for position in of_index]
        assert row_of_index == twin.preorder(placement)
        index = {row: at for at, row in enumerate(row_of_index)}
        assert second.parent.tolist() == [index.get(placement[row], -1) for row in row_of_index]
        assert second.leg is not None
        assert second.leg.tolist() == [leg[row] if placement[row] >= 0 else 0 for row in row_of_index]
        column = order.astype(np.int64)
        assert second.enter(column).tolist() == row_of_index
        assert second.leave(second.enter(column)).tolist() == column.tolist()


def test_the_same_tree_twice_needs_no_order():
    parent = rows([2, 2, -1, 1])
    _, trees = build.build_trees({"a": parent, "b": parent})
    assert trees["b"].order is None


def test_nobody_writes_to_a_tree():
    _, trees = build.build_trees({"a": rows([-1, 0]), "b": rows([1, -1])}, {"b": _legs([1, 1])})
    for name, column in (("a", "parent"), ("a", "depth"), ("b", "order"), ("b", "leg")):
        with pytest.raises(ValueError, match="read-only"):
            getattr(trees[name], column)[0] = 1


def test_cycles_start_at_their_smallest_row_and_walk_up():
    for seed in range(300):
        draw = random.Random(seed)
        n = draw.randint(0, 14)
        parent = [draw.randrange(-1 if draw.random() < 0.3 else 0, n) for _ in range(n)]
        assert build.find_cycles(rows(parent)) == twin.cycles(parent)
    assert build.find_cycles(rows([1, 2, 0, 0, 4, -1])) == [[0, 1, 2], [4]]


def test_parents_of_themselves():
    assert checks.parents_of_themselves(rows([0, 0, 2, -1])).tolist() == [0, 2]


def test_joined_before_parent_leaves_out_unknown_days():
    parent = rows([-1, 0, 0, 0, 1, 5])
    joined = np.array([10, 9, 10, NO_DAY, 9, 3], dtype=np.int32)
    assert checks.joined_before_parent(parent, joined).tolist() == [1]
    assert checks.joined_before_parent(rows([-1, 0]), np.array([NO_DAY, 5], dtype=np.int32)).tolist() == []
    assert checks.joined_before_parent(rows([]), np.array([], dtype=np.int32)).tolist() == []


def test_two_members_on_one_leg():
    parent = rows([-1, 0, 0, 0, 1, 1, 2, -1, 0])
    leg = _legs([1, 1, 2, 1, 2, 1, 1, 1, 1])
    assert checks.doubled_legs(parent, leg) == [[1, 3, 8]]
    assert checks.doubled_legs(parent, _legs([0] * 9)) == []
    assert checks.doubled_legs(rows([]), _legs([])) == []


def test_legs_missing_and_beyond_the_width():
    parent = rows([-1, 0, 0, 0, 0, -1])
    leg = _legs([0, 0, 3, -1, 2, 9])
    assert checks.missing_legs(parent, leg).tolist() == [1]
    assert checks.legs_beyond_width(parent, leg, 2).tolist() == [2, 3]


@pytest.mark.compiled
def test_a_chain_of_a_million_in_random_rows():
    places = np.random.default_rng(3).permutation(LARGE).astype(np.int32)
    parent = np.empty(LARGE, dtype=np.int32)
    parent[places] = np.append(np.int32(-1), places[:-1])
    order, trees = build.build_trees({"sponsor": parent})
    assert np.array_equal(order, places)
    assert np.array_equal(trees["sponsor"].parent, np.arange(-1, LARGE - 1))
    assert build.find_cycles(parent) == []
    parent[places[0]] = places[-1]
    (cycle,) = build.find_cycles(parent)
    assert len(cycle) == LARGE
    assert cycle[0] == 0
