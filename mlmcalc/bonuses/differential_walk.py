"""The walking forms of ``differential``: from each source up, against the highest rate taken below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import kth_ancestor
from mlmcalc.kernels.differential import (
    LOST_BEYOND_END,
    LOST_BEYOND_TOP,
    LOST_RESERVED,
    higher_above,
    pay_differences,
)
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, NOT_ELIGIBLE
from mlmcalc.rules.level_walk import starts_of
from mlmcalc.rules.parts import Part
from mlmcalc.rules.rates import NO_RATE

LINES_AT_ONCE = 1_000_000
_LOST = {
    "reserved": LOST_RESERVED,
    "blocked_by_rank": LOST_BEYOND_END,
    "no_upline": LOST_BEYOND_TOP,
    # Of those who may not be paid, by why.
    "not_active": LOST_RESERVED + NOT_ACTIVE,
    "not_eligible": LOST_RESERVED + NOT_ELIGIBLE,
}


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
    starts : (6, n + 1) int32
        As `mlmcalc.kernels.differential.pay_differences` takes them.
    taken : (m,) int64 or None
        The rate that counts as taken of every source before the walk; None where nothing is.
    """

    standings: Standings
    rule: Rule
    counted: NDArray[np.int64]
    starts: NDArray[np.int32]
    taken: NDArray[np.int64] | None

    @property
    def offered(self) -> NDArray[np.int64]:
        """The share of its base that every source offers, ``(m,)`` int64 in parts per million."""
        if self.taken is None:
            return np.full(self.standings.index.size, self.standings.top, np.int64)
        return np.maximum(self.standings.top - self.taken, 0)

    def start(self, row: int) -> tuple[int, int, int, int, int]:
        """Return how the walk of a source begins.

        Returns
        -------
        tuple of int
            Who takes its own step (-1: nobody), first ancestor to consider (-1: none), smallest index still inside the
            walk, rate already taken, 1 if a rank ends the walk.
        """
        own, first, limit, blocked, _, _ = self.starts[:, self.standings.index[row]].tolist()
        return own, first, limit, 0 if self.taken is None else int(self.taken[row]), blocked

    def paid(self, account: BonusAccount) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """Yield source row, index and share of all that is paid, chunk by chunk; then count what is lost.

        Parameters
        ----------
        account : BonusAccount
        """
        standings, rule = self.standings, self.rule
        nodes = np.empty((standings.tree.size, 3), np.int32)
        higher_above(standings.tree.parent, self.counted, nodes)
        said = [standings.top, int(rule.whole), rule.reserve_ppm, rule.ends_after, rule.ends_at]
        base = standings.part.sources.base
        amounts = base[None, :] if self.taken is None else np.stack([base, self.taken])
        widest = np.unique(standings.part.rates).size + 3
        sources = standings.index.size
        at_once = max(1, LINES_AT_ONCE // widest)
        lines = np.empty((min(at_once, max(sources, 1)) * widest, 4), np.int64)
        lost = np.zeros((LOST_RESERVED + NOT_ELIGIBLE + 1, 2), np.int64)
        for start in range(0, sources, at_once):
            of = slice(start, start + at_once)
            chunk = np.ascontiguousarray(amounts[:, of])
            count = pay_differences(
                standings.index[of], chunk, self.starts, self.counted, nodes, np.array(said, np.int64), lost, lines
            )
            yield lines[:count, 0] + start, lines[:count, 1], lines[:count, 2].copy()
        for outcome, number in _LOST.items():
            account.lose_exact(0, outcome, int(lost[number, 0]), int(lost[number, 1]))


def walk_of(standings: Standings, rule: Rule, taken_ppm: NDArray[np.int64] | None) -> DifferenceWalk:
    """Return the walk of the sources of one part of a rate table.

    Parameters
    ----------
    standings : Standings
    rule : Rule
    taken_ppm : (n,) int64 or None
        By position: the rate that counts as taken of everybody's volume before the walk; None where nothing does.
    """
    tree = standings.tree
    found = starts_of(tree, None, "own_group", rule.holders, rule.holder_paid, rule.levels_below)
    paid_from = found.first if rule.first_level == 1 else kth_ancestor(tree.parent, rule.first_level)
    starts = np.empty((6, tree.size + 1), np.int32)
    # Who has no place comes last, where index -1 is.
    starts[:, -1] = (-1, -1, 0, 0, -1, ELIGIBLE)
    inside = starts[:, :-1]
    inside[0] = np.arange(tree.size) if rule.own else -1
    if rule.own and tree.kept is not None:
        inside[0][~tree.kept] = -1
    inside[1] = found.first if rule.nearer_count else paid_from
    inside[2], inside[3], inside[4], inside[5] = found.limit, found.blocked, paid_from, standings.reason
    counted = standings.rates if rule.counts_failing else standings.rates * (standings.reason == ELIGIBLE)
    taken = None if taken_ppm is None else taken_ppm[standings.part.sources.member]
    return DifferenceWalk(standings, rule, np.ascontiguousarray(counted), starts, taken)


def post_walk(account: BonusAccount, walk: DifferenceWalk) -> None:
    """Post what a walk pays, and count what it offers and loses."""
    standings = walk.standings
    tree, sources = standings.tree, standings.part.sources
    if walk.taken is None:
        account.offer(exact_sum(sources.base), standings.top)
    else:
        account.offer_all(sources.base, walk.offered)
    for row, index, share in walk.paid(account):
        account.pay(
            Owed(
                earner=standings.position(index),
                source=sources.member[row],
                via=sources.via[row],
                order=sources.order[row],
                level=tree.depth[standings.index[row]] - tree.depth[index],
                paid_level=np.zeros(row.size, np.int16),
                base=sources.base[row],
                rate_ppm=share,
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
