"""The decimals of the lines of a run, known before it begins."""

from __future__ import annotations

from mlmcalc.money import RATE_DECIMALS
from mlmcalc.plan.load import Plan


def line_decimals(plan: Plan) -> tuple[int, int]:
    """Return the decimals of bases and of amounts in all lines of a run.

    Amounts that are rounded in the line have the decimals of money; others are exact, base x rate of the finest.
    """
    words = plan.bonuses.values()
    bases = max((word.base_decimals(plan.vocabulary) for word in words), default=0)
    finest = max((word.finest_decimals(plan.vocabulary) for word in words), default=0)
    return bases, plan.rounding.money_decimals if plan.rounding.place == "line" else finest + RATE_DECIMALS
