"""``paid_volume``: bonuses shrink where the volume they are paid on is more than a share of another (section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Rate, Reference
from mlmcalc.ledger.sharing import scaled, sum_of
from mlmcalc.limits.limit_word import LimitWord, check_quantity, company_total, reads_quantity, stacked, step_of
from mlmcalc.money import RATE_ONE_PPM, rate_text
from mlmcalc.rules.values import Node, Values, Vocabulary


class Ratio(LimitWord):
    """Where the paid volume is more than a share of another volume, bonuses are paid on that share only."""

    paid_volume: Reference = Field(description="the volume or metric the bonuses are paid on")
    at_most: Rate
    of: Reference = Field(description="the volume or metric it is measured by")
    per: Literal["earner", "company"] = Field(default="earner", description="whose volumes are compared")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = reads_quantity(self.of, vocabulary) | reads_quantity(self.paid_volume, vocabulary)
        return super().reads(vocabulary) | nodes

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the limit, paths relative to it."""
        findings = super().check(vocabulary) + check_quantity("of", self.of, vocabulary)
        findings += check_quantity("paid_volume", self.paid_volume, vocabulary)
        if self.order and self.per == "earner":
            message = "The bonuses of an earner all shrink by one ratio; there is no order among them."
            findings.append(Finding("limits.order", message, "Leave out cut.", path=("cut",)))
        return findings

    def left(self, values: Values, have: Mapping[str, NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
        """Return what is left of each bonus, by name."""
        names, step = self.names(list(have)), step_of(values)
        amounts = stacked(names, have, values.size)
        if self.per == "company":
            amounts = self._of_company(values, names, amounts, step)
        else:
            allowed, paid = self._of_members(values)
            rows = []
            for row in amounts:
                gained = np.maximum(row, 0)
                shrunk = scaled(gained, allowed, paid, step, values.rounding.mode)
                rows.append(row - gained + np.minimum(shrunk, gained))
            amounts = rows
        return dict(zip(names, amounts, strict=True))

    def note(self, values: Values, position: int) -> str:
        """Return the rule as a phrase, for one member."""
        whose = "its" if self.per == "earner" else "the company's"
        return f"{self.paid_volume} at most {rate_text(self.at_most)} of {whose} {self.of}"

    def _of_members(self, values: Values) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        # What may be paid on and what is, as Python's integers; 1 and 1 where nothing shrinks.
        paid, of = values.quantity(self.paid_volume), values.quantity(self.of)
        have = paid.amounts.astype(object) * (RATE_ONE_PPM * 10**of.decimals)
        may = np.maximum(of.amounts, 0).astype(object) * (self.at_most * 10**paid.decimals)
        above = (have > may).astype(bool)
        return np.where(above, may, 1), np.where(above, have, 1)

    def _of_company(self, values: Values, names: list[str], amounts: NDArray[np.int64], step: int) -> NDArray[np.int64]:
        paid, of = values.quantity(self.paid_volume), values.quantity(self.of)
        have = company_total(values, self.paid_volume) * RATE_ONE_PPM * 10**of.decimals
        may = company_total(values, self.of) * self.at_most * 10**paid.decimals
        total = sum_of(amounts.sum(axis=0))
        if have <= may or total <= 0:
            return amounts
        return self.cut_company(names, amounts, total - total * may // have // step * step, 0, values)
