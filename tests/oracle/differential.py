"""`differential`, step by step: everybody above a source in turn, or every leg by itself."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import sources
from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, flag, rate
from tests.oracle.snapshot import Member
from tests.oracle.sources import Source

if TYPE_CHECKING:
    from tests.oracle.commission import Line, Payroll
    from tests.oracle.world import World


class Standing:
    """Who holds which rate for one part of the table, and who may be paid."""

    def __init__(self, world: World, word: dict[str, Any], table: RateTable, source: Source) -> None:
        self.world = world
        self.word = word
        self.table = table
        self.source = source
        self.tree = world.tree(word.get("tree", world.snapshot.first_tree))

    def scheme(self, member: Member) -> str:
        by_source = self.word.get("scheme", "earner") == "source"
        return self.world.snapshot.scheme(self.source.member if by_source else member)

    def rate(self, member: Member) -> Fraction:
        """Return the rate a member holds, 0 for none."""
        if member not in self.tree.nodes or self.world.snapshot.kind(member) != "distributor":
            return ZERO
        tier = self.world.numbers(self.word["tier"])(member) if "tier" in self.word else ZERO
        rank = self.world.rank_of_table(self.word, member)
        return self.table.rate(self.source.part, self.scheme(member), rank, tier, 0) or ZERO

    def obstacle(self, member: Member) -> str | None:
        return self.world.obstacle(member, self.word.get("eligible", {}))

    def top(self) -> Fraction:
        if "top" in self.word:
            return rate(self.word["top"])
        schemes = self.world.plan.get("schemes", {}).get("names", [""])
        if self.word.get("scheme") == "source":
            schemes = [self.scheme(self.source.member)]
        return max(self.table.top(self.source.part, scheme, 0) for scheme in schemes)

    def line_above(self) -> list[tuple[int, Member]]:
        """Return who is above the source, with the level; the source itself on level 0 where it stands in the tree."""
        carrier = self.source.carrier
        if carrier is None:
            return []
        above = self.tree.above(carrier)
        if carrier in self.tree.nodes:
            return list(enumerate([carrier, *above]))
        if self.tree.policy == "stay_same_level":
            above = above[1:]
        return list(enumerate(above, start=1))


@dataclass
class Step:
    """A share of the rate: whose it is, and what became of it; nobody's where the walk was over."""

    member: Member | None
    level: int
    share: Fraction
    outcome: str


class Climb:
    """What happens to one source; `steps` holds the shares, `offered` their sum."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        word, world = standing.word, standing.world
        self.done = self.start(word, world)
        self.left = max(standing.top() - self.done, ZERO)
        self.offered = self.left
        self.steps: list[Step] = []
        self.first_level = int(word.get("first_level", "1"))
        self.until = word.get("until", {})
        self.ends_after = int(self.until.get("equal", self.until.get("equal_or_lower", "0")))
        self.matched = 0
        outcome = self.climb(standing.line_above())
        if self.left > 0:
            self.steps.append(Step(None, 0, self.left, outcome))

    def start(self, word: dict[str, Any], world: World) -> Fraction:
        if "start" not in word:
            return ZERO
        return max(world.numbers(word["start"])(self.standing.source.member), ZERO) / 100

    def climb(self, line: list[tuple[int, Member]]) -> str:
        first = True
        for level, member in line:
            if level == 0:
                if flag(self.standing.word.get("own", "true")):
                    self.take(level, member)
                continue
            holds, paid = self.holds_end(level, member), flag(self.until.get("paid", "true"))
            if holds and not paid:
                return "blocked_by_rank"
            counted = self.standing.word.get("nearer", "skipped") == "counted"
            if level >= self.first_level or counted:
                if first:
                    self.reserve(level, member)
                first = False
                if not self.take(level, member) and self.ends_here(member):
                    return "blocked_by_rank"
            if holds:
                return "blocked_by_rank"
        return "no_upline"

    def holds_end(self, level: int, member: Member) -> bool:
        if "rank" not in self.until or level <= int(self.until.get("levels_below", "0")):
            return False
        world = self.standing.world
        return world.ranks["rank"][member] >= world.codes["rank"][self.until["rank"]]

    def counts(self, member: Member) -> Fraction:
        qualified = self.standing.word.get("against", "paid") == "qualified"
        return self.standing.rate(member) if qualified or self.standing.obstacle(member) is None else ZERO

    def reserve(self, level: int, member: Member) -> None:
        special = self.standing.word.get("first_upline")
        if special is None or self.counts(member) > self.done:
            return
        share = min(rate(special["reserve"]), self.left)
        if share > 0:
            self.steps.append(Step(member, level, share, "reserved"))
            self.left -= share
            self.done += share

    def take(self, level: int, member: Member) -> bool:
        """Take the member's share; return whether its rate is higher than what was taken before."""
        own = self.counts(member)
        if own <= self.done:
            return False
        whole = self.standing.word.get("pays", "difference") == "own_rate"
        share = min(own if whole else own - self.done, self.left)
        if share > 0:
            outcome = "reserved" if 0 < level < self.first_level else "paid"
            self.steps.append(Step(member, level, share, self.standing.obstacle(member) or outcome))
        self.left -= share
        self.done, self.matched = own, 0
        return True

    def ends_here(self, member: Member) -> bool:
        own = self.counts(member)
        same = own == self.done if "equal" in self.until else own <= self.done
        self.matched += same and own > 0
        return 0 < self.ends_after <= self.matched


