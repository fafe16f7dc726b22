"""One source's way up a differential, member by member: who held which rate, and what was left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE

if TYPE_CHECKING:
    from mlmcalc.bonuses.differential_walk import DifferenceWalk
    from mlmcalc.genealogy.tree import Tree


@dataclass(frozen=True, slots=True)
class DifferenceStep:
    """What one member meant to one source.

    Attributes
    ----------
    position : int
        -1 where there was nobody.
    level : int
        Distance from the source in the tree walked; 0 for the source itself and for nobody.
    outcome : str
        One of `mlmcalc.ledger.lines.OUTCOMES`.
    rate_ppm : int
        The rate it holds.
    taken_ppm : int
        What was taken below it.
    taker : int
        Position of the one whose rate that is, -1 where it is nobody's.
    share_ppm : int
        The part of the offer that was settled here: paid, lost or reserved.
    left_ppm : int
        What was left after it.
    matched : int
        How many of those who end the walk by their rate there were, itself included.
    """

    position: int
    level: int
    outcome: str
    rate_ppm: int
    taken_ppm: int
    taker: int
    share_ppm: int
    left_ppm: int
    matched: int = 0


class DifferenceTracer:
    """Follows sources of one walk.

    Parameters
    ----------
    walk : DifferenceWalk
    recorded : Tree
        The recorded tree behind the one walked, for those who were compressed out of it.
    """

    def __init__(self, walk: DifferenceWalk, recorded: Tree) -> None:
        self._walk = walk
        self._tree = walk.standings.tree
        self._recorded = recorded

    def steps(self, row: int) -> Iterator[DifferenceStep]:
        """Yield the steps of a source, nearest first; what nobody took comes last.

        Parameters
        ----------
        row : int
            Row of the sources of the walk.
        """
        standings, rule = self._walk.standings, self._walk.rule
        own, first, limit, done, blocked = self._walk.start(row)
        left, taker, matched = max(standings.top - done, 0), -1, 0
        place = int(standings.index[row])
        ends = "blocked_by_rank" if blocked else "no_upline"
        for index, level in self._above(place, own, limit):
            counted = int(self._walk.counted[index])
            outcome, share, before = self._outcome(index), 0, done
            near = 0 < level < rule.first_level
            if near and not rule.nearer_count:
                outcome = "no_rate"
            elif counted > done and left > 0:
                share = min(counted - (0 if rule.whole else done), left)
                done, matched = counted, 0
                if standings.reason[index] == ELIGIBLE:
                    outcome = "reserved" if near else "paid"
            elif level > 0 and left > 0:
                if index == first and rule.reserve_ppm > 0:
                    outcome, share = "reserved", min(rule.reserve_ppm, left)
                    done += share
                matched += 0 < counted <= done if rule.ends_at == 2 else 0 < counted == done
            left -= share
            yield DifferenceStep(
                self._position(index),
                level,
                outcome,
                int(standings.rates[index]),
                before,
                taker,
                share,
                left,
                matched,
            )
            if share:
                taker = self._position(index) if counted == done else -1
            if left and 0 < rule.ends_after <= matched:
                ends = "blocked_by_rank"
                break
        if left:
            yield DifferenceStep(-1, 0, ends, 0, done, taker, left, 0)

    def compressed(self, row: int) -> list[int]:
        """Return the positions of everybody above a source who has no place in the tree walked, nearest first."""
        found: list[int] = []
        index = int(self._walk.standings.index[row])
        while self._tree.kept is not None and index >= 0:
            index = int(self._recorded.parent[index])
            if index >= 0 and not self._tree.kept[index]:
                found.append(self._position(index))
        return found

    def _above(self, place: int, own: int, limit: int) -> Iterator[tuple[int, int]]:
        if own >= 0:
            yield own, 0
        index, level = (int(self._tree.parent[place]) if place >= 0 else -1), 1
        while index >= limit:
            yield index, level
            index, level = int(self._tree.parent[index]), level + 1

    def _outcome(self, index: int) -> str:
        reason = int(self._walk.standings.reason[index])
        if reason != ELIGIBLE:
            return "not_active" if reason == NOT_ACTIVE else "not_eligible"
        return "nothing_left" if self._walk.standings.rates[index] > 0 else "no_rate"

    def _position(self, index: int) -> int:
        return index if self._tree.order is None else int(self._tree.order[index])
