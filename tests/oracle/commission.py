"""The slow reference: a plan and a company in, everything a run states out, in fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.oracle import guarantee, last_steps, limits, past, payout, personal, sources
from tests.oracle.awards import pay_award
from tests.oracle.binary import pay_binary
from tests.oracle.differential import pay_differential
from tests.oracle.kept import Left
from tests.oracle.pools import pay_pool
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
    ranks, titles : dict of ladder, or ``rank.title``, -> member -> rank name or ""
    transfers : dict of (volume, tree, source, keeper or None) -> amount
    breakage : dict of (bonus, paid level, outcome) -> (base, amount)
    statements : dict of (earner, bonus) -> amount, without zeros
    state : list of Left
        What the period leaves to the next, without zeros.
    payout : rows (member, step, name, amount), without zeros
    payments : rows (member, plan amount, currency, rate, amount, left)
    """

    world: World
    volumes: dict[str, dict[Member, Fraction]]
    metrics: dict[str, dict[Member, Fraction]]
    ranks: dict[str, dict[Member, str]]
    titles: dict[str, dict[Member, str]]
    transfers: dict[tuple[str, str, Member, Member | None], Fraction]
    lines: list[Line]
    breakage: dict[tuple[str, int, str], tuple[Fraction, Fraction]]
    equations: dict[str, Equation]
    statements: dict[tuple[Member, str], Fraction]
    state: list[Left]
    payout: list[payout.Row]
    payments: list[payout.Exchanged]


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
        self.choices: list[dict[str, Any]] = world.plan.get("exclusive", []) if section == "bonuses" else []
        self.chosen: list[int] = []

    def round(self, amount: Fraction) -> Fraction:
        return round_to(amount, self.unit, self.rounding["mode"])

    def pay(self, name: str) -> None:
        """Pay a bonus, those it reads before it."""
        if name in self.lines:
            return
        word = self.bonuses[name]
        for other in earned_from(word):
            self.settle(other)
        self.equations[name] = Equation()
        payer = next(PAYERS[key] for key in PAYERS if key in word)
        lines = payer(self, name, word)
        if self.rounding["place"] == "line":
            lines = [replace(line, amount=self.round(line.amount)) for line in lines]
        last_steps.take(self, name, word, lines)
        if self.rounding["place"] == "bonus":
            lines += self.differences(name, by_earner(lines))
        self.lines[name] = lines
        self.know_earned(name)

    def know_earned(self, name: str) -> None:
        total = by_earner(self.lines[name])
        self.earned[name] = {earner: self.round(amount) for earner, amount in total.items() if earner != COMPANY}

    def settle(self, name: str) -> None:
        """Pay a bonus and, where it excludes others, choose."""
        self.pay(name)
        for place, choice in enumerate(self.choices):
            if name in limits.chosen_from(choice) and place not in self.chosen:
                self.chosen.append(place)
                for other in limits.chosen_from(choice):
                    self.pay(other)
                limits.choose(self, choice)
                for other in limits.chosen_from(choice):
                    self.know_earned(other)

    @property
    def step(self) -> Fraction:
        """Return the smallest part of what is scaled or shared."""
        return Fraction(1, 10**6) if self.rounding["place"] == "payout" else self.unit

    def change(self, name: str, earner: Member, amount: Fraction, outcome: str) -> Line:
        """Return a line that changes what an earner has; what it takes may be breakage."""
        if outcome in ("below_minimum", "excluded"):
            bases, amounts = self.breakage.get((name, 0, outcome), (ZERO, ZERO))
            self.breakage[name, 0, outcome] = (bases, amounts - amount)
        if outcome == "multiplier":
            self.equations[name].offered += max(amount, ZERO)
        return Line(name, earner, earner, None, "", 0, 0, ZERO, ZERO, amount, outcome)

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

    def nearest_first(self, line: Line) -> Any:
        order = self.world.snapshot.company.id_key(line.order) if line.order else 0
        return line.level, order, self.boundary_rank(line), self.parts_order(line), line.paid_level

    def boundary_rank(self, line: Line) -> int:
        boundary = self.bonuses[line.bonus].get("generations")
        if boundary is None:
            return 0
        ladder = boundary["mine_or_higher"] if isinstance(boundary, dict) else "rank"
        return (self.world.ranking(ladder) or {})[line.earner]

    def parts_order(self, line: Line) -> int:
        word = self.bonuses[line.bonus]
        table = word.get("levels") or word.get("differential")
        return list(table).index(line.part) if "by" in word else 0

    def guaranteed(self, name: str, word: dict[str, Any], held: dict[Member, Fraction]) -> list[Line]:
        """Return two lines for each who leaves something to the one above: its own, and the other's."""
        found = []
        for giver, receiver, level, amount in guarantee.passes(self, word, held):
            for earner, distance, moved in ((giver, 0, -amount), (receiver, level, amount)):
                line = Line(name, earner, giver, None, "", distance, 0, ZERO, ZERO, moved, "guarantee")
                found.append(line)
        return found

    def differences(self, name: str, total: dict[Member, Fraction]) -> list[Line]:
        """Return a line of outcome `rounding` for each earner whose total is no multiple of the unit."""
        return [
            Line(name, earner, None, None, "", 0, 0, ZERO, ZERO, self.round(amount) - amount, "rounding")
            for earner, amount in total.items()
            if self.round(amount) != amount
        ]

    def balance(self, name: str) -> None:
        equation = self.equations[name]
        lines = [line for line in self.lines[name] if line.earner != COMPANY]
        equation.paid = sum((line.amount for line in lines), ZERO)
        equation.cut = -sum((line.amount for line in lines if line.outcome in ("cap_reached", "limit_reached")), ZERO)
        equation.cut -= sum((min(line.amount, ZERO) for line in lines if line.outcome == "multiplier"), ZERO)
        equation.breakage = sum((amount for key, (_, amount) in self.breakage.items() if key[0] == name), ZERO)
        equation.rounding = equation.offered - equation.paid - equation.breakage - equation.cut


