"""One source's walk, step by step, with everybody who was passed over and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mlmcalc.bonuses.levels import Prepared
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.classes import NO_RATE


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
    rate_ppm : int
        What it was paid; for a step that was not paid, the most the plan offers at this level.
    """

    position: int
    level: int
    paid_level: int | None
    outcome: str
    rate_ppm: int


class Tracer:
    """Follows sources of one prepared walk.

    Parameters
    ----------
    prepared : Prepared
    first_level : int
        Number of the first level or generation of the rate table.
    recorded : Tree
        The recorded tree behind the one walked, for those who were compressed out of it.
    """

    def __init__(self, prepared: Prepared, first_level: int, recorded: Tree) -> None:
        self._prepared = prepared
        self._walk = prepared.walk
        self._tree = prepared.walk.tree
        self._first_level = first_level
        self._recorded = recorded

    def steps(self, row: int) -> list[Step]:
        """Return all steps of a source, nearest ancestor first.

        Parameters
        ----------
        row : int
            Row of the sources of the prepared walk.
        """
        walked = list(self._walked(row))
        return sorted(
            walked + list(self._compressed(row, walked)),
            key=lambda step: (-(self._index(step.position)) if step.position >= 0 else 1, step.paid_level or 0),
        )

    def _walked(self, row: int) -> Iterator[Step]:
        cursor, limit, beyond, _ = (int(value) for value in self._prepared.columns[row])
        skips = self._walk.policy in ("skip", "skip_unqualified")
        passes = self._walk.policy == "pass_to"
        for level in range(self._walk.classes.rates.shape[1]):
            while skips and cursor >= limit and not self._able(row, cursor, level):
                yield self._step(row, cursor, level, self._outcome(row, cursor, level))
                cursor = int(self._tree.parent[cursor])
            if cursor < limit:
                yield Step(-1, 0, level + self._first_level, self._walk.classes.outcome(beyond), self._top(beyond, level))
                continue
            taker = self._taker(row, cursor, limit, level) if passes else cursor
            if taker != cursor:
                missed = self._outcome(row, cursor, level) if taker < limit else "passed_on"
                yield self._step(row, cursor, level, missed)
            if taker >= limit:
                yield self._step(row, taker, level, self._outcome(row, taker, level))
            cursor = int(self._tree.parent[cursor])

    def _taker(self, row: int, cursor: int, limit: int, level: int) -> int:
        while cursor >= limit and not self._able(row, cursor, level):
            cursor = int(self._tree.parent[cursor])
        return cursor

    def _place(self, row: int, index: int) -> int:
        keys, bounds = self._prepared.keys, self._walk.bounds
        if keys is not None and bounds is not None and (keys[row] < bounds[index]).any():
            return int(self._walk.failing[index])
        return int(self._walk.klass[index])

    def _able(self, row: int, index: int, level: int) -> bool:
        place = self._place(row, index)
        if self._walk.policy == "skip_unqualified":
            return place < self._walk.classes.rows
        return int(self._walk.classes.rates[place, level]) != NO_RATE

    def _outcome(self, row: int, index: int, level: int) -> str:
        place = self._place(row, index)
        if int(self._walk.classes.rates[place, level]) != NO_RATE:
            return "paid"
        return self._walk.classes.outcome(place)

    def _top(self, place: int, level: int) -> int:
        return int(self._walk.classes.top[place, level])

    def _step(self, row: int, index: int, level: int, outcome: str) -> Step:
        place = self._place(row, index)
        rate = int(self._walk.classes.rates[place, level]) if outcome == "paid" else self._top(place, level)
        distance = int(self._prepared.starts.level[self._prepared.index[row]]) - int(self._tree.depth[index])
        return Step(self._position(index), distance, level + self._first_level, outcome, rate)

    def _compressed(self, row: int, walked: list[Step]) -> Iterator[Step]:
        # Everybody between the source and the last ancestor of the walk who has no place in the derived tree.
        if self._tree.kept is None:
            return
        reached = [self._index(step.position) for step in walked if step.position >= 0]
        start = int(self._prepared.index[row])
        index = int(self._recorded.parent[start]) if start >= 0 else -1
        last = min(reached, default=0)
        while index >= last and index >= 0:
            if not self._tree.kept[index]:
                yield Step(self._position(index), 0, None, "compressed", 0)
            index = int(self._recorded.parent[index])

    def _position(self, index: int) -> int:
        return index if self._tree.order is None else int(self._tree.order[index])

    def _index(self, position: int) -> int:
        if self._tree.order is None:
            return position
        return int((self._tree.order == position).argmax())
