"""The kernels of differentials against their slow twins, on every shape of tree."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels.differential import higher_above, walk_differences
from tests.oracle import difference_twin
from tests.tree_shapes import LARGE, ordered, rows, small_trees

RATES = [0, 0, 30_000, 60_000, 60_000, 90_000, 210_000]


def drawn(parent: list[int], seed: int) -> tuple[list[int], list[tuple[int, ...]], tuple[int, ...]]:
    """Draw a rate for everybody, sources with starts and ends that a walk can have, and what the walk does."""
    draw = random.Random(f"{len(parent)} {seed}")
    rates = [draw.choice(RATES) for _ in parent]
    sources = []
    for index in range(len(parent)):
        line = difference_twin.line_above(parent, parent[index])
        limit = draw.choice(line) + draw.randint(0, 1) if line and draw.random() < 0.3 else 0
        paid_from = draw.choice(line) if line and draw.random() < 0.3 else parent[index]
        taken = draw.choice([0, 0, 0, 10_000, 60_000, 300_000])
        own = index if draw.random() < 0.6 else -1
        sources.append((own, parent[index], limit, taken, int(limit > 0), paid_from))
    rule = (
        draw.choice([210_000, 100_000, 500_000]),
        draw.choice([0, 0, 1]),
        draw.choice([0, 0, 20_000]),
        draw.choice([0, 0, 1, 2]),
        draw.choice([1, 2]),
    )
    return rates, sources, rule


def nodes_of(parent: np.ndarray, rates: np.ndarray) -> np.ndarray:
    nodes = np.empty((parent.size, 3), np.int32)
    higher_above(parent, rates, nodes)
    return nodes


def test_each_points_to_the_next_with_a_higher_rate():
    for number, parent in enumerate(small_trees()):
        rates, _, _ = drawn(parent, number)
        nodes = nodes_of(rows(parent), np.array(rates, np.int64))
        assert nodes.tolist() == difference_twin.above(parent, rates)


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_is_the_slow_walk(seed: int):
    for parent in small_trees():
        rates, sources, rule = drawn(parent, seed)
        of_rates = np.array(rates, np.int64)
        lines = np.empty((len(parent) * (len(set(RATES)) + 3) + 1, 4), np.int64)
        count = walk_differences(
            np.array(sources, np.int64).reshape(-1, 6),
            of_rates,
            nodes_of(rows(parent), of_rates),
            np.array(rule, np.int64),
            lines,
        )
        expected = [
            (number, *share)
            for number, source in enumerate(sources)
            for share in difference_twin.walk(parent, rates, source, rule)
        ]
        assert [tuple(line) for line in lines[:count].tolist()] == expected


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star"])
def test_a_million_members_take_as_many_steps_as_there_are_rates(shape: str):
    parent = rows(ordered(1, LARGE, shape))
    place = np.arange(LARGE, dtype=np.int64)
    # On the chain the rates rise only near the top, so that nobody is near whoever pays.
    rates = np.where(place < 6, 60_000 - 10_000 * place, 0)
    sources = np.zeros((LARGE, 6), np.int64)
    sources[:, 0], sources[:, 1], sources[:, 5] = place, parent, parent
    lines = np.empty((LARGE * 8, 4), np.int64)
    rule = np.array([60_000, 0, 0, 0, 2], np.int64)
    count = walk_differences(sources, rates, nodes_of(parent, rates), rule, lines)
    assert int(lines[:count, 2].sum()) == 60_000 * LARGE
    taken = np.bincount(lines[:count, 1], weights=lines[:count, 2], minlength=LARGE)
    assert int(taken[0]) == (
        10_000 * (LARGE - 1) + 60_000 if shape == "chain" else 60_000 * LARGE - int(rates[1:].sum())
    )
