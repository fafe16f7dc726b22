"""``count``: how many of the frontline, of the subtree or of the legs meet a condition."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.genealogy.levels import levels_sum
from mlmcalc.kernels.counts import count_children, count_legs, count_subtree
from mlmcalc.metrics.metric_word import LevelsField, MetricWord, check_where, quantity_reads
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.feeds import Feed, Unsettled, rank_part, tree_definition
from mlmcalc.rules.local import Spread
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary


class CountOf(MetricWord):
    """How many members or legs meet a condition; the member itself is not counted (plan model, section 4)."""

    count: Literal["frontline", "subtree", "legs"]
    where: Condition = Field(default=Condition(({},)), description="who is counted; everybody")
    levels: LevelsField | None = Field(default=None, description="how deep to look, the frontline being level 1")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return {self.tree_node(vocabulary)} | quantity_reads([], self.where, vocabulary)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.tree``, ``metrics.key`` and the findings of the condition."""
        findings = self.check_tree(vocabulary) + check_where(self.where, vocabulary)
        if self.levels is None:
            return findings
        path = ("levels",)
        if self.count == "frontline":
            message = "The frontline is level 1 and no other."
            findings.append(Finding("metrics.key", message, "Leave levels out, or count: subtree.", path=path))
        elif self.count == "legs" and len(self.levels) == 2:
            message = "Legs are looked into from the first level on."
            findings.append(Finding("metrics.key", message, "Write levels: n.", path=path))
        elif self.levels[0] == 0:
            message = "The member itself, level 0, is not counted."
            findings.append(Finding("metrics.key", message, "Begin with level 1.", path=path))
        return findings

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return 0: a count is a whole number."""
        return 0

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: everybody below counts by itself; a leg counts once, whoever is in it."""
        return "everybody" if self.count == "legs" else "below"

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the count per member."""
        tree = self.tree_of(values)
        met = entered(tree, self.where.holds(values))
        if tree.kept is not None:
            met &= tree.kept
        parent = kept_parent(tree)
        if self.count == "frontline":
            count = count_children(parent, met)
        elif self.count == "legs":
            count = count_legs(parent, met, None if self.levels is None else self.levels[0])
        elif self.levels is None:
            count = count_subtree(parent, met)
        else:
            first, last = self.levels if len(self.levels) == 2 else (1, self.levels[0])
            count = levels_sum(parent, met.astype(np.int64), first, last)
        return Quantity(tree.leave(count), 0)

    def feed(self, vocabulary: Vocabulary, ladder: str) -> Feed | Unsettled | None:
        """Return how the ladder settles this metric; None if it does not name the ladder itself."""
        tree = self.tree or vocabulary.first_tree
        word = tree_definition(vocabulary, tree)
        if word is not None and rank_part(word.keep, vocabulary, ladder) is not None:
            return Unsettled(f"it counts in the tree {tree}, which {ladder} shapes")
        by_rank = rank_part(self.where, vocabulary, ladder)
        if by_rank is None or isinstance(by_rank, Unsettled):
            return by_rank
        if self.count == "subtree" and self.levels is not None:
            return Unsettled("it counts by rank over some levels")
        levels = self.levels[0] if self.count == "legs" and self.levels is not None else None
        return Feed(self.count, tree, by_rank.ranks, by_rank.rest, levels=levels)
