"""The `award` bonus: by rank, by event, in a row, in instalments, by structure, in fractions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.kept import Left, opened
from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, flag, is_number, level_rate, rate
from tests.oracle.snapshot import Member
from tests.oracle.sources import Source

if TYPE_CHECKING:
    from tests.oracle.commission import Line, Payroll

ONE = Fraction(1)


@dataclass(frozen=True)
class Due:
    member: Member
    base: Fraction
    rate: Fraction
    number: int
    barred: str | None


class Award:
    """One award of a payroll."""

    def __init__(self, payroll: Payroll, name: str, word: dict[str, Any]) -> None:
        self.payroll = payroll
        self.world = payroll.world
        self.company = payroll.world.snapshot.company
        self.name = name
        self.word = word
        self.wanted = int(word.get("consecutive", "1"))
        self.instalments = int(word.get("instalments", "1"))
        self.table = RateTable(payroll.world.plan, word["award"], "")
        self.due: list[Due] = []

    def obstacle(self, member: Member) -> str | None:
        return self.world.obstacle(member, self.word.get("eligible", {}))

    def opened(self, section: str, member: Member, key: str) -> list[Left]:
        return [row for row in opened(self.company, section, self.name) if (row.member, row.key) == (member, key)]

    def before(self, section: str, member: Member, key: str = "") -> Fraction:
        return max(sum((row.value for row in self.opened(section, member, key)), ZERO), ZERO)

    def leave(self, section: str, member: Member, key: str, value: Fraction | int, since: str = "") -> None:
        row = Left(section, self.name, member, key, since or self.company.period, Fraction(value))
        self.payroll.left.append(row)

    # the steps of the table

    def steps(self, member: Member) -> list[tuple[str, int, int]]:
        """Return name, lowest and highest rank of every step for a member's scheme, lowest first."""
        node = self.word["award"]
        scheme = self.world.snapshot.scheme(member)
        if isinstance(node, dict) and self.table.schemes and all(key in self.table.schemes for key in node):
            node = node.get(scheme)
            if node is None:
                return []
        highest = max(self.table.codes.values(), default=0)
        if not isinstance(node, dict) or all(is_number(key) for key in node):
            return [("", 0, highest)]
        codes = {"none": 0} | self.table.codes
        listed = sorted((codes[key.removesuffix("+")], key) for key in node)
        steps = []
        for place, (code, key) in enumerate(listed):
            last = listed[place + 1][0] - 1 if place + 1 < len(listed) else highest
            steps.append((key.removesuffix("+"), code, last if key.endswith("+") else code))
        return steps

    def entries(self, member: Member) -> list[tuple[str, bool, bool, Fraction | None]]:
        """Return name, whether reached, whether the member's own, and amount of every step, lowest first."""
        rank = self.rank(member)
        if not self.table.by_rank:
            return self.thresholds(member)
        found = []
        for name, low, high in self.steps(member):
            amount = next(iter(self.numbers(member, low if name else rank)), None)
            found.append((name, rank >= low and amount is not None, low <= rank <= high, amount))
        return found

    def thresholds(self, member: Member) -> list[tuple[str, bool, bool, Fraction | None]]:
        """Return the same of a table that does not choose by rank: every threshold of a tier is a step."""
        node = self.word["award"]
        if isinstance(node, dict) and self.table.schemes and all(key in self.table.schemes for key in node):
            node = node.get(self.world.snapshot.scheme(member), {})
        if not isinstance(node, dict):
            amount = level_rate(node)
            return [("", amount is not None, amount is not None, amount)]
        value = max(self.world.numbers(self.word["tier"])(member), ZERO)
        reached = [Fraction(key) for key in node if Fraction(key) <= value]
        found = []
        for key in sorted(node, key=Fraction):
            amount = level_rate(node[key])
            own = bool(reached) and Fraction(key) == max(reached) and amount is not None
            found.append((plain(key), Fraction(key) in reached and amount is not None, own, amount))
        return found

    def rank(self, member: Member) -> int:
        return self.world.ranks["rank"][member] if "rank" in self.world.ranks else 0

    def numbers(self, member: Member, rank: int) -> list[Fraction | None]:
        tier = self.world.numbers(self.word["tier"])(member) if "tier" in self.word else ZERO
        return self.table.rates("", self.world.snapshot.scheme(member), rank, tier)

    # one member

    def judge(self, member: Member) -> None:
        barred = self.obstacle(member)
        times = self.times(member)
        reached, entitled = [], []
        for name, holds, own, amount in self.entries(member):
            reached.append((name, holds))
            ok = holds and times > 0
            if self.wanted > 1 or "otherwise_pays" in self.word:
                run = self.before("consecutive", member, name) + 1 if ok else ZERO
                self.leave("consecutive", member, name, ZERO if barred else run)
                ok = ok and run >= self.wanted
            if self.word.get("when") == "first_time" and self.opened("achieved", member, name):
                ok = False
            entitled.append((name, own, amount, ok))
        lower_too = flag(self.word.get("lower_too", "false"))
        if not lower_too:
            covered = any(own for _, own, _, _ in entitled)
            best = max((place for place, one in enumerate(entitled) if one[3] and covered), default=-1)
            entitled = [(*one[:3], place == best) for place, one in enumerate(entitled)]
        if self.word.get("when") == "first_time":
            self.leave_achieved(member, reached, [one[3] for one in entitled], barred)
        speed = self.streak(member, any(one[3] for one in entitled), barred)
        for name, _own, amount, ok in entitled:
            if ok and amount:
                self.award(member, name, amount * times, speed, barred)
        if "otherwise_pays" in self.word:
            had = any(self.before("consecutive", member, name) >= self.wanted for name, _ in reached)
            has = any(one[3] for one in entitled) and barred is None
            if had and not has and self.world.obstacle(member, {}) is None:
                self.due.append(Due(member, Fraction(self.word["otherwise_pays"]), ONE, 0, None))
        self.old_instalments(member, dict(reached), barred)

    def times(self, member: Member) -> int:
        if "per" not in self.word:
            return 1
        events = max(self.world.numbers(self.word["per"])(member), ZERO)
        size = int(self.word.get("every", "1"))
        if flag(self.word.get("carry", "false")):
            events += self.before("remainder", member)
            self.leave("remainder", member, "", events % size)
        times = int(events // size)
        return min(times, int(self.word["most"])) if "most" in self.word else times

    def leave_achieved(
        self, member: Member, reached: list[tuple[str, bool]], paid: list[bool], barred: str | None
    ) -> None:
        for place, (name, holds) in enumerate(reached):
            old = self.opened("achieved", member, name)
            for row in old:
                self.leave("achieved", member, name, row.value, row.since)
            if not old and holds and barred is None and any(paid[place:]):
                self.leave("achieved", member, name, 1)

    def streak(self, member: Member, entitled: bool, barred: str | None) -> Fraction:
        if "streak" not in self.word:
            return ONE
        run = self.before("streak", member) + 1 if entitled else ZERO
        self.leave("streak", member, "", ZERO if barred else run)
        steps = {int(periods): rate(text) for periods, text in self.word["streak"].items()}
        reached = [periods for periods in steps if periods <= run]
        return steps[max(reached)] if reached else ONE

    def award(self, member: Member, name: str, amount: Fraction, speed: Fraction, barred: str | None) -> None:
        if self.instalments == 1:
            self.due.append(Due(member, amount, speed, 0, barred))
            return
        unit = self.payroll.unit
        first = amount / self.instalments // unit * unit
        self.due.append(Due(member, first, ONE, 1, barred))
        if barred is None:
            self.leave("instalments", member, f"{self.instalments - 1}:{name}", amount - first)

    def old_instalments(self, member: Member, reached: dict[str, bool], barred: str | None) -> None:
        unit = self.payroll.unit
        for row in opened(self.company, "instalments", self.name):
            left, _, name = row.key.partition(":")
            if row.member != member or (name not in reached and name not in self.names()):
                continue
            part = row.value if left == "1" else row.value / int(left) // unit * unit
            if int(left) > 1:
                self.leave("instalments", member, f"{int(left) - 1}:{name}", row.value - part, row.since)
            lost = barred
            if flag(self.word.get("keep", "false")) and not reached.get(name, False):
                lost = barred or "not_eligible"
            self.due.append(Due(member, part, ONE, self.instalments - int(left) + 1, lost))

    def names(self) -> set[str]:
        return {name for member in self.world.snapshot.ids for name, *_ in self.entries(member)}

    # structures

    def structures(self) -> None:
        word = self.word["structure"]
        tree = self.world.tree(word.get("tree", self.world.snapshot.first_tree))
        width = int(word["width"])

        def counted(member: Member) -> bool:
            return member in tree.nodes and self.world.holds(word["member"], member)

        def how_many(member: Member, depth: int) -> int:
            below = [child for child in tree.children[member] if counted(child)]
            return len([child for child in below if depth == 1 or how_many(child, depth - 1) > 0]) // width

        for member in self.world.snapshot.ids:
            numbers = self.numbers(member, self.rank(member))
            for depth in range(1, self.table.levels + 1):
                count = how_many(member, depth)
                if word.get("pays") == "deepest" and depth < self.table.levels:
                    count -= how_many(member, depth + 1)
                amount = numbers[depth - 1] if depth <= len(numbers) else None
                if count and amount:
                    self.due.append(Due(member, amount * count, ONE, depth, self.obstacle(member)))


def plain(threshold: str) -> str:
    """Return how a step is called: without zeros that say nothing."""
    whole, _, part = threshold.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def pay_award(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    """Return the lines of an award, and count what it offers, loses and leaves."""
    award = Award(payroll, name, word)
    if "structure" in word:
        award.structures()
    else:
        for member in payroll.world.snapshot.ids:
            award.judge(member)
    lines = []
    for due in award.due:
        payroll.equations[name].offered += due.base * due.rate
        if due.barred is not None:
            payroll.lose(name, due.number, due.barred, due.base, due.rate)
        elif due.rate > 0:
            source: Any = Source(due.member, due.member, None, "", "", due.base)
            lines.append(payroll.line(name, source, due.member, due.base, due.rate, 0, due.number, "paid"))
    return lines
