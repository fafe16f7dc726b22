"""Derived trees and generations against their twins."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from mlmcalc.genealogy.build import build_trees
from mlmcalc.genealogy.compress import compress, effective_compressed
from mlmcalc.genealogy.generations import first_of_generation, leader_of_group
from mlmcalc.genealogy.tree import Tree
from tests.oracle import genealogy_twins as twin
from tests.tree_shapes import LARGE, flags, rows, shuffled, small_trees

POLICIES = ("stay", "stay_same_level", "roll_up", "drop")


def _first(parent: list[int]) -> Tree:
    return build_trees({"sponsor": rows(parent)})[1]["sponsor"]


def _kept(n: int, seed: int) -> list[bool]:
    draw = random.Random(seed)
    share = draw.choice([0.0, 0.2, 0.6, 1.0])
    return [draw.random() < share for _ in range(n)]


def _check(tree: Tree, parent: list[int], kept: list[bool]) -> None:
    keeper, derived, depth = twin.compress(parent, kept, tree.policy)
    assert tree.kept is not None
    assert tree.keeper is not None
    assert tree.kept.tolist() == kept
    assert tree.keeper.tolist() == keeper
    assert tree.parent.tolist() == derived
    assert tree.depth.tolist() == depth


@pytest.mark.parametrize("policy", POLICIES)
def test_a_tree_derived_from_a_recorded_one(policy):
    for seed, shape in enumerate(small_trees()):
        base = _first(shape)
        kept = _kept(base.size, seed)
        tree = compress(base, flags(kept), policy, "active")
        _check(tree, base.parent.tolist(), kept)
        assert (tree.name, tree.policy, tree.root_tree) == ("active", policy, "sponsor")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("below", POLICIES)
def test_a_tree_derived_from_a_derived_one_keeps_only_what_that_keeps(policy, below):
    for seed, shape in enumerate(small_trees()):
        base = _first(shape)
        kept, leaders = _kept(base.size, seed), _kept(base.size, seed + 7)
        middle = compress(base, flags(kept), below, "active")
        tree = compress(middle, flags(leaders), policy, "leaders")
        both = [one and other for one, other in zip(kept, leaders, strict=True)]
        _check(tree, base.parent.tolist(), both)
        assert tree.root_tree == "sponsor"


def test_a_tree_with_an_order_of_its_own_is_compressed_by_position():
    for seed, shape in enumerate(small_trees()):
        _, trees = build_trees({"sponsor": rows(shuffled(shape, seed)), "placement": rows(shuffled(shape, seed + 1))})
        base = trees["placement"]
        kept = _kept(base.size, seed)
        tree = compress(base, flags(kept), "stay", "active")
        _check(tree, base.parent.tolist(), base.enter(flags(kept)).tolist())
        assert tree.order is base.order


def test_published_example_of_who_belongs_to_whom():
    # 0 - 1 - 2 - 3, and 4 under 1; 1 and 4 are left out, and so is the root 5 with 6 below it.
    base = _first([-1, 0, 1, 2, 1, -1, 5])
    kept = flags([True, False, True, True, False, False, True])
    stay = compress(base, kept, "stay", "active")
    assert stay.parent.tolist() == [-1, 0, 0, 2, 0, -1, -1]
    assert stay.depth.tolist() == [0, 1, 1, 2, 1, 0, 0]
    assert stay.keeper is not None
    assert stay.keeper.tolist() == [0, 0, 2, 3, 0, -1, 6]
    same = compress(base, kept, "stay_same_level", "active")
    assert same.parent.tolist() == [-1, -1, 0, 2, -1, -1, -1]
    assert same.depth.tolist() == [0, 0, 1, 2, 0, 0, 0]


def test_legs_do_not_outlive_compression_and_nobody_writes_to_it():
    _, trees = build_trees({"placement": rows([-1, 0, 0])}, {"placement": np.array([0, 1, 2], dtype=np.int16)})
    tree = compress(trees["placement"], flags([True, False, True]), "stay", "active")
    assert tree.leg is None
    for column in (tree.parent, tree.depth, tree.kept, tree.keeper):
        assert column is not None
        assert not column.flags.writeable


def test_statuses_that_are_compressed_keep_the_name_of_the_tree():
    base = _first([-1, 0, 1])
    assert effective_compressed(base, flags([False, False, False])) is base
    tree = effective_compressed(base, flags([False, True, False]))
    assert (tree.name, tree.policy, tree.root_tree) == ("sponsor", "stay", "sponsor")
    assert tree.parent.tolist() == [-1, 0, 0]
    assert tree.kept is not None
    assert tree.kept.tolist() == [True, False, True]


@pytest.mark.parametrize("leader", ["own_group", "upline_group"])
@pytest.mark.parametrize("policy", POLICIES)
def test_generations_agree_with_the_twin(policy, leader):
    for seed, shape in enumerate(small_trees()):
        base = _first(shape)
        kept = _kept(base.size, seed)
        tree = compress(base, flags(kept), policy, "leaders")
        chains = [twin.generation_leaders(base.parent.tolist(), kept, member, leader) for member in range(base.size)]
        group = leader_of_group(tree, leader).tolist()
        assert group == [chain[0] if chain else -1 for chain in chains]
        for count_from in (0, 1, 2, 5):
            got = first_of_generation(tree, count_from, leader).tolist()
            assert got == [chain[count_from] if len(chain) > count_from else -1 for chain in chains]
        for chain in chains:
            for below, above in pairwise(chain):
                assert tree.depth[below] - tree.depth[above] == 1


@pytest.mark.parametrize("leader", ["own_group", "upline_group"])
def test_in_a_recorded_tree_everybody_leads(leader):
    for shape in small_trees():
        base = _first(shape)
        chains = [
            twin.generation_leaders(base.parent.tolist(), [True] * base.size, member, leader)
            for member in range(base.size)
        ]
        for count_from in (0, 1, 3):
            got = first_of_generation(base, count_from, leader).tolist()
            assert got == [chain[count_from] if len(chain) > count_from else -1 for chain in chains]


@pytest.mark.compiled
def test_a_chain_of_a_million_where_one_in_a_thousand_is_kept():
    base = _first(list(range(-1, LARGE - 1)))
    kept = np.arange(LARGE) % 1000 == 0
    tree = compress(base, kept, "stay", "active")
    assert tree.keeper is not None
    assert np.array_equal(tree.keeper, np.arange(LARGE) // 1000 * 1000)
    assert tree.depth[-1] == 1000
    assert first_of_generation(tree, 999)[-1] == 0
    assert first_of_generation(tree, 1000)[-1] == -1
    assert compress(base, ~kept, "stay", "active").depth[-1] == LARGE - LARGE // 1000 - 1
