"""One walk of sources up a tree, in tree order, ready for the kernels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.generations import first_of_generation
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import kth_ancestor
from mlmcalc.kernels.walk import nearest_above, walk_levels, walk_pairs
from mlmcalc.rules.classes import NO_RATE, Classes

Policy = Literal["lose", "skip", "skip_unqualified", "company", "pass_to"]
_PAIR_POLICY = {"lose": 0, "company": 0, "skip": 1, "skip_unqualified": 2, "pass_to": 3}
LINES_AT_ONCE = 500_000
_AS_CLASSED = np.empty(0, np.int64)
Near = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Starts:
    """Where the walks of a bonus begin and end, for every index of a tree as a source.

    Attributes
    ----------
    first : (n,) int32
        The first ancestor to consider, -1 for none.
    level : (n,) int32
        Depth from which the level of an earner is counted: level = this - depth of the earner.
    limit : (n,) int64
        The smallest index still inside the walk.
    blocked : (n,) bool
        Whether a rank ends the walk.
    """

    first: NDArray[np.int32]
    level: NDArray[np.int32]
    limit: NDArray[np.int64]
    blocked: NDArray[np.bool_]


def starts_of(
    tree: Tree,
    count_from: int | None,
    leader: Literal["own_group", "upline_group"],
    holders: NDArray[np.bool_] | None,
    holder_paid: bool,
    levels_below: int,
) -> Starts:
    """Return the starts of every index of a tree.

    Parameters
    ----------
    tree : Tree
    count_from : int or None
        First generation that counts; None for plain levels.
    leader : {"own_group", "upline_group"}
        Which group a leader's own volume is in.
    holders : (n,) bool or None
        In tree order: who ends a walk.
    holder_paid : bool
        Whether the one who ends it is still paid.
    levels_below : int
        A holder so near to the source does not end it.
    """
    if count_from is None:
        nearest, nearest_level = tree.parent, 1
        first = tree.parent
    else:
        nearest, nearest_level = first_of_generation(tree, 0, leader), 0
        first = first_of_generation(tree, count_from, leader)
    level = np.where(nearest >= 0, tree.depth[nearest], 0).astype(np.int32) + np.int32(nearest_level)
    blocked = np.zeros(tree.size, bool)
    limit = np.zeros(tree.size, np.int64)
    if holders is not None:
        above = np.empty(tree.size, np.int32)
        nearest_above(tree.parent, holders, above)
        higher = kth_ancestor(tree.parent, levels_below + 1 - nearest_level)
        end = _through(above, _through(higher, nearest))
        blocked = end >= 0
        limit = np.where(blocked, end.astype(np.int64) + (0 if holder_paid else 1), 0)
    return Starts(np.ascontiguousarray(first), level, limit, blocked)


def _through(column: NDArray[np.int32], index: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.where(index >= 0, column[index], -1).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Paid steps of a chunk of sources.

    Attributes
    ----------
    lines : (k, 4) int32
        As `mlmcalc.kernels.walk.walk_levels` writes them; overwritten by the next chunk.
    first, sources : int
        Row of the first source of the chunk, and how many it has.
    rates : (k,) or (0,) int64
        Parts per million, where they are not those of the classes.
    """

    lines: NDArray[np.int32]
    first: int
    sources: int
    rates: NDArray[np.int64]

    @property
    def source(self) -> NDArray[np.int64]:
        """Rows of the sources, ``(k,)`` int64."""
        return self.lines[:, 0] + np.int64(self.first)


@dataclass(slots=True, eq=False)
class LevelWalk:
    """A walk: the tree, what each place means, and the policy for whoever cannot take a level.

    Attributes
    ----------
    tree : Tree
    classes : Classes
    klass, failing : (n,) int32
        In tree order: the class of every place, and its class where a pair fails.
    bounds : (n, pairs) int64 or None
        In tree order.
    policy : str
    used : (classes, levels) int64
        Sum of the bases of each class and level, filled by `walk`.
    """

    tree: Tree
    classes: Classes
    klass: NDArray[np.int32]
    failing: NDArray[np.int32]
    bounds: NDArray[np.int64] | None
    policy: Policy
    used: NDArray[np.int64]

    def walk(
        self,
        sources: Callable[[slice], NDArray[np.int64]],
        size: int,
        keys: NDArray[np.int64] | None,
        at_once: int,
    ) -> Iterator[Steps]:
        """Walk all sources and yield the paid steps, chunk by chunk.

        Parameters
        ----------
        sources : callable
            Returns some rows of the sources, ``(k, 4)`` int64, as `mlmcalc.kernels.walk.walk_levels` takes them.
        size : int
            How many there are.
        keys : (m, pairs) int64 or None
        at_once : int
            Sources of a chunk.
        """
        pay = self.classes.pay
        columns = [self.tree.parent, self.klass] + ([] if self.bounds is None else [self.failing])
        nodes = np.ascontiguousarray(np.stack(columns, axis=1))
        near = self._near() if self.bounds is None else np.empty((0, 0), np.int32)
        lines = np.empty((min(at_once, max(size, 1)) * pay.shape[1], 4), np.int32)
        policy = np.array([_PAIR_POLICY[self.policy], self.classes.rows], np.int64)
        by_level = np.ascontiguousarray(pay.T)
        for start in range(0, size, at_once):
            part = sources(slice(start, min(start + at_once, size)))
            if self.bounds is None or keys is None:
                count = walk_levels(part, nodes, near, pay, self.policy == "pass_to", self.used, lines)
            else:
                part_keys = keys[start : start + at_once]
                count = walk_pairs(part, nodes, part_keys, self.bounds, by_level, policy, self.used, lines)
            yield Steps(lines[:count], start, len(part), _AS_CLASSED)

    def _near(self) -> Near:
        if self.policy in ("lose", "company"):
            return np.empty((0, 0), np.int32)
        able = self.able()
        near = np.empty((able.shape[1], self.tree.size), np.int32)
        for level in range(able.shape[1]):
            nearest_above(self.tree.parent, able[:, level][self.klass], near[level])
        return near

    def able(self) -> NDArray[np.bool_]:
        """Return which classes can take which level, ``(classes, levels)``; one column if all levels are the same."""
        if self.policy == "skip_unqualified":
            return np.arange(self.classes.rates.shape[0])[:, None] < self.classes.rows
        able = self.classes.rates != NO_RATE
        return able[:, :1] if (able == able[:, :1]).all() else able


def sources_at_once(levels: int) -> int:
    """Return how many sources fill the reusable buffer of lines."""
    return max(1, LINES_AT_ONCE // max(levels, 1))


def left_of_total(
    source: NDArray[np.int64], earner: NDArray[np.int32], rate_ppm: NDArray[np.int64], total_ppm: int, company: int
) -> NDArray[np.int64]:
    """Return the rates that are left where all rates on one source together may not exceed a total.

    Parameters
    ----------
    source : (k,) int64
        All of a source stand together, lower levels first.
    earner : (k,) int32
    rate_ppm : (k,) int64
    total_ppm : int
    company : int
        The earner that stands for the company, whose part does not count.

    Returns
    -------
    (k,) int64
        Parts per million, 0 where nothing is left.
    """
    counted = np.where(earner < company, rate_ppm, 0)
    before = np.cumsum(counted) - counted
    starts = np.flatnonzero(np.r_[True, source[1:] != source[:-1]])
    before -= np.repeat(before[starts], np.diff(np.r_[starts, source.size])) if counted.size else 0
    return np.where(earner < company, np.clip(total_ppm - before, 0, counted), rate_ppm)
