"""``history`` and ``lifetime``: what a volume or metric was in the periods before (plan model, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Amount, Count, Flag, Model, Reference, Text
from mlmcalc.metrics.metric_word import check_quantity
from mlmcalc.money import INT64_MAX, NotExact, units_from_text
from mlmcalc.rules.ages import ages_of, periods_since
from mlmcalc.rules.state import Keeps, Kept, StateRows
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary

HISTORY, LIFETIME = "history", "lifetime"
"""Sections of state: the quantity in each of some periods, keyed by their labels; its sum over all of them."""

MOST_PERIODS = 120
Month = Annotated[Count, Field(ge=1, le=12)]
_COUNTS = ("count", "in_a_row")


class Remembered(Model):
    """What words that look back share: the quantity, and whether this period belongs to it."""

    with_current: Flag = Field(default=True, description="whether this period counts")
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def quantity(self) -> str:
        """The volume or metric that is looked back on."""
        raise AssertionError("every word that looks back says on what")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before: nothing where only earlier periods count."""
        return self.leaves(vocabulary) if self.with_current else set()

    def leaves(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be known at the end: this period becomes an earlier one."""
        node = vocabulary.node_of(self.quantity)
        return set() if node is None else {node}

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the metric per member."""
        raise AssertionError("every word that looks back says what it makes of it")

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)

    def first_of_its_quantity(self, values: Values) -> bool:
        """Return whether this is the word that leaves the quantity for all of its kind."""
        return next(word for word in alike(self, values.vocabulary)) is self


def alike(word: Remembered, vocabulary: Vocabulary | None) -> Iterator[Remembered]:
    """Yield the words of a plan that look back on the same quantity in the same way, in the plan's order."""
    for other in (vocabulary.definitions if vocabulary else {}).values():
        if type(other) is type(word) and other.quantity == word.quantity:
            yield other


