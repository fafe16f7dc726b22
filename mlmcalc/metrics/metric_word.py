"""What every metric says: its tree, and that its sums fit."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, WithJsonSchema

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Model, Name, Text
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary
from mlmcalc.rules.words import nearest


def _levels(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    parts = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(isinstance(part, str) and re.fullmatch(r"[0-9]{1,9}", part) for part in parts):
        raise ValueError("levels are a number such as 3, or from and to such as [2, 4]")
    levels = tuple(int(part) for part in parts)
    if len(levels) == 2 and levels[0] > levels[1]:
        raise ValueError(f"the levels run from {levels[0]} to {levels[1]}; write the smaller number first")
    return levels


_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
LevelsField = Annotated[
    tuple[int, ...],
    BeforeValidator(_levels),
    WithJsonSchema({"anyOf": [_COUNT, {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2}]}),
]
"""One number, or from and to."""


class MetricWord(Model):
    """The keys that all metrics share."""

    tree: Name | None = Field(default=None, description="the first tree")
    source: Text = Field(default="", description="where the company's document says so")

    def tree_node(self, vocabulary: Vocabulary) -> Node:
        """Return the tree it is computed over."""
        return Node("tree", self.tree or vocabulary.first_tree)

    def tree_of(self, values: Values) -> Tree:
        """Return the tree it is computed over, in a run."""
        return values.trees[self.tree or values.network.first_tree.name]

    def check_tree(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.tree`` for a tree that the plan does not have."""
        if self.tree is None or self.tree in vocabulary.trees:
            return []
        remedy = nearest(self.tree, vocabulary.trees)
        return [Finding("metrics.tree", f"{self.tree} is not a tree of this plan.", remedy, path=("tree",))]

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the metric per member."""
        raise NotImplementedError

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)


def check_quantity(key: str, name: str, vocabulary: Vocabulary) -> list[Finding]:
    """Return ``metrics.unknown`` or ``metrics.required`` for a name that is no volume and no plain metric."""
    node = vocabulary.node_of(name)
    if node is None or vocabulary.quantity_decimals(name) is None:
        known = [*vocabulary.volumes, *vocabulary.metrics]
        message = f"{name} is no volume, VOLUME@TREE or metric of this plan."
        return [Finding("metrics.unknown", message, nearest(name, known), path=(key,))]
    if name in vocabulary.required_metrics:
        message = f"{name} depends on what a rung requires and means nothing here."
        return [Finding("metrics.required", message, "Use it in the requires of a ladder.", path=(key,))]
    return []


def check_where(where: Condition | None, vocabulary: Vocabulary) -> list[Finding]:
    """Return the findings of a condition on members, with their paths below ``where``."""
    if where is None:
        return []
    return [replace(finding, path=("where", *finding.path)) for finding in where.check(vocabulary)]


def quantity_reads(names: list[str], where: Condition | None, vocabulary: Vocabulary) -> set[Node]:
    """Return the values behind some quantities and a condition."""
    nodes = {node for node in map(vocabulary.node_of, names) if node is not None}
    return nodes | (where.reads(vocabulary) if where is not None else set())


def kept_parent(tree: Tree) -> NDArray[np.int32]:
    """Return the parents of those a tree keeps, in tree order; -1 for everybody it leaves out."""
    return tree.parent if tree.kept is None else np.where(tree.kept, tree.parent, -1).astype(np.int32)


def entered(tree: Tree, column: NDArray[Any]) -> NDArray[Any]:
    """Return a column by position in tree order, in one piece of memory."""
    return np.ascontiguousarray(tree.enter(column))


def refuse_overflow(name: str, amounts: NDArray[np.int64], values: Values) -> None:
    """Refuse amounts, by position, whose sums over trees could leave int64.

    Raises
    ------
    InputRefused
        ``metrics.overflow``, with the member whose amount is the largest.
    """
    # Half: a sum over levels is the difference of two sums.
    if total_magnitude(amounts) > INT64_MAX // 2:
        raise overflow(name, amounts, values)


def overflow(name: str, amounts: NDArray[np.int64], values: Values) -> InputRefused:
    """Return the refusal of a sum that does not fit, with the member whose amount is the largest."""
    largest = int(np.argmax(np.maximum(amounts, -(amounts + 1))))
    message = f"The sums of the metric {name} do not fit 64 bits; the largest amount is this member's."
    remedy = "State fewer decimals, or correct the amount."
    return InputRefused(Finding("metrics.overflow", message, remedy, member=str(values.network.ids[largest])))
