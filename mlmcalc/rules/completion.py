"""Levels that pay only when they are full: so many members on that level below the earner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import kth_ancestor
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.rules.classes import NO_RATE
from mlmcalc.rules.parts import Part


def on_level(tree: Tree, level: int) -> NDArray[np.int64]:
    """Return how many kept members stand so many levels below each, ``(n,)`` int64 by position."""
    kept = np.ones(tree.size, np.int64) if tree.kept is None else tree.kept.astype(np.int64)
    return tree.leave(sum_by_owner(kth_ancestor(tree.parent, level), kept, tree.size))


def completed(part: Part, tree: Tree, complete: Mapping[int, int], first_level: int) -> Part:
    """Return a part of a rate table in which whoever has not filled a level has no rate there.

    Rows are repeated, once for every set of levels that somebody has not filled; the first are for who has filled all.

    Parameters
    ----------
    part : Part
    tree : Tree
        In which the members are counted.
    complete : mapping of int to int
        Level to the number wanted.
    first_level : int
        Number of the first column.
    """
    levels = [level for level in sorted(complete) if 0 <= level - first_level < part.rates.shape[1]]
    kind = np.zeros(part.row.size, np.int32)
    kinds = np.zeros((1, len(levels)), np.bool_)
    for place, level in enumerate(levels):
        lacking = on_level(tree, level) < complete[level]
        kind, kinds = _told_apart(kind, kinds, place, lacking)
    rates = np.tile(part.rates, (len(kinds), 1, 1))
    for place, level in enumerate(levels):
        rates[kinds[:, place], :, level - first_level] = NO_RATE
    rows = part.row_scheme.size
    return replace(
        part,
        rates=rates.reshape(-1, part.rates.shape[1]),
        row_scheme=np.tile(part.row_scheme, len(kinds)),
        row=(part.row + kind * np.int32(rows)).astype(np.int32),
    )


def _told_apart(
    kind: NDArray[np.int32], kinds: NDArray[np.bool_], place: int, lacking: NDArray[np.bool_]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    # Every kind in two, those that nobody is of left out; the first, who lacks nothing, stays.
    split = 2 * kind + lacking
    there = np.bincount(split, minlength=2 * len(kinds)) > 0
    there[0] = True
    found = np.flatnonzero(there)
    number = np.cumsum(there, dtype=np.int32) - np.int32(1)
    further = kinds[found // 2].copy()
    further[:, place] = found % 2 == 1
    return number[split], further
