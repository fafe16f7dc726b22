"""``add``: the sum of volumes and metrics, less others, within bounds."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Amount, Model, Reference, Text
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.metrics.metric_word import check_quantity
from mlmcalc.money import INT64_MAX, NotExact, units_from_text
from mlmcalc.rules.local import Spread
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary


class SumOfQuantities(Model):
    """Some quantities of a member together, less others, and a number; then cut to what it is at least and at most."""

    add: Annotated[tuple[Reference, ...], Field(min_length=1, description="volumes and metrics to add")]
    less: Annotated[tuple[Reference, ...], Field(description="volumes and metrics to take away")] = ()
    plus: Amount | None = Field(default=None, description="a number to add; nothing")
    at_least: Amount | None = Field(default=None, description="the least it is; no end")
    at_most: Amount | None = Field(default=None, description="the most it is; no end")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own values."""
        return "own"

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric: the most that one of its parts has."""
        return max(vocabulary.quantity_decimals(part) or 0 for part in (*self.add, *self.less))

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = map(vocabulary.node_of, (*self.add, *self.less))
        return {node for node in nodes if node is not None}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.required``, ``metrics.decimals`` and ``metrics.bounds``."""
        parts = [("add", part) for part in self.add] + [("less", part) for part in self.less]
        findings = [finding for key, part in parts for finding in check_quantity(key, part, vocabulary)]
        decimals = self.decimals(vocabulary)
        stated = {"plus": self.plus, "at_least": self.at_least, "at_most": self.at_most}
        for key, text in stated.items():
            try:
                units_from_text(text or "0", decimals)
            except NotExact as fault:
                remedy = f"What is added has {decimals} decimals."
                findings.append(Finding("metrics.decimals", f"{fault}.", remedy, path=(key,)))
        if not findings and self.at_least is not None and self.at_most is not None:
            least, most = (units_from_text(text, decimals) for text in (self.at_least, self.at_most))
            if least > most:
                message = f"at_least: {self.at_least} is more than at_most: {self.at_most}."
                findings.append(Finding("metrics.bounds", message, "Exchange the two.", path=("at_least",)))
        return findings

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the sum of each member.

        Returns
        -------
        Quantity
            (n,) int64 by position.

        Raises
        ------
        InputRefused
            ``metrics.overflow``: a sum could leave 64 bits.
        """
        assert values.vocabulary is not None, "a metric is judged by the names of its plan"
        decimals = self.decimals(values.vocabulary)
        plus = units_from_text(self.plus or "0", decimals)
        parts = [(1, values.quantity(part)) for part in self.add] + [(-1, values.quantity(part)) for part in self.less]
        scale = [10 ** (decimals - part.decimals) for _, part in parts]
        magnitude = sum(total_magnitude(part.amounts) * finer for (_, part), finer in zip(parts, scale, strict=True))
        # at_least raises everybody: it counts for each member, as plus does.
        each = max(abs(units_from_text(text or "0", decimals)) for text in (self.at_least, self.at_most))
        if magnitude + (abs(plus) + each) * values.size > INT64_MAX:
            message = f"The metric {name} could add up to more than 64 bits hold."
            raise InputRefused(Finding("metrics.overflow", message, "Correct the volumes, or state fewer decimals."))
        total = np.full(values.size, plus, np.int64)
        for (sign, part), finer in zip(parts, scale, strict=True):
            total += sign * finer * part.amounts
        if self.at_least is not None:
            total = np.maximum(total, units_from_text(self.at_least, decimals))
        if self.at_most is not None:
            total = np.minimum(total, units_from_text(self.at_most, decimals))
        return Quantity(total, decimals)

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)
