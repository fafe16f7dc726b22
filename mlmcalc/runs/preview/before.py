"""A calculated run, and what is prepared so that a few changed orders can be followed through it quickly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.joining import parents_by_position
from mlmcalc.genealogy.network import Network
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.above import mark_above
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.kernels.sums import subtree_sum
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import Post
from mlmcalc.ledger.result import BonusResult
from mlmcalc.plan.load import Plan
from mlmcalc.ranks.table import LadderTable
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.state import Closing, Opening
from mlmcalc.rules.values import Node, Override, Volume
from mlmcalc.runs.after_bonuses import Results
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun, evaluate, finish, snapshot
from mlmcalc.runs.preview.part import Part, Places
from mlmcalc.volumes.order_volume import servers
from mlmcalc.volumes.orders import Orders

_SHARE, _FEW = 4, 1000


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """What a run is calculated from.

    Attributes
    ----------
    plan : Plan
    network : Network
    orders : Orders
    overrides : sequence of Override
    opening : Opening
    period : str
        Its label.
    besides : Besides
    """

    plan: Plan
    network: Network
    orders: Orders
    overrides: Sequence[Override]
    opening: Opening
    period: str
    besides: Besides


@dataclass(slots=True, eq=False)
class Before:
    """A calculated run; what is read from it again and again is made once.

    Attributes
    ----------
    given : Given
    run : CommissionRun
    first : dict of str to BonusResult
        Of every bonus, before choices and limits changed it.
    reads : dict of Node to set of Node
        What every value of the plan is computed from.
    magnitudes : dict of str to int
        Of every volume and metric, and of what every bonus paid (``earned NAME``): the sum of the absolute values of
        all members.
    paid : int
        The sum of the absolute values of everything earned.
    raw : dict of str to (n + 1,) int64
        What earners had of a bonus before its last steps, where somebody asked.
    inverse : dict of str to (n,) int32
        Recorded tree with an order of its own to the place in it of every member.
    """

    given: Given
    run: CommissionRun
    first: dict[str, BonusResult]
    reads: dict[Node, set[Node]] = field(init=False)
    magnitudes: dict[str, int] = field(init=False)
    paid: int = field(init=False)
    raw: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    inverse: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    _above: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    _below: dict[str, tuple[NDArray[np.int64], NDArray[np.int32]]] = field(default_factory=dict)
    _ends: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    _ladders: dict[str, LadderTable] = field(default_factory=dict)

    def __post_init__(self) -> None:
        plan, values = self.given.plan, self.run.values
        self.reads = {node: plan.reads_of(node) for node in plan.order}
        self.magnitudes = {name: _magnitude(volume) for name, volume in values.volumes.items()}
        self.magnitudes |= {name: total_magnitude(metric.amounts) for name, metric in values.metrics.items()}
        self.magnitudes |= {f"earned {name}": total_magnitude(one.amounts) for name, one in values.earned.items()}
        self.paid = sum(total_magnitude(result.amounts) for result in self.run.bonuses.values())
        for name, tree in {**self.given.network.trees, **values.trees}.items():
            if tree.order is not None and (tree.root_tree or name) not in self.inverse:
                place = np.empty(tree.size, np.int32)
                place[tree.order] = np.arange(tree.size, dtype=np.int32)
                self.inverse[tree.root_tree or name] = place

    def decimals(self, node: Node) -> int:
        """Return the decimals of a volume or metric."""
        return self.run.values.quantity(node.name).decimals

    def part(self, members: Places) -> Part:
        """Return some members, by ascending position, as a part of the company."""
        return Part(members, self.inverse)

    def tree(self, name: str) -> Tree:
        """Return a tree of the run, or a recorded one."""
        return self.run.values.trees.get(name) or self.given.network.trees[name]

    def root(self, name: str) -> str:
        """Return the name of the recorded tree that a tree comes from."""
        tree = self.tree(name)
        return tree.root_tree or name

    def above(self, name: str) -> NDArray[np.int32]:
        """Return the position of everybody's parent in a tree, ``(n,)`` int32; -1 for none."""
        if name not in self._above:
            self._above[name] = np.ascontiguousarray(parents_by_position(self.tree(name)))
        return self._above[name]

    def servers(self) -> NDArray[np.int32]:
        """Return for whom each member's orders count under ``credit: server``, ``(n,)`` int32; -1 for nobody."""
        if "served" not in self._above:
            self._above["served"] = servers(self.run.values)
        return self._above["served"]

    def recorded_above(self, name: str) -> NDArray[np.int32]:
        """Return the same of the recorded tree that a tree comes from, with everybody in it."""
        root = self.root(name)
        whole = self.given.network.trees.get(root)
        if whole is None:
            return self.above(root)
        key = f"{root}@recorded"
        if key not in self._above:
            self._above[key] = np.ascontiguousarray(parents_by_position(whole))
        return self._above[key]

    def are_many(self, members: Places) -> bool:
        """Return whether to follow so many members one by one would take longer than to calculate everybody."""
        return members.size * _SHARE > self.given.network.size + _FEW

    def closed(self, members: Places, names: Sequence[str]) -> Places:
        """Return members and everybody above them, in the recorded trees behind some trees, ascending.

        Parameters
        ----------
        members : (k,) int64
        names : sequence of str
        """
        columns = {self.root(name): self.recorded_above(name) for name in names}
        found = members
        while True:
            count = found.size
            for parent in columns.values():
                marked = np.zeros(parent.size, np.bool_)
                mark_above(parent, found.astype(np.int32), marked)
                found = np.flatnonzero(marked)
            if len(columns) == 1 or found.size == count:
                return found

    def children(self, parent: NDArray[np.int32], key: str, members: Places) -> Places:
        """Return whose parent is one of some members, in no order.

        Parameters
        ----------
        parent : (n,) int32
            `above` or `recorded_above` of a tree.
        key : str
            Tells such columns apart.
        members : (k,) int64
        """
        if key not in self._below:
            order = order_by_group(parent + np.int32(1), parent.size + 1)
            ends = np.cumsum(np.bincount(parent + 1, minlength=parent.size + 1))
            self._below[key] = (ends, order)
        ends, order = self._below[key]
        return order[ranges(ends[members], ends[members + 1])].astype(np.int64)

    def ends(self, name: str) -> NDArray[np.int64]:
        """Return where the subtree of each member ends, in the order of a recorded tree: its index is `[at, end)`."""
        root = self.root(name)
        if root not in self._ends:
            whole = self.given.network.trees.get(root) or self.tree(root)
            size = subtree_sum(whole.parent, np.ones(whole.size, np.int64))
            self._ends[root] = np.arange(whole.size) + size
        return self._ends[root]

    def ladder(self, name: str) -> LadderTable:
        """Return a ladder's table with everything added up."""
        if name not in self._ladders:
            self._ladders[name] = self.given.plan.ladders[name].settled(self.run.values, name)
        return self._ladders[name]


