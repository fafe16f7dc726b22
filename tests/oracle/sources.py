"""What a bonus is paid on: each source's part of the base, where it enters the tree, and whose it was."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.rates import RateTable
from tests.oracle.scalars import ZERO
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.world import World


@dataclass(frozen=True)
class Source:
    """One source of a bonus.

    Attributes
    ----------
    member : Member
        Whose volume or earning it is.
    carrier : Member or None
        The member at whose place it enters the tree: itself, or after a roll-up its keeper.
    via : Member or None
        The keeper, where the volume was rolled up.
    order, part : str
        The order, where the grain is the order; the key of the rate table's part, with `by`.
    """

    member: Member
    carrier: Member | None
    via: Member | None
    order: str
    part: str
    base: Fraction


def of_bonus(
    world: World, word: dict[str, Any], table: RateTable, earned: dict[str, dict[Member, Fraction]]
) -> list[Source]:
    """Return the sources of a bonus, those with a base of 0 left out."""
    base = word["base"]
    if isinstance(base, dict):
        total: dict[Member, Fraction] = defaultdict(Fraction)
        for name in base["earned"]:
            for member, amount in earned[name].items():
                total[member] += amount
        found = [Source(member, member, None, "", "", amount) for member, amount in total.items()]
    else:
        found = of_volume(world, word, table)
    return [
        source
        for source in found
        if source.base != 0
        and world.snapshot.is_source(source.member)
        and world.holds(word.get("sources", {}), source.member)
    ]


def of_volume(world: World, word: dict[str, Any], table: RateTable) -> list[Source]:
    name, _, tree_name = word["base"].partition("@")
    if name not in world.plan["volumes"]:
        amount_of = world.numbers(name)
        return [Source(member, member, None, "", "", amount_of(member)) for member in world.snapshot.ids]
    grain = world.plan["rounding"].get("grain", "source")
    amounts: dict[tuple[Member, str, str], Fraction] = defaultdict(Fraction)
    per_order = world.tells_orders(word)
    if per_order or "by" in word:
        for member, order, amount in world.parts(name):
            part = table.part_of(order.get(word["by"], "")) if "by" in word else ""
            if part is not None:
                amounts[member, order["order_id"] if per_order else "", part] += amount
    else:
        for member, amount in world.volume(name).items():
            amounts[member, "", ""] = amount
    tree = world.tree(tree_name) if tree_name else None
    found = []
    for (member, order, part), amount in amounts.items():
        carrier, via = member, None
        if tree is not None and member not in tree.nodes:
            if tree.policy == "drop":
                continue
            carrier = via = tree.up[member]
        found.append(Source(member, carrier, via, order, part, amount))
    return by_keeper(found) if grain == "keeper" else found


def by_keeper(sources: list[Source]) -> list[Source]:
    """Return the sources summed over what has become one keeper's volume."""
    total: dict[tuple[Member, Member | None, str, str], Fraction] = defaultdict(lambda: ZERO)
    for source in sources:
        total[source.carrier or source.member, source.carrier, source.order, source.part] += source.base
    return [Source(member, carrier, None, order, part, base) for (member, carrier, order, part), base in total.items()]
