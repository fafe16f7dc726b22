"""The `binary` bonus: legs matched one cycle at a time, in fractions; written from its page, not from the engine."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from fractions import Fraction
from math import ceil, lcm
from typing import TYPE_CHECKING, Any

from tests.oracle.binary_legs import Amounts, Leg, Placement, Terms, pre_order, strongest
from tests.oracle.kept import Left, opened
from tests.oracle.rates import RateTable, thresholds
from tests.oracle.scalars import ZERO, is_number, number
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.commission import Line, Payroll


class Binary:
    """One period of one bonus."""

    def __init__(self, payroll: Payroll, name: str, word: dict[str, Any]) -> None:
        self.payroll, self.name, self.word = payroll, name, word
        self.world = payroll.world
        self.place = Placement(self.world, word)
        carry = word.get("carry", {})
        self.carry: dict[str, Any] = {"legs": carry} if isinstance(carry, str) else carry
        self.cap = word.get("match_cap", {})
        self.form = word["binary"]
        self.cycle = self.form["cycle"] if isinstance(self.form, dict) and "cycle" in self.form else None
        self.steps = self.form["steps"] if isinstance(self.form, dict) and "steps" in self.form else None
        self.unit = Fraction(1, 10 ** self.world.decimals(word["volume"]))
        self.period = self.world.snapshot.company.period
        self.had = {left.member for left in opened(self.world.snapshot.company, "pairs", name)}
        self.used: dict[str, Fraction] = defaultdict(Fraction)
        self.lines: list[Line] = []

    # what a member has

    def own(self, member: Member, volume: str) -> Fraction:
        return self.world.numbers(volume)(member) if self.world.snapshot.is_source(member) else ZERO

    def legs(self) -> dict[Member, list[Leg]]:
        own = {member: self.own(member, self.word["volume"]) for member in self.world.snapshot.ids}
        volumes = self.place.volumes(own)
        lots: dict[tuple[Member, str], list[tuple[str, Fraction]]] = defaultdict(list)
        for left in opened(self.world.snapshot.company, "carry", self.name):
            lots[left.member, left.key].append((left.since, left.value))
        found = {}
        for member, of_legs in volumes.items():
            carried = [lots[member, str(leg + 1)] for leg in range(self.place.legs)]
            over = self.overflow(member, of_legs, carried)
            found[member] = [
                Leg(lot, volume, extra, self.period) for lot, volume, extra in zip(carried, of_legs, over, strict=True)
            ]
        return found

    def overflow(self, member: Member, volumes: Amounts, carried: list[list[tuple[str, Fraction]]]) -> Amounts:
        found = [ZERO] * len(volumes)
        rule = self.word.get("own")
        if rule is None:
            return found
        above = max(self.own(member, rule.get("volume", self.word["volume"])) - number(rule["above"]), ZERO)
        into = rule.get("into", "lesser")
        if is_number(into):
            found[int(into) - 1] = above
            return found
        sizes = list(volumes)
        if into == "lesser_with_carry":
            sizes = [
                size + sum((amount for _, amount in lots), ZERO) for size, lots in zip(sizes, carried, strict=True)
            ]
        found[sizes.index(min(sizes))] = above
        return found

    # what it pays

    def chosen(self, table: Any, member: Member, tier: Fraction | None = None) -> Fraction | None:
        snapshot = self.world.snapshot
        if tier is None:
            tier = self.world.numbers(self.word["tier"])(member) if "tier" in self.word else ZERO
        rank = self.world.ranks["rank"][member] if "rank" in self.world.ranks else 0
        return RateTable(self.world.plan, table, "").rate("", snapshot.scheme(member), rank, tier, 0)

    def of_cycle(self, cycle: dict[str, Any], member: Member) -> Terms:
        pay = self.chosen(cycle["pays"], member)
        return Terms(number(cycle["strong"]), number(cycle["weak"]), pay, Fraction(1), pay or ZERO)

    def ratio(self) -> tuple[int, int]:
        strong, _, weak = self.word.get("ratio", "1:1").partition(":")
        return int(strong), int(weak)

    def of_percent(self, member: Member) -> Terms:
        strong, weak = self.ratio()
        unit = number(self.word["unit"]) if "unit" in self.word else self.unit
        size = lcm(int(unit / self.unit), weak) * self.unit
        rate = self.chosen(self.form, member)
        return Terms(size * strong / weak, size, None if rate is None else size * rate, size, rate or ZERO)

    def of_steps(self, member: Member, matched: Fraction) -> Terms:
        strong, weak = self.ratio()
        pay = self.chosen(self.steps, member, matched)
        reached = [edge for edge in thresholds(self.steps) if edge <= matched]
        edge = max((one for one in reached if self.chosen(self.steps, member, one) == pay), default=ZERO)
        lower = [one for one in reached if one < edge and self.chosen(self.steps, member, one) == pay]
        edge = min([edge, *lower])
        # What the strong side gives is a whole number of the smallest units.
        strong_edge = -(-edge * strong / weak // self.unit) * self.unit
        return Terms(strong_edge, edge, pay, edge, ZERO)

    # the match

    def take(self, sizes: Amounts, strong: int, terms: Terms, times: int) -> Amounts | None:
        """Return what so many cycles take from each leg with one strong leg; None if there is not enough."""
        taken = [ZERO] * len(sizes)
        taken[strong] = times * terms.strong
        others = sorted((leg for leg in range(len(sizes)) if leg != strong), key=lambda leg: (-self.by[leg], leg))
        if self.word.get("weaker") == "second":
            others = others[:1]
        else:
            others.sort(key=lambda leg: (-sizes[leg], leg))
        rest = times * terms.weak
        for leg in others:
            taken[leg] = min(sizes[leg], rest)
            rest -= taken[leg]
        return taken if rest == 0 and sizes[strong] >= taken[strong] else None

    def match(self, sizes: Amounts, terms: Terms, most: int | None) -> tuple[int, Amounts]:
        """Return how many cycles are made, one after the other, and what they take."""
        nothing = [ZERO] * len(sizes)
        if terms.pay is None or terms.weak == 0 or terms.strong == 0:
            return 0, nothing
        every = (
            self.cycle is not None
            and self.cycle.get("decided") != "once"
            and self.word.get("pay_leg") != "before_carry"
            and len(sizes) == 2
        )
        if self.cycle is None:
            return self.match_at_once(sizes, terms, most)
        count, taken = 0, nothing
        while most is None or count < most:
            left = [size - part for size, part in zip(sizes, taken, strict=True)]
            if every:
                self.by = left
                more = self.take(left, strongest(left), terms, 1)
                total = None if more is None else [one + two for one, two in zip(taken, more, strict=True)]
            else:
                total = self.take(sizes, strongest(self.by), terms, count + 1)
            if total is None:
                break
            count, taken = count + 1, total
        return count, taken

    def match_at_once(self, sizes: Amounts, terms: Terms, most: int | None) -> tuple[int, Amounts]:
        """Return the largest number of the smallest matches, by halving."""
        low, high = 0, int(sum(sizes, ZERO) / min(terms.strong, terms.weak)) + 1
        high = high if most is None else min(high, most)
        strong = strongest(self.by)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (low, middle - 1) if self.take(sizes, strong, terms, middle) is None else (middle, high)
        taken = self.take(sizes, strong, terms, low)
        assert taken is not None
        return low, taken

    def both(
        self, member: Member, sizes: Amounts, terms: Terms, most: int | None, firsts: int
    ) -> tuple[int, int, Amounts]:
        """Return cycles, first cycles, and what they take."""
        rule = self.word.get("first")
        if rule is None:
            count, taken = self.match(sizes, terms, most)
            return count, 0, taken
        first, taken = 0, [ZERO] * len(sizes)
        if member not in self.had:
            first, taken = self.match(sizes, self.of_cycle(rule, member), firsts)
            if first == 0:
                return 0, 0, taken
        left = [size - part for size, part in zip(sizes, taken, strict=True)]
        count, more = self.match(left, terms, most)
        return count, first, [one + two for one, two in zip(taken, more, strict=True)]

    # one member

    def pay(self, member: Member, legs: list[Leg]) -> None:
        word, payroll = self.word, self.payroll
        sizes = [leg.has for leg in legs]
        fresh = [max(leg.volume + leg.overflow, ZERO) for leg in legs]
        decided = fresh if word.get("pay_leg") == "before_carry" else sizes
        self.by = decided
        if self.cycle is not None:
            terms = self.of_cycle(self.cycle, member)
        elif self.steps is not None:
            strong, weak = self.ratio()
            smallest = Terms(strong * self.unit, weak * self.unit, ZERO, ZERO, ZERO)
            terms = self.of_steps(member, self.match(sizes, smallest, None)[0] * weak * self.unit)
        else:
            terms = self.of_percent(member)
        most = 1 if self.steps is not None else None
        count, first, taken = self.both(member, sizes, terms, most, 1)
        self.by = decided
        first_terms = self.of_cycle(word["first"], member) if first else Terms(ZERO, ZERO, ZERO, ZERO, ZERO)
        matched = count * terms.weak + first * first_terms.weak
        worth = count * (terms.pay or ZERO) + first * (first_terms.pay or ZERO)
        payroll.equations[self.name].offered += worth
        outcome = self.obstacle(member)
        if outcome is None and 0 < matched < number(word.get("match_minimum", "0")):
            outcome = "below_minimum"
        if outcome is not None:
            if worth > 0:
                bases, amounts = payroll.breakage.get((self.name, 0, outcome), (ZERO, ZERO))
                payroll.breakage[self.name, 0, outcome] = bases + count * terms.base + first, amounts + worth
        elif matched > 0:
            self.settle(member, legs, sizes, terms, (count, first, taken), worth)
        self.carry_on(member, legs, outcome is None and matched > 0)

    def obstacle(self, member: Member) -> str | None:
        outcome = self.world.obstacle(member, self.word.get("eligible", {}))
        rule = self.word.get("each_side")
        if outcome is not None or rule is None:
            return outcome
        tree = self.world.tree(rule.get("tree") or self.world.snapshot.first_tree)
        enrolled = [
            one for one in tree.nodes if tree.up[one] == member and self.world.holds(rule.get("where", {}), one)
        ]
        on_legs = [self.place.leg_below(member, one) for one in enrolled]
        enough = [leg for leg in range(self.place.legs) if on_legs.count(leg + 1) >= int(rule["count"])]
        return None if len(enough) >= int(rule.get("legs", self.place.legs)) else "not_eligible"

    def settle(
        self,
        member: Member,
        legs: list[Leg],
        sizes: Amounts,
        terms: Terms,
        made: tuple[int, int, Amounts],
        worth: Fraction,
    ) -> None:
        count, first, taken = made
        first_pay = (self.of_cycle(self.word["first"], member).pay or ZERO) if first else ZERO
        for times, base, rate, pay in (
            (first, Fraction(1), first_pay, first_pay),
            (count, terms.base, terms.rate, terms.pay or ZERO),
        ):
            if times * pay > 0:
                self.line(member, times * base, rate, times * pay, "paid")
        paid, kept, kept_first = self.capped(member, terms, count, first, worth)
        used = taken
        if paid < worth:
            used = self.both(member, sizes, terms, kept, kept_first)[2]
            whole = self.payroll.rounding["place"] == "line"
            before = [line.amount for line in self.lines if line.earner == member]
            before = [self.payroll.round(amount) for amount in before] if whole else before
            after = self.payroll.round(paid) if whole else paid
            cut = min(after - sum(before, ZERO), ZERO)
            if cut:
                self.line(member, ZERO, ZERO, cut, "cap_reached")
        for leg, amount, matched in zip(legs, taken, used, strict=True):
            leg.match(matched)
            if self.cap.get("then") == "flush_above":
                leg.flush(amount - matched)
            elif self.cap.get("then") == "flush_all" and paid < worth:
                leg.flush(leg.has)
        if first and (paid == worth or kept_first):
            self.had.add(member)

    def line(self, member: Member, base: Fraction, rate: Fraction, amount: Fraction, outcome: str) -> None:
        from tests.oracle.commission import Line

        self.lines.append(Line(self.name, member, member, None, "", 0, 0, base, rate, amount, outcome))

    def capped(
        self, member: Member, terms: Terms, count: int, first: int, worth: Fraction
    ) -> tuple[Fraction, int, int]:
        """Return what is paid under the cap, and the cycles and first cycles that it pays for."""
        kinds = [kind for kind in ("volume", "cycles", "money", "points") if kind in self.cap]
        if not kinds:
            return worth, count, first
        kind = kinds[0]
        first_terms = self.of_cycle(self.word["first"], member) if first else Terms(ZERO, ZERO, ZERO, ZERO, ZERO)
        first_pay, pay = first_terms.pay or ZERO, terms.pay or ZERO
        size = {"volume": terms.weak, "cycles": Fraction(1)}.get(kind, pay)
        first_size = {"volume": first_terms.weak, "cycles": Fraction(1)}.get(kind, first_pay)
        wanted = count * size + first * first_size
        limit = self.limit(self.cap[kind], member, kind)
        owner = self.owner(member)
        allowed = wanted if limit is None else min(wanted, max(limit - self.used[owner], ZERO))
        self.used[owner] += allowed
        if kind in ("money", "points"):
            kept_first = first if allowed > 0 else 0
            rest = max(allowed - kept_first * first_pay, ZERO)
            kept = 0
            while kept < count and kept * pay < rest:
                jump = max(1, int((rest - kept * pay) / pay)) if pay else count
                kept = min(count, kept + jump)
            if not pay:
                kept = count
            return allowed, 0 if first > kept_first else kept, kept_first
        kept_first = first if allowed >= first_size else 0
        kept = min(count, int((allowed - kept_first * first_size) / size)) if size else 0
        kept = 0 if first > kept_first else kept
        return kept * pay + kept_first * first_pay, kept, kept_first

    def owner(self, member: Member) -> str:
        if "owner" not in self.cap:
            return member
        named = self.world.snapshot.cell(member, self.cap["owner"])
        return named or member

    def limit(self, table: Any, member: Member, kind: str) -> Fraction | None:
        if isinstance(table, dict) and set(table) == {"column"}:
            given = self.world.snapshot.cell(member, table["column"])
            found = max(number(given), ZERO) if given else None
        else:
            found = self.chosen(table, member)
        if found is None:
            return None
        if kind in ("money", "points") and self.payroll.rounding["place"] == "line":
            return found // self.payroll.unit * self.payroll.unit
        smallest = self.unit if kind == "volume" else Fraction(1) if kind == "cycles" else Fraction(1, 10**6)
        return found // smallest * smallest

    # what is left

    def carry_on(self, member: Member, legs: list[Leg], was_paid: bool) -> None:
        which = self.carry.get("legs", "both")
        best = strongest([leg.has for leg in legs])
        for place, leg in enumerate(legs):
            if which == "none" or (which == "stronger" and was_paid and place != best):
                leg.flush(leg.has)
        if "limit" in self.carry:
            limit = self.limit(self.carry["limit"], member, "volume")
            for leg in legs:
                leg.flush(ZERO if limit is None else max(leg.has - limit, ZERO))
        for leg in legs if "expires" in self.carry else []:
            old = [lot for lot in leg.lots[:-1] if self.age(lot.since) >= int(self.carry["expires"]["after"])]
            leg.flush(sum((lot.amount for lot in old), ZERO))
        inactive = member not in self.world.active()
        eligible = self.obstacle(member) is None
        what = self.carry.get("when_inactive", "keep") if inactive else "keep"
        if not inactive and not eligible:
            what = self.carry.get("when_not_eligible", "keep")
        for place, leg in enumerate(legs):
            if what != "keep":
                leg.flush(leg.has if what == "lose_all" else sum((lot.amount for lot in leg.lots[:-1]), ZERO))
            leg.check()
            self.leave(member, str(place + 1), leg)
        if "first" in self.word and member in self.had:
            self.payroll.left.append(Left("pairs", self.name, member, "", self.period, Fraction(1)))

    def leave(self, member: Member, key: str, leg: Leg) -> None:
        if "expires" not in self.carry:
            self.payroll.left.append(Left("carry", self.name, member, key, self.period, leg.has))
            return
        for lot in leg.lots:
            self.payroll.left.append(Left("carry", self.name, member, key, lot.since, lot.amount))

    def age(self, label: str) -> int:
        """Return how many periods ago a period was."""
        if not self.period:
            return 1
        if ".." in self.period:
            first, last = (date.fromisoformat(day) for day in self.period.split(".."))
            days = (first - date.fromisoformat(label[:10])).days
            return max(1, ceil(Fraction(days, (last - first).days + 1)))
        if "W" in self.period:
            this, that = (date.fromisocalendar(int(one[:4]), int(one[6:]), 1) for one in (self.period, label))
            return max(1, (this - that).days // 7)
        year, month = (int(part) for part in label.split("-"))
        now = [int(part) for part in self.period.split("-")]
        return max(1, (now[0] - year) * 12 + now[1] - month)


def pay_binary(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    """Return the lines of a binary bonus; what it leaves goes to ``payroll.left``."""
    bonus = Binary(payroll, name, word)
    legs = bonus.legs()
    for member in pre_order(payroll):
        bonus.pay(member, legs[member])
    return bonus.lines
