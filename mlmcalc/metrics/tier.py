"""``tier``: the rate that a volume or metric reaches in a table of steps (plan model, section 11.12)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Model, Rate, Reference, Text
from mlmcalc.metrics.metric_word import check_quantity
from mlmcalc.money import NotExact, units_from_text
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.feeds import Unsettled
from mlmcalc.rules.local import Spread
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary

PERCENT_DECIMALS = 4


class Floor(Model):
    """Who meets the condition counts with at least this value."""

    when: Condition
    value: Amount


class TierOf(Model):
    """The rate of the highest step reached, as a number: ``5%`` is 5. Below the lowest step it is 0."""

    tier: Reference = Field(description="a volume or metric")
    steps: Annotated[dict[Amount, Rate], Field(min_length=1)]
    at_least: tuple[Floor, ...] = Field(
        default=(), description="values with which those who meet a condition count at least"
    )
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own values."""
        return "own"

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric: a percentage has four."""
        return PERCENT_DECIMALS

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        node = vocabulary.node_of(self.tier)
        nodes = set() if node is None else {node}
        return nodes.union(*(floor.when.reads(vocabulary) for floor in self.at_least))

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.steps``, ``metrics.required`` and what is wrong with the conditions.

        A floor that is none of the steps is a warning, ``metrics.floor``.
        """
        findings = check_quantity("tier", self.tier, vocabulary)
        decimals = vocabulary.quantity_decimals(self.tier)
        if decimals is None:
            return findings
        seen: dict[int, str] = {}
        for step in self.steps:
            threshold, fault = _threshold(step, decimals)
            fault = fault or (f"{step} and {seen[threshold]} are one step" if threshold in seen else "")
            seen[threshold] = step
            if fault:
                remedy = f"{self.tier} has {decimals} decimals; its steps are at 0 or above, each once."
                findings.append(Finding("metrics.steps", f"{fault}.", remedy, path=("steps", step)))
        for number, floor in enumerate(self.at_least):
            findings += [
                replace(found, path=("at_least", number, "when", *found.path)) for found in floor.when.check(vocabulary)
            ]
            value, fault = _threshold(floor.value, decimals)
            path = ("at_least", number, "value")
            if fault:
                findings.append(Finding("metrics.steps", f"{fault}.", path=path))
            elif value not in seen:
                message = f"value {floor.value} is an amount of {self.tier}, and none of the steps is at it."
                remedy = f"It is no rate. Steps are at {', '.join(self.steps)}; write the one that counts as reached."
                findings.append(Finding("metrics.floor", message, remedy, "warning", path=path))
        return findings

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the percentage each member has reached.

        Returns
        -------
        Quantity
            (n,) int64 by position, four decimals.
        """
        read = values.quantity(self.tier)
        # Plan model 11.3: a negative volume has the tier of 0.
        reached: NDArray[np.int64] = np.maximum(read.amounts, 0)
        for floor in self.at_least:
            least = np.int64(units_from_text(floor.value, read.decimals))
            reached = np.where(floor.when.holds(values), np.maximum(reached, least), reached)
        steps = sorted((units_from_text(step, read.decimals), rate) for step, rate in self.steps.items())
        thresholds = np.array([threshold for threshold, _ in steps], np.int64)
        percents = np.array([0, *(rate for _, rate in steps)], np.int64)
        return Quantity(percents[np.searchsorted(thresholds, reached, side="right")], PERCENT_DECIMALS)

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)

    def feed(self, vocabulary: Vocabulary, ladder: str) -> Unsettled | None:
        """Return why the ladder cannot settle this metric; None if it does not name the ladder itself."""
        if any(ladder in floor.when.words() for floor in self.at_least):
            return Unsettled(f"it asks for {ladder} in at_least")
        return None


def _threshold(text: str, decimals: int) -> tuple[int, str]:
    try:
        units = units_from_text(text, decimals)
    except NotExact as fault:
        return 0, str(fault)
    return units, f"{text} is below 0" if units < 0 else ""
