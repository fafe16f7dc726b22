"""A ladder as the table its kernel judges by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels import ladder as kernel
from mlmcalc.money import INT64_MAX
from mlmcalc.ranks.rungs import LEGS, Alternative
from mlmcalc.ranks.settled import legs_feed, settled_by
from mlmcalc.ranks.titles import held_before
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.feeds import Feed, recorded_root
from mlmcalc.rules.needs import Goal, Interval, Need, number_interval, satisfied
from mlmcalc.rules.overflow import refuse_overflow
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Override, Values
from mlmcalc.rules.words import member_operand

_FAR = 1 << 40


@dataclass(frozen=True, slots=True, eq=False)
class LadderTable:
    """What `mlmcalc.kernels.ladder.settle` takes, in the order of `tree`.

    Attributes
    ----------
    tree : Tree
        The recorded tree from whose leaves upwards the ladder is judged.
    parents, flags, sums, feeds, alternatives, tests, members : arrays
        As the kernel describes them.
    forced : (n,) bool
        Whose rank is imposed, by position.
    """

    tree: Tree
    parents: NDArray[np.int32]
    flags: NDArray[np.bool_]
    sums: NDArray[np.int64]
    feeds: NDArray[np.int64]
    alternatives: NDArray[np.int64]
    tests: NDArray[np.int64]
    members: NDArray[np.int16]
    forced: NDArray[np.bool_]


def table_of(ladder: WrittenLadder, values: Values, name: str) -> LadderTable:
    """Return a ladder as a table.

    Parameters
    ----------
    ladder : WrittenLadder
    values : Values
    name : str
        Name of the ladder.

    Raises
    ------
    InputRefused
        ``metrics.overflow``: a sum could leave 64 bits.
    """
    return _Builder(ladder, values, name).table()


def waivers_of(values: Values, ladder: str, rung: str) -> list[Override]:
    """Return the waivers in force for a rung of a ladder."""
    return [
        row
        for row in values.overrides
        if row.kind == "waiver" and (row.ladder or "rank") == ladder and row.rank in ("", rung)
    ]


def forced_ranks(values: Values, ladder: str) -> dict[int, Override]:
    """Return who is given a rank by force, and by which row; who may hold none is not given one."""
    return {
        row.member: row
        for row in values.overrides
        if row.kind == "rank" and (row.ladder or "rank") == ladder and values.may_earn[row.member]
    }


def required_units(need: Need, decimals: int, values: Values) -> int | NDArray[np.int64]:
    """Return the least value of a need in units, by position where it is a goal from a column."""
    least = need.value if need.value is not None else need.min
    if not isinstance(least, Goal):
        return number_interval(need, decimals).lowest
    goal = member_operand(least.column, values)
    if goal.decimals >= decimals:
        return -(-goal.values // 10 ** (goal.decimals - decimals))
    factor = 10 ** (decimals - goal.decimals)
    # A goal too large for the metric's decimals is out of reach all the same.
    return np.clip(goal.values, -(INT64_MAX // factor), INT64_MAX // factor) * factor


class _Builder:
    def __init__(self, ladder: WrittenLadder, values: Values, name: str) -> None:
        assert values.vocabulary is not None, "a ladder is judged by the names of its plan"
        self.ladder, self.values, self.name, self.vocabulary = ladder, values, name, values.vocabulary
        self.ranks = list(self.vocabulary.ladders[name])
        self.named = settled_by(ladder, self.vocabulary).feeds
        self.flags: list[NDArray[np.bool_]] = []
        self.sums: list[NDArray[np.int64]] = []
        self.parents: list[NDArray[np.int32]] = []
        self.trees: dict[tuple[str, bool], int] = {}
        self.amounts: dict[str, int] = {}
        self.feeds: list[Feed] = []
        self.feed_rows: list[list[int]] = []
        self.alternatives: list[list[int]] = []
        self.tests: list[list[int]] = []
        self.tree: Tree = values.trees[self._root()]
        self.before = held_before(values, ladder.remembers, name)

    def _root(self) -> str:
        for feed in self.named.values():
            if isinstance(feed, Feed):
                return recorded_root(self.vocabulary, feed.tree)
        for _, rung in self.ladder.rungs():
            for alternative in rung.alternatives:
                for need in alternative.legs:
                    feed = legs_feed(self.ladder, need, self.vocabulary, self.name)
                    return recorded_root(self.vocabulary, feed.tree)
        return self.vocabulary.first_tree

    def table(self) -> LadderTable:
        """Return the finished table."""
        n = self.values.size
        first = self._all_alternatives()
        forced = np.zeros(n, dtype=np.bool_)
        imposed = np.where(self.values.may_earn, kernel.FREE, 0).astype(np.int16)
        for member, row in forced_ranks(self.values, self.name).items():
            forced[member] = True
            imposed[member] = 0 if row.rank == "none" else 1 + self.ranks.index(row.rank)
        members = np.stack([entered(self.tree, first), entered(self.tree, imposed)])
        return LadderTable(
            tree=self.tree,
            parents=np.stack(self.parents) if self.parents else np.empty((0, n), dtype=np.int32),
            flags=np.stack(self.flags) if self.flags else np.empty((0, n), dtype=np.bool_),
            sums=np.stack(self.sums) if self.sums else np.empty((0, n), dtype=np.int64),
            feeds=_table(self.feed_rows, kernel.FEED_COLUMNS),
            alternatives=_table(self.alternatives, kernel.ALTERNATIVE_COLUMNS),
            tests=_table(self.tests, kernel.TEST_COLUMNS),
            members=members,
            forced=forced,
        )

    def _all_alternatives(self) -> NDArray[np.int16]:
        """Fill the table, and return the first alternative of each member by position."""
        if "" in self.ladder.lists():
            return np.full(self.values.size, self._list(""), dtype=np.int16)
        firsts = [self._list(scheme) for scheme in self.values.scheme_names]
        return np.array(firsts, dtype=np.int16)[self.values.scheme]

    def _list(self, scheme: str) -> int:
        """Add the alternatives of one list of rungs, and return the first."""
        rungs = list(self.ladder.rungs_of(scheme))
        if not rungs:
            return kernel.FREE
        if not self.ladder.cumulative:
            rungs.reverse()
        start = len(self.alternatives)
        ends = []
        for rung in rungs:
            for alternative in rung.requires.root:
                self._alternative(rung.rank, alternative, None)
            for alternative in rung.keeps:
                self._alternative(rung.rank, alternative, self.before >= 1 + self.ranks.index(rung.rank))
            ends.append(len(self.alternatives))
        at = start
        for end in ends:
            for row in range(at, end):
                # Upwards one goes on when a rung is met, downwards when it is not.
                following = end if end < ends[-1] else -1
                another = row + 1 if row + 1 < end else -1
                if self.ladder.cumulative:
                    self.alternatives[row][4:] = [following, another]
                else:
                    self.alternatives[row][4:] = [-1, another if another >= 0 else following]
            at = end
        return start

    def _alternative(self, rank: str, alternative: Alternative, open_to: NDArray[np.bool_] | None) -> None:
        waived = waivers_of(self.values, self.name, rank)
        met = None if open_to is None else open_to.copy()
        first_test = len(self.tests)
        for word, need in alternative.needs.items():
            excused = self._excused(waived, word)
            feed = self.named.get(word)
            if isinstance(feed, Feed):
                decimals = self.vocabulary.quantity_decimals(word) or 0
                goal = required_units(need, decimals, self.values) if isinstance(need.min, Goal) else None
                self._test(self._feed_row(feed, word), number_interval(need, decimals), excused, goal)
            else:
                held = self._held(word, need)
                held = held if excused is None else held | excused
                met = held if met is None else met & held
        for legs in alternative.legs:
            feed = legs_feed(self.ladder, legs, self.vocabulary, self.name)
            self._test(self._feed_row(feed, LEGS), Interval(lowest=legs.count), self._excused(waived, LEGS))
        met = np.broadcast_to(np.True_, self.values.size) if met is None else met
        flag = self._flag(entered(self.tree, met))
        self.alternatives.append([1 + self.ranks.index(rank), flag, first_test, len(self.tests), -1, -1])

    def _excused(self, waived: list[Override], word: str) -> NDArray[np.bool_] | None:
        members = [row.member for row in waived if row.metric == word]
        if not members:
            return None
        excused = np.zeros(self.values.size, dtype=np.bool_)
        excused[members] = True
        return excused

    def _held(self, word: str, need: Need) -> NDArray[np.bool_]:
        if word in self.values.required_metrics:
            required = required_units(need, self.values.metrics[word].decimals, self.values)
            return self.values.required_metrics[word](required).amounts >= required
        goal = member_operand(need.min.column, self.values) if isinstance(need.min, Goal) else None
        return satisfied(need, member_operand(word, self.values), goal)

    def _test(
        self,
        row: int,
        interval: Interval,
        excused: NDArray[np.bool_] | None,
        goal: int | NDArray[np.int64] | None = None,
    ) -> None:
        flag = kernel.NO_ROW if excused is None else self._flag(entered(self.tree, excused))
        least = None if goal is None else np.maximum(goal, interval.lowest)
        goal_row = kernel.NO_ROW if least is None else self._sum(entered(self.tree, least))
        self.tests.append([row, interval.lowest, interval.highest, flag, goal_row])

    def _flag(self, column: NDArray[np.bool_]) -> int:
        self.flags.append(column)
        return len(self.flags) - 1

    def _feed_row(self, feed: Feed, word: str) -> int:
        """Return the row of sums that a feed adds to, adding the feed if it is new."""
        if feed in self.feeds:
            return self.feed_rows[self.feeds.index(feed)][5]
        tree: Tree = self.values.trees[feed.tree]
        qualifying = None if feed.where is None else entered(self.tree, feed.where.holds(self.values))
        if tree.kept is not None:
            qualifying = tree.kept if qualifying is None else qualifying & tree.kept
        flag = kernel.NO_ROW if qualifying is None else self._flag(qualifying)
        amount_row = self._amount_row(feed.amount, word) if feed.amount else kernel.NO_ROW
        n = self.values.size
        starts_with_own = feed.kind == "group" and feed.with_self
        # The rows are copied once, when they are stacked: until then one value stands for all.
        row = self._sum(self.sums[amount_row] if starts_with_own else np.broadcast_to(np.int64(0), n))
        within = feed.kind == "legs" and feed.levels is not None
        nearest_row = self._sum(np.broadcast_to(np.int64(_FAR), n)) if within else kernel.NO_ROW
        option = (kernel.LEADER_TO_UPLINE if feed.upline_group else 0) | (0 if feed.with_self else kernel.WITHOUT_OWN)
        kind = kernel.LEGS_WITHIN if within else _KINDS[feed.kind]
        lowest, highest = feed.ranks.lowest, feed.ranks.highest
        parent = self._parent(feed, tree)
        levels = feed.levels or 0
        self.feed_rows.append([kind, parent, lowest, highest, flag, row, amount_row, nearest_row, levels, option])
        self.feeds.append(feed)
        return row

    def _parent(self, feed: Feed, tree: Tree) -> int:
        # A group takes in those whom a status has taken out of the recorded tree; they are nobody's frontline or leg.
        whole = feed.kind == "group"
        key = (self.tree.name if whole else tree.name, whole)
        if key not in self.trees:
            self.trees[key] = len(self.parents)
            self.parents.append(self.tree.parent if whole else kept_parent(tree))
        return self.trees[key]

    def _amount_row(self, name: str, word: str) -> int:
        if name not in self.amounts:
            amounts = self.values.quantity(name).amounts
            refuse_overflow(word, amounts, self.values)
            self.amounts[name] = self._sum(entered(self.tree, amounts))
        return self.amounts[name]

    def _sum(self, column: NDArray[np.int64]) -> int:
        self.sums.append(column)
        return len(self.sums) - 1


_KINDS = {"frontline": kernel.FRONTLINE, "subtree": kernel.SUBTREE, "legs": kernel.LEGS, "group": kernel.GROUP}


def _table(rows: list[list[int]], columns: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array(rows, dtype=np.int64) if rows else kernel.empty_table(columns)
