"""Everybody above some members, against a slow twin; a chain of a million."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels.above import mark_above
from mlmcalc.kernels.compiled import is_compiled
from tests.oracle.above_twin import above


@pytest.mark.parametrize("seed", range(30))
def test_against_the_twin(seed):
    rng = random.Random(seed)
    size = rng.choice([0, 1, 2, 5, 30, 60])
    # In no order: a parent may come after its children.
    order = rng.sample(range(size), size)
    parent = [-1] * size
    for place in range(1, size):
        parent[order[place]] = order[rng.randrange(place)] if rng.random() < 0.9 else -1
    marked, expected = np.zeros(size, np.bool_), set()
    for _ in range(2):
        members = rng.sample(range(size), rng.randint(0, min(size, 4)))
        mark_above(np.array(parent, np.int32), np.array(members, np.int32), marked)
        expected |= above(parent, members)
        assert set(np.flatnonzero(marked).tolist()) == expected


@pytest.mark.skipif(not is_compiled(), reason="a million in plain Python")
def test_a_chain_of_a_million():
    size = 1_000_000
    marked = np.zeros(size, np.bool_)
    mark_above(np.arange(-1, size - 1, dtype=np.int32), np.array([size - 2], np.int32), marked)
    assert marked[:-1].all()
    assert not marked[-1]
