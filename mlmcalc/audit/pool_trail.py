"""How a pool was divided: the fund, a member's shares beside those of all, and why somebody has none."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.bonuses.pool import Pool
from mlmcalc.bonuses.pool_division import VALUE_DECIMALS, Division
from mlmcalc.money import per_unit_text, rate_text, text_from_units
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE
from mlmcalc.runs.commission_run import CommissionRun


class PoolTrail:
    """One pool of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Pool
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Pool, reasons: Reasons) -> None:
        # A part of a company knows how the whole divided the fund.
        self._known: Division | None = getattr(run, "divisions", {}).get(bonus)
        self._values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        self._rounding = run.values.rounding
        self._decimals = word.base_decimals(run.plan.vocabulary)

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return why a member has no part of the fund; nothing where it has one.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            At least one.
        """
        if own:
            return [], 0
        outcome, reason = self._why_not(position)
        member = str(self._values.network.ids[position])
        missed = PassedOver(
            bonus=self._bonus,
            member=member,
            source=member,
            order="",
            level=0,
            paid_level=0,
            outcome=outcome,
            cause=outcome,
            reason=reason,
            base=text_from_units(0, self._decimals),
            offered=text_from_units(0, self._rounding.money_decimals),
            plan_source=self._word.source,
        )
        return [missed], 0

    def workings(self, position: int) -> list[Working]:
        """Return the division of the fund as far as a member has part in it, step by step."""
        division = self._division
        found = np.flatnonzero(division.holders.position == position)
        if not found.size or not division.fund.units:
            return []
        steps = [*self._fund_steps(), *self._share_steps(int(found[0]))]
        return [Working(self._bonus, *step) for step in steps]

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return nothing: no single order causes a part of a fund."""
        return [], []

    @cached_property
    def _division(self) -> Division:
        return self._known or self._word.division(self._values, self._rounding, self._bonus)

    def _fund_steps(self) -> list[tuple[str, str, str]]:
        fund, word = self._division.fund, self._word
        steps = []
        note = "a fixed fund"
        if word.of is not None:
            what = word.of.volume or ", ".join(word.of.earned)
            steps.append((f"{what} of the company", text_from_units(fund.total, fund.decimals), ""))
            portion = word.pool.millionths
            note = rate_text(portion) if word.pool.is_rate else f"{per_unit_text(portion)} each"
        if fund.carried:
            steps.append(("carried in", self._money(fund.carried), "no holders in the period before"))
        if word.part != (1, 1):
            note += f", {word.part[0]}/{word.part[1]} of it"
        steps.append(("fund", self._units(fund.units), note))
        return steps

    def _share_steps(self, own: int) -> list[tuple[str, str, str]]:
        division, holders = self._division, self._division.holders
        steps = []
        if holders.place is not None:
            steps.append(
                ("place", str(int(holders.place[own])), f"by {self._word.top.by.text}" if self._word.top else "")
            )
        weight, total = int(holders.weight[own]), holders.total
        name = self._weight_name()
        scale = 0 if self._word.amounts is not None or self._word.positions else self._decimals
        steps += [
            (f"own {name}", text_from_units(weight, scale), ""),
            (f"{name} of all", text_from_units(total, scale), self._unheld_note(scale)),
        ]
        if division.point is not None:
            steps.append(("value of a point", text_from_units(division.point, VALUE_DECIMALS), "rounded down"))
        else:
            steps.append(self._quotient(weight, total))
        amount = int(division.amount[own])
        most = None if holders.most is None else int(holders.most[own])
        if most is not None and amount == most and division.point is None:
            steps.append(("at most", self._units(most), "the maximum; what it leaves: " + self._word.leftover))
        elif division.point is None:
            below = division.fund.units * weight // total
            if amount != below:
                note = "by largest remainder" if amount == below + 1 else "and a part of what maximums left"
                steps.append(("given besides", self._units(amount - below), note))
        steps.append(("part", self._units(amount), ""))
        return steps

    def _quotient(self, weight: int, total: int) -> tuple[str, str, str]:
        units = self._division.fund.units
        whole = units * weight // total
        exact = "exactly" if units * weight % total == 0 else "cut to the unit"
        return ("fund x own / all", self._units(whole), exact)

    def _weight_name(self) -> str:
        word = self._word
        if word.amounts is not None:
            return "units wanted"
        if word.positions:
            return "share of places"
        each = f" x {word.each}" if word.each else ""
        return (word.by.text if word.by is not None else "shares") + each

    def _unheld_note(self, scale: int) -> str:
        unheld = self._division.holders.unheld
        return f"{text_from_units(unheld, scale)} of them nobody's" if unheld else ""

    def _why_not(self, position: int) -> tuple[str, str]:
        division = self._division
        why = int(division.reason[position])
        if why != ELIGIBLE:
            outcome = "not_active" if why == NOT_ACTIVE else "not_eligible"
            return outcome, sentences(self._reasons.not_eligible(self._word, position))
        if not division.fund.units:
            return "no_rate", "the fund is 0"
        if self._word.top is not None and division.score is not None:
            first, last = self._word.top.places
            score = text_from_units(int(division.score[position]), self._score_decimals)
            if position not in division.holders.position:
                return "nothing_left", f"places {first} to {last} were taken; {self._word.top.by.text}: {score}"
        if self._word.by is not None:
            return "no_rate", f"nothing above 0 of {self._weight_name()}"
        return "no_rate", "no shares for its rank or tier"

    @property
    def _score_decimals(self) -> int:
        assert self._word.top is not None, "there is a score"
        assert self._values.vocabulary is not None, "decimals are known by the names of the plan"
        return self._word.top.by.decimals(self._values.vocabulary)

    def _units(self, units: int) -> str:
        return self._money(units * self._rounding.unit)

    def _money(self, money: int) -> str:
        return text_from_units(money, self._rounding.money_decimals)
