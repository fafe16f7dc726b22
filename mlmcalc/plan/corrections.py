"""``corrections``: what a company does about what it learns after a period was paid (plan model, section 11.16)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Model, Text
from mlmcalc.money import units_from_text
from mlmcalc.rules.earner_amount import check_amount
from mlmcalc.rules.values import Vocabulary

Returns = Literal["negative_volume", "reversal"]
Settle = Literal["pay_and_collect", "pay_only", "collect_only"]
Through = Literal["period", "later_periods"]


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a plan says of corrections.

    Attributes
    ----------
    returns : {"negative_volume", "reversal"}
        A return is negative volume of the period it falls into, or what its order caused is taken back.
    settle : {"pay_and_collect", "pay_only", "collect_only"}
        Of the differences of a true-up: all become lines, those above zero, or those below.
    write_off_below : int
        A member's difference of less, either way, is written off; in units of ``10**-money_decimals``, 0 for none.
    through : {"period", "later_periods"}
        Whether only the period is calculated again, or the closed ones after it as well, each on what the one before
        now leaves.
    """

    returns: Returns
    settle: Settle
    write_off_below: int
    through: Through

    def settles(self, difference: int) -> bool:
        """Return whether a member's difference becomes a line.

        Parameters
        ----------
        difference : int
            What is due now less what was paid, in units of ``10**-money_decimals``.
        """
        if difference == 0 or abs(difference) < self.write_off_below:
            return False
        return self.settle == "pay_and_collect" or (self.settle == "pay_only") == (difference > 0)


class TrueUpWords(Model):
    """``true_up:`` as written."""

    settle: Settle = Field(default="pay_and_collect", description="which differences are paid or collected")
    write_off_below: Amount = Field(default="0", description="smaller differences of a member are written off")
    through: Through = Field(default="period", description="whether later closed periods are calculated again too")
    source: Text = ""


class CorrectionWords(Model):
    """``corrections:`` as written; what is not said has its default."""

    returns: Returns = Field(default="negative_volume", description="what a return of an earlier order does")
    true_up: TrueUpWords = TrueUpWords()
    source: Text = ""

    def check(self, vocabulary: Vocabulary, pays_out: bool) -> list[Finding]:
        """Return ``rules.amount`` and ``plan.corrections``, paths relative to ``corrections``.

        Parameters
        ----------
        vocabulary : Vocabulary
        pays_out : bool
            Whether the plan has a ``payout``.
        """
        path = ("true_up", "write_off_below")
        findings = check_amount(self.true_up.write_off_below, vocabulary, path)
        if self.returns == "reversal" and not pays_out:
            message = "What an order caused is taken back in the payout, of which the plan says nothing."
            remedy = "State payout: in the plan, as {} at least."
            findings.append(Finding("plan.corrections", message, remedy, path=("returns",)))
        return findings

    def bound(self, money_decimals: int) -> Corrections:
        """Return what it says, amounts in money."""
        of = self.true_up
        return Corrections(self.returns, of.settle, units_from_text(of.write_off_below, money_decimals), of.through)