def pay_differential(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    """Return the exact lines of a differential, and count what it offers and loses."""
    table = RateTable(payroll.world.plan, word["differential"], word.get("by", ""), word.get("rank", "paid_as"))
    found = sources.of_bonus(payroll.world, word, table, payroll.earned)
    if word.get("against") == "immediate_leg":
        return pay_legs(payroll, name, word, table, found)
    lines = []
    for source in found:
        climb = Climb(Standing(payroll.world, word, table, source))
        payroll.equations[name].offered += source.base * climb.offered
        for step in climb.steps:
            if step.outcome == "paid" and step.member is not None:
                lines.append(
                    payroll.line(name, source, step.member, source.base, step.share, step.level, 0, step.outcome)
                )
            else:
                payroll.lose(name, 0, step.outcome, source.base, step.share)
    return lines


def pay_legs(payroll: Payroll, name: str, word: dict[str, Any], table: RateTable, found: list[Source]) -> list[Line]:
    lines = []
    chosen = {(source.part, Standing(payroll.world, word, table, source).scheme(source.member)) for source in found}
    if word.get("scheme") != "source":
        chosen = {(part, "") for part, _scheme in chosen}
    for part, scheme in sorted(chosen):
        own = [source for source in found if source.part == part]
        if scheme:
            own = [source for source in own if payroll.world.snapshot.scheme(source.member) == scheme]
        lines += legs_of_part(payroll, name, Standing(payroll.world, word, table, own[0]), own)
    return lines


def legs_of_part(payroll: Payroll, name: str, standing: Standing, found: list[Source]) -> list[Line]:
    tree, word = standing.tree, standing.word
    lines = []

    def settle(source: Source, earner: Member, base: Fraction, difference: Fraction, level: int) -> None:
        payroll.equations[name].offered += base * difference
        outcome = standing.obstacle(earner)
        if difference < 0:
            bases, amounts = payroll.breakage.get((name, 0, "nothing_left"), (ZERO, ZERO))
            payroll.breakage[name, 0, "nothing_left"] = (bases + base, amounts + base * difference)
        elif difference > 0 and outcome is not None:
            payroll.lose(name, 0, outcome, base, difference)
        elif difference > 0:
            lines.append(payroll.line(name, source, earner, base, difference, level, 0, "paid"))

    group: dict[Member, Fraction] = defaultdict(Fraction)
    for source in found:
        if source.carrier is None:
            continue
        if source.carrier in tree.nodes and flag(word.get("own", "true")):
            settle(source, source.carrier, source.base, standing.rate(source.carrier), 0)
        beside = source.carrier not in tree.nodes and tree.policy == "stay_same_level"
        for at in [source.carrier, *tree.above(source.carrier)[beside:]]:
            group[at] += source.base
    for head, base in group.items():
        above = tree.up[head]
        if head not in tree.nodes and tree.policy == "stay_same_level" and above is not None:
            above = tree.up[above]
        if above is not None and base != 0:
            leg = Source(head, head, None, "", standing.source.part, base)
            settle(leg, above, base, standing.rate(above) - standing.rate(head), 1)
    return lines