class HistoryOf(Remembered):
    """A volume or metric over the last periods."""

    history: Reference = Field(description="a volume or metric")
    periods: Annotated[Count, Field(ge=1, le=MOST_PERIODS)] = Field(description="how many periods are looked at")
    anew_in: Annotated[tuple[Month, ...], Field(description="months with whose first day it begins anew; never")] = ()
    take: Literal["sum", "least", "largest", "average_down", "count", "in_a_row"] = "sum"
    at_least: Amount | None = Field(default=None, description="with count and in_a_row: what a period must reach")

    @property
    def quantity(self) -> str:
        """The volume or metric that is looked back on."""
        return self.history

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric."""
        return 0 if self.take in _COUNTS else vocabulary.quantity_decimals(self.history) or 0

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown``, ``metrics.required`` and ``metrics.at_least``."""
        findings = check_quantity("history", self.history, vocabulary)
        decimals = vocabulary.quantity_decimals(self.history)
        if (self.at_least is not None) != (self.take in _COUNTS):
            fault = f"take: {self.take} "
            fault += "needs at_least:, what a period must reach." if self.take in _COUNTS else "knows no at_least."
            findings.append(Finding("metrics.at_least", fault, "Write take: count, at_least: 100.", path=("take",)))
        elif self.at_least is not None and decimals is not None:
            try:
                units_from_text(self.at_least, decimals)
            except NotExact as fault:
                remedy = f"{self.history} has {decimals} decimals."
                findings.append(Finding("metrics.at_least", f"{fault}.", remedy, path=("at_least",)))
        return findings

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps."""
        return (Keeps(HISTORY, self.history, by_period=True),)

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return what the last periods come to, per member.

        Raises
        ------
        InputRefused
            ``metrics.overflow``, ``state.decimals``, ``state.overflow``.
        """
        assert values.vocabulary is not None, "a metric is judged by the names of its plan"
        decimals = values.vocabulary.quantity_decimals(self.history) or 0
        columns = list(self._columns(values, decimals)) or [np.zeros(values.size, np.int64)]
        if self.take in _COUNTS:
            least = units_from_text(self.at_least or "0", decimals)
            return Quantity(_counted(columns, least, self.take == "in_a_row", values.size), 0)
        if self.take in ("least", "largest"):
            choose = np.minimum if self.take == "least" else np.maximum
            return Quantity(reduce(lambda one, other: choose(one, other), columns), decimals)
        total = reduce(lambda one, other: _added(one, other, name), columns)
        if self.take == "average_down":
            total = np.where(total < 0, -(-total // len(columns)), total // len(columns))
        return Quantity(total, decimals)

    def leave(self, values: Values, name: str) -> None:
        """Leave the quantity of this period, and of those before that the next one looks at."""
        if not self.first_of_its_quantity(values):
            return
        words = [word for word in alike(self, values.vocabulary) if isinstance(word, HistoryOf)]
        wanted = max(word.periods - word.with_current for word in words)
        if not wanted:
            return
        rows = values.opening.rows(HISTORY, self.history)
        if rows.size:
            age = ages_of(rows, values)
            values.closing.leave_rows(HISTORY, self.history, rows.pick((age >= 1) & (age < wanted)))
        now = values.quantity(self.history)
        values.closing.leave(HISTORY, self.history, now.amounts, now.decimals, key=values.closing.period)

    def _columns(self, values: Values, decimals: int) -> Iterator[NDArray[np.int64]]:
        """Yield the quantity in each of the periods looked at, the newest first."""
        rows = values.opening.rows(HISTORY, self.history)
        since = periods_since(self.anew_in, rows, values) if self.anew_in else MOST_PERIODS + 1
        if self.with_current:
            yield values.quantity(self.history).amounts
        age = ages_of(rows, values) if rows.size else np.empty(0, np.int32)
        for number in range(1, min(since, self.periods + (not self.with_current))):
            chosen = rows.pick(age == number)
            yield chosen.per_member(values.size, decimals, Kept(HISTORY, self.history))


class LifetimeOf(Remembered):
    """A volume or metric over all periods there have been."""

    lifetime: Reference = Field(description="a volume or metric")

    @property
    def quantity(self) -> str:
        """The volume or metric that is looked back on."""
        return self.lifetime

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric."""
        return vocabulary.quantity_decimals(self.lifetime) or 0

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.unknown`` and ``metrics.required``."""
        return check_quantity("lifetime", self.lifetime, vocabulary)

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps."""
        return (Keeps(LIFETIME, self.lifetime, ("",)),)

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the sum over all periods, per member.

        Raises
        ------
        InputRefused
            ``metrics.overflow``, ``state.decimals``, ``state.overflow``.
        """
        before = self._before(values)
        return self._with_this(values, before) if self.with_current else before

    def leave(self, values: Values, name: str) -> None:
        """Leave the sum, this period included."""
        if self.first_of_its_quantity(values):
            total = self._with_this(values, self._before(values))
            values.closing.leave(LIFETIME, self.lifetime, total.amounts, total.decimals)

    def _before(self, values: Values) -> Quantity:
        assert values.vocabulary is not None, "a metric is judged by the names of its plan"
        decimals = values.vocabulary.quantity_decimals(self.lifetime) or 0
        rows: StateRows = values.opening.rows(LIFETIME, self.lifetime)
        return Quantity(rows.per_member(values.size, decimals, Kept(LIFETIME, self.lifetime)), decimals)

    def _with_this(self, values: Values, before: Quantity) -> Quantity:
        now = values.quantity(self.lifetime).amounts
        return Quantity(_added(before.amounts, now, f"the lifetime of {self.lifetime}"), before.decimals)


def _added(one: NDArray[np.int64], other: NDArray[np.int64], what: str) -> NDArray[np.int64]:
    if sum(max(int(part.max(initial=0)), -int(part.min(initial=0))) for part in (one, other)) > INT64_MAX:
        message = f"{what} could add up to more than 64 bits hold."
        raise InputRefused(Finding("metrics.overflow", message, "Correct the volumes, or the opening state."))
    return one + other


def _counted(columns: Iterable[NDArray[np.int64]], least: int, in_a_row: bool, size: int) -> NDArray[np.int64]:
    counted = np.zeros(size, np.int64)
    running = np.ones(size, np.bool_)
    for column in columns:
        met = column >= least
        running &= met
        counted += running if in_a_row else met
    return counted
