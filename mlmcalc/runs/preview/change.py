"""A run after a change of its orders: few members calculated again, or all of them where that is not enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount, Post
from mlmcalc.ledger.equation import BreakageRow, Equation
from mlmcalc.ledger.lines import LineBlock
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.ledger.result import BonusResult
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.state import Keeper
from mlmcalc.rules.values import Node
from mlmcalc.runs.commission_run import PAYOUT, CommissionRun
from mlmcalc.runs.preview.after import After, Everybody
from mlmcalc.runs.preview.before import Before, key_of
from mlmcalc.runs.preview.bonus import BonusChange, PartLines, follow_bonus
from mlmcalc.runs.preview.follow import follow
from mlmcalc.runs.preview.orders import Changed, orders_of
from mlmcalc.runs.preview.part import Part, Places
from mlmcalc.runs.preview.patch import Patch, united
from mlmcalc.runs.preview.trees import follow_tree
from mlmcalc.runs.preview.whole import Whole
from mlmcalc.volumes.orders import Orders

_LATER = ("choice", "limit")


@dataclass(frozen=True, slots=True, eq=False)
class NewResult:
    """The result of a bonus as it is now, against what it was.

    Attributes
    ----------
    amounts, counts : Patch
        Of every earner, index n the company.
    breakage : tuple of BreakageRow
    equation : Equation
    """

    amounts: Patch
    counts: Patch
    breakage: tuple[BreakageRow, ...]
    equation: Equation

    @property
    def earners(self) -> Places:
        """Of whom something is another one, the company among them."""
        return united(self.amounts.places, self.counts.places)


class Change:
    """What a change of orders makes of a run.

    Parameters
    ----------
    before : Before
    changed : Changed
    post_of : callable
        From the key of what posts lines (`mlmcalc.runs.preview.before.key_of`), and the orders whose rows they name,
        to what receives them; asked only of what is calculated for everybody.

    Attributes
    ----------
    after : After
    lines : dict of str to (PartLines, PartLines)
        By key: lines that are gone, and lines that are new.
    anew : set of str
        Keys of what was calculated for everybody: all its lines were posted, and none of the old ones stays.
    results : dict of str to NewResult
        Of every bonus, and of ``payout`` where statements are rounded as a whole.

    Raises
    ------
    InputRefused, IntegrityError
        As `mlmcalc.runs.commission_run.run_commissions`.
    """

    def __init__(self, before: Before, changed: Changed, post_of: Callable[[str, Orders], Post]) -> None:
        self.before = before
        self.after = After(before, changed)
        self.lines: dict[str, tuple[PartLines, PartLines]] = {}
        self.anew: set[str] = set()
        self.results: dict[str, NewResult] = {}
        self._post_of = post_of
        self._bonuses: dict[str, BonusChange] = {}
        self._whole = Whole(self.after, self._bonuses)
        self._run: CommissionRun | None = None
        for node in before.given.plan.order:
            if node.kind != "payout":
                self._follow(node)
        self._conclude()

    @property
    def whole_changes(self) -> dict[str, dict[str, MemberAmounts]]:
        """What choices and limits changed of each bonus, as `CommissionRun.changes`."""
        return self._whole.results.changes

    @property
    def is_settled(self) -> bool:
        """Whether state and payout were made anew; otherwise they are what they were."""
        return self._run is not None

    def run(self) -> CommissionRun:
        """Return the whole run as it is now."""
        if self._run is None:
            self._run = self._whole.finish(lambda block: None)
        return self._run

    def _follow(self, node: Node) -> None:
        try:
            if self._for_everybody(node):
                raise Everybody(node)
            if node.kind == "tree":
                follow_tree(self.after, node)
            elif node.kind == "bonus":
                change = follow_bonus(self.after, node)
                if change is not None:
                    self._bonuses[node.name] = change
                    self.lines[key_of(node)] = (change.taken, change.added)
            else:
                follow(self.after, node)
        except Everybody:
            key = key_of(node)
            if node.kind in ("bonus", *_LATER):
                self.anew.add(key)
            posts = key in self.anew
            self._whole.evaluate(node, lambda orders: self._post_of(key, orders) if posts else lambda block: None)

    def _for_everybody(self, node: Node) -> bool:
        # What leaves state leaves it of everybody, and choices and limits look at everybody.
        plan = self.before.given.plan
        if node.kind in _LATER or (node.kind == "bonus" and node.name in plan.vocabulary.asked_on_orders):
            return True
        word = plan.word(node)
        return isinstance(word, Keeper) and bool(word.keeps(node.name, plan.vocabulary))

    def _conclude(self) -> None:
        plan, was = self.before.given.plan, self.before.run
        if plan.keeps or plan.payout is not None or was.payments is not None or not self._fits():
            if plan.rounding.place == PAYOUT:
                self.anew.add(PAYOUT)
            self._run = self._whole.finish(self._post_of(PAYOUT, self.before.given.orders))
            self.results = {name: _compared(was.bonuses[name], now) for name, now in self._run.bonuses.items()}
            return
        for name in plan.bonuses:
            if plan.choices or plan.limits or key_of(Node("bonus", name)) in self.anew:
                self.results[name] = _compared(was.bonuses[name], self._whole.result(name))
            else:
                self.results[name] = _limited(was.bonuses[name], self._bonuses.get(name))
        if plan.rounding.place == PAYOUT:
            self._round_statements()

    def _fits(self) -> bool:
        # As a whole run asks it, with all that was and all that is new.
        if self.anew:
            return False
        most = self.before.paid + sum(total_magnitude(change.amounts.values) for change in self._bonuses.values())
        return most <= INT64_MAX >> 2

    def _round_statements(self) -> None:
        before, values = self.before, self.before.run.values
        was = before.run.bonuses[PAYOUT]
        earners = united(*(result.amounts.places for result in self.results.values()))
        members = earners[earners < values.size]
        part = before.part(members)
        # The company's row is taken along, whether or not it changed.
        places = np.append(members, values.size)
        old = sum((before.run.bonuses[name].amounts[places] for name in self.results), np.zeros(places.size, np.int64))
        new = sum(
            (result.amounts.at(before.run.bonuses[name].amounts, places) for name, result in self.results.items()),
            np.zeros(places.size, np.int64),
        )
        (taken, gone), (added, come) = self._rounded(part, old), self._rounded(part, new)
        self.lines[PAYOUT] = (taken, added)
        now = {
            term: getattr(was.equation, term) - getattr(gone.equation, term) + getattr(come.equation, term)
            for term in ("paid", "rounding")
        }
        amounts = was.amounts[places] + come.amounts - gone.amounts
        counts = was.counts[places] + come.counts - gone.counts
        self.results[PAYOUT] = NewResult(
            Patch.of(was.amounts, places, amounts),
            Patch.of(was.counts, places, counts),
            (),
            Equation(PAYOUT, 0, now["paid"], 0, 0, now["rounding"], was.equation.decimals),
        )

    def _rounded(self, part: Part, totals: NDArray[np.int64]) -> tuple[PartLines, BonusResult]:
        values = self.before.run.values
        blocks: list[LineBlock] = []
        nothing = orders_of(Part(part.members[:0]), self.before.given.orders, None)
        account = BonusAccount(PAYOUT, part.size, values.rounding, 0, values.amount_decimals, blocks.append)
        return PartLines(part, nothing, blocks), account.close_payout(totals)


def _compared(was: BonusResult, now: BonusResult) -> NewResult:
    everybody = np.arange(was.amounts.size)
    amounts = Patch.of(was.amounts, everybody, now.amounts)
    return NewResult(amounts, Patch.of(was.counts, everybody, now.counts), now.breakage, now.equation)


def _limited(was: BonusResult, change: BonusChange | None) -> NewResult:
    if change is None:
        nothing = Patch(np.empty(0, np.int64), np.empty(0, np.int64))
        return NewResult(nothing, nothing, was.breakage, was.equation)
    return NewResult(change.amounts, change.counts, change.breakage, change.equation)
