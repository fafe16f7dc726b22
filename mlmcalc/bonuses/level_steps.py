"""One walk of ``levels``: what it needs, and what its steps owe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.constant import is_constant
from mlmcalc.kernels.posting import fill_owed
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.rules.classes import NO_RATE
from mlmcalc.rules.grounds import Ground
from mlmcalc.rules.level_walk import LevelWalk, Steps, left_of_total
from mlmcalc.rules.parts import Part
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One walk of a bonus before it is walked.

    Attributes
    ----------
    part : Part
    walk : LevelWalk
    ground : Ground
    index : (m,) int32
        Place of every source in tree order, -1 for none.
    keys : (m, pairs) int64 or None
    """

    part: Part
    walk: LevelWalk
    ground: Ground
    index: NDArray[np.int32]
    keys: NDArray[np.int64] | None

    def columns(self, rows: slice) -> NDArray[np.int64]:
        """Return some of the sources as `mlmcalc.kernels.walk` takes them, ``(k, 4)`` int64."""
        sources, starts, index = self.part.sources, self.ground.starts, self.index[rows]
        placed = index >= 0
        columns = np.empty((index.size, 4), np.int64)
        columns[:, 0] = np.where(placed, starts.first[index], -1)
        columns[:, 1] = np.where(placed, starts.limit[index], 0)
        blocked = placed & starts.blocked[index]
        columns[:, 2] = self.walk.classes.beyond(self.part.scheme[sources.member[rows]], blocked)
        columns[:, 3] = sources.base[rows]
        return columns

    def level(self, rows: NDArray[np.int64], earner: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return how far earners are above sources, as the bonus counts.

        Parameters
        ----------
        rows : (k,) int64
            Rows of the sources; each has a place in the tree.
        earner : (k,) int32
            Indices in tree order.
        """
        return self.ground.level[self.index[rows]] - self.ground.depth[earner]


def within_total(prepared: Prepared, steps: Steps, total: int, account: BonusAccount | None) -> Steps:
    """Return what a total leaves of steps, and count in the account what it leaves of nothing."""
    source, column = steps.source, steps.lines[:, 2]
    rate = prepared.walk.classes.pay[steps.lines[:, 3], column]
    rate = np.where(rate < 0, -2 - rate, rate)
    allowed = left_of_total(source, steps.lines[:, 1], rate, total, prepared.walk.tree.size)
    if account is not None:
        base = prepared.part.sources.base[source]
        for level in range(prepared.part.rates.shape[1]):
            here = column == level
            account.lose_all(level + prepared.ground.first_level, "nothing_left", base[here], (rate - allowed)[here])
    paid = allowed > 0
    return Steps(steps.lines[paid], steps.first, steps.sources, allowed[paid])


def owed(prepared: Prepared, steps: Steps) -> Owed:
    """Return what is owed for the steps of a chunk of sources."""
    tree, sources, ground = prepared.walk.tree, prepared.part.sources, prepared.ground
    count, chunk = len(steps.lines), slice(steps.first, steps.first + steps.sources)
    counted = np.stack([sources.member[chunk], ground.level[prepared.index[chunk]]], axis=1)
    places, numbers = np.empty((4, count), np.int32), np.empty((2, count), np.int64)
    fill_owed(
        steps.lines,
        prepared.walk.classes.pay,
        counted,
        np.ascontiguousarray(sources.base[chunk]),
        ground.depth,
        ground.first_level,
        places,
        numbers,
    )
    return Owed(
        earner=places[0] if tree.order is None else np.append(tree.order, np.int32(tree.size))[places[0]],
        source=places[1],
        via=_of_sources(sources.via, steps),
        order=_of_sources(sources.order, steps),
        level=places[2],
        paid_level=places[3].astype(np.int16),
        base=numbers[0],
        rate_ppm=steps.rates if steps.rates.size else numbers[1],
    )


def _of_sources(column: NDArray[np.int32], steps: Steps) -> NDArray[np.int32]:
    return np.broadcast_to(column[0], len(steps.lines)) if is_constant(column) else column[steps.source]


def account_for(account: BonusAccount, prepared: Prepared) -> None:
    """Count what a walk offered and what nobody was paid of it."""
    walk = prepared.walk
    classes = walk.classes
    for place, column in zip(*np.nonzero(walk.used), strict=True):
        base, top = int(walk.used[place, column]), int(classes.top[place, column])
        rate = int(classes.rates[place, column])
        account.offer(base, top)
        lost = top - max(rate, 0)
        if lost:
            members = place < classes.rows + 2 * classes.schemes
            missed = classes.to_company and rate == NO_RATE and members
            level = int(column) + prepared.ground.first_level
            account.lose(level, "to_company" if missed else classes.outcome(int(place)), base, lost)


def index_of(tree: Tree, position: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return places in tree order of positions, -1 staying -1; ``(m,)`` int32 each."""
    if tree.order is None:
        return position
    index = np.empty(tree.size, np.int32)
    index[tree.order] = np.arange(tree.size, dtype=np.int32)
    return np.where(position >= 0, index[position], -1).astype(np.int32)


def refuse_overflow(values: Values, account: BonusAccount, part: Part) -> None:
    """Refuse a part whose bases could add up to more than 64 bits hold (``bonuses.overflow``)."""
    if part.sources.base.size == 0:
        return
    largest = int(part.sources.member[np.abs(part.sources.base).argmax()])
    most = int(np.maximum(part.top, 0).max(axis=0).sum())
    account.refuse_overflow(total_magnitude(part.sources.base), most, str(values.network.ids[largest]))
