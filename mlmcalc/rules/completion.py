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
    lacking = np.zeros((part.row.size, len(levels)), np.bool_)
    for place, level in enumerate(levels):
        lacking[:, place] = on_level(tree, level) < complete[level]
    kinds, kind = np.unique(np.r_[np.zeros((1, len(levels)), np.bool_), lacking], axis=0, return_inverse=True)
    kind = kind.reshape(-1)[1:]
    rates = np.tile(part.rates, (len(kinds), 1, 1))
    for place, level in enumerate(levels):
        rates[kinds[:, place], :, level - first_level] = NO_RATE
    rows = part.row_scheme.size
    return replace(
        part,
        rates=rates.reshape(-1, part.rates.shape[1]),
        row_scheme=np.tile(part.row_scheme, len(kinds)),
        row=(part.row + kind.astype(np.int32) * rows).astype(np.int32),
    )
