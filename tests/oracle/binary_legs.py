"""What a `binary` bonus works on: who stands on which leg, its volumes, lots and terms; written from its page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.scalars import ZERO
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.commission import Payroll
    from tests.oracle.world import World

NAMES = {"left": 1, "l": 1, "right": 2, "r": 2}
Amounts = list[Fraction]


class Placement:
    """Who stands where: parents and legs as recorded, whatever a status takes out of other walks."""

    def __init__(self, world: World, word: dict[str, Any]) -> None:
        with_legs = [name for name, tree in world.plan["trees"].items() if "leg" in tree]
        tree = world.plan["trees"][word.get("tree") or with_legs[0]]
        snapshot = world.snapshot
        self.legs = int(tree.get("width") or word.get("legs") or 2)
        self.parent = {member: snapshot.cell(member, tree["parent"]) or None for member in snapshot.ids}
        self.leg = {member: self._leg(snapshot.cell(member, tree["leg"])) for member in snapshot.ids}

    def _leg(self, text: str) -> int:
        return NAMES.get(text.lower()) or int(text or "0")

    def volumes(self, own: dict[Member, Fraction]) -> dict[Member, Amounts]:
        """Return what stands below each member on each leg, by carrying every volume all the way up."""
        found = {member: [ZERO] * self.legs for member in self.parent}
        for member, amount in own.items():
            at, above = member, self.parent[member]
            while above is not None:
                found[above][self.leg[at] - 1] += amount
                at, above = above, self.parent[above]
        return found

    def leg_below(self, member: Member, below: Member) -> int | None:
        """Return the leg of a member on which another stands, None if it is not below it."""
        at, above = below, self.parent[below]
        while above is not None:
            if above == member:
                return self.leg[at]
            at, above = above, self.parent[above]
        return None


class Terms:
    """What one cycle, one step or the smallest match takes, and what it pays; `rate` is None without one."""

    def __init__(self, strong: Fraction, weak: Fraction, pay: Fraction | None, base: Fraction, rate: Fraction) -> None:
        self.strong, self.weak, self.pay, self.base, self.rate = strong, weak, pay, base, rate


def strongest(amounts: Amounts) -> int:
    return max(range(len(amounts)), key=lambda leg: (amounts[leg], -leg))


@dataclass
class Lot:
    """What is left of one period's volume."""

    since: str
    amount: Fraction


class Leg:
    """The volume of one leg by the period in which it arose, oldest first."""

    def __init__(self, lots: list[tuple[str, Fraction]], volume: Fraction, overflow: Fraction, period: str) -> None:
        self.carry_in = sum((amount for _, amount in lots), ZERO)
        self.volume, self.overflow, self.period = volume, overflow, period
        self.lots = [Lot(label, amount) for label, amount in sorted(lots)]
        self.lots.append(Lot(period, max(volume + overflow, ZERO)))
        self.matched = self.flushed = ZERO
        short = min(volume + overflow, ZERO)
        lost = max(-short - self.carry_in, ZERO)
        self.flushed -= lost
        self._use(-short - lost)

    @property
    def has(self) -> Fraction:
        return sum((lot.amount for lot in self.lots), ZERO)

    def _use(self, amount: Fraction) -> None:
        for lot in self.lots:
            used = min(lot.amount, amount)
            lot.amount -= used
            amount -= used
        assert amount == 0, "no more is used than there is"

    def match(self, amount: Fraction) -> None:
        self._use(amount)
        self.matched += amount

    def flush(self, amount: Fraction) -> None:
        self._use(amount)
        self.flushed += amount

    def check(self) -> None:
        assert self.carry_in + self.volume + self.overflow == self.matched + self.flushed + self.has
        assert self.has >= 0


def pre_order(payroll: Payroll) -> list[Member]:
    """Return all members, parents first, siblings by id, in the first tree as recorded."""
    snapshot = payroll.world.snapshot
    column = payroll.world.plan["trees"][snapshot.first_tree]["parent"]
    below: dict[str, list[Member]] = defaultdict(list)
    for member in snapshot.ids:
        below[snapshot.cell(member, column)].append(member)
    found, waiting = [], list(reversed(below[""]))
    while waiting:
        member = waiting.pop()
        found.append(member)
        waiting += reversed(below[member])
    return found
