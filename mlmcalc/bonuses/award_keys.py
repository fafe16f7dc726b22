"""The keys of ``award``, what they read and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.fields import Amount, Count, Flag, Model, Name, Rate, Reference
from mlmcalc.money import RATE_DECIMALS, RATE_ONE_PPM, NotExact, rate_text, text_from_units, units_from_text
from mlmcalc.rules.bonus_word import BonusWord, check_condition
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.measure import check_quantity
from mlmcalc.rules.most import Most
from mlmcalc.rules.number_table import NumberTable, check_numbers, check_payable
from mlmcalc.rules.rank_steps import step_names
from mlmcalc.rules.state import Keeps
from mlmcalc.rules.values import Node, Vocabulary
from mlmcalc.rules.words import nearest

ACHIEVED, CONSECUTIVE, STREAK = "achieved", "consecutive", "streak"
INSTALMENTS, REMAINDER = "instalments", "remainder"
"""Sections of state: steps already awarded; periods in a row at a step, and with the award; what is still due of an
award, by step and how many instalments are left; events not yet paid for."""
MAX_PERIODS = 1000
"""No published plan is near it."""

Periods = Annotated[Count, Field(ge=1, le=MAX_PERIODS)]


class Structure(Model):
    """A structure that a member has below it."""

    width: Annotated[Count, Field(ge=1, le=1_000_000)]
    member: Condition
    tree: Name = ""
    pays: Literal["every_depth", "deepest"] = "every_depth"


class AwardKeys(BonusWord):
    """An amount for what a member is, or for what happened."""

    award: NumberTable
    tier: Reference | None = None
    when: Literal["every_period", "first_time"] = "every_period"
    consecutive: Periods = 1
    lower_too: Flag = False
    per: Reference | None = None
    every: Annotated[Count, Field(ge=1)] = 1
    most: Count | None = None
    carry: Flag = False
    streak: dict[str, Rate] | None = None
    instalments: Periods = 1
    keep: Flag = False
    otherwise_pays: Amount | None = None
    structure: Structure | None = None

    @property
    def counts_periods(self) -> bool:
        """Whether it keeps how many periods in a row members were at a step."""
        return self.consecutive > 1 or self.otherwise_pays is not None

    @property
    def streak_steps(self) -> list[tuple[int, int]]:
        """From how many periods in a row on, which rate in parts per million; ascending."""
        return sorted((int(periods), rate) for periods, rate in (self.streak or {}).items())

    def keeps(self, name: str, vocabulary: Vocabulary) -> tuple[Keeps, ...]:
        """Return what it keeps from period to period under its name."""
        steps = step_names(self.award, vocabulary)
        kept = []
        if self.when == "first_time":
            kept.append(Keeps(ACHIEVED, name, steps))
        if self.counts_periods:
            kept.append(Keeps(CONSECUTIVE, name, steps))
        if self.streak:
            kept.append(Keeps(STREAK, name, ("",)))
        if self.carry:
            kept.append(Keeps(REMAINDER, name, ("",)))
        if self.instalments > 1:
            keys = tuple(instalment_key(left, step) for step in steps for left in range(1, self.instalments))
            kept.append(Keeps(INSTALMENTS, name, keys))
        return tuple(kept)

    def worst_case(self, vocabulary: Vocabulary) -> Most:
        """Return the highest amount: awards are no share of a volume."""
        amount = text_from_units(max(self.award.highest(), default=0), RATE_DECIMALS).rstrip("0").rstrip(".")
        each = "structure" if self.structure is not None else "earner and rank" if self.lower_too else "earner"
        if self.per is not None:
            each = f"{self.every} of {self.per}" if self.every > 1 else f"one of {self.per}"
        streak = max((rate for _, rate in self.streak_steps), default=0)
        longer = f", after a streak {rate_text(streak)} of it" if streak > RATE_ONE_PPM else ""
        return Most(None, f"up to {amount} for each {each}{longer}")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return what must be computed before."""
        nodes = self.reads_shared(vocabulary) | self.award.reads(vocabulary, tier=self.tier)
        if self.structure is not None:
            nodes |= self.structure.member.reads(vocabulary)
            nodes.add(Node("tree", self.structure.tree or vocabulary.first_tree))
        per = vocabulary.node_of(self.per) if self.per else None
        return nodes | ({per} if per else set())

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return what is wrong with the award, paths relative to it."""
        findings = self.check_shared(vocabulary)
        findings += check_quantity("tier", self.tier, vocabulary) + check_quantity("per", self.per, vocabulary)
        levels = self.structure is not None
        findings += check_numbers("award", self.award, vocabulary, self.tier, levels)
        findings += check_payable("award", self.award, vocabulary, multiplied=self.per is not None)
        if self.structure is not None:
            found = check_condition("member", self.structure.member, vocabulary)
            findings += [replace(one, path=("structure", *one.path)) for one in found]
        return findings + [
            Finding(f"bonuses.{key}", message, remedy, path=(key,)) for key, message, remedy in self._faults(vocabulary)
        ]

    def _faults(self, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
        """Yield the key, what is wrong with it beside the others, and what to do."""
        if self.per is None:
            for key, is_said in (("every", self.every > 1), ("most", self.most is not None), ("carry", self.carry)):
                if is_said:
                    yield key, "Nothing says what is counted.", "State per: a metric."
        if self.structure is not None:
            tree = self.structure.tree
            if tree and tree not in vocabulary.trees:
                yield "structure", f"{tree} is not a tree of this plan.", nearest(tree, vocabulary.trees)
            for key in ("per", "streak", "otherwise_pays"):
                if getattr(self, key) is not None:
                    yield key, "A structure is paid every period, as often as it is there.", f"Leave {key} out."
            if self.when == "first_time" or self.consecutive > 1 or self.instalments > 1 or self.lower_too:
                message = "A structure is paid every period, as often as it is there."
                yield "structure", message, "Leave out when, consecutive, instalments and lower_too."
        if self.instalments > 1 and (self.streak or self.otherwise_pays is not None):
            yield "instalments", "Only a whole award depends on a streak.", "Leave out streak and otherwise_pays."
        if self.keep and self.instalments == 1:
            yield "keep", "It is about instalments.", "State instalments, or leave keep out."
        yield from self._number_faults(vocabulary)

    def _number_faults(self, vocabulary: Vocabulary) -> Iterator[tuple[str, str, str]]:
        for periods in self.streak or ():
            if (
                not (periods.isascii() and periods.isdigit() and 0 < int(periods[:9]) <= MAX_PERIODS)
                or len(periods) > 4
            ):
                yield "streak", f"{periods!r} is no number of periods.", "Write {1: 100%, 3: 150%}."
        if self.otherwise_pays is None:
            return
        try:
            units = units_from_text(self.otherwise_pays, vocabulary.paid_decimals)
            if units <= 0 or units % vocabulary.line_unit:
                yield (
                    "otherwise_pays",
                    f"{self.otherwise_pays} cannot be paid.",
                    "State a multiple of the unit above 0.",
                )
        except NotExact as wrong:
            yield "otherwise_pays", f"{wrong}.", "State an amount in the money of the plan."


def instalment_key(left: int, step: str) -> str:
    """Return under which key what is due of an award is kept."""
    return f"{left}:{step}"
