"""What comes after the bonuses: exclusive bonuses, limits over several, and the payout."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import Post
from mlmcalc.ledger.later import changed_later
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.result import BonusResult
from mlmcalc.money import INT64_MAX
from mlmcalc.payout.payments import Payments, exchanged
from mlmcalc.payout.settlement import Settlement, refuse_open_balance, settle
from mlmcalc.plan.load import Plan
from mlmcalc.rules.values import Quantity, Values


@dataclass(slots=True, eq=False)
class Results:
    """The bonuses of a run while it is calculated, and what changed them once they were closed.

    Attributes
    ----------
    bonuses : dict of str to BonusResult
    changes : dict of str to dict of str to MemberAmounts
        Choice or limit to what it changed of each bonus, in amount decimals.
    """

    bonuses: dict[str, BonusResult] = field(default_factory=dict)
    changes: dict[str, dict[str, MemberAmounts]] = field(default_factory=dict)

    def change(
        self,
        cause: str,
        bonus: str,
        difference: MemberAmounts,
        outcome: str,
        plan: Plan,
        values: Values,
        post: Post,
    ) -> None:
        """Change what members have of a bonus, with a line each."""
        self.changes.setdefault(cause, {})[bonus] = difference
        base_decimals = plan.bonuses[bonus].base_decimals(plan.vocabulary)
        places = values.amount_decimals
        self.bonuses[bonus] = changed_later(self.bonuses[bonus], difference, outcome, post, base_decimals, places)


def exclude(plan: Plan, name: str, values: Values, results: Results, post: Post) -> None:
    """Leave every earner one of the bonuses of a choice; who reads their earnings sees what is left."""
    word = plan.choices[name]
    have = {bonus: results.bonuses[bonus].amounts[:-1] for bonus in word.bonuses}
    for bonus, difference in word.changes(have).items():
        results.change(name, bonus, difference, "excluded", plan, values, post)
        rounded = results.bonuses[bonus].rounded(values.rounding, values.amount_decimals)
        values.earned[bonus] = Quantity(rounded, values.rounding.money_decimals)


def limit(plan: Plan, name: str, values: Values, results: Results, post: Post) -> None:
    """Cut what a limit does not allow.

    Raises
    ------
    InputRefused
        ``runs.overflow``.
    """
    refuse_overflow(results.bonuses, values)
    have = {bonus: results.bonuses[bonus].amounts[:-1] for bonus in plan.bonuses}
    for bonus, difference in plan.limits[name].changes(values, have).items():
        results.change(name, bonus, difference, "limit_reached", plan, values, post)


def pay_out(plan: Plan, values: Values, bonuses: dict[str, BonusResult], paid: NDArray[np.int64]) -> Settlement | None:
    """Return what becomes of the statements; None where the plan says nothing of it, and in a trial.

    Parameters
    ----------
    plan : Plan
    values : Values
        Its closing state is added to.
    bonuses : dict of str to BonusResult
    paid : (n + 1,) int64
        The statements, in amount decimals.

    Raises
    ------
    InputRefused
        ``payout.open_balance`` and as `mlmcalc.payout.settlement.settle`.
    IntegrityError
        ``payout.equation``.
    """
    if plan.trial is not None:
        return None
    if plan.payout is None:
        refuse_open_balance(values)
        return None
    of_bonus = {name: bonuses[name].rounded(values.rounding, values.amount_decimals) for name in plan.bonuses}
    return settle(plan.payout, values, _as_money(paid, values), of_bonus)


def pay_in_currencies(values: Values, settlement: Settlement | None, paid: NDArray[np.int64]) -> Payments | None:
    """Return what is paid in which currency; None where no rates of exchange are given.

    Parameters
    ----------
    values : Values
    settlement : Settlement or None
        Where there is none, the statements are paid.
    paid : (n + 1,) int64
        The statements, in amount decimals.

    Raises
    ------
    InputRefused
        ``rates.overflow``.
    """
    rates = values.besides.rates
    if rates is None:
        return None
    due = _as_money(paid, values)
    if settlement is not None:
        due = np.zeros(values.size, np.int64)
        for step in settlement.steps:
            if step.step == "paid":
                due[settlement.members] += step.amounts
    return exchanged(rates, due, values.rounding)


def _as_money(paid: NDArray[np.int64], values: Values) -> NDArray[np.int64]:
    # Statements are rounded, in decimals that may be finer than those of money.
    finer = 10 ** (values.amount_decimals - values.rounding.money_decimals)
    return paid[:-1] if finer == 1 else paid[:-1] // finer


def refuse_overflow(bonuses: dict[str, BonusResult], values: Values) -> None:
    """Refuse statements that could leave int64: every bonus fits by itself, statements add them up.

    Raises
    ------
    InputRefused
        ``runs.overflow``, with the bonus that pays most and the member it pays most.
    """
    rounded_up = values.rounding.divisor(values.amount_decimals)
    if sum(total_magnitude(result.amounts) for result in bonuses.values()) + rounded_up <= INT64_MAX:
        return
    name, result = max(bonuses.items(), key=lambda item: total_magnitude(item[1].amounts))
    largest = int(np.abs(result.amounts[:-1]).argmax())
    raise InputRefused(
        Finding(
            "runs.overflow",
            f"statements could add up to more than 64 bits hold; bonus {name} pays most.",
            "Correct the volumes, or state fewer decimals.",
            member=str(values.network.ids[largest]),
        )
    )
