"""What every metric says: its tree, and that its sums fit."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from mlmcalc.errors import Finding
from mlmcalc.fields import Model, Name, Text
from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary
from mlmcalc.rules.words import nearest


def _levels(value: Any) -> Any:
    if isinstance(value, tuple):
        return value
    parts: list[Any] = value if isinstance(value, list) and len(value) == 2 else [value]
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
