"""What every bonus says: who earns it; and, where it is paid on a base, what the base is and who causes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Model, Text
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.result import BonusResult
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.earner_amount import check_amount
from mlmcalc.rules.earner_rate import EarnerRate
from mlmcalc.rules.last_steps import Cap, begin, finish
from mlmcalc.rules.most import UNBOUNDED, Most, at_factor
from mlmcalc.rules.sources import BaseField
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.whole_orders import rounded_part


class BonusWord(Model):
    """The keys that all bonuses share, and the order of their last steps."""

    eligible: Condition | None = None
    multiplier: EarnerRate | None = Field(default=None, description="scales what each earner has")
    minimum: Amount | None = Field(default=None, description="whoever has less of this bonus has nothing")
    cap: Cap | None = Field(default=None, description="the most it may pay")
    source: Text = Field(default="", description="where the company's own document says so")

    @property
    def per_order(self) -> bool:
        """Whether the bonus must know single orders whatever the grain of lines."""
        return False

    @property
    def earned_from(self) -> Sequence[str]:
        """The bonuses whose earnings it is paid on."""
        return ()

    @property
    def base_volume(self) -> str:
        """The volume, metric, points or number column it is paid on; empty where it is paid on none."""
        return ""

    def base_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of its bases; those of what it pays where it has none."""
        return vocabulary.paid_decimals

    @property
    def measured_by(self) -> str:
        """The volume, metric or column that `worst_case` is a share of; empty for none."""
        return self.base_volume

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the most it can pay of its base before its last steps, whoever the earners are."""
        return UNBOUNDED

    def pays_at_most(self, vocabulary: Vocabulary) -> Most:
        """Return the most it can pay of its base, last steps included; a cap on the whole is only told."""
        found = self.worst_case(vocabulary)
        found = found if self.multiplier is None else at_factor(found, self.multiplier.steps)
        if self.cap is None or self.cap.total is None:
            return found
        return found._replace(how=f"{found.how}, in total at most {self.cap.total}")

    def finest_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the finest number that a rate of it is taken of."""
        return self.base_decimals(vocabulary)

    def reads_shared(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values the shared keys read."""
        said = (self.eligible, self.multiplier, self.cap)
        return set().union(*(one.reads(vocabulary) for one in said if one is not None))

    def check_shared(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the shared keys."""
        findings = check_condition("eligible", self.eligible, vocabulary)
        findings += [] if self.multiplier is None else self.multiplier.check(vocabulary, "multiplier", "bonuses")
        findings += [] if self.minimum is None else check_amount(self.minimum, vocabulary, ("minimum",))
        return findings + ([] if self.cap is None else self.cap.check(vocabulary, "tree" in type(self).model_fields))

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        raise AssertionError("every bonus says what it reads")

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        raise AssertionError("every bonus checks itself")

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what the bonus pays, and count what it offers and loses; its last steps come after.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        raise AssertionError("every bonus pays")

    def evaluate(self, values: Values, account: BonusAccount) -> BonusResult:
        """Return the result of the bonus: what it posts, then its last steps (`mlmcalc.rules.last_steps`), verified.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        IntegrityError
            ``ledger.equation``.
        """
        begin(self.cap, getattr(self, "tree", ""), values, account)
        self.post(values, account)
        finish(self.multiplier, self.minimum, self.cap, values, account)
        return account.close()


class SourceBonus(BonusWord):
    """A bonus that is paid on what members bring: a base from each source."""

    base: BaseField
    sources: Condition | None = None

    @property
    def tells_orders(self) -> bool:
        """Whether its lines can be about single orders, where its base is a volume of them."""
        return True

    @property
    def earned_from(self) -> Sequence[str]:
        """The bonuses whose earnings it is paid on."""
        return self.base.earned

    @property
    def base_volume(self) -> str:
        """The volume, metric, points or number column it is paid on; empty where it is paid on earnings."""
        return self.base.volume or ""

    def base_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of its bases."""
        return self.base.decimals(vocabulary)

    def reads_shared(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values the shared keys read."""
        nodes = super().reads_shared(vocabulary) | self.base.reads(vocabulary)
        return nodes if self.sources is None else nodes | self.sources.reads(vocabulary)

    def check_shared(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the shared keys."""
        findings = self.base.check(vocabulary) + super().check_shared(vocabulary)
        return findings + check_condition("sources", self.sources, vocabulary)

    def check_by(self, by: str | None, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.by`` where the base has no single orders whose column could choose a rate."""
        if by is None:
            return []
        remedy = "Pay on a volume of whole orders, or leave out by."
        if self.base.volume is None or self.base.volume.partition("@")[0] not in vocabulary.volumes:
            message = "What other bonuses paid, a metric or a member column has no order column."
            return [Finding("bonuses.by", message, remedy, path=("by",))]
        rounded = rounded_part(self.base.volume.partition("@")[0], vocabulary)
        if not rounded:
            return []
        message = f"What counts of {rounded} is rounded once per member, so its orders cannot be told apart."
        return [Finding("bonuses.by", message, remedy, path=("by",))]

    def check_tier(self, tier: str | None, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.tier`` where what chooses the tier has a value only inside a rung."""
        if tier not in vocabulary.required_metrics:
            return []
        message = f"{tier} depends on what a rung requires and means nothing here."
        return [Finding("bonuses.tier", message, "Use it in the requires of a ladder.", path=("tier",))]

    def lines_per_order(self, values: Values) -> bool:
        """Return whether each line is about one order: the grain says so, or a volume asks what the bonus was paid on.

        Parameters
        ----------
        values : Values
        """
        vocabulary = values.vocabulary
        if values.rounding.grain == "order" or vocabulary is None:
            return values.rounding.grain == "order"
        return any(vocabulary.definitions.get(Node("bonus", name)) is self for name in vocabulary.asked_on_orders)

    def allowed_sources(self, values: Values) -> NDArray[np.bool_]:
        """Return whose volume may pay this bonus, ``(n,)`` bool by position."""
        return values.is_source if self.sources is None else values.is_source & self.sources.holds(values)


def check_condition(key: str, condition: Condition | None, vocabulary: Vocabulary) -> list[Finding]:
    """Return what is wrong with the condition on members under a key, with paths from the key on."""
    if condition is None:
        return []
    return [replace(found, path=(key, *found.path)) for found in condition.check(vocabulary, place="member")]
