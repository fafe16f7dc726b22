"""What a member was entitled to under an ``award``, how that came about, and why it was not paid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from mlmcalc.audit.explanation import PassedOver, Working
from mlmcalc.audit.line_picker import PickedLine
from mlmcalc.audit.reasons import Reasons, sentences
from mlmcalc.bonuses.award import Award
from mlmcalc.bonuses.award_due import Awarding, Due
from mlmcalc.money import RATE_DECIMALS, RATE_ONE_PPM, rate_text, text_from_units
from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ACTIVE
from mlmcalc.runs.commission_run import CommissionRun


class AwardTrail:
    """One award of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Award
    reasons : Reasons
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Award, reasons: Reasons) -> None:
        self._values = run.values
        self._bonus = bonus
        self._word = word
        self._reasons = reasons
        self._decimals = run.values.rounding.money_decimals

    def missed(self, position: int, own: list[PickedLine], limit: int) -> tuple[list[PassedOver], int]:
        """Return what a member was entitled to and did not get, and how much was left out.

        Parameters
        ----------
        position : int
        own : list of PickedLine
            The member's lines of this bonus.
        limit : int
            The most to return.
        """
        found = [self._missed(due, row) for due, row in self._due(position) if not due.paid[row]]
        return found[:limit], max(0, len(found) - limit)

    def workings(self, position: int) -> list[Working]:
        """Return how what a member is entitled to came about, step by step."""
        steps = [step for due, row in self._due(position) for step in self._steps(due, row)]
        return [Working(self._bonus, *step) for step in [*self._counts(position), *steps]]

    def of_order(self, member: int, row: int, lines: list[PickedLine]) -> tuple[list[PassedOver], list[PickedLine]]:
        """Return nothing: no single order causes an award."""
        return [], []

    @cached_property
    def _found(self) -> Awarding:
        return self._word.work_out(self._values, self._values.rounding, self._bonus)

    def _due(self, position: int) -> Iterator[tuple[Due, int]]:
        for due in self._found.due:
            for row in np.flatnonzero(due.position == position):
                yield due, int(row)

    def _counts(self, position: int) -> list[tuple[str, str, str]]:
        found, word, row = self._found, self._word, self._found.row_of(position)
        steps = []
        if word.per is not None:
            per = self._values.quantity(word.per)
            steps.append((word.per, text_from_units(int(per.amounts[position]), per.decimals), ""))
            note = f"one for every {word.every}" + (f", at most {word.most}" if word.most is not None else "")
            steps.append(("times", "0" if row is None else str(int(found.times[row])), note))
        for name, run in found.runs.items():
            if row is not None and run[row]:
                step = f"periods in a row at {name}" if name else "periods in a row"
                steps.append((step, str(int(run[row])), f"{word.consecutive} are wanted"))
        if row is not None and found.streak is not None and found.streak[row]:
            steps.append(("periods in a row with it", str(int(found.streak[row])), ""))
        if found.structures is not None:
            for depth, count in enumerate(found.structures[position].tolist(), 1):
                if count:
                    steps.append((f"structures {depth} deep", str(count), ""))
        return steps

    def _steps(self, due: Due, row: int) -> Iterator[tuple[str, str, str]]:
        base, rate = int(due.base[row]), int(due.rate_ppm[row])
        amount = text_from_units(base, self._decimals)
        note = self._kind(due)
        yield (f"award for {due.step}" if due.step else "award", amount, note)
        if rate != RATE_ONE_PPM:
            exact = text_from_units(base * rate, self._decimals + RATE_DECIMALS)
            yield ("times the streak's rate", exact.rstrip("0").rstrip("."), rate_text(rate))

    def _kind(self, due: Due) -> str:
        if due.kind == "otherwise":
            return "had it in the period before"
        if due.kind == "structure":
            return f"structures {due.number} deep"
        return f"instalment {due.number} of {self._word.instalments}" if due.number else ""

    def _missed(self, due: Due, row: int) -> PassedOver:
        position, base, rate = int(due.position[row]), int(due.base[row]), int(due.rate_ppm[row])
        why = int(self._found.reason[position])
        outcome = "not_active" if why == NOT_ACTIVE else "not_eligible"
        lacking = f"an instalment is paid at {due.step or 'the award'} or higher only"
        reason = lacking if why == ELIGIBLE else sentences(self._reasons.not_eligible(self._word, position))
        member = str(self._values.network.ids[position])
        offered = self._values.rounding.to_unit(base * rate, self._decimals + RATE_DECIMALS)
        return PassedOver(
            bonus=self._bonus,
            member=member,
            source=member,
            order="",
            level=0,
            paid_level=due.number,
            outcome=outcome,
            cause=outcome,
            reason=reason,
            base=text_from_units(base, self._decimals),
            offered=text_from_units(offered, self._decimals),
            plan_source=self._word.source,
        )
