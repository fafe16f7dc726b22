"""The kernels of differentials against their slow twins, on every shape of tree."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels.differential import higher_above, pay_differences
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


def starts_of(sources: list[tuple[int, ...]], reasons: list[int]) -> np.ndarray:
    """Return what the kernel is told of every index, with nobody at the end."""
    of_index = [(own, first, limit, blocked, paid_from) for own, first, limit, _, blocked, paid_from in sources]
    told = [(*one, reason) for one, reason in zip(of_index, reasons, strict=True)]
    return np.array([*told, (-1, -1, 0, 0, -1, 0)], np.int32).T.copy()


def settled(
    parent: list[int], rates: list[int], source: tuple[int, ...], rule: tuple[int, ...], base: int, reasons: list[int]
) -> tuple[list[tuple[int, int]], list[list[int]]]:
    """Return by the twin what is paid of one source, and what is lost and why."""
    paid, lost = [], [[0, 0] for _ in range(5)]
    for index, share, kind in difference_twin.walk(parent, rates, source, rule):
        barred = kind in (0, 4) and reasons[index]
        row = 2 + reasons[index] if barred else {0: None, 1: 2, 2: 0, 3: 1, 4: 2}[kind]
        if row is None:
            paid.append((index, share))
        else:
            lost[row] = [lost[row][0] + base, lost[row][1] + base * share]
    return paid, lost


Fixed = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def run(
    index: list[int], amounts: np.ndarray, places: list[int], fixed: Fixed
) -> tuple[list[list[int]], list[list[int]]]:
    """Return what the kernel finds for some of the sources."""
    lost = np.zeros((5, 2), np.int64)
    lines = np.empty((len(places) * (len(set(RATES)) + 3) + 1, 4), np.int64)
    some = np.ascontiguousarray(amounts[:, places])
    count = pay_differences(rows([index[place] for place in places]), some, *fixed, lost, lines)
    return lines[:count, :3].tolist(), lost.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_is_the_slow_walk(seed: int):
    for number, parent in enumerate(small_trees()):
        rates, sources, rule = drawn(parent, seed)
        draw = random.Random(f"{seed} {number}")
        reasons = [draw.choice([0, 0, 0, 1, 2]) for _ in parent]
        bases = [draw.randint(-50, 300) for _ in parent]
        of_rates = np.array(rates, np.int64)
        nodes, starts = nodes_of(rows(parent), of_rates), starts_of(sources, reasons)
        # The last has no place.
        index = [*range(len(parent)), -1]
        taken = [*(source[3] for source in sources), 0]
        amounts = np.array([[*bases, 7], taken], np.int64)
        drawn_sources = [*sources, (-1, -1, 0, 0, 0, -1)]
        expected = [
            settled(parent, rates, source, rule, base, reasons)
            for source, base in zip(drawn_sources, [*bases, 7], strict=True)
        ]

        fixed = (starts, of_rates, nodes, np.array(rule, np.int64))
        for place, (paid, lost) in enumerate(expected):
            assert run(index, amounts, [place], fixed) == ([[0, *share] for share in paid], lost)
        found, lost = run(index, amounts, list(range(len(index))), fixed)
        assert found == [[place, *share] for place, (paid, _) in enumerate(expected) for share in paid]
        assert lost == [[sum(one[row][part] for _, one in expected) for part in (0, 1)] for row in range(5)]


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star"])
def test_a_million_members_take_as_many_steps_as_there_are_rates(shape: str):
    parent = rows(ordered(1, LARGE, shape))
    place = np.arange(LARGE, dtype=np.int64)
    # On the chain the rates rise only near the top, so that nobody is near whoever pays.
    rates = np.where(place < 6, 60_000 - 10_000 * place, 0)
    starts = np.zeros((6, LARGE + 1), np.int32)
    starts[0, :-1], starts[1, :-1], starts[4, :-1] = place, parent, parent
    lines, lost = np.empty((LARGE * 8, 4), np.int64), np.zeros((3, 2), np.int64)
    rule = np.array([60_000, 0, 0, 0, 2], np.int64)
    ones = np.ones((1, LARGE), np.int64)
    nodes = nodes_of(parent, rates)
    count = pay_differences(place.astype(np.int32), ones, starts, rates, nodes, rule, lost, lines)
    assert int(lines[:count, 2].sum()) == 60_000 * LARGE
    assert not lost.any()
    taken = np.bincount(lines[:count, 1], weights=lines[:count, 2], minlength=LARGE)
    assert int(taken[0]) == (
        10_000 * (LARGE - 1) + 60_000 if shape == "chain" else 60_000 * LARGE - int(rates[1:].sum())
    )
