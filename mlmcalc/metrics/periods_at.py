"""``periods_at``: in how many periods a member held a rank (plan model, section 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Flag, Model, Text
from mlmcalc.rules.state import Keeps, Kept
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary
from mlmcalc.rules.words import nearest

PERIODS_AT = "periods_at"
"""Section of state: the number of periods, under the name of the metric."""


class PeriodsAt(Model):
    """In how many periods a member held a rank or a higher one: in a row, or all in all."""

    periods_at: Text = Field(description="the rank")
    ladder: Text = Field(default="rank", description="its ladder")
    exactly: Flag = Field(default=False, description="whether a higher rank does not count")
    in_a_row: Flag = Field(default=True, description="whether a period without it begins the count anew")
    with_current: Flag = Field(default=True, description="whether this period counts")
    source: Text = Field(default="", description="where the company's document says so")

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the metric: it is a count."""
        return 0

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before: nothing where only earlier periods count."""
        return self.leaves(vocabulary) if self.with_current else set()

    def leaves(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be known at the end: this period becomes an earlier one."""
        return {Node("ladder", self.ladder)} if self.ladder in vocabulary.ladders else set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``metrics.ladder`` and ``metrics.rank``."""
        if self.ladder not in vocabulary.ladders:
            message, remedy = f"{self.ladder} is no ladder of this plan.", nearest(self.ladder, vocabulary.ladders)
            return [Finding("metrics.ladder", message, remedy, path=("ladder",))]
        ranks = vocabulary.ladders[self.ladder]
        if self.periods_at in ranks:
            return []
        message = f"{self.periods_at} is no rank of {self.ladder}."
        return [Finding("metrics.rank", message, nearest(self.periods_at, ranks), path=("periods_at",))]

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps."""
        return (Keeps(PERIODS_AT, name, ("",)),)

    def evaluate(self, values: Values, name: str) -> Quantity:
        """Return the number of periods, per member.

        Raises
        ------
        InputRefused
            ``state.decimals``, ``state.overflow``.
        """
        before = self._before(values, name)
        return Quantity(self._with_this(values, before) if self.with_current else before, 0)

    def evaluate_into(self, values: Values, name: str) -> None:
        """Store the metric among the values of a run."""
        values.metrics[name] = self.evaluate(values, name)

    def leave(self, values: Values, name: str) -> None:
        """Leave the number, this period included."""
        values.closing.leave(PERIODS_AT, name, self._with_this(values, self._before(values, name)), 0)

    def _before(self, values: Values, name: str) -> NDArray[np.int64]:
        return values.opening.rows(PERIODS_AT, name).per_member(values.size, 0, Kept(PERIODS_AT, name))

    def _with_this(self, values: Values, before: NDArray[np.int64]) -> NDArray[np.int64]:
        ranking = values.rankings[self.ladder]
        wanted = ranking.code_of(self.periods_at)
        holds = ranking.code == wanted if self.exactly else ranking.code >= wanted
        return np.where(holds, before + 1, 0 if self.in_a_row else before)
