"""The last steps of every bonus, in this order.

1. ``cap: per_source`` and ``per_leg`` cut lines while they arise;
2. ``multiplier`` scales what each earner has;
3. where the plan rounds each bonus, it is rounded now;
4. ``minimum``: an earner who has less has nothing;
5. ``cap: per_earner``, then ``total``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Amount, Model
from mlmcalc.genealogy.first_line import FirstLine
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.line_caps import LineCaps
from mlmcalc.ledger.sharing import in_proportion, scaled, sum_of
from mlmcalc.money import INT64_MAX, RATE_ONE_PPM, NotExact, units_from_text
from mlmcalc.rules.earner_amount import NO_AMOUNT, EarnerAmount, check_amount
from mlmcalc.rules.earner_rate import EarnerRate
from mlmcalc.rules.tree_columns import whole_tree
from mlmcalc.rules.values import Node, Values, Vocabulary


class Cap(Model):
    """The most that a bonus may pay."""

    per_source: Amount | None = Field(default=None, description="that one source may cause")
    per_leg: EarnerAmount | None = Field(default=None, description="that an earner gets through one first-line leg")
    per_earner: EarnerAmount | None = Field(default=None, description="that an earner gets")
    total: Amount | None = Field(default=None, description="that all earners get; it is cut in proportion")

    @model_validator(mode="before")
    @classmethod
    def _mapping(cls, written: Any) -> Any:
        if isinstance(written, str):
            raise ValueError(f"a cap says of what; write {{per_earner: {written}}}, or per_source, per_leg, total")
        return written

    @model_validator(mode="after")
    def _something(self) -> Cap:
        if all(getattr(self, name) is None for name in type(self).model_fields):
            raise ValueError("a cap says per_source, per_leg, per_earner or total")
        return self

    @property
    def of_lines(self) -> bool:
        """Whether it cuts single lines."""
        return self.per_source is not None or self.per_leg is not None

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the values its amounts are read from."""
        return _reads(self.per_leg, vocabulary) | _reads(self.per_earner, vocabulary)

    def check(self, vocabulary: Vocabulary, has_tree: bool) -> list[Finding]:
        """Return ``bonuses.cap`` for what is wrong with it."""
        findings = []
        for key in ("per_source", "total"):
            text = getattr(self, key)
            findings += [] if text is None else check_amount(text, vocabulary, (key,))
        for key in ("per_leg", "per_earner"):
            amount = getattr(self, key)
            findings += [] if amount is None else amount.check(vocabulary, key)
        if self.per_leg is not None and not has_tree:
            message = "This bonus walks no tree, so it comes through no leg."
            findings.append(Finding("bonuses.cap", message, "Cap it per_earner.", path=("per_leg",)))
        return [replace(found, code="bonuses.cap", path=("cap", *found.path)) for found in findings]


def begin(cap: Cap | None, tree_name: str, values: Values, account: BonusAccount) -> None:
    """Let an account hold back the lines that a cap may cut.

    Parameters
    ----------
    cap : Cap or None
    tree_name : str
        The tree the bonus walks; empty for the first.
    values : Values
    account : BonusAccount
    """
    if cap is None or not cap.of_lines:
        return
    per_leg, leg_of = None, None
    if cap.per_leg is not None:
        per_leg = cap.per_leg.of(values, account.amount_decimals, 1)
        tree = values.trees[tree_name or values.network.first_tree.name]
        leg_of = partial(_leg_of, whole_tree(values, tree.root_tree or tree.name))
    per_source = None if cap.per_source is None else _units(cap.per_source, account)
    account.cap_lines(LineCaps(per_source, per_leg, leg_of, values.network.ids))


def _leg_of(tree: Tree, above: NDArray[np.int32], below: NDArray[np.int32]) -> NDArray[np.int32]:
    # The legs are brought together only when some line asks for one.
    return FirstLine(tree).leg_of(above, below) if above.size else np.empty(0, np.int32)


def finish(
    multiplier: EarnerRate | None, minimum: Amount | None, cap: Cap | None, values: Values, account: BonusAccount
) -> None:
    """Take the last steps of a bonus whose lines are all there.

    Raises
    ------
    InputRefused
        ``bonuses.overflow``.
    """
    account.flush()
    if multiplier is not None:
        _multiply(multiplier.rates_of(values, RATE_ONE_PPM), values, account)
    if minimum is None and (cap is None or (cap.per_earner is None and cap.total is None)):
        return
    account.round_amounts()
    if minimum is not None:
        least = _units(minimum, account)
        account.adjust_earners(
            np.where((account.amounts > 0) & (account.amounts < least), -account.amounts, 0), "below_minimum"
        )
    if cap is not None and cap.per_earner is not None:
        most = cap.per_earner.of(values, account.amount_decimals, account.step)
        account.adjust_earners(np.minimum(account.amounts, most) - account.amounts, "cap_reached")
    if cap is not None and cap.total is not None:
        _share(_units(cap.total, account) // account.step * account.step, values, account)


def _multiply(rates: NDArray[np.int64], values: Values, account: BonusAccount) -> None:
    before = account.amounts
    if before.size == 0:
        return
    one = np.full(before.size, RATE_ONE_PPM, np.int64)
    try:
        after = scaled(before, rates, one, account.step, account.rounding.mode)
    except OverflowError:
        after = None
    if after is None or total_magnitude(after) + total_magnitude(before) > INT64_MAX:
        largest = int(np.abs(before).argmax())
        raise InputRefused(
            Finding(
                "bonuses.overflow",
                f"bonus {account.bonus}, multiplied, could add up to more than 64 bits hold.",
                "Correct the volume or the multiplier, or state fewer decimals.",
                member=str(values.network.ids[largest]),
            )
        )
    account.adjust_earners(after - before, "multiplier")


def _share(most: int, values: Values, account: BonusAccount) -> None:
    have = account.amounts.copy()
    over = sum_of(have) - most
    if over > 0:
        gained = np.maximum(have, 0)
        left = in_proportion(gained, sum_of(gained) - over, account.step, values.network.ids)
        account.adjust_earners(left - gained, "cap_reached")


def _units(text: str, account: BonusAccount) -> int:
    # The digits were checked, so that what does not fit is larger than anything it could limit.
    try:
        return units_from_text(text, account.amount_decimals)
    except NotExact:
        return NO_AMOUNT


def _reads(amount: EarnerAmount | None, vocabulary: Vocabulary) -> set[Node]:
    return set() if amount is None else amount.reads(vocabulary)
