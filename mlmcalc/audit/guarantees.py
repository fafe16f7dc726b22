"""What a guarantee moved from and to one member, worked out again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlmcalc.audit.explanation import Working
from mlmcalc.bonuses.levels import Levels
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.money import rate_text, text_from_units
from mlmcalc.rules.guarantee import Guarantee
from mlmcalc.rules.values import Values

if TYPE_CHECKING:
    from mlmcalc.runs.commission_run import CommissionRun


class Guaranteed:
    """The guarantee of one level bonus of a finished run.

    Parameters
    ----------
    run : CommissionRun
    bonus : str
    word : Levels
    guarantee : Guarantee
        Of the word.
    """

    def __init__(self, run: CommissionRun, bonus: str, word: Levels, guarantee: Guarantee) -> None:
        self._values: Values = run.values
        self._bonus = bonus
        self._guarantee = guarantee
        decimals = word.base_decimals(run.plan.vocabulary)
        account = BonusAccount(
            bonus, self._values.size, self._values.rounding, decimals, self._values.amount_decimals, lambda block: None
        )
        word.model_copy(update={"guarantee": None}).post(self._values, account)
        self._on_lines = account.amounts
        self._passes = word.passes(self._values, account)
        self._due = guarantee.short(self._values, account)

    def workings(self, position: int) -> list[Working]:
        """Return the own group, what is due to the one above, what was received and what was passed up."""
        passes, bonus = self._passes, self._bonus
        from_below = int(passes.amount[passes.receiver == position].sum())
        if not (self._on_lines[position] or from_below):
            return []
        given = passes.giver == position
        group = self._values.quantity(self._guarantee.group)
        rule = f"{rate_text(self._guarantee.rate)} of what is missing to {self._guarantee.threshold}"
        if given.any():
            above = self._values.network.ids[int(passes.receiver[given][0])]
            note = f"to {above}: the smaller of what is due and what is received"
        else:
            note = "nobody above may receive it" if self._due[position] else "the group reaches the threshold"
        return [
            Working(bonus, "own group", text_from_units(int(group.amounts[position]), group.decimals)),
            Working(bonus, "due to the one above", self._text(int(self._due[position])), rule),
            Working(bonus, "received on lines", self._text(int(self._on_lines[position]))),
            Working(bonus, "guaranteed from below", self._text(from_below)),
            Working(bonus, "passed up", self._text(int(passes.amount[given].sum())), note),
        ]

    def _text(self, amount: int) -> str:
        return text_from_units(amount, self._values.amount_decimals)
