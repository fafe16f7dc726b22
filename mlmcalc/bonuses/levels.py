"""``levels``: from each source up the tree, one rate per level (plan model, section 6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mlmcalc.bonuses.level_keys import (
    BoundaryField,
    Until,
    check_boundary,
    check_complete,
    check_together,
    check_until,
    most_of_generations,
    unknown,
)
from mlmcalc.bonuses.level_steps import (
    Prepared,
    account_for,
    index_of,
    owed,
    refuse_overflow,
    within_total,
)
from mlmcalc.errors import Finding
from mlmcalc.fields import Count, Name, Reference
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.walk import nearest_above
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.money import rate_text
from mlmcalc.rules.bonus_word import SourceBonus
from mlmcalc.rules.bound_rates import longest
from mlmcalc.rules.classes import NO_RATE, Classes
from mlmcalc.rules.completion import completed
from mlmcalc.rules.eligibility import ELIGIBLE, eligibility
from mlmcalc.rules.grounds import Ground, below_grounds, own_rank_grounds, whole_ground
from mlmcalc.rules.guarantee import Guarantee, Passes
from mlmcalc.rules.level_walk import LevelWalk, Policy, Starts, Steps, sources_at_once, starts_of
from mlmcalc.rules.most import UNBOUNDED, Most
from mlmcalc.rules.pairs import PairField, pair_columns
from mlmcalc.rules.parts import Part, parts_of
from mlmcalc.rules.rates import RankBy, RateTable
from mlmcalc.rules.values import Node, Values, Vocabulary

MAX_COUNT_FROM = 1000
"""No published plan is near it, and a generation fits its column."""


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
    generations: BoundaryField | None = None
    and_below: RateTable | None = None
    total: RateTable | None = None
    complete: dict[Count, Count] = Field(default_factory=dict)
    guarantee: Guarantee | None = None

    @property
    def per_order(self) -> bool:
        """Whether the bonus must know single orders whatever the grain of lines."""
        return self.by is not None

    @property
    def first_level(self) -> int:
        """Number of the first level or generation of the rate table."""
        return 1 if self.count_from is None else self.count_from

    @property
    def last_level(self) -> int:
        """Number of the last level or generation of the rate table."""
        return self.first_level + longest(self.levels.root) - 1

    def finest_decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of the finest number that a rate of it is taken of."""
        group = 0 if self.guarantee is None else vocabulary.quantity_decimals(self.guarantee.group) or 0
        return max(self.base_decimals(vocabulary), group)

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = self.reads_shared(vocabulary) | {Node("tree", self.tree or vocabulary.first_tree)}
        nodes |= self.levels.reads(vocabulary, self.tier, self.by, self.rank)
        if self.until is not None or self.and_below is not None:
            nodes.add(Node("ladder", "rank"))
        if self.generations is not None:
            boundary = vocabulary.ranking_of(self.generations.mine_or_higher)
            nodes |= {boundary} if boundary else set()
        if self.and_below is not None:
            nodes |= self.and_below.reads(vocabulary, self.tier, self.by, self.rank)
        if self.guarantee is not None:
            nodes |= self.guarantee.reads(vocabulary)
        return nodes.union(*(pair.reads(vocabulary) for pair in self.pairs)) if self.pairs else nodes

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the bonus, paths relative to it."""
        findings = self.check_shared(vocabulary) + self.check_by(self.by, vocabulary)
        findings += self._check_tables(vocabulary)
        findings += self.check_tier(self.tier, vocabulary)
        findings += [found for pair in self.pairs for found in pair.check(vocabulary)]
        if self.tree and self.tree not in vocabulary.trees:
            findings.append(unknown("tree", self.tree, "is not a tree of this plan", vocabulary.trees))
        findings += check_until(self.until, vocabulary)
        findings += check_boundary(self.generations, vocabulary)
        findings += check_complete(self.complete, self.levels, self.first_level)
        if self.guarantee is not None:
            findings += self.guarantee.check(vocabulary)
        if self.and_below is not None and not vocabulary.ladders.get("rank"):
            message = "and_below reaches to the next of the same rank or a higher one, and the plan has no ranks."
            findings.append(Finding("bonuses.and_below", message, "State ranks.", path=("and_below",)))
        tree = self.tree or vocabulary.first_tree
        if self.count_from is not None and self.generations is None and vocabulary.trees.get(tree) == "":
            message = f"{tree} is a recorded tree and has no leaders."
            remedy = "Generations are counted in a tree that compresses another, or with generations: mine_or_higher."
            findings.append(Finding("bonuses.generations", message, remedy, path=("count_from",)))
        return findings + self._check_combinations()

    def _check_tables(self, vocabulary: Vocabulary) -> list[Finding]:
        decimals = self.base_decimals(vocabulary)
        tables = [("levels", self.levels, True), ("and_below", self.and_below, False), ("total", self.total, False)]
        findings = []
        for key, table, levels in tables:
            if table is None:
                continue
            if key == "total" and not isinstance(table.root, int):
                findings.append(Finding("bonuses.total", "One rate is wanted here.", "Write 10%.", path=(key,)))
                continue
            by = None if key == "total" else self.by
            found = table.check(vocabulary, by, self.tier, levels, decimals)
            findings += [replace(one, path=(key, *one.path)) for one in found]
        return findings

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the highest rate of every level, added up; what all of it can be at most where a total is stated."""
        if self.and_below is not None:
            return Most(UNBOUNDED.rate_ppm, "and_below reaches any depth")
        if self.generations is not None:
            ends = (self.generations.mine_or_higher, self.rank)
            return most_of_generations(self.levels, ends, vocabulary, self.by, self.tier)
        rates = self.levels.highest()
        how = " + ".join(rate_text(rate) for rate in rates) or "no rate"
        if self.total is not None and int(self.total.root) < sum(rates):
            return Most(int(self.total.root), f"{how}, in total at most {rate_text(int(self.total.root))}")
        return Most(sum(rates), how)

    def _check_combinations(self) -> list[Finding]:
        present = {
            "generations": self.generations is not None,
            "and_below": self.and_below is not None,
            "total": self.total is not None,
            "complete": bool(self.complete),
            "guarantee": self.guarantee is not None,
            "until": self.until is not None,
            "pairs": bool(self.pairs),
            "count_from: 0": self.count_from == 0,
            f"otherwise: {self.otherwise}": self.otherwise not in ("lose", "company"),
        }
        skips = f"otherwise: {self.otherwise}"
        within = "Whoever shall be passed by is left out of the tree: keep those who are eligible, and walk that tree."
        apart = "State it as a bonus of its own."
        rules = [
            ("generations", ["until", "total", "complete", "guarantee", "and_below"], apart),
            ("generations", [skips], within),
            ("and_below", ["until", "total"], apart),
            ("and_below", [skips], within),
            ("guarantee", ["until", "pairs", "count_from: 0"], apart),
        ]
        return [found for key, without, remedy in rules for found in check_together(present, key, without, remedy)]

    def post(self, values: Values, account: BonusAccount) -> None:
        """Walk all sources and post what is paid.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        for prepared in self.prepare(values):
            refuse_overflow(values, account, prepared.part)
            for steps in self.steps(prepared, account):
                account.pay(owed(prepared, steps))
            account_for(account, prepared)
        if self.guarantee is not None:
            # What is passed on is what is left after caps on lines.
            account.flush()
            self.passes(values, account).post(account)

    def prepare(self, values: Values) -> Iterator[Prepared]:
        """Yield the walks of this bonus, one for every part of its rate table, ready to be walked or traced."""
        tree: Tree = values.trees[self.tree or values.network.first_tree.name]
        parts = list(parts_of(self, values, self.levels, self.tier, self.by, self.scheme, self.rank))
        if self.generations is not None:
            boundary = values.ranking(self.generations.mine_or_higher)
            assert boundary is not None, "generations end by a ladder or a title"
            # A ladder may be called as a title is: the table's rank is always that of `ranks`.
            same = boundary is values.ranking("rank" if self.rank == "paid_as" else f"rank.{self.rank}")
            for ground in own_rank_grounds(tree, boundary, self.first_level, self.leader):
                yield from self._on_ground(values, ground, parts, same)
            return
        whole = whole_ground(tree, self._starts(values, tree), self.first_level)
        if self.complete:
            parts = [completed(part, tree, self.complete, self.first_level) for part in parts]
        yield from self._on_ground(values, whole, parts, True)
        if self.and_below is not None:
            below = list(parts_of(self, values, self.and_below, self.tier, self.by, self.scheme, self.rank))
            for ground in below_grounds(whole, values.rankings["rank"], self.last_level, self.leader):
                yield from self._on_ground(values, ground, below, self.rank == "paid_as")

    def steps(self, prepared: Prepared, account: BonusAccount | None = None) -> Iterator[Steps]:
        """Yield what is paid of a walk, and count in the account what `total` leaves of nothing."""
        at_once = sources_at_once(prepared.part.rates.shape[1])
        total = None if self.total is None else int(self.total.root)
        for steps in prepared.walk.walk(prepared.columns, prepared.index.size, prepared.keys, at_once):
            yield steps if total is None else within_total(prepared, steps, total, account)

    def passes(self, values: Values, account: BonusAccount) -> Passes:
        """Return what the guarantee moves, given an account with all lines of the bonus.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        assert self.guarantee is not None, "asked for what is not guaranteed"
        tree: Tree = values.trees[self.tree or values.network.first_tree.name]
        return self.guarantee.passes(values, account, tree, self.receivers(values, tree))

    def receivers(self, values: Values, tree: Tree) -> NDArray[np.int32]:
        """Return who would take the first level of each member, ``(n,)`` int32 in tree order, -1 for nobody."""
        eligible = eligibility(values, self.eligible) == ELIGIBLE
        has_rate = np.zeros(values.size, np.bool_)
        for part in parts_of(self, values, self.levels, self.tier, self.by, self.scheme, self.rank):
            has_rate |= part.rates[part.row, 0] != NO_RATE
        able = np.ascontiguousarray(tree.enter(eligible & has_rate))
        if self.otherwise in ("lose", "company"):
            above = tree.parent
        else:
            stops = tree.enter(eligible) if self.otherwise == "skip_unqualified" else able
            nearest = np.append(np.empty(tree.size, np.int32), np.int32(-1))
            nearest_above(tree.parent, np.ascontiguousarray(stops), nearest[:-1])
            above = nearest[tree.parent]
        return np.where((above >= 0) & able[above], above, -1).astype(np.int32)

    def _starts(self, values: Values, tree: Tree) -> Starts:
        holders = None
        if self.until is not None:
            ranking = values.rankings["rank"]
            holders = tree.enter(ranking.code >= ranking.code_of(self.until.rank))
        paid, below = (True, 0) if self.until is None else (self.until.paid, self.until.levels_below)
        return starts_of(tree, self.count_from, self.leader, holders, paid, below)

    def _on_ground(self, values: Values, ground: Ground, parts: list[Part], by_rank: bool) -> Iterator[Prepared]:
        reason = eligibility(values, self.eligible)
        keys, bounds = pair_columns(values, self.pairs) if self.pairs else (None, None)
        tree = ground.tree
        for whole in parts:
            part = ground.part(whole, by_rank)
            if part is None:
                continue
            index = index_of(tree, part.sources.place)
            if ground.near >= 0:
                far = ground.beyond_near(index)
                part, index = replace(part, sources=part.sources.pick(far)), index[far]
            ends = ground.code < 0
            classes = Classes.of_table(part.rates, part.top, part.row_scheme, self.otherwise == "company", ends)
            klass = classes.of_members(part.row, reason, part.scheme)
            failing = np.where(reason == ELIGIBLE, classes.not_eligible(part.scheme), klass).astype(np.int32)
            if ground.takers is not None:
                klass[~ground.takers] = failing[~ground.takers] = classes.nobody
            walk = LevelWalk(
                tree=tree,
                classes=classes,
                klass=tree.enter(klass),
                failing=tree.enter(failing),
                bounds=None if bounds is None else tree.enter(bounds),
                policy=self.otherwise,
                used=np.zeros(classes.rates.shape, np.int64),
            )
            part_keys = None if keys is None else np.ascontiguousarray(keys[part.sources.member])
            yield Prepared(part, walk, ground, index, part_keys)
