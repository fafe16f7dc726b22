"""How many structures members have, against a slow twin; a chain of a million."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels.compiled import is_compiled
from mlmcalc.kernels.structures import count_structures


def twin(parent, counted, width, depths):
    found = [[0] * depths for _ in parent]
    for depth in range(depths):
        for member in range(len(parent)):
            below = [child for child in range(len(parent)) if parent[child] == member and counted[child]]
            reach = [child for child in below if depth == 0 or found[child][depth - 1] > 0]
            found[member][depth] = len(reach) // width
    return found


@pytest.mark.parametrize("seed", range(30))
def test_against_the_twin(seed):
    rng = random.Random(seed)
    size = rng.choice([0, 1, 2, 5, 30, 60])
    parent = [-1 if place == 0 else rng.randrange(-1, place) for place in range(size)]
    counted = [rng.random() < 0.8 for _ in range(size)]
    width, depths = rng.choice([1, 2, 3]), rng.choice([1, 2, 4])
    found = np.zeros((size, depths), np.int64)
    count_structures(np.array(parent, np.int32), np.array(counted, np.bool_), width, found)
    assert found.tolist() == twin(parent, counted, width, depths)


@pytest.mark.skipif(not is_compiled(), reason="a million in plain Python")
def test_a_chain_of_a_million():
    size = 1_000_000
    parent = np.arange(-1, size - 1, dtype=np.int32)
    found = np.zeros((size, 3), np.int64)
    count_structures(parent, np.ones(size, np.bool_), 1, found)
    assert found[0].tolist() == [1, 1, 1]
    assert found[-2:].tolist() == [[1, 0, 0], [0, 0, 0]]
