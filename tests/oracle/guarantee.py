"""What a member leaves to the one above it: from the leaves up, member by member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO, number, rate
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.commission import Payroll


def receiver(payroll: Payroll, word: dict[str, Any], member: Member) -> Member | None:
    """Return who would take the first level from a member."""
    world = payroll.world
    tree = world.tree(word.get("tree", world.snapshot.first_tree))
    table = RateTable(world.plan, word["levels"], word.get("by", ""), word.get("rank", "paid_as"))

    def eligible(who: Member) -> bool:
        return world.obstacle(who, word.get("eligible", {})) is None

    def has_rate(who: Member) -> bool:
        tier = world.numbers(word["tier"])(who) if "tier" in word else ZERO
        rank = world.rank_of_table(word, who)
        by_source = word.get("scheme", "earner") == "source"
        schemes = {world.snapshot.scheme(other) for other in world.snapshot.ids} if by_source else set()
        return any(
            table.rate(part, scheme, rank, tier, 0) is not None
            for part in table.parts
            for scheme in schemes or {world.snapshot.scheme(who)}
        )

    above = tree.above(member)
    policy = word.get("otherwise", "lose")
    if policy in ("lose", "company"):
        above = above[:1]
    elif policy == "skip_unqualified":
        above = [who for who in above if eligible(who)][:1]
    return next((who for who in above if eligible(who) and has_rate(who)), None)


def passes(
    payroll: Payroll, word: dict[str, Any], held: dict[Member, Fraction]
) -> Iterator[tuple[Member, Member, int, Fraction]]:
    """Yield giver, receiver, how far it is above, and amount; whoever is deepest gives first."""
    world = payroll.world
    tree = world.tree(word.get("tree", world.snapshot.first_tree))
    has = defaultdict(Fraction, held)
    terms = word["guarantee"]
    group = world.numbers(terms["group"])
    for member in sorted(world.snapshot.ids, key=lambda who: -len(tree.above(who))):
        due = rate(terms["rate"]) * max(number(terms["threshold"]) - group(member), ZERO)
        if payroll.rounding["place"] == "line":
            due = payroll.round(due)
        gives = min(due, has[member])
        to = receiver(payroll, word, member)
        if gives > 0 and to is not None:
            has[member] -= gives
            has[to] += gives
            yield member, to, tree.above(member).index(to) + 1, gives
