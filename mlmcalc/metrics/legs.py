"""``legs``: the legs of a member, each as large as a quantity of its first member."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Reference
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.legs import capped_legs_sum, largest_legs, legs_reaching
from mlmcalc.kernels.sums import children_sum
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.metrics.metric_word import MetricWord, check_quantity, quantity_reads
from mlmcalc.metrics.take import TakeField
from mlmcalc.money import INT64_MAX, NotExact, units_from_text
from mlmcalc.rules.feeds import Feed, Unsettled, rank_part, tree_definition
from mlmcalc.rules.local import Spread
from mlmcalc.rules.overflow import overflow
from mlmcalc.rules.shares import share_of
from mlmcalc.rules.tree_columns import entered, kept_parent
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary

Units = NDArray[np.int64]


class LegsOf(MetricWord):
    """What some of the legs come to, or how many reach a size (plan model, section 4).

    The three published readings of "at most x% from one leg" are the three values of ``of``.
    """

    legs: Reference = Field(description="a metric or volume of each first-line member: the size of its leg")
    take: TakeField
    plus: Reference | None = Field(default=None, description="a quantity of the member, added uncapped")
    as_leg: Reference | None = Field(default=None, description="a quantity of the member that counts as one more leg")

    @property
    def depends_on_rung(self) -> bool:
        """Whether the value depends on what a rung requires."""
        return self.take.of == "required"

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return {self.tree_node(vocabulary)} | quantity_reads(self._names(), None, vocabulary)

    def _names(self) -> list[str]:
        return [name for name in (self.legs, self.plus, self.as_leg) if name is not None]

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.tree``, ``metrics.decimals``, ``metrics.key``, ``metrics.amount``."""
        findings = check_quantity("legs", self.legs, vocabulary) + self.check_tree(vocabulary)
        decimals = vocabulary.quantity_decimals(self.legs)
        for key, name in (("plus", self.plus), ("as_leg", self.as_leg)):
            if name is None:
                continue
            findings += check_quantity(key, name, vocabulary)
            other = vocabulary.quantity_decimals(name)
            if None not in (decimals, other) and decimals != other:
                message = f"{self.legs} has {decimals} decimals, {name} has {other}."
                findings.append(Finding("metrics.decimals", message, "Use quantities of equal decimals.", path=(key,)))
        if self.plus is not None and self.take.reaching is not None:
            message = "A number of legs cannot be added to a volume."
            findings.append(Finding("metrics.key", message, "Leave plus out.", path=("plus",)))
        for key in ("reaching", "at_most"):
            text = getattr(self.take, key)
            if isinstance(text, str) and decimals is not None:
                findings += _amount_faults(key, text, self.legs, decimals)
        return findings

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its frontline, of which each heads a leg."""
        return "frontline"

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the legs, 0 for a number of legs."""
        return 0 if self.take.reaching is not None else vocabulary.quantity_decimals(self.legs) or 0

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the metric per member; one that depends on a rung's requirement is returned uncapped.

        Raises
        ------
        InputRefused
            ``metrics.overflow``: a sum could leave 64 bits.
        """
        legs = _Legs.of(self, values, name)
        amounts = legs.total() if self.depends_on_rung else legs.taken()
        return Quantity(legs.tree.leave(amounts), 0 if self.take.reaching is not None else legs.decimals)

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run, and under what a rung requires where that decides."""
        super().evaluate_into(values, name)
        if self.depends_on_rung:
            values.required_metrics[name] = self.of_required(values, name)

    def of_required(self, values: Values, name: str) -> Callable[[int | Units], Quantity]:
        """Return the metric as a function of what a rung requires, in units of the metric; an array is by position."""

        def capped(required: int | Units) -> Quantity:
            legs = _Legs.of(self, values, name)
            needed = np.broadcast_to(np.asarray(required, dtype=np.int64), (values.size,))
            amounts = legs.at_most_of(entered(legs.tree, needed))
            return Quantity(legs.tree.leave(amounts), legs.decimals)

        return capped

    def feed(self, vocabulary: Vocabulary, ladder: str) -> Feed | Unsettled | None:
        """Return why the ladder cannot settle this metric; None if it does not name the ladder itself."""
        tree = self.tree or vocabulary.first_tree
        word = tree_definition(vocabulary, tree)
        if word is None or rank_part(word.keep, vocabulary, ladder) is None:
            return None
        return Unsettled(f"it takes legs of the tree {tree}, which {ladder} shapes")


