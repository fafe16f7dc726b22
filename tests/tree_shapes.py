"""Trees for tests: as lists of parents, small ones of every shape and large ones of the two extremes."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

LARGE = 1_000_000


def ordered(seed: int, n: int, shape: str) -> list[int]:
    """Return parents with ``parent[p] < p``."""
    draw = random.Random(f"{seed} {n} {shape}")
    if shape == "chain":
        return list(range(-1, n - 1))
    if shape == "star":
        return [-1] + [0] * (n - 1) if n else []
    if shape == "roots":
        return [-1] * n
    if shape == "binary":
        return [(p - 1) // 2 if p else -1 for p in range(n)]
    if shape == "deep":
        return [max(-1, p - draw.randint(1, 3)) for p in range(n)]
    if shape == "forest":
        return [-1 if p == 0 or draw.random() < 0.15 else draw.randrange(p) for p in range(n)]
    return [-1 if p == 0 else int(draw.random() ** 2 * p) for p in range(n)]


SHAPES = ("chain", "star", "roots", "binary", "deep", "forest", "bush")


def small_trees() -> Iterator[list[int]]:
    """Yield parents with ``parent[p] < p``: none, one, and every shape at several sizes and seeds."""
    yield []
    yield [-1]
    for shape in SHAPES:
        for n in (2, 3, 7, 40):
            for seed in range(3):
                yield ordered(seed, n, shape)


def shuffled(parent: list[int], seed: int) -> list[int]:
    """Return the same tree with its rows in random order."""
    rows = list(range(len(parent)))
    random.Random(seed).shuffle(rows)
    result = [-1] * len(parent)
    for place, above in enumerate(parent):
        result[rows[place]] = rows[above] if above >= 0 else -1
    return result


def rows(values: list[int]) -> NDArray[np.int32]:
    """Return a read-only column of rows, as everything a kernel gets may be."""
    column = np.array(values, dtype=np.int32)
    column.flags.writeable = False
    return column


def units(values: list[int]) -> NDArray[np.int64]:
    """Return a read-only column of amounts."""
    column = np.array(values, dtype=np.int64)
    column.flags.writeable = False
    return column


def flags(values: list[bool]) -> NDArray[np.bool_]:
    """Return a read-only column of flags."""
    column = np.array(values, dtype=np.bool_)
    column.flags.writeable = False
    return column
