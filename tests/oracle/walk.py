"""The walk of a `levels` bonus: from one source up, who takes which level at what rate, and what is lost why."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import own_rank
from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, flag, level_rate
from tests.oracle.snapshot import Member
from tests.oracle.sources import Source

if TYPE_CHECKING:
    from tests.oracle.world import World

COMPANY = "company"
COMPARE = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}


@dataclass(frozen=True)
class Taken:
    earner: Member
    level: int
    paid_level: int
    rate: Fraction
    outcome: str = "paid"


@dataclass(frozen=True)
class Lost:
    paid_level: int
    rate: Fraction
    outcome: str


class Walk:
    """What happens to one source; `taken` and `lost` hold the result, `offered` the sum of the rates offered."""

    def __init__(self, world: World, word: dict[str, Any], table: RateTable, source: Source) -> None:
        self.world = world
        self.word = word
        self.table = table
        self.source = source
        self.first = int(word.get("count_from", "1"))
        self.policy = word.get("otherwise", "lose")
        self.taken: list[Taken] = []
        self.lost: list[Lost] = []
        self.offered = ZERO
        if "generations" in word:
            boundary = word["generations"]
            own_rank.in_generations(self, "rank" if isinstance(boundary, str) else boundary["mine_or_higher"])
            return
        self.by_levels()
        if "total" in word:
            self.within(level_rate(word["total"]) or ZERO)
        if "and_below" in word:
            own_rank.below_the_levels(self, RateTable(world.plan, word["and_below"], word.get("by", "")))

    def by_levels(self) -> None:
        """Walk through the levels of the table."""
        chain, ended = self.chain()
        if self.policy in ("skip", "skip_unqualified"):
            reached = self.skipping(chain)
        elif self.policy == "pass_to":
            reached = self.passing(chain)
        else:
            reached = self.using_up(chain)
        scheme = self.world.snapshot.scheme(self.source.member)
        for index in range(reached, self.table.levels):
            self.lose(scheme, index, "blocked_by_rank" if ended else "no_upline")

    def within(self, total: Fraction) -> None:
        """Hand out no more than a total of rates, lower levels first."""
        left = total
        for taken in sorted(self.taken, key=lambda one: one.paid_level):
            if taken.earner == COMPANY:
                continue
            self.taken.remove(taken)
            paid = min(taken.rate, left)
            left -= paid
            if paid > 0:
                self.taken.append(replace(taken, rate=paid))
            if taken.rate > paid:
                self.lost.append(Lost(taken.paid_level, taken.rate - paid, "nothing_left"))

    def chain(self) -> tuple[list[tuple[int, Member]], bool]:
        """Return the ancestors with their level or generation, and whether the walk ended at a rank."""
        numbered, ended = self.cut_at_rank(self.distances())
        if "count_from" in self.word:
            numbered = [(level, member) for level, member in numbered if level >= self.first]
        return numbered, ended

    def distances(self) -> list[tuple[int, Member]]:
        """Return the ancestors with their level or generation."""
        tree = self.world.tree(self.word.get("tree", self.world.snapshot.first_tree))
        carrier = self.source.carrier
        if carrier is None:
            return []
        kept = carrier in tree.nodes
        above = tree.above(carrier)
        if "count_from" in self.word:
            own_group = self.word.get("leader", "own_group") == "own_group"
            return list(enumerate([carrier, *above] if kept and own_group else above))
        if not kept and tree.policy == "stay_same_level":
            return list(enumerate(above[1:], start=1))
        return list(enumerate(above, start=1))

    def cut_at_rank(self, numbered: list[tuple[int, Member]]) -> tuple[list[tuple[int, Member]], bool]:
        until = self.word.get("until")
        if until is None:
            return numbered, False
        least = self.world.codes["rank"][until["rank"]]
        for place, (level, member) in enumerate(numbered):
            if level > int(until.get("levels_below", "0")) and self.world.ranks["rank"][member] >= least:
                return numbered[: place + flag(until.get("paid", "true"))], True
        return numbered, False

    def using_up(self, chain: list[tuple[int, Member]]) -> int:
        """`lose` and `company`: everybody uses up a level."""
        reached = 0
        for (level, member), index in zip(chain, range(self.table.levels), strict=False):
            reached = index + 1
            outcome = self.why_not(member, index)
            if outcome is None:
                self.take(member, level, index)
            elif self.policy == "company":
                self.to_company(member, level, index)
            else:
                self.lose(self.scheme_of(member), index, outcome)
        return reached

    def skipping(self, chain: list[tuple[int, Member]]) -> int:
        index = 0
        for level, member in chain:
            if index == self.table.levels:
                break
            outcome = self.why_not(member, index)
            if outcome is None:
                self.take(member, level, index)
            elif outcome == "no_rate" and self.policy == "skip_unqualified":
                self.lose(self.scheme_of(member), index, outcome)
            else:
                continue
            index += 1
        return index

    def passing(self, chain: list[tuple[int, Member]]) -> int:
        reached = 0
        missed: list[tuple[int, Member, str]] = []
        for place, (level, member) in enumerate(chain):
            wanting = list(missed)
            if place < self.table.levels:
                reached = place + 1
                wanting.append((place, member, ""))
            missed = []
            for index, who, why in wanting:
                outcome = self.why_not(member, index)
                if outcome is None:
                    self.take(member, level, index)
                else:
                    missed.append((index, who, why or outcome))
        for index, who, why in missed:
            self.lose(self.scheme_of(who), index, why)
        return reached

    # one step

    def scheme_of(self, member: Member) -> str:
        """Return whose scheme chooses the table when this member stands on a level."""
        by_source = self.word.get("scheme", "earner") == "source"
        return self.world.snapshot.scheme(self.source.member if by_source else member)

    def why_not(self, member: Member, index: int) -> str | None:
        return self.obstacle(member) or ("no_rate" if self.rate_of(member, index) is None else None)

    def obstacle(self, member: Member) -> str | None:
        obstacle = self.world.obstacle(member, self.word.get("eligible", {}))
        if obstacle is not None:
            return obstacle
        if not all(self.pair_holds(pair, member) for pair in self.word.get("pairs", [])):
            return "not_eligible"
        return None

    def pair_holds(self, pair: str, member: Member) -> bool:
        left, sign, right = pair.split()
        who = {"source": self.source.member, "earner": member}

        def value(text: str) -> Fraction:
            side, _, name = text.partition(".")
            return self.world.numbers(name)(who[side])

        return COMPARE[sign](value(left), value(right))

    def rate_of(self, member: Member, index: int) -> Fraction | None:
        return self.rate_in(self.table, member, index) if self.is_complete(member, self.first + index) else None

    def rate_in(self, table: RateTable, member: Member, index: int) -> Fraction | None:
        tier = self.world.numbers(self.word["tier"])(member) if "tier" in self.word else ZERO
        rank = self.world.rank_of_table(self.word, member)
        return table.rate(self.source.part, self.scheme_of(member), rank, tier, index)

    def is_complete(self, member: Member, level: int) -> bool:
        """Return whether so many members stand on a level below a member as the plan wants there."""
        wanted = int(self.word.get("complete", {}).get(str(level), "0"))
        if wanted == 0:
            return True
        tree = self.world.tree(self.word.get("tree", self.world.snapshot.first_tree))
        there = sum(len(tree.above(other)) >= level and tree.above(other)[level - 1] == member for other in tree.nodes)
        return there >= wanted

    def take(self, member: Member, level: int, index: int) -> None:
        top = self.table.top(self.source.part, self.scheme_of(member), index)
        self.settle(member, level, self.first + index, self.rate_of(member, index) or ZERO, top)

    def settle(self, member: Member, level: int, number: int, own: Fraction, top: Fraction) -> None:
        self.offered += top
        if own > 0:
            self.taken.append(Taken(member, level, number, own))
        if top > own:
            self.lost.append(Lost(number, top - own, "no_rate"))

    def to_company(self, member: Member, level: int, index: int) -> None:
        self.give_company(level, self.first + index, self.table.top(self.source.part, self.scheme_of(member), index))

    def give_company(self, level: int, number: int, top: Fraction) -> None:
        self.miss(number, top, "to_company")
        if top > 0:
            self.taken.append(Taken(COMPANY, level, number, top, "to_company"))

    def lose(self, scheme: str, index: int, outcome: str) -> None:
        self.miss(self.first + index, self.table.top(self.source.part, scheme, index), outcome)

    def miss(self, number: int, top: Fraction, outcome: str) -> None:
        self.offered += top
        if top > 0:
            self.lost.append(Lost(number, top, outcome))
