"""``sum``: a volume or metric summed over a subtree, a group or the frontline."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Flag, Reference
from mlmcalc.genealogy.levels import levels_sum
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.sums import children_sum, subtree_sum, sum_by_owner
from mlmcalc.metrics.metric_word import LevelsField, MetricWord, check_quantity, check_where, quantity_reads
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.feeds import Feed, RankKeep, Unsettled, rank_part, tree_definition
from mlmcalc.rules.local import Spread
from mlmcalc.rules.overflow import refuse_overflow
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary


class SumOver(MetricWord):
    """A quantity summed over members below each member (plan model, section 4)."""

    sum: Reference = Field(description="a volume, VOLUME@TREE or metric")
    over: Literal["subtree", "group", "frontline"]
    levels: LevelsField | None = Field(default=None, description="n levels below, or [a, b]; 0 is the member")
    with_self: Flag | None = Field(default=None, alias="self", description="false leaves the member out")
    where: Condition | None = Field(default=None, description="whose amounts count; everybody's")
    leader: Literal["own_group", "upline_group"] | None = Field(default=None, description="own_group")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return {self.tree_node(vocabulary)} | quantity_reads([self.sum], self.where, vocabulary)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.tree``, ``metrics.group``, ``metrics.key`` and the condition's."""
        findings = check_quantity("sum", self.sum, vocabulary) + self.check_tree(vocabulary)
        findings += check_where(self.where, vocabulary)
        misplaced = {
            "levels": self.levels is not None and self.over != "subtree",
            "self": self.with_self is not None and self.over == "frontline",
            "leader": self.leader is not None and self.over != "group",
        }
        for key in (key for key, wrong in misplaced.items() if wrong):
            message = f"{key}: means nothing with over: {self.over}."
            findings.append(Finding("metrics.key", message, "Leave it out.", path=(key,)))
        tree = self.tree or vocabulary.first_tree
        if self.over == "group" and vocabulary.trees.get(tree) == "":
            message = f"In the recorded tree {tree} everybody would be a group alone."
            remedy = "Name a tree that compresses another, such as one that keeps the leaders."
            findings.append(Finding("metrics.group", message, remedy, path=("tree",)))
        return findings

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of what is summed."""
        return vocabulary.quantity_decimals(self.sum) or 0

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: everybody below adds something of its own."""
        return "below"

    @property
    def _counts_self(self) -> bool:
        return self.with_self is not False

    @property
    def _upline_group(self) -> bool:
        return self.leader == "upline_group"

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the sum per member.

        Raises
        ------
        InputRefused
            ``metrics.overflow``: a sum could leave 64 bits.
        """
        summed = values.quantity(self.sum)
        amounts = summed.amounts if self.where is None else np.where(self.where.holds(values), summed.amounts, 0)
        refuse_overflow(name, amounts, values)
        tree = self.tree_of(values)
        own = entered(tree, amounts)
        if self.over == "frontline":
            sums = children_sum(kept_parent(tree), own)
        elif self.over == "group":
            sums = self._over_group(tree, values.trees[tree.root_tree], own)
        else:
            sums = self._over_subtree(tree, own)
        return Quantity(tree.leave(sums), summed.decimals)

    def _over_subtree(self, tree: Tree, own: NDArray[np.int64]) -> NDArray[np.int64]:
        first, last = _range(self.levels)
        at_level, parent = own, tree.parent
        if tree.kept is not None and tree.keeper is not None and tree.policy == "stay_same_level":
            # Those left out stand beside their keeper: at its level 0, and nobody's children.
            beside = sum_by_owner(np.where(tree.kept, -1, tree.keeper).astype(np.int32), own, tree.size)
            at_level, parent = own + beside, kept_parent(tree)
            sums = levels_sum(parent, np.where(tree.kept, at_level, 0), first, last)
            sums = np.where(tree.kept, sums, own if first == 0 else 0)
        else:
            sums = levels_sum(parent, own, first, last)
        return sums if self._counts_self or first > 0 else sums - own

    def _over_group(self, tree: Tree, whole: Tree, own: NDArray[np.int64]) -> NDArray[np.int64]:
        assert tree.kept is not None, "a group needs a tree that keeps some"
        within = np.where(tree.kept, -1, whole.parent).astype(np.int32)
        handed, counted = own, self._counts_self
        if self._upline_group:
            led = np.where(tree.kept, own, 0)
            handed = own + children_sum(whole.parent, led)
            sums = subtree_sum(within, handed)
            return sums - (led if counted else own)
        sums = subtree_sum(within, handed)
        return sums if counted else sums - own

    def feed(self, vocabulary: Vocabulary, ladder: str) -> Feed | Unsettled | None:
        """Return how the ladder settles this metric; None if it does not name the ladder itself."""
        tree = self.tree or vocabulary.first_tree
        kept_by_rank = _kept_by_rank(vocabulary, tree, ladder)
        by_rank = rank_part(self.where, vocabulary, ladder)
        if isinstance(kept_by_rank, Unsettled):
            return kept_by_rank
        if isinstance(by_rank, Unsettled):
            return by_rank
        if kept_by_rank is None and by_rank is None:
            return None
        if kept_by_rank is not None and (self.over != "group" or self.where is not None):
            return Unsettled(f"it looks at the tree {tree}, which {ladder} shapes, otherwise than by whole groups")
        if kept_by_rank is not None:
            base = tree_definition(vocabulary, tree).base_tree
            return Feed(
                "group",
                base,
                kept_by_rank.ranks,
                kept_by_rank.rest,
                self.sum,
                with_self=self._counts_self,
                upline_group=self._upline_group,
            )
        assert by_rank is not None, "one of the two names the ladder"
        if self.over == "group" or self.levels is not None or (self.over == "subtree" and self._counts_self):
            return Unsettled("it adds up by rank over a group, over some levels or with the member itself")
        return Feed("frontline" if self.over == "frontline" else "subtree", tree, by_rank.ranks, by_rank.rest, self.sum)


def _range(levels: tuple[int, ...] | None) -> tuple[int, int | None]:
    if levels is None:
        return 0, None
    return (levels[0], levels[1]) if len(levels) == 2 else (0, levels[0])


def _kept_by_rank(vocabulary: Vocabulary, tree: str, ladder: str) -> RankKeep | Unsettled | None:
    word = tree_definition(vocabulary, tree)
    return None if word is None else rank_part(word.keep, vocabulary, ladder)
