"""Handing up recruits and the nearest who reaches enough: kernels against their twins, and on a million."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels import joining
from tests.oracle import kernel_twins as twin
from tests.tree_shapes import LARGE, flags, rows, small_trees, units


def sequence_of(parent: list[int], draw: random.Random) -> list[int]:
    """Return an order in which parents come before their children."""
    below = twin.children(parent)
    waiting, found = list(below[-1]), []
    while waiting:
        member = waiting.pop(draw.randrange(len(waiting)))
        found.append(member)
        waiting += below[member]
    return found


def test_the_latest_day_above():
    for seed, parent in enumerate(small_trees()):
        day = [random.Random(seed + place).randint(-5, 5) for place in range(len(parent))]
        assert joining.latest_above(rows(parent), rows(day)).tolist() == twin.latest_above(parent, day)


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("received", [True, False])
@pytest.mark.parametrize("numbers", [{1}, {1, 2}, {2, 4}, {1, 3}, {5}])
def test_recruits_are_handed_up_as_the_twin_does(numbers, moved, received):
    passed = flags([place in numbers for place in range(max(numbers) + 2)])
    for seed, parent in enumerate(small_trees()):
        sequence = sequence_of(parent, random.Random(seed))
        got = joining.passed_up(rows(parent), rows(sequence), passed, moved, received)
        assert got.tolist() == twin.passed_up(parent, sequence, numbers, moved, received)


@pytest.mark.parametrize("most", [1, 2, 4, 50])
def test_the_nearest_who_reaches_enough_as_the_twin_finds_it(most):
    for seed, parent in enumerate(small_trees()):
        draw = random.Random(seed)
        holds = [draw.randint(0, most) for _ in parent]
        needs = [draw.randint(0, most + 1) for _ in parent]
        got = joining.nearest_reaching(rows(parent), units(holds), units(needs))
        assert got.tolist() == twin.nearest_reaching(parent, holds, needs)


def chain():
    return np.arange(-1, LARGE - 1, dtype=np.int32)


def star():
    return np.concatenate([[-1], np.zeros(LARGE - 1, np.int32)]).astype(np.int32)


def everybody():
    return np.arange(LARGE, dtype=np.int32)


@pytest.mark.compiled
@pytest.mark.parametrize("received", [True, False])
def test_a_million_recruits(received):
    two_up = np.array([False, True, True, False])
    # Of a chain everybody is the first recruit: all go to the top.
    assert joining.passed_up(chain(), everybody(), two_up, True, False)[1:].max() == 0
    # A member who was handed up is the next recruit of whoever receives it.
    belongs = joining.passed_up(chain(), everybody(), two_up, True, received)
    assert belongs[0] == -1
    assert (belongs[1:] < np.arange(1, LARGE)).all()
    assert (joining.passed_up(star(), everybody(), two_up, True, received)[1:] == 0).all()


@pytest.mark.compiled
def test_a_chain_of_a_million_codes():
    # The worst there is: codes rise towards the top, and everybody needs the top's.
    holds = np.arange(LARGE, 0, -1, dtype=np.int64)
    found = joining.nearest_reaching(chain(), holds, np.full(LARGE, LARGE, np.int64))
    assert found.tolist()[:3] == [-1, 0, 0]
    assert (found[1:] == 0).all()
    # Each needs just one more than it holds: the one above has it.
    assert (joining.nearest_reaching(chain(), holds, holds + 1) == chain()).all()
    few = everybody().astype(np.int64) % 3
    found = joining.nearest_reaching(chain(), few, np.full(LARGE, 2, np.int64))
    assert found[:7].tolist() == [-1, -1, -1, 2, 2, 2, 5]
    assert (joining.nearest_reaching(star(), few, few)[1:] == np.where(few[1:] <= few[0], 0, -1)).all()
