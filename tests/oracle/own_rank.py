"""Generations cut by the earner's own rank, and what lies below the levels of a walk: member by member."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.oracle.rates import RateTable
from tests.oracle.snapshot import Member

if TYPE_CHECKING:
    from tests.oracle.walk import Walk


def upwards(walk: Walk) -> list[Member]:
    """Return the members above a source, nearest first; itself before them where its volume is in its own group."""
    tree = walk.world.tree(walk.word.get("tree", walk.world.snapshot.first_tree))
    carrier = walk.source.carrier
    if carrier is None:
        return []
    own = walk.word.get("leader", "own_group") == "own_group" and carrier in tree.nodes
    return [carrier, *tree.above(carrier)] if own else tree.above(carrier)


def numbered(walk: Walk, ladder: str) -> Iterator[tuple[int, Member]]:
    """Yield everybody above a source with the generation it is in by the member's own rank, lower ranks first."""
    codes = walk.world.ranking(ladder) or {}
    path = upwards(walk)
    found = []
    for place, member in enumerate(path):
        before = sum(codes[other] >= codes[member] for other in path[:place])
        found.append((codes[member], before, member))
    for _code, generation, member in sorted(found, key=lambda entry: entry[:2]):
        yield generation, member


def top_of(walk: Walk, table: RateTable, member: Member, index: int, by_rank: bool) -> Fraction:
    """Return the most that the member's rank has at a level; of the scheme where ranks do not choose."""
    scheme = walk.scheme_of(member)
    if not by_rank or not table.by_rank:
        return table.top(walk.source.part, scheme, index)
    return table.top_of_rank(walk.source.part, scheme, walk.world.rank_of_table(walk.word, member), index)


def in_generations(walk: Walk, ladder: str) -> None:
    """Let everybody take who stands in a generation of the table."""
    chosen_by = walk.word.get("rank", "paid_as")
    titled = None if ladder in walk.world.codes else walk.world.title_word(ladder)
    same = ladder == "rank" if chosen_by == "paid_as" else titled == ("rank", chosen_by)
    for generation, member in numbered(walk, ladder):
        index = generation - walk.first
        if 0 <= index < walk.table.levels:
            step(
                walk,
                walk.table,
                member,
                generation,
                index,
                generation,
                top_of(walk, walk.table, member, index, same),
            )


def below_the_levels(walk: Walk, table: RateTable) -> None:
    """Let everybody take who is further above than the levels and has nobody of its rank or higher in between."""
    last = walk.first + walk.table.levels - 1
    distance = {member: level for level, member in walk.distances()}
    for generation, member in numbered(walk, "rank"):
        deep = distance.get(member, 0) > last
        if generation == 0 and deep and walk.world.ranks["rank"][member] > 0:
            top = top_of(walk, table, member, 0, walk.word.get("rank", "paid_as") == "paid_as")
            step(walk, table, member, distance[member], 0, last + 1, top)


def step(walk: Walk, table: RateTable, member: Member, level: int, index: int, number: int, top: Fraction) -> None:
    """Pay one member, or lose what it could have had."""
    rate = walk.rate_in(table, member, index)
    outcome = walk.obstacle(member) or (None if rate is not None else "no_rate")
    if outcome is None:
        walk.settle(member, level, number, rate or Fraction(0), top)
    elif walk.policy == "company":
        walk.give_company(number, number, top)
    else:
        walk.miss(number, top, outcome)
