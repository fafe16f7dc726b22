"""Explaining a member of a kept run: by the rules that paid, on the part of the company that matters to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from mlmcalc.audit.excerpt import Excerpt
from mlmcalc.audit.explain import Explainer
from mlmcalc.audit.explanation import MemberExplanation
from mlmcalc.audit.kept_plan import KeptPlan
from mlmcalc.audit.line_picker import LinePicker
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.later import changed_later
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.owed import Owed
from mlmcalc.ledger.result import BonusResult
from mlmcalc.rules.last_steps import begin, finish
from mlmcalc.rules.values import Values

if TYPE_CHECKING:
    from mlmcalc.bonuses.pool_division import Division
    from mlmcalc.payout.payments import Payments
    from mlmcalc.payout.settlement import Settlement
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
    divisions : dict of str to Division
        How pools were divided.
    changes, settlement, payments
        As `mlmcalc.runs.commission_run.CommissionRun` has them.
    """

    plan: KeptPlan
    values: Values
    bonuses: dict[str, BonusResult]
    changes: dict[str, dict[str, MemberAmounts]]
    settlement: Settlement | None
    divisions: dict[str, Division]
    payments: Payments | None

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
    run = ExcerptRun(plan, values, {}, excerpt.changes, excerpt.settlement, excerpt.divisions, excerpt.payments)
    for kind, name in excerpt.stages:
        if kind == "bonus":
            run.bonuses[name] = _evaluated(run, name, excerpt, picker)
        else:
            _change(run, name, "excluded" if kind == "choice" else "limit_reached", picker)
    run.bonuses = {name: run.bonuses[name] for name in plan.bonuses}
    if values.rounding.place == PAYOUT:
        total = np.stack([result.amounts for result in run.bonuses.values()]).sum(axis=0, dtype=np.int64)
        account = BonusAccount(PAYOUT, values.size, values.rounding, 0, values.amount_decimals, picker.post)
        run.bonuses[PAYOUT] = account.close_payout(total)
    if sum(line.amount for line in picker.lines) != excerpt.paid(position):
        return None
    return Explainer(cast("CommissionRun", run), run_id, period).member(place, picker.lines, limit)


def _evaluated(run: ExcerptRun, name: str, excerpt: Excerpt, picker: LinePicker) -> BonusResult:
    word, values = run.plan.bonuses[name], run.values
    decimals = word.base_decimals(run.plan.vocabulary)
    account = BonusAccount(name, values.size, values.rounding, decimals, values.amount_decimals, picker.post)
    division = run.divisions.get(name)
    if division is None and (word.cap is None or word.cap.total is None):
        return word.evaluate(values, account)
    # How much of a cap falls to whom, all earners decide: what it left is kept.
    cap = word.cap
    shared = cap is not None and cap.total is not None
    if cap is not None and shared:
        cap = cap.model_copy(update={"total": None})
    begin(cap, getattr(word, "tree", ""), values, account)
    if division is None:
        word.post(values, account)
    else:
        _pay(division, account)
    finish(word.multiplier, word.minimum, cap, values, account)
    if shared:
        account.round_amounts()
        account.adjust_earners(excerpt.closed(name) - account.amounts, "cap_reached")
    return account.close()


def _pay(division: Division, account: BonusAccount) -> None:
    """Post the parts of those holders of a pool who are members of the excerpt."""
    here = np.flatnonzero(division.holders.position >= 0)
    exact = division.amount[here] * account.exact_of_money(account.rounding.unit) if here.size else here
    account.offer_exact(sum(exact.tolist()))
    if division.fund.units:
        account.pay(Owed.to_earners(division.holders.position[here], division.holders.base[here]), exact=exact)


def _change(run: ExcerptRun, cause: str, outcome: str, picker: LinePicker) -> None:
    for bonus, difference in run.changes.get(cause, {}).items():
        decimals = run.plan.bonuses[bonus].base_decimals(run.plan.vocabulary)
        result, places = run.bonuses[bonus], run.values.amount_decimals
        run.bonuses[bonus] = changed_later(result, difference, outcome, picker.post, decimals, places)
