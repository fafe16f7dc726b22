"""How one member stands on every rung: required, actual, short by, met."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mlmcalc.kernels.counts import count_legs
from mlmcalc.money import text_from_units
from mlmcalc.ranks.rungs import LEGS, Alternative, LegsNeed, Rung
from mlmcalc.ranks.settled import legs_feed, settled_by
from mlmcalc.ranks.table import forced_ranks, required_units, waivers_of
from mlmcalc.ranks.titles import TITLE, held_before
from mlmcalc.ranks.written import WrittenLadder
from mlmcalc.rules.feeds import Feed
from mlmcalc.rules.needs import NO_RANK, Goal, Need
from mlmcalc.rules.requirements import Requirement, requirement_of
from mlmcalc.rules.tree_columns import entered, index_of, kept_parent
from mlmcalc.rules.values import Override, Values
from mlmcalc.rules.words import Operand, member_operand


@dataclass(frozen=True, slots=True)
class RungStanding:
    """One rung for one member.

    Attributes
    ----------
    rung : str
        The rank.
    met : bool
        Whether some alternative is met, waivers included; with a cumulative ladder lower rungs count besides.
    alternatives : list of list of Requirement
    forced : str
        Reason and approver if this rank was imposed, else empty.
    source : str
        Where the company's document says so.
    kept : bool
        Whether it is met only by what it takes to keep the rank.
    """

    rung: str
    met: bool
    alternatives: list[list[Requirement]]
    forced: str = ""
    source: str = ""
    kept: bool = False


def standing_of(ladder: WrittenLadder, values: Values, position: int, name: str) -> list[RungStanding]:
    """Return every rung of the member's own scheme, lowest first.

    Parameters
    ----------
    ladder : WrittenLadder
    values : Values
        Of a finished run.
    position : int
    name : str
        Name of the ladder.
    """
    forced = forced_ranks(values, name).get(position)
    standings = []
    for rung in ladder.rungs_of(values.scheme_names[int(values.scheme[position])]):
        waived = [row for row in waivers_of(values, name, rung.rank) if row.member == position]
        judge = _Judge(ladder, values, position, name, waived)
        alternatives = [judge.requirements(alternative) for alternative in rung.requires.root]
        reached = _any_met(alternatives)
        keeping = [[judge.held_before(rung), *judge.requirements(alternative)] for alternative in rung.keeps]
        kept = not reached and _any_met(keeping)
        alternatives += keeping
        imposed = _because(forced) if forced is not None and forced.rank == rung.rank else ""
        standings.append(RungStanding(rung.rank, reached or kept, alternatives, imposed, rung.source, kept))
    return standings


def _any_met(alternatives: list[list[Requirement]]) -> bool:
    return any(all(requirement.met for requirement in requirements) for requirements in alternatives)


def _because(row: Override) -> str:
    return f"{row.reason}, approved by {row.approver}"


class _Judge:
    def __init__(self, ladder: WrittenLadder, values: Values, position: int, name: str, waived: list[Override]) -> None:
        assert values.vocabulary is not None, "a ladder is judged by the names of its plan"
        self.ladder, self.values, self.position, self.name = ladder, values, position, name
        self.vocabulary = values.vocabulary
        self.feeds = settled_by(ladder, self.vocabulary).feeds
        self.waived = {row.metric: _because(row) for row in waived}
        self.before = int(held_before(values, ladder.remembers, name)[position])

    def held_before(self, rung: Rung) -> Requirement:
        """Return that a rank is kept only by who held it before."""
        names = [NO_RANK, *self.vocabulary.ladders[self.name]]
        period = self.values.opening.period
        word = "title before" if self.ladder.remembers == TITLE else f"rank in {period}" if period else "rank before"
        met = self.before >= names.index(rung.rank)
        return Requirement(word, f"{rung.rank} or higher", names[self.before], "", met)

    def requirements(self, alternative: Alternative) -> list[Requirement]:
        found = [self._requirement(word, need) for word, need in alternative.needs.items()]
        found += [self._legs(need) for need in alternative.legs]
        return [self._waived(requirement) for requirement in found]

    def _waived(self, requirement: Requirement) -> Requirement:
        word = LEGS if requirement.word.startswith("legs with ") else requirement.word
        if word not in self.waived:
            return requirement
        return replace(requirement, met=True, short_by="", waived=self.waived[word])

    def _requirement(self, word: str, need: Need) -> Requirement:
        if word in self.values.required_metrics:
            return self._of_required(word, need)
        goal = member_operand(need.min.column, self.values) if isinstance(need.min, Goal) else None
        operand = member_operand(word, self.values)
        feed = self.feeds.get(word)
        if isinstance(feed, Feed) and feed.upline_group:
            operand = self._as_judged(feed, operand)
        return requirement_of(word, need, operand, self.position, goal)

    def _as_judged(self, feed: Feed, operand: Operand) -> Operand:
        """Return a group as it was judged, before the member's own rank made it a leader whose own volume is above."""
        code = self.values.rankings[self.name].code[self.position]
        tree = self.values.trees[feed.tree]
        leads = bool(feed.ranks.lowest <= code <= feed.ranks.highest) and feed.with_self
        leads = leads and (feed.where is None or bool(feed.where.holds(self.values)[self.position]))
        leads = leads and (tree.kept is None or bool(tree.leave(tree.kept)[self.position]))
        if not leads:
            return operand
        amounts = operand.values.copy()
        amounts[self.position] += self.values.quantity(feed.amount).amounts[self.position]
        return Operand("number", amounts, operand.decimals)

    def _of_required(self, word: str, need: Need) -> Requirement:
        decimals = self.values.metrics[word].decimals
        units = required_units(need, decimals, self.values)
        required = int(units if isinstance(units, int) else units[self.position])
        actual = int(self.values.required_metrics[word](units).amounts[self.position])
        short_by = text_from_units(required - actual, decimals) if actual < required else ""
        wanted = f"at least {text_from_units(required, decimals)}"
        return Requirement(word, wanted, text_from_units(actual, decimals), short_by, actual >= required)

    def _legs(self, need: LegsNeed) -> Requirement:
        feed = legs_feed(self.ladder, need, self.vocabulary, self.name)
        tree = self.values.trees[feed.tree]
        holds = entered(tree, self.values.rankings[self.name].code >= feed.ranks.lowest)
        holds = holds if tree.kept is None else holds & tree.kept
        count = int(
            count_legs(kept_parent(tree), np.ascontiguousarray(holds), feed.levels)[index_of(tree, self.position)]
        )
        within = "" if need.levels is None else f" within {need.levels} levels"
        short_by = str(need.count - count) if count < need.count else ""
        word = f"legs with {need.rank}{within}"
        return Requirement(word, f"at least {need.count}", str(count), short_by, count >= need.count)
