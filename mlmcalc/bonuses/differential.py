"""``differential``: from each source up, each rate less the highest rate below (plan model, sections 6 and 11.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.differential_legs import post_legs
from mlmcalc.bonuses.differential_walk import DifferenceWalk, Rule, Standings, post_walk, rates_held, walk_of
from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Flag, Model, Name, Rate, Reference, Text
from mlmcalc.genealogy.network import KINDS
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.eligibility import eligibility
from mlmcalc.rules.most import Most
from mlmcalc.rules.parts import Part, parts_of
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.tree_columns import places_of
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

PERCENT_DECIMALS = 4
"""A number that is a rate counts in percent, of four decimals at most."""
_OF_A_WALK = ("first_level", "nearer", "top", "start", "pays", "first_upline", "until")


class End(Model):
    """Where a walk ends: at a rank, or after so many who hold no higher rate than was taken."""

    rank: Text | None = None
    paid: Flag = True
    levels_below: Count = 0
    equal: Count | None = None
    equal_or_lower: Count | None = None


class FirstUpline(Model):
    """What is special about the first ancestor."""

    reserve: Rate


class Differential(SourceBonus):
    """Each ancestor's rate less the highest rate below it, on each source."""

    differential: RateTable
    tree: Name = ""
    against: Literal["paid", "qualified", "immediate_leg"] = "paid"
    own: Flag = True
    tier: Reference | None = None
    by: Name | None = None
    scheme: Literal["earner", "source"] = "earner"
    rank: RankBy = "paid_as"
    first_level: Count = 1
    nearer: Literal["skipped", "counted"] = "skipped"
    top: Rate | None = None
    start: Reference | None = None
    pays: Literal["difference", "own_rate"] = "difference"
    first_upline: FirstUpline | None = None
    until: End | None = None

    @property
    def per_order(self) -> bool:
        """Whether the bonus must know single orders whatever the grain of lines."""
        return self.by is not None

    @property
    def tells_orders(self) -> bool:
        """What a leg pays is of no single order."""
        return self.against != "immediate_leg"

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = self.reads_shared(vocabulary) | {Node("tree", self.tree or vocabulary.first_tree)}
        nodes |= self.differential.reads(vocabulary, self.tier, self.by, self.rank)
        if self.until is not None and self.until.rank is not None:
            nodes.add(Node("ladder", "rank"))
        start = None if self.start is None else vocabulary.node_of(self.start)
        return nodes if start is None else nodes | {start}

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        findings = self.check_shared(vocabulary) + self.check_by(self.by, vocabulary)
        findings += [
            replace(found, path=("differential", *found.path))
            for found in self.differential.check(vocabulary, self.by, self.tier, False, self.base_decimals(vocabulary))
        ]
        findings += self.check_tier(self.tier, vocabulary)
        if self.tier and vocabulary.quantity_decimals(self.tier) is None:
            known = (*vocabulary.volumes, *vocabulary.metrics)
            findings.append(_unknown("tier", self.tier, "is no volume or metric of this plan", known))
        if self.tree and self.tree not in vocabulary.trees:
            findings.append(_unknown("tree", self.tree, "is not a tree of this plan", vocabulary.trees))
        return findings + self._check_walk(vocabulary)

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the top rate: what a source pays is shared out once, except where each leg pays by itself."""
        if self.against == "immediate_leg":
            return Most(None, "no bound, each leg pays by itself, and a rate that falls and rises is paid again")
        highest = max(self.differential.highest(), default=0)
        if self.top is None:
            return Most(highest, "the highest rate")
        once = self.pays == "difference" and self.first_upline is None
        return Most(min(highest, self.top) if once else self.top, "the top")

    def post(self, values: Values, account: BonusAccount) -> None:
        """Post what every source pays, or every leg.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        for standings in self.standings(values):
            sources = standings.part.sources
            largest = str(values.network.ids[int(sources.member[np.abs(sources.base).argmax()])])
            if self.against == "immediate_leg":
                post_legs(account, standings, self.own, largest)
            else:
                account.refuse_overflow(total_magnitude(sources.base), standings.top, largest)
                post_walk(account, self.walk(values, standings))

    def standings(self, values: Values) -> Iterator[Standings]:
        """Yield who holds which rate, one for every part of the rate table that has sources."""
        tree: Tree = values.trees[self.tree or values.network.first_tree.name]
        reason = tree.enter(eligibility(values, self.eligible))
        may_hold = values.network.kind == KINDS.index("distributor")
        for part in parts_of(self, values, self.differential, self.tier, self.by, self.scheme, self.rank):
            if part.sources.base.size:
                rates = rates_held(part, tree, may_hold)
                yield Standings(part, tree, rates, reason, places_of(tree, part.sources.place), self._top(part))

    def walk(self, values: Values, standings: Standings) -> DifferenceWalk:
        """Return the walk of one part, ready to be walked or traced; not for the immediate-leg form."""
        end = self.until or End()
        holders = None
        if end.rank is not None:
            ranking = values.rankings["rank"]
            holders = standings.tree.enter(ranking.code >= ranking.code_of(end.rank))
        rule = Rule(
            counts_failing=self.against == "qualified",
            own=self.own,
            first_level=self.first_level,
            nearer_count=self.nearer == "counted",
            whole=self.pays == "own_rate",
            reserve_ppm=0 if self.first_upline is None else self.first_upline.reserve,
            ends_after=end.equal or end.equal_or_lower or 0,
            ends_at=1 if end.equal else 2,
            holders=holders,
            holder_paid=end.paid,
            levels_below=end.levels_below,
        )
        return walk_of(standings, rule, self.taken(values))

    def taken(self, values: Values) -> NDArray[np.int64] | None:
        """Return the rate that counts as taken of everybody's volume before the walk, ``(n,)`` int64 by position.

        None where nothing does.
        """
        if self.start is None:
            return None
        quantity = values.quantity(self.start)
        # Nothing is left beyond the top, so what is far beyond it need not be exact.
        percent = np.clip(quantity.amounts, 0, 10**12)
        return percent * 10 ** (PERCENT_DECIMALS - quantity.decimals)

    def _top(self, part: Part) -> int:
        if self.top is not None:
            return self.top
        of_source = self.scheme == "source" and part.sources.member.size > 0
        tops = part.top[int(part.scheme[part.sources.member[0]])] if of_source else part.top
        return max(int(tops.max()), 0)

    def _check_walk(self, vocabulary: Vocabulary) -> list[Finding]:
        findings: list[Finding] = []
        if self.against == "immediate_leg":
            for key in sorted(self.model_fields_set & set(_OF_A_WALK)):
                message = f"{key} is about a walk, and against: immediate_leg pays each leg by itself."
                findings.append(Finding("bonuses.immediate_leg", message, f"Leave out {key}.", path=(key,)))
        if self.first_level == 0:
            message, remedy = (
                "Levels above the source count from 1.",
                "own: says whether the source takes its own step.",
            )
            findings.append(Finding("bonuses.first_level", message, remedy, path=("first_level",)))
        if self.first_upline is not None and self.nearer == "counted":
            message = "The first upline is the first who may be paid, and those nearer count before it."
            findings.append(Finding("bonuses.first_upline", message, "Leave out nearer.", path=("first_upline",)))
        if self.start is not None:
            findings += _check_start(self.start, vocabulary)
        return findings + ([] if self.until is None else _check_end(self.until, vocabulary))


