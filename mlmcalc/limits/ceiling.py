"""``share``: the most the company pays, as a share of a volume or metric (plan model, section 7)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Rate, Reference
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.member_amounts import MemberAmounts, no_amounts
from mlmcalc.limits.limit_word import LimitWord, check_quantity, company_total, reads_quantity, step_of
from mlmcalc.money import INT64_MAX, RATE_DECIMALS, NotExact, rate_text, text_from_units, units_from_text
from mlmcalc.rules.earner_amount import check_amount
from mlmcalc.rules.values import Node, Values, Vocabulary


class Ceiling(LimitWord):
    """The most the company pays, as a share of the sum of a volume or metric over all members."""

    share: Rate
    of: Reference = Field(description="a volume or metric, added up over all members")
    protect: Amount = Field(default="0", description="the first amount of each earner, which is not touched")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return super().reads(vocabulary) | reads_quantity(self.of, vocabulary)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the limit, paths relative to it."""
        findings = super().check(vocabulary) + check_quantity("of", self.of, vocabulary)
        return findings + check_amount(self.protect, vocabulary, ("protect",))

    def most(self, values: Values) -> int:
        """Return what may be paid, rounded down to whole steps, in the run's amount decimals."""
        decimals = values.quantity(self.of).decimals + RATE_DECIMALS
        exact, step = company_total(values, self.of) * self.share, step_of(values)
        places = values.amount_decimals - decimals
        units = exact * 10**places if places >= 0 else exact // 10**-places
        return units // step * step

    def changes(self, values: Values, have: Mapping[str, NDArray[np.int64]]) -> dict[str, MemberAmounts]:
        """Return what is taken from each bonus, by name."""
        names = self.names(list(have))
        over = sum(exact_sum(have[name]) for name in names) - self.most(values)
        if over <= 0:
            return dict.fromkeys(names, no_amounts())
        return self.cut_company(names, have, over, self._protected(values), values)

    def note(self, values: Values, position: int) -> str:
        """Return the rule as a phrase; it is the same for all members."""
        most = text_from_units(self.most(values), values.amount_decimals)
        return f"the company pays at most {rate_text(self.share)} of {self.of}, {most}"

    def _protected(self, values: Values) -> int:
        try:
            return units_from_text(self.protect, values.amount_decimals)
        except NotExact:
            return INT64_MAX
