"""The values of all members after a change, for what has to be calculated for everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.joining import parents_by_position
from mlmcalc.genealogy.tree import Tree
from mlmcalc.ledger.account import Post
from mlmcalc.ledger.result import BonusResult
from mlmcalc.rules.state import Closing
from mlmcalc.rules.values import Node, Quantity, Ranking, Values, Volume
from mlmcalc.runs.after_bonuses import Results
from mlmcalc.runs.commission_run import CommissionRun, evaluate, finish
from mlmcalc.runs.preview.after import NOBODY, After, TreeChange
from mlmcalc.runs.preview.bonus import BonusChange
from mlmcalc.runs.preview.follow import column_of
from mlmcalc.runs.preview.orders import whole_orders
from mlmcalc.runs.preview.part import Places
from mlmcalc.runs.preview.patch import Patch, united
from mlmcalc.volumes.orders import Orders


class Whole:
    """Values of the whole company, put together from what was and what changed, as far as they are asked for.

    Parameters
    ----------
    after : After
    bonuses : mapping of str to BonusChange
        What changed of single bonuses so far; more may be added later.
    """

    def __init__(self, after: After, bonuses: dict[str, BonusChange]) -> None:
        given, values = after.before.given, after.before.run.values
        self.after = after
        self.results = Results()
        self._bonuses = bonuses
        self._known: set[Node] = set()
        self._orders_known = False
        self.values: Values = replace(
            values,
            volumes={},
            trees={},
            metrics={},
            rankings={},
            titles={},
            earned={},
            paid_orders={},
            required_metrics={},
            active=values.active if given.plan.active is None else None,
            opening=given.opening,
            closing=Closing(given.period),
        )

    def evaluate(self, node: Node, post_of: Callable[[Orders], Post]) -> None:
        """Calculate a value for everybody, and note whose is another one.

        Parameters
        ----------
        node : Node
        post_of : callable
            From the orders whose rows lines name to what receives the lines.
        """
        plan = self.after.before.given.plan
        asked = self.after.needed(node)
        if node.kind in ("limit", "choice"):
            asked |= {Node("bonus", name) for name in plan.bonuses}
        self.know(asked)
        if node.kind == "volume" or self.values.keep_entries:
            self._know_orders()
        evaluate(plan, node, self.values, self.results, post_of(self.values.orders))
        self._known.add(node)
        self._note(node)

    def result(self, name: str) -> BonusResult:
        """Return the result of a bonus as it is now."""
        self.know([Node("bonus", name)])
        return self.results.bonuses[name]

    def finish(self, post: Post) -> CommissionRun:
        """Return the whole run as it is now."""
        self.know(self.after.before.given.plan.order)
        order = list(self.after.before.given.plan.order)
        self._in_order(order)
        return finish(self.after.before.given.plan, self.values, self.results, post)

    def know(self, nodes: Iterable[Node]) -> None:
        """Put together what is not there yet of some values."""
        wanted = set(nodes) - self._known
        for node in self.after.before.given.plan.order:
            if node in wanted and node in self.after.touched:
                self._put(node)
                self._known.add(node)

    def _know_orders(self) -> None:
        if not self._orders_known:
            self.values.orders = whole_orders(self.after.before.given.orders, self.after.changed)
            self._orders_known = True

    def _put(self, node: Node) -> None:
        after, values, name = self.after, self.values, node.name
        plan, was = after.before.given.plan, after.before.run.values
        again = (node.kind == "tree" and after.touched[node].size) or (node.kind == "volume" and was.keep_entries)
        again = again or (node.kind == "metric" and name in plan.vocabulary.required_metrics)
        if again:
            self.know(after.before.reads[node])
            self._know_orders()
            evaluate(plan, node, values, self.results, lambda block: None)
        elif node.kind == "tree":
            values.trees[name] = was.trees[name]
        elif node.kind == "volume":
            quantity = self._quantity(node, was.volumes[name].total)
            values.volumes[name] = Volume(quantity, quantity)
        elif node.kind == "rolled":
            self.know(after.before.reads[node])
            own = values.volumes[name.partition("@")[0]]
            total = self._quantity(node, was.volumes[name].total)
            values.volumes[name] = Volume(total, own.own, own.entries, was.volumes[name].keeper_tree)
        elif node.kind in ("metric", "points"):
            values.metrics[name] = self._quantity(node, was.metrics[name])
        elif node.kind == "ladder":
            values.rankings[name] = self._ranking(node, was.rankings[name])
        elif node.kind == "title":
            values.titles[name] = self._ranking(node, was.titles[name])
        elif node.kind == "active":
            values.active = self._column(node, column_of(was, node))
        elif node.kind == "bonus":
            self._put_bonus(node)

    def _put_bonus(self, node: Node) -> None:
        before, name = self.after.before, node.name
        change, result = self._bonuses.get(name), before.first[name]
        self.results.bonuses[name] = result if change is None else change.over(result)
        earned = self.results.bonuses[name].rounded(self.values.rounding, self.values.amount_decimals)
        self.values.earned[name] = Quantity(earned, self.values.rounding.money_decimals)

    def _quantity(self, node: Node, was: Quantity) -> Quantity:
        return Quantity(self._column(node, was.amounts), was.decimals)

    def _ranking(self, node: Node, was: Ranking) -> Ranking:
        return Ranking(self._column(node, was.code), was.names, was.forced)

    def _column(self, node: Node, was: NDArray[Any]) -> NDArray[Any]:
        patch = self.after.columns.get(node)
        return was if patch is None else patch.over(was)

    def _note(self, node: Node) -> None:
        after, was = self.after, self.after.before.run.values
        everybody = np.arange(was.size)
        if node.kind == "tree":
            self._note_tree(node)
        elif node.kind == "choice":
            touched = [self._earned(Node("bonus", name)) for name in after.before.given.plan.choices[node.name].bonuses]
            after.touched[node] = united(*touched)
        elif node.kind == "bonus":
            self._earned(node)
        elif node.kind == "limit":
            after.touched[node] = NOBODY
        else:
            column = column_of(was, node)
            patch = Patch.of(column, everybody, column_of(self.values, node))
            # Whose single orders count otherwise is not looked for.
            by_order = node.kind in ("volume", "rolled") and was.keep_entries
            after.set(node, patch, everybody if by_order else NOBODY)

    def _earned(self, node: Node) -> Places:
        was = self.after.before.run.values
        now = self.values.earned[node.name].amounts
        self.after.set(node, Patch.of(was.earned[node.name].amounts, np.arange(was.size), now))
        return self.after.touched[node]

    def _note_tree(self, node: Node) -> None:
        old, new = self.after.before.run.values.trees[node.name], self.values.trees[node.name]
        columns = [(_of(old, which), _of(new, which)) for which in ("parent", "keeper", "kept")]
        differs = np.logical_or.reduce([one != other for one, other in columns])
        places = np.flatnonzero(differs)
        parent, keeper, kept = (other[places] for _, other in columns)
        self.after.trees[node.name] = TreeChange(places, parent, keeper, kept)
        self.after.touched[node] = places

    def _in_order(self, order: list[Node]) -> None:
        # Tables have their columns in the order in which values were calculated.
        values = self.values
        by_kind = {"tree": values.trees, "ladder": values.rankings, "title": values.titles, "bonus": values.earned}
        by_kind |= {"volume": values.volumes, "metric": values.metrics}
        kinds = {"rolled": "volume", "points": "metric"}
        for kind, kept in by_kind.items():
            names = [node.name for node in order if kinds.get(node.kind, node.kind) == kind]
            sorted_now = {name: kept[name] for name in names}
            kept.clear()
            kept.update(sorted_now)


def _of(tree: Tree, which: str) -> NDArray[Any]:
    """Return parent or keeper by position, or who is kept; everybody in a recorded tree."""
    if which == "parent":
        return parents_by_position(tree)
    if which == "kept":
        return np.ones(tree.size, np.bool_) if tree.kept is None else tree.leave(tree.kept)
    if tree.keeper is None:
        return np.arange(tree.size, dtype=np.int32)
    keeper = tree.keeper
    if tree.order is not None:
        keeper = np.where(keeper >= 0, tree.order[keeper], -1).astype(np.int32)
    return tree.leave(keeper)
