"""``per_earner``: the most one earner gets from some bonuses together (plan model, section 7)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.limits.limit_word import LimitWord, changed, picked, step_of, together
from mlmcalc.money import text_from_units
from mlmcalc.rules.earner_amount import EarnerAmount
from mlmcalc.rules.values import Node, Values, Vocabulary


class GroupLimit(LimitWord):
    """The most one earner gets from some bonuses together."""

    per_earner: EarnerAmount

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        return super().reads(vocabulary) | self.per_earner.reads(vocabulary)

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the limit, paths relative to it."""
        return super().check(vocabulary) + self.per_earner.check(vocabulary, "per_earner")

    def changes(self, values: Values, have: Mapping[str, NDArray[np.int64]]) -> dict[str, MemberAmounts]:
        """Return what is taken from each bonus, by name."""
        names, step = self.names(list(have)), step_of(values)
        total = together(names, have, values.size)
        # Nobody is limited to less than nothing.
        gained = np.flatnonzero(total > 0)
        most = self.per_earner.of(values, values.amount_decimals, step, members=gained)
        above = total[gained] > most
        members, over = gained[above], total[gained[above]] - most[above]
        some = picked(names, have, members)
        return changed(names, members, self.cut_members(names, some, over, step) - some)

    def note(self, values: Values, position: int) -> str:
        """Return the rule as a phrase, for one member."""
        most = int(self.per_earner.of(values, values.amount_decimals, step_of(values))[position])
        return f"all together at most {text_from_units(most, values.amount_decimals)}"
