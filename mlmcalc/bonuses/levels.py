"""``levels``: from each source up the tree, one rate per level (plan model, section 6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Flag, Model, Name, Reference, Text
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import rate_text
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.classes import NO_RATE, Classes
from mlmcalc.rules.eligibility import ELIGIBLE, eligibility
from mlmcalc.rules.level_walk import LevelWalk, Policy, Starts, sources_at_once, starts_of
from mlmcalc.rules.most import Most
from mlmcalc.rules.pairs import PairField, pair_columns
from mlmcalc.rules.parts import Part, parts_of
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.values import Node, Values, Vocabulary
from mlmcalc.rules.words import nearest

MAX_COUNT_FROM = 1000
"""No published plan is near it, and a generation fits its column."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """One walk of a bonus before it is walked.

    Attributes
    ----------
    part : Part
    walk : LevelWalk
    starts : Starts
    index : (m,) int32
        Place of every source in tree order, -1 for none.
    columns : (m, 4) int64
        The sources as `mlmcalc.kernels.walk` takes them.
    keys : (m, pairs) int64 or None
    """

    part: Part
    walk: LevelWalk
    starts: Starts
    index: NDArray[np.int32]
    columns: NDArray[np.int64]
    keys: NDArray[np.int64] | None


class Until(Model):
    """Where a walk ends."""

    rank: Text
    paid: Flag = True
    levels_below: Count = 0


class Levels(SourceBonus):
    """One rate per level, from each source upwards."""

    levels: RateTable
    tree: Name = ""
    otherwise: Policy = "lose"
    tier: Reference | None = None
    by: Name | None = None
    scheme: Literal["earner", "source"] = "earner"
    rank: RankBy = "paid_as"
    until: Until | None = None
    pairs: tuple[PairField, ...] = ()
    count_from: Annotated[Count, Field(le=MAX_COUNT_FROM)] | None = None
    leader: Literal["own_group", "upline_group"] = "own_group"

    @property
    def per_order(self) -> bool:
        """Whether the bonus must know single orders whatever the grain of lines."""
        return self.by is not None

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = self.reads_shared(vocabulary) | {Node("tree", self.tree or vocabulary.first_tree)}
        nodes |= self.levels.reads(vocabulary, self.tier, self.by, self.rank)
        if self.until is not None:
            nodes.add(Node("ladder", "rank"))
        return nodes.union(*(pair.reads(vocabulary) for pair in self.pairs)) if self.pairs else nodes

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        findings = (
            self.check_shared(vocabulary)
            + self.check_by(self.by, vocabulary)
            + [
                replace(found, path=("levels", *found.path))
                for found in self.levels.check(vocabulary, self.by, self.tier, True, self.base_decimals(vocabulary))
            ]
        )
        findings += self.check_tier(self.tier, vocabulary)
        findings += [found for pair in self.pairs for found in pair.check(vocabulary)]
        if self.tree and self.tree not in vocabulary.trees:
            findings.append(_finding("tree", self.tree, "is not a tree of this plan", vocabulary.trees))
        if self.until is not None and self.until.rank not in vocabulary.ladders.get("rank", ()):
            ranks = vocabulary.ladders.get("rank", ())
            findings.append(_finding("until", self.until.rank, "is not a rank of this plan", ranks))
        tree = self.tree or vocabulary.first_tree
        if self.count_from is not None and vocabulary.trees.get(tree) == "":
            findings.append(
                Finding(
                    "bonuses.generations",
                    f"{tree} is a recorded tree and has no leaders.",
                    "Generations are counted in a tree that compresses another.",
                    path=("count_from",),
                )
            )
        return findings

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the highest rate of every level, added up."""
        rates = self.levels.highest()
        return Most(sum(rates), " + ".join(rate_text(rate) for rate in rates) or "no rate")

    def post(self, values: Values, account: BonusAccount) -> None:
        """Walk all sources and post what is paid.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        for prepared in self.prepare(values):
            _refuse_overflow(values, account, prepared.part)
            for lines in self._lines(prepared):
                account.pay(lines)
            self._account_for(account, prepared.walk)

    def prepare(self, values: Values) -> Iterator[Prepared]:
        """Yield the walks of this bonus, one for every part of its rate table, ready to be walked or traced."""
        tree: Tree = values.trees[self.tree or values.network.first_tree.name]
        starts = self._starts(values, tree)
        reason = eligibility(values, self.eligible)
        keys, bounds = pair_columns(values, self.pairs) if self.pairs else (None, None)
        for part in parts_of(self, values, self.levels, self.tier, self.by, self.scheme, self.rank):
            classes = Classes.of_table(part.rates, part.top, part.row_scheme, self.otherwise == "company")
            klass = classes.of_members(part.row, reason, part.scheme)
            failing = np.where(reason == ELIGIBLE, classes.not_eligible(part.scheme), klass).astype(np.int32)
            walk = LevelWalk(
                tree=tree,
                classes=classes,
                klass=tree.enter(klass),
                failing=tree.enter(failing),
                bounds=None if bounds is None else tree.enter(bounds),
                policy=self.otherwise,
                used=np.zeros(classes.rates.shape, np.int64),
            )
            columns, index = self._columns(tree, starts, walk, part)
            part_keys = None if keys is None else np.ascontiguousarray(keys[part.sources.member])
            yield Prepared(part, walk, starts, index, columns, part_keys)

    @property
    def first_level(self) -> int:
        """Number of the first level or generation of the rate table."""
        return 1 if self.count_from is None else self.count_from

    def _starts(self, values: Values, tree: Tree) -> Starts:
        holders = None
        if self.until is not None:
            ranking = values.rankings["rank"]
            holders = tree.enter(ranking.code >= ranking.code_of(self.until.rank))
        paid, below = (True, 0) if self.until is None else (self.until.paid, self.until.levels_below)
        return starts_of(tree, self.count_from, self.leader, holders, paid, below)

    def _columns(
        self, tree: Tree, starts: Starts, walk: LevelWalk, part: Part
    ) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        sources = part.sources
        index = _index_of(tree, sources.place)
        placed = index >= 0
        columns = np.empty((sources.member.size, 4), np.int64)
        columns[:, 0] = np.where(placed, starts.first[index], -1)
        columns[:, 1] = np.where(placed, starts.limit[index], 0)
        columns[:, 2] = walk.classes.beyond(part.scheme[sources.member], placed & starts.blocked[index])
        columns[:, 3] = sources.base
        return columns, index

    def _lines(self, prepared: Prepared) -> Iterator[Owed]:
        tree, sources = prepared.walk.tree, prepared.part.sources
        at_once = sources_at_once(prepared.part.rates.shape[1])
        for steps in prepared.walk.walk(prepared.columns, prepared.keys, at_once):
            member = steps.earner < tree.size
            inside = np.where(member, steps.earner, 0)
            level = prepared.starts.level[prepared.index[steps.source]] - tree.depth[inside]
            level = np.where(member, level, steps.level + self.first_level).astype(np.int32)
            earner = inside if tree.order is None else tree.order[inside]
            yield Owed(
                earner=np.where(member, earner, tree.size).astype(np.int32),
                source=sources.member[steps.source],
                via=sources.via[steps.source],
                order=sources.order[steps.source],
                level=level,
                paid_level=(steps.level + self.first_level).astype(np.int16),
                base=sources.base[steps.source],
                rate_ppm=steps.rate_ppm,
            )

    def _account_for(self, account: BonusAccount, walk: LevelWalk) -> None:
        classes = walk.classes
        for place, column in zip(*np.nonzero(walk.used), strict=True):
            base, top = int(walk.used[place, column]), int(classes.top[place, column])
            rate = int(classes.rates[place, column])
            account.offer(base, top)
            lost = top - max(rate, 0)
            if lost:
                members = place < classes.rows + 2 * classes.schemes
                missed = classes.to_company and rate == NO_RATE and members
                account.lose(
                    int(column) + self.first_level, "to_company" if missed else classes.outcome(int(place)), base, lost
                )


def _finding(key: str, name: str, fault: str, known: Iterable[str]) -> Finding:
    return Finding(f"bonuses.{key}", f"{name} {fault}.", nearest(name, known) or "There is none.", path=(key,))


def _index_of(tree: Tree, position: NDArray[np.int32]) -> NDArray[np.int32]:
    # Places in tree order of positions, -1 staying -1.
    if tree.order is None:
        return position
    index = np.empty(tree.size, np.int32)
    index[tree.order] = np.arange(tree.size, dtype=np.int32)
    return np.where(position >= 0, index[position], -1).astype(np.int32)


def _refuse_overflow(values: Values, account: BonusAccount, part: Part) -> None:
    if part.sources.base.size == 0:
        return
    largest = int(part.sources.member[np.abs(part.sources.base).argmax()])
    most = int(np.maximum(part.top, 0).max(axis=0).sum())
    account.refuse_overflow(total_magnitude(part.sources.base), most, str(values.network.ids[largest]))