def _amount_faults(key: str, text: str, name: str, decimals: int) -> list[Finding]:
    try:
        units_from_text(text, decimals)
    except NotExact as fault:
        remedy = f"{name} has {decimals} decimals."
        return [Finding("metrics.amount", f"{key}: {fault}.", remedy, path=("take", key))]
    return []


class _Legs:
    """The legs of all members in tree order."""

    def __init__(self, word: LegsOf, tree: Tree, sizes: Quantity, plus: Units | None, as_leg: Units | None) -> None:
        self.word, self.tree, self.decimals = word, tree, sizes.decimals
        self.parent = kept_parent(tree)
        self.sizes = entered(tree, sizes.amounts)
        self.plus = np.zeros(tree.size, dtype=np.int64) if plus is None else entered(tree, plus)
        self.as_leg = None if as_leg is None else entered(tree, as_leg)

    @classmethod
    def of(cls, word: LegsOf, values: Values, name: str) -> _Legs:
        """Return the legs a word speaks of, after checking that their sums fit."""
        plus = None if word.plus is None else values.quantity(word.plus).amounts
        as_leg = None if word.as_leg is None else values.quantity(word.as_leg).amounts
        legs = cls(word, word.tree_of(values), values.quantity(word.legs), plus, as_leg)
        if not legs.fit():
            raise overflow(name, values.quantity(word.legs).amounts, values)
        return legs

    def fit(self) -> bool:
        """Return whether every sum of one member's legs fits int64."""
        own = total_magnitude(self.plus) + (0 if self.as_leg is None else total_magnitude(self.as_leg))
        if total_magnitude(self.sizes) + own <= INT64_MAX:
            return True
        # The whole tree's legs need not fit together: bound each member's, in steps of 2**20 rounded up.
        steps = (np.abs(self.sizes) >> 20) + 1
        each = children_sum(self.parent, steps) + (np.abs(self.plus) >> 20) + 1
        each += 0 if self.as_leg is None else (np.abs(self.as_leg) >> 20) + 1
        return total_magnitude(steps) <= INT64_MAX and int(each.max(initial=0)) < 2**42

    def total(self) -> Units:
        """Return the sum of all legs, `as_leg` and `plus`."""
        return children_sum(self.parent, self.sizes) + self.plus + (0 if self.as_leg is None else self.as_leg)

    def taken(self) -> Units:
        """Return what `take` makes of the legs."""
        take = self.word.take
        if take.largest is not None:
            return largest_legs(self.parent, self.sizes, take.largest, self.as_leg)[:, take.largest - 1] + self.plus
        if take.all_but_largest is not None:
            largest = largest_legs(self.parent, self.sizes, take.all_but_largest, self.as_leg)
            return self.total() - largest.sum(axis=1)
        if take.reaching is not None:
            least = units_from_text(take.reaching, self.decimals)
            count = legs_reaching(self.parent, self.sizes, least)
            return count if self.as_leg is None else count + (self.as_leg >= least)
        if isinstance(take.at_most, str):
            return self._capped(np.full(self.tree.size, units_from_text(take.at_most, self.decimals), np.int64))
        if take.of == "leg_strongest":
            strongest = self._strongest()
            return self.total() - strongest + np.minimum(strongest, self._part_of(strongest))
        return self.at_most_of(self.total())

    def at_most_of(self, whole: Units) -> Units:
        """Return the sum with at most the percentage of `whole` from each leg, per member."""
        return self._capped(self._part_of(whole))

    def _strongest(self) -> Units:
        return largest_legs(self.parent, self.sizes, 1, self.as_leg)[:, 0]

    def _part_of(self, whole: Units) -> Units:
        rate = self.word.take.at_most
        assert isinstance(rate, int), "only a percentage is of something"
        return share_of(np.maximum(whole, 0), rate, "down")

    def _capped(self, cap: Units) -> Units:
        sums = capped_legs_sum(self.parent, self.sizes, cap) + self.plus
        return sums if self.as_leg is None else sums + np.minimum(self.as_leg, cap)
