"""A minimum that whoever receives leaves to the one above (plan model, 11.9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Amount, Model, Rate, Reference
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.guarantee import pass_up
from mlmcalc.kernels.posting import round_products
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import INT64_MAX, MODE_CODE, RATE_DECIMALS, NotExact, units_from_text
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary
from mlmcalc.rules.words import nearest


class Guarantee(Model):
    """The upline gets a rate of what the own group lacks to a threshold, out of what the member receives."""

    threshold: Amount
    group: Reference
    rate: Rate

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return the value of the own group."""
        node = vocabulary.node_of(self.group)
        return {node} if node else set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``bonuses.guarantee`` for a group that has no number, or a threshold that it cannot reach exactly."""
        decimals = vocabulary.quantity_decimals(self.group)
        if decimals is None or self.group in vocabulary.required_metrics:
            known = [*vocabulary.volumes, *vocabulary.metrics]
            message = f"{self.group} is no volume, metric or number column of this plan."
            return [Finding("bonuses.guarantee", message, nearest(self.group, known), path=("guarantee", "group"))]
        try:
            below = units_from_text(self.threshold, decimals) < 0
            fault = f"{self.threshold} is below 0." if below else ""
        except NotExact as wrong:
            fault = f"{wrong}."
        if not fault:
            return []
        remedy = f"{self.group} has {decimals} decimals."
        return [Finding("bonuses.guarantee", fault, remedy, path=("guarantee", "threshold"))]

    def short(
        self, values: Values, account: BonusAccount, members: NDArray[np.integer] | None = None
    ) -> NDArray[np.int64]:
        """Return what each member, or some, must leave to the one above, if it has so much; rounded as a line is.

        Parameters
        ----------
        values : Values
        account : BonusAccount
        members : (k,) integer, optional
            Positions; everybody's where nothing is said.

        Returns
        -------
        (k,) int64
            In amount decimals.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        group: Quantity = values.quantity(self.group)
        threshold = units_from_text(self.threshold, group.decimals)
        lowest = int(group.amounts.min(initial=0))
        has = group.amounts if members is None else group.amounts[members]
        missing = np.maximum(threshold - np.maximum(has, threshold - INT64_MAX), 0)
        places = group.decimals + RATE_DECIMALS - account.amount_decimals
        by_line = account.rounding.place == "line"
        unit = account.rounding.unit if by_line else 1
        multiplier, divisor = 10 ** max(-places, 0), unit * 10 ** max(places, 0)
        most = max(threshold - lowest, 0)
        if max(most * self.rate * multiplier, divisor) > INT64_MAX:
            message = f"what the guarantee of bonus {account.bonus} asks could be more than 64 bits hold."
            member = str(values.network.ids[int(group.amounts.argmin())])
            raise InputRefused(
                Finding("bonuses.overflow", message, "Correct the volume, or state fewer decimals.", member=member)
            )
        short = np.empty(missing.size, np.int64)
        rate = np.full(missing.size, self.rate, np.int64)
        rule = np.array([multiplier, divisor, MODE_CODE[account.rounding.mode], unit], np.int64)
        round_products(missing, rate, rule, short)
        return short

    def passes(self, values: Values, account: BonusAccount, tree: Tree, receiver: NDArray[np.int32]) -> Passes:
        """Return what everybody gives and is given.

        Parameters
        ----------
        values : Values
        account : BonusAccount
            With all lines of the bonus.
        tree : Tree
        receiver : (n,) int32
            In tree order: who takes the guarantee of each, -1 for nobody.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        held = tree.enter(account.amounts).copy()
        given = np.empty(held.size, np.int64)
        # Only who has something, or may be given something, can leave anything.
        may = np.zeros(held.size + 1, np.bool_)
        may[receiver] = True
        some = np.flatnonzero((may[:-1] | (held > 0)) & (receiver >= 0)).astype(np.int32)
        short = np.zeros(held.size, np.int64)
        short[some] = self.short(values, account, _positions(tree, some))
        pass_up(receiver, short, held, given)
        giver = np.flatnonzero(given).astype(np.int32)
        taker = receiver[giver]
        level = tree.depth[giver] - tree.depth[taker]
        return Passes(_positions(tree, giver), _positions(tree, taker), level.astype(np.int32), given[giver])


def _positions(tree: Tree, index: NDArray[np.int32]) -> NDArray[np.int32]:
    return index if tree.order is None else tree.order[index]


@dataclass(frozen=True, slots=True, eq=False)
class Passes:
    """Who leaves how much to whom.

    Attributes
    ----------
    giver, receiver : (k,) int32
        Positions.
    level : (k,) int32
        How far the receiver is above in the tree.
    amount : (k,) int64
        Above 0, in amount decimals.
    """

    giver: NDArray[np.int32]
    receiver: NDArray[np.int32]
    level: NDArray[np.int32]
    amount: NDArray[np.int64]

    def post(self, account: BonusAccount) -> None:
        """Post a line for every giver and one for every receiver, which sum to zero."""
        if not self.giver.size:
            return
        earner = np.concatenate([self.giver, self.receiver])
        source = np.concatenate([self.giver, self.giver])
        level = np.concatenate([np.zeros_like(self.level), self.level])
        amount = np.concatenate([-self.amount, self.amount])
        order = np.lexsort((source, earner))
        owed = Owed.to_earners(earner[order])
        lines = Owed(
            owed.earner, source[order], owed.via, owed.order, level[order], owed.paid_level, owed.base, owed.rate_ppm
        )
        account.adjust(lines, amount[order], "guarantee")
