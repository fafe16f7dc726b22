"""The `pool` bonus: a fund in whole units, shared by largest remainder, in fractions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle import sources
from tests.oracle.kept import Left, opened
from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, level_rate, round_to
from tests.oracle.snapshot import Member
from tests.oracle.sources import Source
from tests.oracle.walk import COMPANY

if TYPE_CHECKING:
    from tests.oracle.commission import Line, Payroll


def floor_to(amount: Fraction, unit: Fraction) -> Fraction:
    return amount // unit * unit


class Pool:
    """One pool of a payroll."""

    def __init__(self, payroll: Payroll, name: str, word: dict[str, Any]) -> None:
        self.payroll = payroll
        self.world = payroll.world
        self.company = payroll.world.snapshot.company
        self.name = name
        self.word = word
        self.unit = payroll.unit
        self.prize: dict[Member, Fraction] = {}

    # the fund

    def carried(self) -> Fraction:
        return sum((row.value for row in opened(self.company, "pool", self.name)), ZERO)

    def fund(self) -> Fraction:
        """Return the whole fund, rounded once."""
        portion = level_rate(self.word["pool"]) or ZERO
        total = Fraction(1)
        if "of" in self.word:
            found = {"base": self.word["of"], "sources": self.word.get("sources", {})}
            plain = RateTable(self.world.plan, "0%", "")
            total = sum((one.base for one in sources.of_bonus(self.world, found, plain, self.payroll.earned)), ZERO)
        part = Fraction(self.word.get("part", "1/1"))
        exact = max(total, ZERO) * portion * part + self.carried()
        return round_to(exact, self.unit, self.payroll.rounding["mode"])

    # what members are measured by

    def measure(self, what: Any, member: Member) -> Fraction:
        if isinstance(what, str):
            return self.world.numbers(what)(member)
        if "earned" in what:
            return sum((self.payroll.earned[name].get(member, ZERO) for name in what["earned"]), ZERO)
        name = what["growth"]
        before = [
            row.value for row in opened(self.company, "growth", self.name) if (row.member, row.key) == (member, name)
        ]
        return self.world.numbers(name)(member) - sum(before, ZERO)

    def of_table(self, key: str, member: Member) -> tuple[Fraction | None, bool]:
        """Return what a table says for a member, and whether it is a percentage."""
        text = str(self.word[key])
        table = RateTable(self.world.plan, "1" if self.word[key] == "equal" else self.word[key], "")
        rank = self.world.ranks["rank"][member] if "rank" in self.world.ranks else 0
        tier = self.world.numbers(self.word["tier"])(member) if "tier" in self.word else ZERO
        return table.rate("", self.world.snapshot.scheme(member), rank, tier, 0), "%" in text

    def money_unit(self) -> Fraction:
        plan_unit = self.world.plan["rounding"].get("unit", "0.01")
        return Fraction(1, 10 ** len(plan_unit.partition(".")[2]))

    def weight(self, member: Member) -> tuple[Fraction, Fraction]:
        """Return weight and base of a member."""
        each = max(self.world.numbers(self.word["each"])(member), ZERO) if "each" in self.word else Fraction(1)
        if "amounts" in self.word:
            amount = (self.of_table("amounts", member)[0] or ZERO) * each
            return floor_to(amount, self.unit), floor_to(amount, self.money_unit())
        if "by" in self.word:
            weight = max(self.measure(self.word["by"], member), ZERO) * each
        else:
            weight = (self.of_table("shares", member)[0] or ZERO) * each
        return weight, weight

    # who shares

    def winners(self, members: list[Member]) -> dict[Member, int]:
        """Return the place of everybody who takes one."""
        top = self.word["top"]
        first, _, last = top["places"].partition("-")
        low, high = (int(first), int(last)) if last else (1, int(first))
        score = {member: self.measure(top["by"], member) for member in members}
        running = [member for member in members if score[member] > 0]
        ties = top.get("ties", "lowest_id")

        def tie(member: Member) -> Any:
            if isinstance(ties, str):
                return ZERO
            ((rule, word),) = ties.items()
            if word == "joined":
                joined = self.world.snapshot.joined(member)
                value = None if joined is None else Fraction(joined.toordinal())
            else:
                value = self.world.numbers(word)(member)
            if value is None:
                return Fraction(10**12)
            return -value if rule == "most" else value

        running.sort(key=lambda member: (-score[member], tie(member), self.company.id_key(member)))
        places = {}
        for number, member in enumerate(running, 1):
            shared = ties == "share" and number > 1 and score[running[number - 2]] == score[member]
            places[member] = places[running[number - 2]] if shared else number
        if "positions" in self.word:
            self.count_prizes(places, low)
        return {member: place for member, place in places.items() if low <= place <= high}

    def count_prizes(self, places: dict[Member, int], low: int) -> None:
        groups: dict[int, list[Member]] = defaultdict(list)
        for member, place in places.items():
            groups[place].append(member)
        worth = [level_rate(text) or ZERO for text in self.word["positions"]]
        for place, together in groups.items():
            own = worth[max(place - low, 0) : max(place - low + len(together), 0)] if place >= low else []
            for member in together:
                self.prize[member] = sum(own, ZERO) / len(together)

    # the division

    def most(self, member: Member, fund: Fraction) -> Fraction | None:
        if "maximum" not in self.word:
            return None
        most, percent = self.of_table("maximum", member)
        if most is None:
            return None
        return floor_to(fund * most if percent else most, self.unit)

    def largest_remainder(
        self, fund: Fraction, weights: dict[Member, Fraction], unheld: Fraction = ZERO
    ) -> dict[Member, Fraction]:
        total = sum(weights.values(), unheld)
        exact = {member: fund * weight / total for member, weight in weights.items()}
        if unheld:
            exact[COMPANY] = fund * unheld / total
        part = {member: floor_to(amount, self.unit) for member, amount in exact.items()}
        left = (fund - sum(part.values(), ZERO)) / self.unit

        def largest(member: Member) -> Any:
            last = member == COMPANY
            return part[member] - exact[member], last, 0 if last else self.company.id_key(member)

        for member in sorted(exact, key=largest)[: int(left)]:
            part[member] += self.unit
        part.pop(COMPANY, None)
        return part

    def up_to(
        self, fund: Fraction, weights: dict[Member, Fraction], most: dict[Member, Fraction]
    ) -> dict[Member, Fraction]:
        """Return parts of which none exceeds its maximum; one more has its maximum each time somebody would."""
        free, part, left = dict(weights), {}, fund
        while free:
            total = sum(free.values(), ZERO)
            over = [member for member in free if member in most and left * free[member] / total > most[member]]
            if not over:
                return part | self.largest_remainder(left, free)
            for member in over:
                part[member] = most[member]
                left -= most[member]
                del free[member]
        return part

    def rest(self) -> str:
        leaves = any(key in self.word for key in ("amounts", "positions", "out_of", "point_value"))
        return self.word.get("rest", "others" if "maximum" in self.word and not leaves else "lose")

    def parts(self, fund: Fraction) -> tuple[dict[Member, Fraction], dict[Member, Fraction]]:
        """Return what everybody has, and the bases of their lines."""
        eligible = self.word.get("eligible", {})
        members = [member for member in self.world.snapshot.ids if self.world.obstacle(member, eligible) is None]
        if "top" in self.word:
            members = list(self.winners(members))
        both = {member: self.weight(member) for member in members} if "positions" not in self.word else {}
        if "positions" in self.word:
            both = {member: (self.prize[member], self.measure(self.word["top"]["by"], member)) for member in members}
        weights = {member: weight for member, (weight, _) in both.items() if weight > 0}
        bases = {member: base for member, (_, base) in both.items()}
        if not weights:
            return {}, {}
        most: dict[Member, Fraction] = {}
        unheld = ZERO
        if "amounts" in self.word:
            most = dict(weights)
        if "positions" in self.word and "%" not in str(self.word["positions"]):
            most = {member: floor_to(weight, self.unit) for member, weight in weights.items()}
        elif "positions" in self.word and self.rest() != "others":
            unheld = 1 - sum(weights.values(), ZERO)
        if "out_of" in self.word:
            unheld = max(ZERO, Fraction(self.word["out_of"]) - sum(weights.values(), ZERO))
        value = self.word.get("point_value", {})
        if value:
            highest = Fraction(value["at_most"]) if "at_most" in value else None
            if "round_down" in value:
                step = Fraction(value["round_down"])
                worth = floor_to(fund / sum(weights.values(), unheld), step)
                highest = worth if highest is None else min(worth, floor_to(highest, step))
            most = {member: floor_to(weight * (highest or ZERO), self.unit) for member, weight in weights.items()}
        for member in weights:
            own = self.most(member, fund)
            if own is not None:
                most[member] = min(own, most.get(member, own))
        if "round_down" in value:
            return {member: most[member] for member in weights}, bases
        if self.rest() == "others" and most:
            return self.up_to(fund, weights, most), bases
        part = self.largest_remainder(fund, weights, unheld)
        return {member: min(amount, most.get(member, amount)) for member, amount in part.items()}, bases


def pay_pool(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    """Return the lines of a pool, and count what it offers, loses and leaves."""
    pool = Pool(payroll, name, word)
    fund = pool.fund()
    parts, bases = pool.parts(fund)
    left = fund - sum(parts.values(), ZERO)
    policy = pool.rest() if parts else word.get("empty", "lose")
    if policy == "others":
        policy = word.get("empty", "lose")
    outcome = "not_eligible" if not parts else "cap_reached" if "maximum" in word else "no_rate"
    payroll.equations[name].offered += fund
    lines = [
        line_of(payroll, name, member, bases[member], amount)
        for member, amount in sorted(parts.items(), key=lambda item: item[0])
        if fund
    ]
    leave_growth(pool)
    if policy == "carry":
        payroll.equations[name].offered -= left
        if left:
            payroll.left.append(Left("pool", name, first_member(pool), "", pool.company.period, left))
    elif left:
        if policy == "company":
            lines.append(line_of(payroll, name, COMPANY, ZERO, left, "to_company"))
            outcome = "to_company"
        payroll.breakage[name, 0, outcome] = (ZERO, left)
    return lines


def first_member(pool: Pool) -> Member:
    """Return the member of the lowest id among those nobody is above of, in the first tree."""
    column = next(iter(pool.world.plan["trees"].values()))["parent"]
    roots = [row["member_id"] for row in pool.company.members if not row.get(column)]
    return min(roots, key=pool.company.id_key)


def leave_growth(pool: Pool) -> None:
    measures = [pool.word.get("by"), pool.word.get("top", {}).get("by")]
    for quantity in {one["growth"] for one in measures if isinstance(one, dict) and "growth" in one}:
        for member in pool.world.snapshot.ids:
            value = pool.world.numbers(quantity)(member)
            pool.payroll.left.append(Left("growth", pool.name, member, quantity, pool.company.period, value))


def line_of(
    payroll: Payroll, name: str, earner: Member, base: Fraction, amount: Fraction, outcome: str = "paid"
) -> Line:
    source: Any = Source(earner, earner, None, "", "", base)
    line = payroll.line(name, source, earner, base, ZERO, 0, 0, outcome)
    return replace(line, amount=amount, source=None if earner == COMPANY else earner)
