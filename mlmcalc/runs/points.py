"""Points: what a bonus word would pay, counted instead of paid."""

from __future__ import annotations

from mlmcalc.ledger.account import BonusAccount, Post
from mlmcalc.money import RATE_DECIMALS, Rounding
from mlmcalc.plan.load import Plan
from mlmcalc.rules.values import Quantity, Values


def points_account(plan: Plan, name: str, values: Values, post: Post = lambda block: None) -> BonusAccount:
    """Return an account in which points are counted: exact in every line, rounded once per member.

    Parameters
    ----------
    plan : Plan
    name : str
    values : Values
    post : callable
        Receives the lines, which are no lines of the run.
    """
    word = plan.points[name]
    vocabulary = plan.vocabulary.of_points()
    decimals, finest = word.base_decimals(vocabulary), word.finest_decimals(vocabulary)
    rounding = Rounding("bonus", plan.rounding.grain, plan.rounding.mode, 1, plan.decimals)
    return BonusAccount(name, values.size, rounding, decimals, max(finest + RATE_DECIMALS, plan.decimals), post)


def count_points(plan: Plan, name: str, values: Values) -> Quantity:
    """Return the points of every member, in the plan's decimals.

    Raises
    ------
    InputRefused
        ``bonuses.overflow``.
    IntegrityError
        ``ledger.equation``.
    """
    account = points_account(plan, name, values)
    result = plan.points[name].evaluate(values, account)
    return Quantity(result.rounded(account.rounding, account.amount_decimals), plan.decimals)
