"""The `personal` bonus: own volume at the rate of the tier reached, whole or slice by slice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.rates import RateTable, thresholds
from tests.oracle.scalars import ZERO, flag
from tests.oracle.snapshot import Member
from tests.oracle.sources import Source

if TYPE_CHECKING:
    from tests.oracle.world import World

Slice = tuple[Member, Source, Fraction, Fraction]


def slices(
    world: World,
    word: dict[str, Any],
    table: RateTable,
    found: list[Source],
    earned: dict[str, dict[Member, Fraction]],
) -> Iterator[Slice]:
    """Yield earner, source, base and rate of every line offered."""
    marginal = flag(word.get("marginal", "false"))
    for source in whole_bases(found) if marginal else found:
        earner = source.carrier
        if earner is None:
            continue
        scheme = world.snapshot.scheme(earner)
        rank = world.rank_of_table(word, earner)

        cut = marginal_slices(table, source) if marginal else [(source.base, tier_of(world, word, earner, earned))]
        for base, tier in cut:
            rate = table.rate(source.part, scheme, rank, tier, 0)
            if rate is not None:
                yield earner, source, base, rate


def tier_of(world: World, word: dict[str, Any], earner: Member, earned: dict[str, dict[Member, Fraction]]) -> Fraction:
    if "tier" in word:
        return world.numbers(word["tier"])(earner)
    if isinstance(word["base"], dict):
        return sum((earned[name].get(earner, ZERO) for name in word["base"]["earned"]), ZERO)
    return world.numbers(word["base"])(earner)


def whole_bases(found: list[Source]) -> list[Source]:
    """Return one source per earner and part, the earner itself."""
    total: dict[tuple[Member, str], Fraction] = defaultdict(Fraction)
    for source in found:
        if source.carrier is not None:
            total[source.carrier, source.part] += source.base
    return [Source(earner, earner, None, "", part, base) for (earner, part), base in total.items() if base != 0]


def marginal_slices(table: RateTable, source: Source) -> list[tuple[Fraction, Fraction]]:
    """Return the size of each slice of a base and a tier value inside it."""
    if source.base < 0:
        return [(source.base, ZERO)]
    edges = sorted({ZERO} | {edge for edge in thresholds(table.parts[source.part]) if 0 < edge < source.base})
    return [(upper - lower, lower) for lower, upper in zip(edges, [*edges[1:], source.base], strict=True)]
