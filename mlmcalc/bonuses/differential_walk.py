"""The walking forms of ``differential``: from each source up, against the highest rate taken below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import kth_ancestor
from mlmcalc.kernels.differential import higher_above, walk_differences
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE
from mlmcalc.rules.level_walk import starts_of
from mlmcalc.rules.parts import Part
from mlmcalc.rules.rates import NO_RATE

LINES_AT_ONCE = 1_000_000
TAKEN, RESERVED, BLOCKED, NO_UPLINE, TOO_NEAR = 0, 1, 2, 3, 4
_LOST = {RESERVED: "reserved", BLOCKED: "blocked_by_rank", NO_UPLINE: "no_upline"}


@dataclass(frozen=True, slots=True, eq=False)
class Standings:
    """One part of the rate table before anything is walked: who holds which rate, and where the sources are.

    Attributes
    ----------
    part : Part
    tree : Tree
    rates : (n,) int64
        In tree order: the rate everybody holds; 0 for none, for customers and for whom the tree leaves out.
    reason : (n,) int8
        In tree order: `mlmcalc.rules.eligibility`.
    index : (m,) int32
        Place of every source in tree order, -1 for none.
    top : int
        The most that can be paid on one source, in parts per million.
    """

    part: Part
    tree: Tree
    rates: NDArray[np.int64]
    reason: NDArray[np.int8]
    index: NDArray[np.int32]
    top: int

    @property
    def stands(self) -> NDArray[np.bool_]:
        """Whose own volume the tree lets pay itself, ``(n,)`` bool in tree order: everybody it keeps."""
        return np.ones(self.tree.size, np.bool_) if self.tree.kept is None else self.tree.kept

    def position(self, index: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the positions of places in tree order."""
        return (index if self.tree.order is None else self.tree.order[index]).astype(np.int32)

    def lose(self, account: BonusAccount, index: NDArray[np.int64], base: NDArray[np.int64], rate: NDArray) -> None:
        """Count what members who may not be paid would have had, each under its own outcome."""
        reason = self.reason[index]
        for outcome, barred in (("not_active", reason == NOT_ACTIVE), ("not_eligible", reason > NOT_ACTIVE)):
            account.lose_all(0, outcome, base[barred], rate[barred])


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """What a walk does.

    Attributes
    ----------
    counts_failing : bool
        Whether the rate of one who may not be paid counts.
    own : bool
        Whether the source takes its own step.
    first_level : int
        The first level above the source that may be paid.
    nearer_count : bool
        Whether the rates of those nearer count, though they are not paid.
    whole : bool
        Whether each takes its whole rate instead of the difference.
    reserve_ppm : int
        What is reserved where the first ancestor has no difference; 0 for nothing.
    ends_after : int
        After how many the walk ends, 0 for never.
    ends_at : int
        Who counts towards it: 1 for the same rate, 2 for the same or a lower one.
    holders : (n,) bool or None
        In tree order: whose rank ends a walk.
    holder_paid : bool
    levels_below : int
    """

    counts_failing: bool
    own: bool
    first_level: int
    nearer_count: bool
    whole: bool
    reserve_ppm: int
    ends_after: int
    ends_at: int
    holders: NDArray[np.bool_] | None
    holder_paid: bool
    levels_below: int


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceWalk:
    """One walk, ready to be walked or traced.

    Attributes
    ----------
    standings : Standings
    rule : Rule
    counted : (n,) int64
        In tree order: the rate that counts, 0 where one who may not be paid does not.
    sources : (m, 6) int64
        As `mlmcalc.kernels.differential.walk_differences` takes them.
    """

    standings: Standings
    rule: Rule
    counted: NDArray[np.int64]
    sources: NDArray[np.int64]

    @property
    def offered(self) -> NDArray[np.int64]:
        """The share of its base that every source offers, ``(m,)`` int64 in parts per million."""
        return np.maximum(self.standings.top - self.sources[:, 3], 0)

    def walked(self) -> Iterator[NDArray[np.int64]]:
        """Yield the shares of all sources, chunk by chunk: source row, index, share, kind."""
        standings, rule = self.standings, self.rule
        nodes = np.empty((standings.tree.size, 3), np.int32)
        higher_above(standings.tree.parent, self.counted, nodes)
        said = [standings.top, int(rule.whole), rule.reserve_ppm, rule.ends_after, rule.ends_at]
        widest = np.unique(standings.part.rates).size + 3
        at_once = max(1, LINES_AT_ONCE // widest)
        lines = np.empty((min(at_once, max(len(self.sources), 1)) * widest, 4), np.int64)
        for start in range(0, len(self.sources), at_once):
            chunk = self.sources[start : start + at_once]
            count = walk_differences(chunk, self.counted, nodes, np.array(said, np.int64), lines)
            found = lines[:count].copy()
            found[:, 0] += start
            yield found


def walk_of(standings: Standings, rule: Rule, taken_ppm: NDArray[np.int64]) -> DifferenceWalk:
    """Return the walk of the sources of one part of a rate table.

    Parameters
    ----------
    standings : Standings
    rule : Rule
    taken_ppm : (n,) int64
        By position: the rate that counts as taken of everybody's volume before the walk.
    """
    tree, index = standings.tree, standings.index
    starts = starts_of(tree, None, "own_group", rule.holders, rule.holder_paid, rule.levels_below)
    paid_from = starts.first if rule.first_level == 1 else kth_ancestor(tree.parent, rule.first_level)
    first = starts.first if rule.nearer_count else paid_from
    placed = index >= 0
    sources = np.empty((index.size, 6), np.int64)
    sources[:, 0] = np.where(placed & standings.stands[index] & rule.own, index, -1)
    sources[:, 1] = np.where(placed, first[index], -1)
    sources[:, 2] = np.where(placed, starts.limit[index], 0)
    sources[:, 3] = taken_ppm[standings.part.sources.member]
    sources[:, 4] = placed & starts.blocked[index]
    sources[:, 5] = np.where(placed, paid_from[index], -1)
    counted = standings.rates if rule.counts_failing else np.where(standings.reason == ELIGIBLE, standings.rates, 0)
    return DifferenceWalk(standings, rule, np.ascontiguousarray(counted), sources)


def post_walk(account: BonusAccount, walk: DifferenceWalk) -> None:
    """Post what a walk pays, and count what it offers and loses."""
    standings = walk.standings
    tree, sources = standings.tree, standings.part.sources
    account.offer_all(sources.base, walk.offered)
    for found in walk.walked():
        row, index, share, kind = np.ascontiguousarray(found.T)
        base = sources.base[row]
        for code, outcome in _LOST.items():
            account.lose_all(0, outcome, base[kind == code], share[kind == code])
        may = standings.reason[index] == ELIGIBLE
        near = (kind == TOO_NEAR) & may
        account.lose_all(0, "reserved", base[near], share[near])
        paid = (kind == TAKEN) & may
        failed = ((kind == TAKEN) | (kind == TOO_NEAR)) & ~may
        standings.lose(account, index[failed], base[failed], share[failed])
        row, index = row[paid], index[paid]
        level = tree.depth[standings.index[row]] - tree.depth[index]
        account.pay(
            Owed(
                earner=standings.position(index),
                source=sources.member[row],
                via=sources.via[row],
                order=sources.order[row],
                level=level.astype(np.int32),
                paid_level=np.zeros(row.size, np.int16),
                base=base[paid],
                rate_ppm=share[paid],
            )
        )


def rates_held(part: Part, tree: Tree, may_hold: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rate everybody holds, ``(n,)`` int64 in tree order; 0 for none.

    Parameters
    ----------
    part : Part
    tree : Tree
    may_hold : (n,) bool
        By position: whose place and kind let it hold a rate at all.
    """
    held = np.where(may_hold, part.rates[part.row, 0], NO_RATE)
    rates = np.ascontiguousarray(tree.enter(np.maximum(held, 0)))
    return rates if tree.kept is None else np.where(tree.kept, rates, 0)
