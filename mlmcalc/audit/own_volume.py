"""What a member's own volume brought it under a ``personal`` bonus, and what it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.money import RATE_DECIMALS, text_from_units
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE, eligibility
from mlmcalc.rules.parts import Part, has_order

if TYPE_CHECKING:
    from mlmcalc.bonuses.personal import Personal
    from mlmcalc.ledger.owed import Owed
    from mlmcalc.rules.values import Values
    from mlmcalc.runs.commission_run import CommissionRun


class OwnVolume:
    """The products of one personal bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Personal
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Personal, reasons: Reasons) -> None:
        self._values: Values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        self._reason = eligibility(run.values, word.eligible)
        self._products = list(word.products(run.values))

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return what a member's own volume did not bring it, and how many sources were left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            The most products to look at.
        """
        chosen = [(part, owed, np.flatnonzero(owed.earner == position)) for part, owed in self._products]
        return self._unpaid(chosen, limit)

    def workings(self, position: int) -> list[Working]:
        """Return nothing: the lines of a bonus on own volume say it all."""
        return []

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return what did not come of an order, or of the whole source it is part of, and the lines about it."""
        chosen = [
            (part, owed, np.flatnonzero((owed.order == row) | ((owed.order < 0) & (owed.source == member))))
            for part, owed in self._products
            if has_order(part, self._values, self._word.by, row)
        ]
        paid = {(int(owed.base[row]), int(owed.rate_ppm[row])) for _, owed, rows in chosen for row in rows}
        passed_over = self._unpaid(chosen, sum(rows.size for _, _, rows in chosen))[0]
        return passed_over, [line for line in lines if (line.base, line.rate_ppm) in paid]

    def _unpaid(self, chosen: list[tuple[Part, Owed, np.ndarray]], limit: int) -> tuple[list[PassedOver], int]:
        found = [
            self._passed_over(part, owed, int(row))
            for part, owed, rows in chosen
            for row in rows
            if owed.base[row] != 0 and (owed.rate_ppm[row] <= 0 or self._reason[owed.earner[row]] != ELIGIBLE)
        ]
        # Of slices, those below the first rate say nothing where another slice was offered.
        offered = [one for one in found if one.outcome != "no_rate"]
        if self._word.marginal:
            paid = any((owed.rate_ppm[rows] > 0).any() for _, owed, rows in chosen)
            found = offered if offered or paid else found[:1]
        return found[:limit], max(0, len(found) - limit)

    def _passed_over(self, part: Part, owed: Owed, row: int) -> PassedOver:
        position, rate, base = int(owed.earner[row]), int(owed.rate_ppm[row]), int(owed.base[row])
        decimals = part.sources.decimals
        why = int(self._reason[position])
        if why == ELIGIBLE:
            outcome = "no_rate"
            reason = self._reasons.no_rate(part, int(part.row[position]), 0, None)
        else:
            outcome = "not_active" if why == NOT_ACTIVE else "not_eligible"
            reason = sentences(self._reasons.not_eligible(self._word, position))
        ids, orders = self._values.network.ids, self._values.orders.ids
        offered = self._values.rounding.to_unit(base * rate, decimals + RATE_DECIMALS)
        return PassedOver(
            bonus=self._bonus,
            member=str(ids[position]),
            source=str(ids[int(owed.source[row])]),
            order="" if owed.order[row] < 0 or orders is None else str(orders[int(owed.order[row])]),
            level=0,
            paid_level=0,
            outcome=outcome,
            cause=outcome,
            reason=reason,
            base=text_from_units(base, decimals),
            offered=text_from_units(offered, self._values.rounding.money_decimals),
            plan_source=self._word.source,
        )
