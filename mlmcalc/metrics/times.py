"""``times``: a volume or metric multiplied by a factor, as points become money."""

from __future__ import annotations

from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Count, Factor, Model, Reference, Text
from mlmcalc.metrics.metric_word import check_quantity
from mlmcalc.rules.local import Spread
from mlmcalc.rules.shares import fits, scaled
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary


class TimesOf(Model):
    """A volume or metric times a factor, rounded once per member with the plan's mode."""

    times: Factor = Field(description="the factor")
    of: Reference = Field(description="a volume or metric")
    stated_decimals: Count | None = Field(default=None, alias="decimals", description="those of what is multiplied")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own values."""
        return "own"

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric: those stated, else those of what is multiplied."""
        if self.stated_decimals is not None:
            return self.stated_decimals
        return vocabulary.quantity_decimals(self.of) or 0

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        node = vocabulary.node_of(self.of)
        return set() if node is None else {node}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.required`` and ``metrics.decimals``."""
        findings = check_quantity("of", self.of, vocabulary)
        of = vocabulary.quantity_decimals(self.of)
        if self.stated_decimals is not None and of is not None and not of <= self.stated_decimals <= 6:
            message = f"{self.of} has {of} decimals; {self.stated_decimals} are stated."
            remedy = "State at least as many as what is multiplied has, 6 at most."
            findings.append(Finding("metrics.decimals", message, remedy, path=("decimals",)))
        return findings

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the product of each member.

        Returns
        -------
        Quantity
            (n,) int64 by position.

        Raises
        ------
        InputRefused
            ``metrics.overflow``: a product could leave 64 bits.
        """
        read = values.quantity(self.of)
        decimals = read.decimals if self.stated_decimals is None else self.stated_decimals
        finer = 10 ** (decimals - read.decimals)
        if not fits(read.amounts, max(self.times, 10**6) * finer):
            message = f"The metric {name} could add up to more than 64 bits hold."
            raise InputRefused(Finding("metrics.overflow", message, "State fewer decimals."))
        return Quantity(scaled(read.amounts * finer, self.times, values.rounding.mode), decimals)

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)
