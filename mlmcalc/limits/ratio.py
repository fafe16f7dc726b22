"""``paid_volume``: bonuses shrink where the volume they are paid on is more than a share of another (section 7)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Rate, Reference
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.member_amounts import MemberAmounts, no_amounts
from mlmcalc.ledger.sharing import scaled
from mlmcalc.limits.limit_word import LimitWord, check_quantity, company_total, reads_quantity, step_of
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM, rate_text
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

    def changes(self, values: Values, have: Mapping[str, NDArray[np.int64]]) -> dict[str, MemberAmounts]:
        """Return what is taken from each bonus, by name."""
        names, step = self.names(list(have)), step_of(values)
        if self.per == "company":
            return self._of_company(values, names, have, step)
        gains = np.zeros(values.size, np.bool_)
        for name in names:
            gains |= have[name] > 0
        members = np.flatnonzero(gains)
        allowed, paid = self._of_members(values, members)
        shrinks = allowed < paid
        members, allowed, paid = members[shrinks], allowed[shrinks], paid[shrinks]
        found = {}
        for name in names:
            mine = np.flatnonzero(have[name][members] > 0)
            gained = have[name][members[mine]]
            shrunk = scaled(gained, allowed[mine], paid[mine], step, values.rounding.mode)
            found[name] = MemberAmounts(members[mine], np.minimum(shrunk - gained, 0)).without_zeros()
        return found

    def note(self, values: Values, position: int) -> str:
        """Return the rule as a phrase, for one member."""
        whose = "its" if self.per == "earner" else "the company's"
        return f"{self.paid_volume} at most {rate_text(self.at_most)} of {whose} {self.of}"

    def _of_members(self, values: Values, members: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        # What may be paid on and what is; in Python's integers where int64 does not hold them.
        paid, of = values.quantity(self.paid_volume), values.quantity(self.of)
        units, share = RATE_ONE_PPM * 10**of.decimals, self.at_most * 10**paid.decimals
        common = math.gcd(units, share)
        return (
            _times(np.maximum(of.amounts[members], 0), share // common),
            _times(paid.amounts[members], units // common),
        )

    def _of_company(
        self, values: Values, names: list[str], have: Mapping[str, NDArray[np.int64]], step: int
    ) -> dict[str, MemberAmounts]:
        paid, of = values.quantity(self.paid_volume), values.quantity(self.of)
        on = company_total(values, self.paid_volume) * RATE_ONE_PPM * 10**of.decimals
        may = company_total(values, self.of) * self.at_most * 10**paid.decimals
        total = sum(exact_sum(have[name]) for name in names)
        if on <= may or total <= 0:
            return dict.fromkeys(names, no_amounts())
        return self.cut_company(names, have, total - total * may // on // step * step, 0, values)


def _times(amounts: NDArray[np.int64], factor: int) -> NDArray[Any]:
    largest = max(int(amounts.max()), -int(amounts.min())) if amounts.size else 0
    return amounts * factor if largest * factor <= INT64_MAX else amounts.astype(object) * factor
