"""Explaining a member of a kept run: by the rules that paid, on the part of the company that matters to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mlmcalc.audit.excerpt import Excerpt
from mlmcalc.audit.explain import Explainer
from mlmcalc.audit.explanation import MemberExplanation
from mlmcalc.audit.kept_plan import KeptPlan
from mlmcalc.audit.line_picker import LinePicker
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.result import BonusResult
from mlmcalc.rules.values import Values

if TYPE_CHECKING:
    from mlmcalc.runs.commission_run import CommissionRun

PAYOUT = "payout"


@dataclass(slots=True, eq=False)
class ExcerptRun:
    """A finished run as explanations see it, of the members of an excerpt.

    Attributes
    ----------
    plan : KeptPlan
    values : Values
    bonuses : dict of str to BonusResult
        What the bonuses come to on the excerpt; right for the member it was made for.
    changes, settlement
        Nothing: such runs are not kept.
    """

    plan: KeptPlan
    values: Values
    bonuses: dict[str, BonusResult]
    changes: Mapping[str, Any] = field(default_factory=dict)
    settlement: None = None

    @property
    def amount_decimals(self) -> int:
        """Decimals of every amount."""
        return self.values.amount_decimals


def explain_excerpt(
    excerpt: Excerpt, plan: KeptPlan, position: int, run_id: str, period: str, limit: int
) -> MemberExplanation | None:
    """Return why a member was paid what it was paid; None if what its lines come to is not what it was paid.

    Parameters
    ----------
    excerpt : Excerpt
        Made for the member.
    plan : KeptPlan
    position : int
        In the run.
    run_id, period : str
    limit : int
        The most sources, per bonus, for which to say what was not earned.
    """
    values, place = excerpt.values(plan), excerpt.place_of(position)
    picker = LinePicker(earners=frozenset([place]))
    run = ExcerptRun(plan, values, {})
    for name, word in plan.bonuses.items():
        decimals = word.base_decimals(plan.vocabulary)
        account = BonusAccount(name, values.size, values.rounding, decimals, values.amount_decimals, picker.post)
        run.bonuses[name] = word.evaluate(values, account)
    if values.rounding.place == PAYOUT:
        total = np.stack([result.amounts for result in run.bonuses.values()]).sum(axis=0, dtype=np.int64)
        account = BonusAccount(PAYOUT, values.size, values.rounding, 0, values.amount_decimals, picker.post)
        run.bonuses[PAYOUT] = account.close_payout(total)
    if sum(line.amount for line in picker.lines) != excerpt.paid(position):
        return None
    return Explainer(cast("CommissionRun", run), run_id, period).member(place, picker.lines, limit)