def calculated(given: Given, post_of: Callable[[str], Post]) -> Before:
    """Calculate a period, and keep what a change of it starts from.

    Parameters
    ----------
    given : Given
    post_of : callable
        From the key of what posts lines (`key_of`) to what receives them.

    Raises
    ------
    InputRefused, IntegrityError
        As `mlmcalc.runs.commission_run.run_commissions`.
    """
    plan = given.plan
    values = snapshot(plan, given.network, given.orders, given.overrides, given.besides)
    values.opening, values.closing = given.opening, Closing(given.period)
    results, first = Results(), dict[str, BonusResult]()
    for node in plan.order:
        evaluate(plan, node, values, results, post_of(key_of(node)))
        if node.kind == "bonus":
            first[node.name] = results.bonuses[node.name]
    return Before(given, finish(plan, values, results, post_of(PAYOUT)), first)


def key_of(node: Node) -> str:
    """Return what tells apart the lines that different values of a plan post."""
    return f"{node.kind} {node.name}"


def ranges(starts: NDArray[np.integer], ends: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the numbers from each start up to its end, one range after another."""
    counts = ends - starts
    whole = int(counts.sum())
    if not whole:
        return np.empty(0, np.int64)
    first = np.cumsum(counts) - counts
    return np.arange(whole) + np.repeat(starts - first, counts)


def _magnitude(volume: Volume) -> int:
    amounts = volume.own.amounts if volume.entries is None else volume.entries.amounts
    return max(total_magnitude(amounts), total_magnitude(volume.total.amounts))
