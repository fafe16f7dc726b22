"""The slow reference: a plan and a company in, everything a run states out, in fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle import personal, sources
from tests.oracle.binary import pay_binary
from tests.oracle.kept import Left
from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, number, round_to
from tests.oracle.snapshot import Company, Member
from tests.oracle.sources import Source
from tests.oracle.walk import COMPANY, Walk
from tests.oracle.world import Ranks, World, settle

PAYOUT = "payout"


@dataclass(frozen=True)
class Line:
    """One line; `source`, `via` are None and `order` empty where there is none."""

    bonus: str
    earner: Member
    source: Member | None
    via: Member | None
    order: str
    level: int
    paid_level: int
    base: Fraction
    rate: Fraction
    amount: Fraction
    outcome: str
    part: str = ""


@dataclass
class Equation:
    offered: Fraction = ZERO
    paid: Fraction = ZERO
    breakage: Fraction = ZERO
    cut: Fraction = ZERO
    rounding: Fraction = ZERO


@dataclass
class Result:
    """What a run states.

    Attributes
    ----------
    ranks : dict of ladder -> member -> rank name or ""
    transfers : dict of (volume, tree, source, keeper or None) -> amount
    breakage : dict of (bonus, paid level, outcome) -> (base, amount)
    statements : dict of (earner, bonus) -> amount, without zeros
    state : list of Left
        What the period leaves to the next, without zeros.
    """

    world: World
    volumes: dict[str, dict[Member, Fraction]]
    metrics: dict[str, dict[Member, Fraction]]
    ranks: dict[str, dict[Member, str]]
    transfers: dict[tuple[str, str, Member, Member | None], Fraction]
    lines: list[Line]
    breakage: dict[tuple[str, int, str], tuple[Fraction, Fraction]]
    equations: dict[str, Equation]
    statements: dict[tuple[Member, str], Fraction]
    state: list[Left]


class Payroll:
    """Bonuses paid one after the other, each after those whose earnings it reads."""

    def __init__(self, world: World, section: str = "bonuses") -> None:
        self.world = world
        self.bonuses: dict[str, Any] = world.plan.get(section, {})
        self.rounding: dict[str, str] = world.plan["rounding"]
        if section == "points":
            # Points are exact in every line and rounded once per member, to the plan's decimals.
            decimals = int(world.plan.get("decimals", "2"))
            self.rounding = self.rounding | {"place": "bonus", "unit": str(Decimal(1).scaleb(-decimals))}
        self.unit = number(self.rounding.get("unit", "0.01"))
        self.lines: dict[str, list[Line]] = {}
        self.earned: dict[str, dict[Member, Fraction]] = {}
        self.breakage: dict[tuple[str, int, str], tuple[Fraction, Fraction]] = {}
        self.equations: dict[str, Equation] = {}
        self.left: list[Left] = []
        """What bonuses leave to the next period."""

    def round(self, amount: Fraction) -> Fraction:
        return round_to(amount, self.unit, self.rounding["mode"])

    def pay(self, name: str) -> None:
        """Pay a bonus, those it reads before it."""
        if name in self.lines:
            return
        word = self.bonuses[name]
        for other in earned_from(word):
            self.pay(other)
        self.equations[name] = Equation()
        payer = next(PAYERS[key] for key in PAYERS if key in word)
        lines = payer(self, name, word)
        if self.rounding["place"] == "line":
            lines = [replace(line, amount=self.round(line.amount)) for line in lines]
        if "per_source" in word.get("cap", {}):
            lines += self.capped(lines, number(word["cap"]["per_source"]))
        cuts = [line for line in lines if line.outcome == "cap_reached"]
        total = by_earner(lines)
        if self.rounding["place"] == "bonus":
            lines += self.differences(name, total)
            total = {earner: self.round(amount) for earner, amount in total.items()}
        self.lines[name] = lines
        self.earned[name] = {earner: self.round(amount) for earner, amount in total.items() if earner != COMPANY}
        self.balance(name, total, cuts)

    def line(
        self,
        name: str,
        source: Source,
        earner: Member,
        base: Fraction,
        rate: Fraction,
        level: int,
        paid_level: int,
        outcome: str,
    ) -> Line:
        return Line(
            name,
            earner,
            source.member,
            source.via,
            source.order,
            level,
            paid_level,
            base,
            rate,
            base * rate,
            outcome,
            source.part,
        )

    def lose(self, name: str, paid_level: int, outcome: str, base: Fraction, rate: Fraction) -> None:
        if rate > 0:
            key = (name, paid_level, outcome)
            bases, amounts = self.breakage.get(key, (ZERO, ZERO))
            self.breakage[key] = (bases + base, amounts + base * rate)

    def capped(self, lines: list[Line], cap: Fraction) -> list[Line]:
        """Return a line for each that the cap on its source changes, with what it changes it by."""
        by_source: dict[Member | None, list[Line]] = defaultdict(list)
        for line in lines:
            if line.earner != COMPANY:
                by_source[line.source].append(line)
        cuts = []
        for own in by_source.values():
            own.sort(key=self.nearest_first)
            before = ZERO
            for line in own:
                after = before + line.amount
                cut = (min(after, cap) - min(before, cap)) - line.amount
                if cut != 0:
                    cuts.append(replace(line, amount=cut, outcome="cap_reached"))
                before = after
        return cuts

    def nearest_first(self, line: Line) -> Any:
        order = self.world.snapshot.company.id_key(line.order) if line.order else self.parts_order(line)
        return line.level, order, line.paid_level

    def parts_order(self, line: Line) -> int:
        word = self.bonuses[line.bonus]
        return list(word["levels"]).index(line.part) if "by" in word else 0

    def differences(self, name: str, total: dict[Member, Fraction]) -> list[Line]:
        """Return a line of outcome `rounding` for each earner whose total is no multiple of the unit."""
        return [
            Line(name, earner, None, None, "", 0, 0, ZERO, ZERO, self.round(amount) - amount, "rounding")
            for earner, amount in total.items()
            if self.round(amount) != amount
        ]

    def balance(self, name: str, total: dict[Member, Fraction], cuts: list[Line]) -> None:
        equation = self.equations[name]
        equation.paid = sum((amount for earner, amount in total.items() if earner != COMPANY), ZERO)
        equation.cut = -sum((line.amount for line in cuts), ZERO)
        equation.breakage = sum((amount for key, (_, amount) in self.breakage.items() if key[0] == name), ZERO)
        equation.rounding = equation.offered - equation.paid - equation.breakage - equation.cut


def earned_from(word: dict[str, Any]) -> list[str]:
    """Return the bonuses whose earnings a bonus is paid on."""
    base = word.get("base", "")
    return base["earned"] if isinstance(base, dict) else []


def pay_levels(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    table = RateTable(payroll.world.plan, word["levels"], word.get("by", ""))
    lines = []
    for source in sources.of_bonus(payroll.world, word, table, payroll.earned):
        walk = Walk(payroll.world, word, table, source)
        payroll.equations[name].offered += source.base * walk.offered
        for lost in walk.lost:
            payroll.lose(name, lost.paid_level, lost.outcome, source.base, lost.rate)
        lines += [
            payroll.line(
                name, source, taken.earner, source.base, taken.rate, taken.level, taken.paid_level, taken.outcome
            )
            for taken in walk.taken
        ]
    return lines


def pay_personal(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    table = RateTable(payroll.world.plan, word["personal"], word.get("by", ""))
    found = sources.of_bonus(payroll.world, word, table, payroll.earned)
    lines = []
    for earner, source, base, rate in personal.slices(payroll.world, word, table, found, payroll.earned):
        payroll.equations[name].offered += base * rate
        outcome = payroll.world.obstacle(earner, word.get("eligible", {}))
        if outcome is not None:
            payroll.lose(name, 0, outcome, base, rate)
        elif rate > 0:
            lines.append(payroll.line(name, source, earner, base, rate, 0, 0, "paid"))
    return lines


PAYERS: dict[str, Callable[[Payroll, str, dict[str, Any]], list[Line]]] = {
    "levels": pay_levels,
    "personal": pay_personal,
    "binary": pay_binary,
}
"""Bonus word to what returns the exact lines of a bonus, and counts what it offers and loses."""


def points_of(world: World, name: str) -> dict[Member, Fraction]:
    """Return the points of every member."""
    payroll = Payroll(world, "points")
    payroll.pay(name)
    return {member: payroll.earned[name].get(member, ZERO) for member in world.snapshot.ids}


def left_by_points(world: World) -> list[Left]:
    """Return what bonuses that count leave to the next period."""
    payroll = Payroll(world, "points")
    for name in payroll.bonuses:
        payroll.pay(name)
    return payroll.left


def by_earner(lines: list[Line]) -> dict[Member, Fraction]:
    total: dict[Member, Fraction] = defaultdict(Fraction)
    for line in lines:
        total[line.earner] += line.amount
    return dict(total)


def run(plan: dict[str, Any], company: Company) -> Result:
    """Return the whole result of a plan on a company."""
    world = settle(plan, company)
    payroll = Payroll(world)
    for name in payroll.bonuses:
        payroll.pay(name)
    lines = [line for name in payroll.bonuses for line in payroll.lines[name]]
    if payroll.rounding["place"] == "payout":
        lines += payroll.differences(PAYOUT, by_earner(lines))
    statements: defaultdict[tuple[Member, str], Fraction] = defaultdict(Fraction)
    for line in lines:
        statements[line.earner, line.bonus] += line.amount
    return Result(
        world=world,
        volumes={name: world.volume(name) for name in [*plan["volumes"], *rolled_up(plan)]},
        metrics={
            name: world.metric(name)
            for name in [*plan.get("metrics", {}), *plan.get("points", {})]
            if world.metric(name)
        },
        ranks=names_of_ranks(world.ranks, world.codes),
        transfers=transfers(world),
        lines=lines,
        breakage={key: both for key, both in payroll.breakage.items() if both != (0, 0)},
        equations=payroll.equations,
        statements={key: amount for key, amount in statements.items() if amount != 0},
        state=[left for left in (*payroll.left, *left_by_points(world)) if left.value != 0],
    )


def names_of_ranks(ranks: Ranks, codes: dict[str, dict[str, int]]) -> dict[str, dict[Member, str]]:
    names = {ladder: {0: "", **{code: name for name, code in of.items()}} for ladder, of in codes.items()}
    return {ladder: {member: names[ladder][code] for member, code in held.items()} for ladder, held in ranks.items()}


def rolled_up(plan: Any) -> list[str]:
    """Return every ``VOLUME@TREE`` that the plan uses anywhere, as a value or as a word."""
    if isinstance(plan, dict):
        found = [name for key, inner in plan.items() for name in [*rolled_up(key), *rolled_up(inner)]]
    elif isinstance(plan, list):
        found = [name for inner in plan for name in rolled_up(inner)]
    else:
        words = [word.partition(".")[2] if word.startswith(("source.", "earner.")) else word for word in plan.split()]
        found = [word for word in words if "@" in word]
    return sorted(set(found))


def transfers(world: World) -> dict[tuple[str, str, Member, Member | None], Fraction]:
    """Return what left its owner: to a keeper, or to nobody."""
    found = {}
    for text in rolled_up(world.plan):
        name, _, tree_name = text.partition("@")
        tree = world.tree(tree_name)
        for member, amount in world.volume(name).items():
            if member not in tree.nodes and amount != 0:
                keeper = tree.up[member] if tree.policy == "roll_up" else None
                found[name, tree_name, member, keeper] = amount
    return found
