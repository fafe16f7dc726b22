"""What becomes of every value of a run when some orders are others: the members concerned, and what they have now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.values import ACTIVE, Entries, Node, Quantity, Ranking, Values, Volume
from mlmcalc.runs.preview.before import Before
from mlmcalc.runs.preview.orders import Changed, orders_of
from mlmcalc.runs.preview.part import Part, Places
from mlmcalc.runs.preview.patch import NO_CHANGE, Patch, united
from mlmcalc.trees.compressed import Compressed
from mlmcalc.trees.recorded import Recorded

NOBODY = np.empty(0, np.int64)


class Everybody(Exception):
    """A change reaches more members than it is worth to follow, or nobody can say whom."""


@dataclass(frozen=True, slots=True, eq=False)
class TreeChange:
    """Who has another place in a derived tree; all by position.

    Attributes
    ----------
    places : (k,) int64
        Ascending.
    parent, keeper : (k,) int32
    kept : (k,) bool
    """

    places: Places
    parent: NDArray[np.int32]
    keeper: NDArray[np.int32]
    kept: NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class After:
    """The values of a run after a change; what nobody's value changed of is not there.

    Attributes
    ----------
    before : Before
    changed : Changed
    touched : dict of Node to (k,) int64
        Whose value is another one, ascending; of orders too, where lines are kept by order.
    columns : dict of Node to Patch
        New amounts, codes and flags.
    trees : dict of str to TreeChange
    of_buyers : Values or None
        The volumes of those whose orders are others, while they are calculated.
    """

    before: Before
    changed: Changed
    touched: dict[Node, Places] = field(default_factory=dict)
    columns: dict[Node, Patch] = field(default_factory=dict)
    trees: dict[str, TreeChange] = field(default_factory=dict)
    of_buyers: Values | None = None

    def read_by(self, node: Node) -> Places:
        """Return the members of whom something that a value is computed from is another one."""
        found = [self.touched[read] for read in self.before.reads[node] if read in self.touched]
        return united(*found) if found else NOBODY

    def patch(self, node: Node) -> Patch:
        """Return the new values of a column."""
        return self.columns.get(node, NO_CHANGE)

    def set(self, node: Node, patch: Patch, besides: Places = NOBODY) -> None:
        """Keep the new values of a column, and who is touched by it."""
        if patch.places.size:
            self.columns[node] = patch
        self.touched[node] = united(patch.places, besides) if besides.size else patch.places.astype(np.int64)

    def needed(self, node: Node) -> set[Node]:
        """Return what a part must know to calculate a value: what it reads, and what shapes the trees it reads."""
        return self._with_read(self.before.reads[node], ("tree", "rolled"))

    def parts_of(self, volume: str) -> set[Node]:
        """Return a volume and those it is the sum of."""
        return self._with_read({Node("volume", volume)}, ("volume",))

    def part_values(
        self, part: Part, nodes: Iterable[Node], new: bool, whole_trees: bool = True, by_order: str = ""
    ) -> Values:
        """Return what a part of the company knows.

        Parameters
        ----------
        part : Part
        nodes : iterable of Node
            The values wanted; those of bonuses are what they paid.
        new : bool
            As it is now, or as it was.
        whole_trees : bool
            The part holds everybody above its members, so that trees are made anew; otherwise they are cut out as
            they were, and who is not of the part is nobody.
        by_order : str
            The volume whose single orders are wanted; empty for none.
        """
        before, wanted = self.before, self._with_read(nodes, ("rolled",) if whole_trees else ())
        wanted |= {Node("volume", node.name.partition("@")[0]) for node in wanted if node.kind == "rolled"}
        whole = before.run.values
        with_orders = part if by_order else Part(NOBODY)
        values = part.values(whole, orders_of(with_orders, before.given.orders, self.changed if new else None))
        entries = self._entries(part, values, by_order) if by_order else None
        for node in before.given.plan.order:
            if node in wanted:
                self._put(node, values, part, new, whole_trees)
                if node == Node("volume", by_order):
                    values.volumes[by_order] = replace(values.volumes[by_order], entries=entries)
                elif node.kind == "rolled":
                    own = values.volumes[node.name.partition("@")[0]]
                    values.volumes[node.name] = replace(values.volumes[node.name], own=own.own, entries=own.entries)
        return values

    def _entries(self, part: Part, values: Values, volume: str) -> Entries | None:
        # Single orders are summed anew, by everything that a volume is the sum of.
        plan = self.before.given.plan
        apart, names = part.values(self.before.run.values, values.orders), self.parts_of(volume)
        for node in plan.order:
            if node in names:
                apart.volumes[node.name] = plan.volumes[node.name].evaluate(apart, node.name)
        return apart.volumes[volume].entries

    def _with_read(self, nodes: Iterable[Node], kinds: Collection[str]) -> set[Node]:
        found: set[Node] = set()
        waiting = list(nodes)
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += self.before.reads[at] if at.kind in kinds else ()
        return found

    def keepers(self, name: str, members: Places, new: bool) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Return the keepers of members in a derived tree, by position, and who of them is kept."""
        tree = self.before.tree(name)
        assert tree.kept is not None, "a derived tree keeps some"
        assert tree.keeper is not None, "a derived tree knows every keeper"
        index = members if tree.order is None else self.before.inverse[tree.root_tree or name][members]
        keeper, kept = tree.keeper[index], tree.kept[index]
        if tree.order is not None:
            keeper = np.where(keeper >= 0, tree.order[keeper], -1).astype(np.int32)
        change = self.trees.get(name) if new else None
        if change is None:
            return keeper, kept
        keepers = Patch(change.places, change.keeper).on(keeper, members)
        return keepers, Patch(change.places, change.kept).on(kept, members)

    def _put(self, node: Node, values: Values, part: Part, new: bool, whole_trees: bool) -> None:
        before, name = self.before, node.name
        plan, whole = before.given.plan, before.run.values
        patch = self.patch(node) if new else NO_CHANGE
        if node.kind == "tree":
            made = whole_trees and isinstance(plan.trees[name], Compressed | Recorded)
            values.trees[name] = plan.trees[name].evaluate(values, name) if made else part.tree(before.tree(name))
        elif node.kind in ("volume", "rolled"):
            quantity = _quantity(whole.volumes[name].total, patch, part)
            values.volumes[name] = Volume(quantity, quantity, None, whole.volumes[name].keeper_tree)
        elif node.kind in ("metric", "points"):
            values.metrics[name] = _quantity(whole.metrics[name], patch, part)
        elif node.kind == "ladder":
            values.rankings[name] = _ranking(whole.rankings[name], patch, part)
        elif node.kind == "title":
            values.titles[name] = _ranking(whole.titles[name], patch, part)
        elif node == ACTIVE:
            assert whole.active is not None, "a run knows who is active"
            values.active = patch.at(whole.active, part.members)
        elif node.kind == "bonus":
            values.earned[name] = _quantity(whole.earned[name], patch, part)


def _quantity(whole: Quantity, patch: Patch, part: Part) -> Quantity:
    return Quantity(patch.at(whole.amounts, part.members), whole.decimals)


def _ranking(whole: Ranking, patch: Patch, part: Part) -> Ranking:
    return Ranking(patch.at(whole.code, part.members), whole.names, whole.forced[part.members])
