"""The legs of a differential of the immediate-leg form: what each brought a member, and what it did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlmcalc.audit.differential_sources import DifferentialSources
from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.differential_legs import Legs, legs_of
from mlmcalc.money import RATE_DECIMALS, rate_text, text_from_units
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE
from mlmcalc.rules.parts import has_order
from mlmcalc.rules.tree_columns import index_of

if TYPE_CHECKING:
    from mlmcalc.rules.values import Values
    from mlmcalc.runs.commission_run import CommissionRun

LEGS_SHOWN = 50
"""Of a member, the legs whose part is worked out."""


class DifferentialLegs:
    """The legs and own volumes of one bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Differential
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Differential, reasons: Reasons) -> None:
        self._values: Values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        self._tree = self._values.trees[word.tree or self._values.network.first_tree.name]
        self._parts = [legs_of(standings, word.own) for standings in word.standings(self._values)]

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return what a member's own volume and its legs did not bring it, and how many of them were left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            The most sources to look at, for each part of the rate table.
        """
        index = index_of(self._tree, position)
        found: list[PassedOver] = []
        not_shown = 0
        for legs in self._parts:
            standings = legs.standings
            fails = standings.reason[index] != ELIGIBLE
            rows = legs.own[standings.index[legs.own] == index]
            unpaid = rows if fails or standings.rates[index] == 0 else rows[:0]
            of_legs = np.flatnonzero((legs.above == index) & (fails | (legs.difference <= 0)))
            not_shown += max(0, unpaid.size + of_legs.size - limit)
            found += [self._of_own(legs, int(row)) for row in unpaid[:limit]]
            found += [self._of_leg(legs, int(leg)) for leg in of_legs[: max(0, limit - unpaid.size)]]
        return found, not_shown

    def workings(self, position: int) -> list[Working]:
        """Return the group and rate of a member and of each of its legs."""
        index = index_of(self._tree, position)
        found: list[Working] = []
        for legs in self._parts:
            standings, group = legs.standings, int(legs.group[index])
            own = int(standings.rates[index])
            if group == 0 or (own == 0 and not (legs.difference[legs.above == index] < 0).any()):
                continue
            decimals = standings.part.sources.decimals
            found.append(Working(self._bonus, "own group", text_from_units(group, decimals), f"at {rate_text(own)}"))
            for leg in np.flatnonzero(legs.above == index)[:LEGS_SHOWN]:
                head = int(legs.head[leg])
                less = f"less {rate_text(int(standings.rates[head]))} of {rate_text(own)}"
                size = text_from_units(int(legs.group[head]), decimals)
                found.append(Working(self._bonus, f"leg of {self._id(legs, head)}", size, less))
        return found

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return what an order, or the whole source it is part of, did not bring, and the lines about it.

        Of the legs it is part of, the one that its buyer heads is shown.
        """
        passed_over: list[PassedOver] = []
        paid: set[tuple[int, int, int]] = set()
        for legs in self._parts:
            standings, sources = legs.standings, legs.standings.part.sources
            if not has_order(standings.part, self._values, self._word.by, row):
                continue
            about = (sources.order == row) | ((sources.order < 0) & (sources.member == member))
            for source in legs.own[about[legs.own]]:
                place = int(standings.index[source])
                rate = int(standings.rates[place])
                if rate == 0 or standings.reason[place] != ELIGIBLE:
                    passed_over.append(self._of_own(legs, int(source)))
                paid.add((0, int(sources.base[source]), rate))
            for leg in np.flatnonzero(legs.head == index_of(self._tree, member)):
                difference = int(legs.difference[leg])
                if difference <= 0 or standings.reason[legs.above[leg]] != ELIGIBLE:
                    passed_over.append(self._of_leg(legs, int(leg)))
                paid.add((1, int(legs.group[legs.head[leg]]), difference))
        return passed_over, [line for line in lines if (line.level, line.base, line.rate_ppm) in paid]

    def _of_own(self, legs: Legs, row: int) -> PassedOver:
        sources, place = legs.standings.part.sources, int(legs.standings.index[row])
        rate, base = int(legs.standings.rates[place]), int(sources.base[row])
        outcome, reason = self._failing(legs, place)
        if not outcome:
            part = legs.standings.part
            position = int(legs.standings.position(np.array([place]))[0])
            outcome, reason = "no_rate", self._reasons.no_rate(part, int(part.row[position]), 0, None)
        orders = self._values.orders.ids
        order = "" if sources.order[row] < 0 or orders is None else str(orders[int(sources.order[row])])
        source = str(self._values.network.ids[int(sources.member[row])])
        return self._passed_over(legs, place, source, order, 0, outcome, reason, base, rate)

    def _of_leg(self, legs: Legs, leg: int) -> PassedOver:
        head, above, difference = int(legs.head[leg]), int(legs.above[leg]), int(legs.difference[leg])
        held = rate_text(int(legs.standings.rates[head]))
        outcome, reason = self._failing(legs, above)
        if difference <= 0 or not outcome:
            outcome = "nothing_left"
            own = rate_text(int(legs.standings.rates[above]))
            reason = f"own rate {own} is no more than the {held} of {self._id(legs, head)}, who heads the leg"
        base = int(legs.group[head])
        return self._passed_over(legs, above, self._id(legs, head), "", 1, outcome, reason, base, difference)

    def _failing(self, legs: Legs, index: int) -> tuple[str, str]:
        why = int(legs.standings.reason[index])
        if why == ELIGIBLE:
            return "", ""
        position = int(legs.standings.position(np.array([index]))[0])
        outcome = "not_active" if why == NOT_ACTIVE else "not_eligible"
        return outcome, sentences(self._reasons.not_eligible(self._word, position))

    def _passed_over(
        self,
        legs: Legs,
        index: int,
        source: str,
        order: str,
        level: int,
        outcome: str,
        reason: str,
        base: int,
        rate: int,
    ) -> PassedOver:
        decimals = legs.standings.part.sources.decimals
        offered = self._values.rounding.to_unit(base * rate, decimals + RATE_DECIMALS)
        return PassedOver(
            bonus=self._bonus,
            member=self._id(legs, index),
            source=source,
            order=order,
            level=level,
            paid_level=0,
            outcome=outcome,
            cause=outcome,
            reason=reason,
            base=text_from_units(base, decimals),
            offered=text_from_units(offered, self._values.rounding.money_decimals),
            plan_source=self._word.source,
        )

    def _id(self, legs: Legs, index: int) -> str:
        return str(self._values.network.ids[int(legs.standings.position(np.array([index]))[0])])


def differential_trail(
    run: CommissionRun, bonus: str, word: Differential, reasons: Reasons
) -> DifferentialSources | DifferentialLegs:
    """Return what explains a differential: its walks or its legs."""
    form = DifferentialLegs if word.against == "immediate_leg" else DifferentialSources
    return form(run, bonus, word, reasons)
