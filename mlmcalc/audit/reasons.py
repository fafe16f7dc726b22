"""Why a member did not take a level, in the words of the plan: the requirement, what was required, what it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mlmcalc.audit.explanation import Need
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES
from mlmcalc.money import rate_text, text_from_units
from mlmcalc.periods import day_text
from mlmcalc.trees.compressed import Compressed

if TYPE_CHECKING:
    from mlmcalc.bonuses.levels import Levels
    from mlmcalc.rules.bonus_word import BonusWord, SourceBonus
    from mlmcalc.rules.bound_rates import BoundRates
    from mlmcalc.rules.condition import Condition
    from mlmcalc.rules.parts import Part
    from mlmcalc.rules.requirements import Requirement
    from mlmcalc.rules.values import Values
    from mlmcalc.runs.commission_run import CommissionRun


class Reasons:
    """Says why, for one finished run.

    Parameters
    ----------
    run : CommissionRun
    """

    def __init__(self, run: CommissionRun) -> None:
        self._plan = run.plan
        self._values: Values = run.values

    def barred(self, position: int) -> list[Need]:
        """Return why a member may neither earn nor hold a rank; empty if it may."""
        network = self._values.network
        if self._values.status_bars[position]:
            joined = int(network.joined[position])
            status = STATUSES[network.status[position]]
            if status == "not_joined" and joined != NO_DAY:
                last = day_text(network.day)
                return [Need("joined", f"{last} or before", day_text(joined), "", False)]
            return [Need("status", "one that may earn", status, "", False)]
        if not self._values.may_earn[position]:
            return [Need("kind", KINDS[0], KINDS[network.kind[position]], "", False)]
        return []

    def not_eligible(self, word: BonusWord, position: int) -> list[Need]:
        """Return what keeps a member from a bonus; empty if it is eligible. Of alternatives, the nearest one."""
        barred = self.barred(position)
        if word.eligible is None or self._values.status_bars[position]:
            return barred
        return barred + self.unmet(word.eligible, position)

    def unmet(self, condition: Condition, position: int) -> list[Need]:
        """Return what a member lacks to meet a condition, of alternatives the nearest one; empty if it is met."""
        alternatives = condition.requirements(self._values, position)
        if any(all(need.met for need in needs) for needs in alternatives):
            return []
        fewest = min(alternatives, key=lambda needs: sum(not need.met for need in needs))
        return [lacking for need in fewest if not need.met for lacking in self._of_active(need, position)]

    def _of_active(self, need: Requirement, position: int) -> list[Need]:
        # Who is not active is told what the plan's `active` wants.
        if need.word != "active" or need.required != "true":
            return [need_of(need)]
        active = self._plan.active
        if active is None or self._values.network.status[position] == STATUSES.index("not_joined"):
            status = STATUSES[self._values.network.status[position]]
            return [Need("active: status", "active", status, "", False)]
        return [replace(lacking, word=f"active: {lacking.word}") for lacking in self.unmet(active, position)]

    def no_rate(self, part: Part, row: int, column: int, level: int | None) -> str:
        """Return why a row of the rate table gives nothing at a level, and which would.

        Parameters
        ----------
        part : Part
        row : int
            Row of the rate table.
        column : int
            Column of the rate table.
        level : int or None
            As the plan counts; None for own volume.
        """
        bound = part.bound
        rates = part.rates[:, column]
        at = "" if level is None else f" at level {level}"
        own = _row_text(bound, row)
        none = "a rate of 0%" if rates[row] == 0 else "no rate"
        text = f"{none}{at}" + (f" for {own}" if own else "")
        better = np.flatnonzero((rates > 0) & (part.row_scheme == part.row_scheme[row]))
        if better.size == 0:
            return f"{text}; nobody has one"
        first = int(better[0])
        return f"{text}; {_row_text(bound, first)} has {rate_text(int(rates[first]))}"

    def pairs(self, word: Levels, source: int, earner: int) -> str:
        """Return the comparisons of source and earner that do not hold."""
        failed = []
        for pair in word.pairs:
            if all(key[source] >= bound[earner] for key, bound in pair.sides(self._values)):
                continue
            of_source, of_earner = self._text(pair.source, source), self._text(pair.earner, earner)
            required = f"source.{pair.source} {pair.operator} earner.{pair.earner} required"
            failed.append(f"{required}, actual {of_source} and {of_earner}")
        return "; ".join(failed)

    def left_out(self, tree: str, position: int) -> str:
        """Return why a member has no place in a tree."""
        values = self._values
        if values.walk_compressed is not None and values.walk_compressed[position]:
            return f"members of status {STATUSES[values.network.status[position]]} are taken out of trees"
        word = self._plan.trees.get(tree)
        while isinstance(word, Compressed):
            needs = self.unmet(word.keep, position)
            if needs:
                return f"not kept in {tree}: " + sentences(needs)
            tree = word.compress
            word = self._plan.trees.get(tree)
        return f"has no place in {tree}"

    def not_a_source(self, word: SourceBonus, position: int) -> str:
        """Return why the volume of a member pays nothing of a bonus; empty if it does."""
        if not self._values.is_source[position]:
            status = STATUSES[self._values.network.status[position]]
            return f"the volume of members of status {status} pays no bonus"
        needs = [] if word.sources is None else self.unmet(word.sources, position)
        return f"the member is no source of it: {sentences(needs)}" if needs else ""

    def _text(self, word: str, position: int) -> str:
        ranking = self._values.ranking(word)
        if ranking is not None:
            code = int(ranking.code[position])
            return ranking.names[code - 1] if code else "no rank"
        quantity = self._values.quantity(word)
        return text_from_units(int(quantity.amounts[position]), quantity.decimals)


def need_of(need: Requirement) -> Need:
    """Return a requirement as an explanation says it."""
    return Need(need.word, need.required, need.actual, need.short_by, need.met, need.waived)


def sentences(needs: list[Need]) -> str:
    """Return requirements as one phrase."""
    return "; ".join(need.sentence() for need in needs)


def _row_text(bound: BoundRates, row: int) -> str:
    parts = bound.describe(row).split("/")
    return " / ".join("no rank" if bound.by_rank and part == "none" else part for part in parts if part)
