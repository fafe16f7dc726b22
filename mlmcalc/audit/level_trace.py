"""One source's walk, step by step, with everybody who was passed over and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.classes import NO_RATE

if TYPE_CHECKING:
    from mlmcalc.bonuses.levels import Prepared
    from mlmcalc.genealogy.tree import Tree


@dataclass(frozen=True, slots=True)
class Step:
    """What one ancestor meant to one source.

    Attributes
    ----------
    position : int
        Of the ancestor, -1 where there was nobody.
    level : int
        Distance from the source in the tree walked; for generations, the generation. 0 where there was nobody.
    paid_level : int or None
        The level of the rate table this step was about; None for one who is not in the tree walked.
    outcome : str
        One of `mlmcalc.ledger.lines.OUTCOMES`.
    cause : str
        Why the ancestor did not take the level, where the outcome says what became of it (``passed_on``,
        ``to_company``); else the outcome.
    rate_ppm : int
        What it was paid; 0 for a step that was not paid.
    top_ppm : int
        The most the plan offers at this level.
    settles : bool
        Whether the level was used up here. Over all sources, base x top of these steps is what the bonus offered.
    pair_failed : bool
        Whether source and earner do not meet the bonus's pairs.
    row : int
        Row of the rate table that applies to the ancestor, -1 for none.
    cut_ppm : int
        What the ancestor would have been paid besides, had the total of the bonus not been handed out.
    """

    position: int
    level: int
    paid_level: int | None
    outcome: str
    cause: str
    rate_ppm: int
    top_ppm: int
    settles: bool
    pair_failed: bool = False
    row: int = -1
    cut_ppm: int = 0


class Tracer:
    """Follows sources of one prepared walk.

    Parameters
    ----------
    prepared : Prepared
    recorded : Tree
        The recorded tree behind the one walked, for those who were compressed out of it.
    total_ppm : int or None
        The most that all rates on one source may be together.
    """

    def __init__(self, prepared: Prepared, recorded: Tree, total_ppm: int | None = None) -> None:
        self._prepared = prepared
        self._walk = prepared.walk
        self._tree = prepared.walk.tree
        self._classes = prepared.walk.classes
        self._first_level = prepared.ground.first_level
        self._recorded = recorded
        self._total_ppm = total_ppm

    def steps(self, row: int) -> list[Step]:
        """Return all steps of a source, nearest ancestor first; levels that reached nobody come last.

        Parameters
        ----------
        row : int
            Row of the sources of the prepared walk.
        """
        walked = list(self._walked(row) if self._total_ppm is None else self._within_total(row, self._total_ppm))
        reached = [index for index, _ in walked if index >= 0]
        left_out = self._compressed(int(self._prepared.index[row]), min(reached, default=0))
        ordered = sorted(walked + left_out, key=lambda pair: (-pair[0] if pair[0] >= 0 else 1, pair[1].paid_level or 0))
        return [step for _, step in ordered]

    def _within_total(self, row: int, left: int) -> Iterator[tuple[int, Step]]:
        for index, step in self._walked(row):
            paid = min(step.rate_ppm, left)
            left -= paid
            cut = step.rate_ppm - paid
            outcome = "nothing_left" if cut and not paid else step.outcome
            cause = "nothing_left" if cut and not paid else step.cause
            yield index, replace(step, rate_ppm=paid, cut_ppm=cut, outcome=outcome, cause=cause)

    def _walked(self, row: int) -> Iterator[tuple[int, Step]]:
        cursor, limit, beyond, _ = (int(value) for value in self._prepared.columns(slice(row, row + 1))[0])
        skips = self._walk.policy in ("skip", "skip_unqualified")
        passes = self._walk.policy == "pass_to"
        for level in range(self._classes.rates.shape[1]):
            while skips and cursor >= limit and not self._able(row, cursor, level):
                yield cursor, self._step(row, cursor, level, settles=False)
                cursor = int(self._tree.parent[cursor])
            if cursor < limit:
                outcome, top = self._classes.outcome(beyond), int(self._classes.top[beyond, level])
                yield -1, Step(-1, 0, level + self._first_level, outcome, outcome, 0, top, settles=True)
                continue
            taker = self._taker(row, cursor, limit, level) if passes else cursor
            if taker != cursor:
                passed_on = taker >= limit
                yield cursor, self._step(row, cursor, level, settles=not passed_on, passed_on=passed_on)
            if taker >= limit:
                yield taker, self._step(row, taker, level, settles=True)
            cursor = int(self._tree.parent[cursor])

    def _taker(self, row: int, cursor: int, limit: int, level: int) -> int:
        while cursor >= limit and not self._able(row, cursor, level):
            cursor = int(self._tree.parent[cursor])
        return cursor

    def _pair_fails(self, row: int, index: int) -> bool:
        keys, bounds = self._prepared.keys, self._walk.bounds
        return keys is not None and bounds is not None and bool((keys[row] < bounds[index]).any())

    def _place(self, row: int, index: int) -> int:
        column = self._walk.failing if self._pair_fails(row, index) else self._walk.klass
        return int(column[index])

    def _able(self, row: int, index: int, level: int) -> bool:
        place = self._place(row, index)
        if self._walk.policy == "skip_unqualified":
            return place < self._classes.rows
        return int(self._classes.rates[place, level]) != NO_RATE

    def _step(self, row: int, index: int, level: int, settles: bool, passed_on: bool = False) -> Step:
        place = self._place(row, index)
        rate, top = int(self._classes.rates[place, level]), int(self._classes.top[place, level])
        # A rate of 0% takes the level; what the plan offers there besides is lost for want of a rate.
        paid = rate > 0 or (rate == 0 and top == 0)
        cause = "paid" if paid else self._classes.outcome(place)
        outcome = cause
        if passed_on:
            outcome = "passed_on"
        elif settles and rate == NO_RATE and self._classes.to_company and top > 0:
            outcome = "to_company"
        distance = int(self._prepared.level(np.array([row]), np.array([index], np.int32))[0])
        return Step(
            position=self._position(index),
            level=distance,
            paid_level=level + self._first_level,
            outcome=outcome,
            cause=cause,
            rate_ppm=rate if paid else 0,
            top_ppm=top,
            settles=settles,
            pair_failed=place >= self._classes.rows and int(self._walk.klass[index]) < self._classes.rows,
            row=place if place < self._classes.rows else -1,
        )

    def _compressed(self, start: int, last: int) -> list[tuple[int, Step]]:
        # Everybody between the source and the last ancestor of the walk who has no place in the derived tree.
        kept = self._prepared.ground.base.kept
        found: list[tuple[int, Step]] = []
        index = int(self._recorded.parent[start]) if start >= 0 and kept is not None else -1
        while kept is not None and index >= last and index >= 0:
            if not kept[index]:
                step = Step(self._position(index), 0, None, "compressed", "compressed", 0, 0, settles=False)
                found.append((index, step))
            index = int(self._recorded.parent[index])
        return found

    def _position(self, index: int) -> int:
        return index if self._tree.order is None else int(self._tree.order[index])


def rows_below(recorded: Tree, index: int, places: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return which of some places in tree order lie below an index; ascending rows of `places`."""
    below = recorded.depth[index + 1 :] <= recorded.depth[index]
    end = index + 1 + (int(below.argmax()) if below.any() else below.size)
    return np.flatnonzero((places > index) & (places < end))
