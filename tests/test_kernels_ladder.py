"""The ladder kernel against its twin, and at a million members."""

from __future__ import annotations

import random

import numpy as np
import pytest

from mlmcalc.kernels import ladder as kernel
from tests.oracle import ladder_twin as twin
from tests.tree_shapes import LARGE, ordered, rows, small_trees

FAR = 1 << 40


def some(draw: random.Random, n: int, share: float) -> list[bool]:
    return [draw.random() < share for _ in range(n)]


def drawn_feeds(draw: random.Random, parent: list[int]) -> list[twin.Feed]:
    n = len(parent)
    other = [above if draw.random() < 0.8 else -1 for above in parent]
    feeds = []
    for kind in ("frontline", "subtree", "legs", "legs", "group", "group"):
        low = draw.randint(0, 2)
        feeds.append(
            twin.Feed(
                kind,
                draw.choice([parent, other]),
                low,
                draw.randint(low, 3),
                mask=draw.choice([None, some(draw, n, 0.7)]),
                amount=[draw.randint(-5, 20) for _ in range(n)] if kind == "group" or draw.random() < 0.5 else None,
                levels=draw.choice([None, 1, 2, 3]) if kind == "legs" else None,
                own=draw.random() < 0.5,
                upline=draw.random() < 0.5,
            )
        )
        if kind == "legs":
            feeds[-1].amount = None
    return feeds


class Packed:
    """Feeds and rungs as the kernel's arrays."""

    def __init__(self, n: int, feeds: list[twin.Feed]) -> None:
        self.n, self.flags, self.sums, self.parents, self.feeds = n, [], [], [], []
        for feed in feeds:
            amount = -1 if feed.amount is None else self._sum(feed.amount)
            row = self._sum(feed.amount if feed.amount is not None and feed.kind == "group" and feed.own else [0] * n)
            within = feed.kind == "legs" and feed.levels is not None
            nearest = self._sum([FAR] * n) if within else -1
            kinds = {"frontline": 0, "subtree": 1, "legs": 3 if within else 2, "group": 4}
            flag = -1 if feed.mask is None else self._flag(feed.mask)
            self.parents.append(feed.parent)
            option = 2 * feed.upline + (not feed.own)
            head = (kinds[feed.kind], len(self.parents) - 1, feed.lowest, feed.highest, flag)
            self.feeds.append([*head, row, amount, nearest, feed.levels or 0, option])

    def _sum(self, column: list[int]) -> int:
        self.sums.append(list(column))
        return len(self.sums) - 1

    def _flag(self, column: list[bool]) -> int:
        self.flags.append(list(column))
        return len(self.flags) - 1

    def judge(self, lists: list[list[twin.Rung]], of: list[int], imposed: list[int | None], cumulative: bool):
        alternatives, tests, firsts = [], [], []
        for rungs in lists:
            numbers = sorted({rung.rung for rung in rungs}, reverse=not cumulative)
            groups = [[rung for rung in rungs if rung.rung == number] for number in numbers]
            firsts.append(len(alternatives) if groups else -1)
            at = len(alternatives)
            last = at + len(rungs)
            for group in groups:
                end = at + len(group)
                for place, rung in enumerate(group):
                    first = len(tests)
                    for feed, low, high, excused, goals in rung.tests:
                        flag = -1 if excused is None else self._flag(excused)
                        goal_row = -1 if goals is None else self._sum(goals)
                        tests.append([self.feeds[feed][5], low, high, flag, goal_row])
                    another = at + place + 1 if place + 1 < len(group) else -1
                    following = end if end < last else -1
                    ways = [following, another] if cumulative else [-1, another if another >= 0 else following]
                    alternatives.append([rung.rung, self._flag(rung.mask), first, len(tests), *ways])
                at = end
        held = np.zeros(self.n, dtype=np.int16)
        members = np.array([[firsts[one] for one in of], [-1 if one is None else one for one in imposed]], np.int16)
        kernel.settle(
            np.array(self.parents, np.int32).reshape(len(self.parents), self.n),
            np.array(self.flags, bool).reshape(len(self.flags), self.n),
            np.array(self.sums, np.int64).reshape(len(self.sums), self.n),
            np.array(self.feeds, np.int64),
            np.array(alternatives, np.int64).reshape(-1, 6),
            np.array(tests, np.int64).reshape(-1, 5),
            members.reshape(2, self.n),
            held,
        )
        return held.tolist()


def test_a_ladder_agrees_with_the_twin():
    reached: set[int] = set()
    for seed, parent in enumerate(small_trees()):
        draw = random.Random(seed)
        n = len(parent)
        feeds = drawn_feeds(draw, parent)
        lists: list[list[twin.Rung]] = [[], []]
        for rungs in lists:
            for number in range(1, 4):
                for _ in range(draw.randint(1, 2)):
                    tests = [
                        (draw.randrange(len(feeds)), low := draw.randint(0, 2), low + draw.choice([0, 5, FAR]), None)
                        for _ in range(draw.randint(0, 2))
                    ]
                    tests = [(*test[:3], draw.choice([None, some(draw, n, 0.2)])) for test in tests]
                    goals = [draw.randint(-2, 8) for _ in range(n)]
                    tests = [(*test, draw.choice([None, None, goals])) for test in tests]
                    rungs.append(twin.Rung(number, some(draw, n, 0.8), tests))
        lists.append([])
        of = [draw.randrange(3) for _ in range(n)]
        imposed = [draw.choice([None, None, None, None, 0, 2]) for _ in range(n)]
        cumulative = draw.random() < 0.5
        got = Packed(n, feeds).judge(lists, of, imposed, cumulative)
        assert got == twin.judge(feeds, [lists[one] for one in of], imposed, cumulative)
        reached.update(got)
    assert reached == {0, 1, 2, 3}


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star", "bush"])
def test_a_million_members(shape):
    parent = ordered(1, LARGE, shape)
    parents = rows(parent).reshape(1, LARGE)
    held = np.zeros(LARGE, np.int16)
    # Rung 1: everybody; rung 2: somebody of rung 1 below; rung 3: somebody of rung 2 below.
    kernel.settle(
        parents,
        np.ones((1, LARGE), bool),
        np.zeros((2, LARGE), np.int64),
        np.array([[2, 0, 1, 3, -1, 0, -1, -1, 0, 0], [2, 0, 2, 3, -1, 1, -1, -1, 0, 0]], np.int64),
        np.array([[3, 0, 0, 1, -1, 1], [2, 0, 1, 2, -1, 2], [1, 0, 2, 2, -1, -1]], np.int64),
        np.array([[1, 1, FAR, -1, -1], [0, 1, FAR, -1, -1]], np.int64),
        np.stack([np.zeros(LARGE, np.int16), np.full(LARGE, -1, np.int16)]),
        held,
    )
    leaf = np.ones(LARGE, bool)
    leaf[[above for above in set(parent) if above >= 0]] = False
    parent_of_parents = np.zeros(LARGE, bool)
    inner = np.flatnonzero(~leaf)
    above = np.array(parent)[inner]
    parent_of_parents[above[above >= 0]] = True
    expected = np.where(leaf, 1, np.where(parent_of_parents, 3, 2))
    assert (held == expected).all()
