"""Where the sources of a level bonus are walked: the whole tree, or for each rank a tree of those who stop it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.compress import compress
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.level_walk import Starts, starts_of
from mlmcalc.rules.parts import Part
from mlmcalc.rules.values import Ranking


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A tree to walk, and who may take there.

    Attributes
    ----------
    tree : Tree
    starts : Starts
    first_level : int
        Number of the first column of the rate table.
    base : Tree
        The tree the bonus names: `tree`, or what it is derived from.
    level : (n,) int32
        Level of an earner = level[source] - depth[earner], both by index in tree order.
    depth : (n,) int32
    near : int
        Sources that are at most so many levels below an earner pay it nothing here; -1 for none.
    code : int
        Rank of those who may take, -1 for all.
    takers : (n,) bool or None
        By position; None for all.
    """

    tree: Tree
    starts: Starts
    first_level: int
    base: Tree
    level: NDArray[np.int32]
    depth: NDArray[np.int32]
    near: int = -1
    code: int = -1
    takers: NDArray[np.bool_] | None = None

    def beyond_near(self, index: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which sources, by index in tree order, are far enough below the one who takes.

        Parameters
        ----------
        index : (m,) int32
            -1 for nobody.
        """
        first = np.where(index >= 0, self.starts.first[index], -1)
        taken = first >= 0
        inside = np.where(taken, first, 0)
        if self.takers is not None:
            taken &= self.tree.enter(self.takers)[inside]
        return taken & (self.level[index] - self.depth[inside] > self.near)

    def part(self, part: Part, by_rank: bool) -> Part | None:
        """Return a part of a rate table as this ground offers it, None where nobody here has a rate.

        Parameters
        ----------
        part : Part
        by_rank : bool
            Whether the ground's ranks are those the table may choose by.
        """
        if self.code < 0 or not (by_rank and part.bound.by_rank):
            return part
        tiers = part.bound.tiers.size + 1
        schemes, levels = part.top.shape
        rates = part.rates[: part.row_scheme.size].reshape(schemes, -1, tiers, levels)[:, self.code]
        top = rates.max(axis=1)
        return replace(part, top=top) if (top >= 0).any() else None


def whole_ground(tree: Tree, starts: Starts, first_level: int) -> Ground:
    """Return the ground on which everybody may take."""
    return Ground(tree, starts, first_level, tree, starts.level, tree.depth)


def own_rank_grounds(
    tree: Tree, ranking: Ranking, count_from: int, leader: Literal["own_group", "upline_group"]
) -> Iterator[Ground]:
    """Yield for every rank the tree of those who hold it or a higher one, in which only holders of just this rank take.

    Parameters
    ----------
    tree : Tree
    ranking : Ranking
    count_from : int
    leader : {"own_group", "upline_group"}
    """
    for code in _codes(ranking):
        derived = compress(tree, ranking.code >= code, "stay", tree.name)
        starts = starts_of(derived, count_from, leader, None, True, 0)
        takers = ranking.code == code
        yield Ground(derived, starts, count_from, tree, starts.level, derived.depth, code=code, takers=takers)


def below_grounds(
    whole: Ground, ranking: Ranking, last_level: int, leader: Literal["own_group", "upline_group"]
) -> Iterator[Ground]:
    """Yield for every rank the ground of what lies below the levels, down to the next of this rank or a higher one.

    Parameters
    ----------
    whole : Ground
        The ground of the levels.
    ranking : Ranking
    last_level : int
        Number of the last level of the rate table; what lies deeper has the next number.
    leader : {"own_group", "upline_group"}
    """
    for ground in own_rank_grounds(whole.tree, ranking, 0, leader):
        if ground.code > 0:
            levels = (whole.level, whole.depth, last_level)
            yield replace(ground, first_level=last_level + 1, level=levels[0], depth=levels[1], near=levels[2])


def _codes(ranking: Ranking) -> Sequence[int]:
    held = np.bincount(ranking.code, minlength=1)
    return [code for code in range(held.size) if held[code]]