def earned_from(word: dict[str, Any]) -> list[str]:
    """Return the bonuses whose earnings a bonus is paid on, or shared by."""
    bases = [word.get("base"), word.get("of"), word.get("by")]
    if "pool" in word or "fund" in word:
        bases.append(word.get("top", {}).get("by"))
    return [name for base in bases if isinstance(base, dict) for name in base.get("earned", [])]


def pay_levels(payroll: Payroll, name: str, word: dict[str, Any]) -> list[Line]:
    table = RateTable(payroll.world.plan, word["levels"], word.get("by", ""), word.get("rank", "paid_as"))
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
    table = RateTable(payroll.world.plan, word["personal"], word.get("by", ""), word.get("rank", "paid_as"))
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
    "differential": pay_differential,
    "pool": pay_pool,
    "award": pay_award,
    "binary": pay_binary,
}
"""Bonus word to what returns the exact lines of a bonus, and counts what it offers and loses."""


def points_of(world: World, name: str) -> dict[Member, Fraction]:
    """Return the points of every member."""
    payroll = Payroll(world, "points")
    payroll.pay(name)
    return {member: payroll.earned[name].get(member, ZERO) for member in world.snapshot.ids}


def orders_paid_on(world: World, name: str) -> frozenset[str]:
    """Return the orders on which a bonus paid members anything."""
    payroll = Payroll(world)
    payroll.pay(name)
    paid: dict[str, Fraction] = defaultdict(Fraction)
    for line in payroll.lines[name]:
        if line.order and line.earner != COMPANY:
            paid[line.order] += line.amount
    return frozenset(order for order, amount in paid.items() if amount != 0)


def left_by(payroll: Payroll, statements: dict[tuple[Member, str], Fraction]) -> list[Left]:
    """Return what bonuses, points and the payout leave to the next period, without zeros."""
    left = [*payroll.left, *left_by_points(payroll.world), *payout.left(payroll, statements)]
    return [one for one in left if one.value != 0]


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
        payroll.settle(name)
    for word in plan.get("limits", {}).values():
        limits.cut(payroll, word)
    for name in payroll.bonuses:
        payroll.balance(name)
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
        titles=names_of_titles(world),
        transfers=transfers(world),
        lines=lines,
        breakage={key: both for key, both in payroll.breakage.items() if both != (0, 0)},
        equations=payroll.equations,
        statements={key: amount for key, amount in statements.items() if amount != 0},
        state=[*past.left_behind(world), *left_by(payroll, dict(statements))],
        payout=payout.rows(payroll, dict(statements)),
        payments=payout.payments(payroll, dict(statements)),
    )


def names_of_ranks(ranks: Ranks, codes: dict[str, dict[str, int]]) -> dict[str, dict[Member, str]]:
    names = {ladder: {0: "", **{code: name for name, code in of.items()}} for ladder, of in codes.items()}
    return {ladder: {member: names[ladder][code] for member, code in held.items()} for ladder, held in ranks.items()}


def names_of_titles(world: World) -> dict[str, dict[Member, str]]:
    found = {}
    for ladder, kinds in past.titles_of(world.plan).items():
        names = {0: "", **{code: name for name, code in world.codes[ladder].items()}}
        for kind in kinds:
            found[f"{ladder}.{kind}"] = {member: names[code] for member, code in world.title(ladder, kind).items()}
    return found


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