def _check_start(start: str, vocabulary: Vocabulary) -> list[Finding]:
    decimals = vocabulary.quantity_decimals(start)
    if decimals is None:
        known = (*vocabulary.metrics, *vocabulary.volumes)
        return [_unknown("start", start, "is no metric or number column of this plan", known)]
    if start in vocabulary.required_metrics:
        message = f"{start} depends on what a rung requires and means nothing here."
        return [Finding("bonuses.start", message, "Use it in the requires of a ladder.", path=("start",))]
    if decimals > PERCENT_DECIMALS:
        message = f"{start} is a rate in percent and has {decimals} decimals."
        return [Finding("bonuses.start", message, "A rate has four decimals at most.", path=("start",))]
    return []


def _check_end(end: End, vocabulary: Vocabulary) -> list[Finding]:
    findings: list[Finding] = []
    if end.rank is not None and end.rank not in vocabulary.ladders.get("rank", ()):
        ranks = vocabulary.ladders.get("rank", ())
        findings.append(_unknown("until", end.rank, "is not a rank of this plan", ranks))
    said = [key for key in ("equal", "equal_or_lower") if getattr(end, key) is not None]
    if end.rank is None and not said:
        message, remedy = "Nothing says where the walk ends.", "State rank, equal or equal_or_lower."
        findings.append(Finding("bonuses.until", message, remedy, path=("until",)))
    if len(said) == 2:
        message, remedy = "equal and equal_or_lower count different members.", "Keep one of them."
        findings.append(Finding("bonuses.until", message, remedy, path=("until",)))
    findings += [
        Finding(
            "bonuses.until", "A walk cannot end after nobody.", "Write 1 to end it at the first.", path=("until", key)
        )
        for key in said
        if getattr(end, key) == 0
    ]
    return findings


def _unknown(key: str, name: str, fault: str, known: Iterable[str]) -> Finding:
    return Finding(f"bonuses.{key}", f"{name} {fault}.", nearest(name, known) or "There is none.", path=(key,))
