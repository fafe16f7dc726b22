"""Metrics: one number per member, from the values of others over a tree."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.scalars import ZERO, listed, number, rate, round_to
from tests.oracle.snapshot import Member, Tree

if TYPE_CHECKING:
    from tests.oracle.world import World

NO_END = 10**9
PERCENT_DECIMALS = 4


def looks_back(word: dict[str, Any]) -> bool:
    return any(key in word for key in ("history", "lifetime", "periods_at"))


def decimals(world: World, word: dict[str, Any]) -> int:
    if "periods_at" in word or word.get("take") in ("count", "in_a_row"):
        return 0
    if looks_back(word):
        return world.decimals(word.get("lifetime") or word["history"])
    if "count" in word or (isinstance(word.get("take"), dict) and "reaching" in word["take"]):
        return 0
    if "tier" in word:
        return PERCENT_DECIMALS
    if "add" in word:
        return max(world.decimals(part) for part in [*word["add"], *word.get("less", [])])
    if "times" in word:
        return int(word.get("decimals", world.decimals(word["of"])))
    return world.decimals(word.get("sum") or word["legs"])


def is_of_required(word: dict[str, Any]) -> bool:
    return isinstance(word.get("take"), dict) and word["take"].get("of") == "required"


def reach(word: dict[str, Any], lowest: int) -> tuple[int, int]:
    """Return the first and the last level that a metric looks at."""
    levels = word.get("levels")
    if levels is None:
        return lowest, NO_END
    if isinstance(levels, list):
        return int(levels[0]), int(levels[1])
    return lowest, int(levels)


def evaluate(world: World, word: dict[str, Any]) -> dict[Member, Fraction]:
    """Return the metric of every member; one that depends on a rung's requirement has no value of its own."""
    tree = world.tree(word.get("tree", world.snapshot.first_tree))
    if "steps" in word:
        return tiers(world, word)
    if "add" in word:
        return {member: added(world, word, member) for member in tree.up}
    if "times" in word:
        value, unit = world.numbers(word["of"]), Fraction(1, 10 ** decimals(world, word))
        times, mode = number(word["times"]), world.plan["rounding"]["mode"]
        return {member: round_to(value(member) * times, unit, mode) for member in tree.up}
    if "legs" in word:
        return {} if is_of_required(word) else {member: legs(world, word, tree, member) for member in tree.up}
    if "count" in word:
        return counts(world, word, tree)
    if word["over"] == "subtree":
        return over_subtree(world, word, tree)
    if word["over"] == "group":
        return over_group(world, word, tree)
    value, where = world.numbers(word["sum"]), word.get("where", {})
    return {
        member: sum((value(below) for below in tree.children[member] if world.holds(where, below)), ZERO)
        for member in tree.up
    }


def added(world: World, word: dict[str, Any], member: Member) -> Fraction:
    total = number(word.get("plus", "0"))
    total += sum((world.numbers(part)(member) for part in word["add"]), ZERO)
    total -= sum((world.numbers(part)(member) for part in word.get("less", [])), ZERO)
    total = max(total, number(word["at_least"])) if "at_least" in word else total
    return min(total, number(word["at_most"])) if "at_most" in word else total


def tiers(world: World, word: dict[str, Any]) -> dict[Member, Fraction]:
    """Return the percentage that each member has reached."""
    value, found = world.numbers(word["tier"]), {}
    for member in world.snapshot.ids:
        floors = [number(one["value"]) for one in word.get("at_least", []) if world.holds(one["when"], member)]
        actual = max([value(member), ZERO, *floors])
        reached = [(number(step), rate(percent)) for step, percent in word["steps"].items() if number(step) <= actual]
        found[member] = max(reached)[1] * 100 if reached else ZERO
    return found


def over_subtree(world: World, word: dict[str, Any], tree: Tree) -> dict[Member, Fraction]:
    value, total = world.numbers(word["sum"]), dict.fromkeys(tree.up, ZERO)
    first, last = reach(word, 0)
    for member in tree.up:
        if not world.holds(word.get("where", {}), member):
            continue
        for at, distance in tree.places(member):
            myself = at == member
            if first <= distance <= last and not (myself and word.get("self") == "false"):
                total[at] += value(member)
    return total


def over_group(world: World, word: dict[str, Any], tree: Tree) -> dict[Member, Fraction]:
    """Sum over the members who belong to each member, kept or not (the groups of plan model 11.5)."""
    value, total = world.numbers(word["sum"]), dict.fromkeys(tree.up, ZERO)
    whole = world.tree(tree.recorded)
    # A member is judged by its group as of one who is not yet a leader.
    judged = world.judging is not None and shaped_by(world, word["tree"], world.judging)
    upline = word.get("leader", "own_group") == "upline_group"
    for member in tree.up:
        if not world.holds(word.get("where", {}), member):
            continue
        leads = member in tree.nodes
        if (judged or not (leads and upline)) and word.get("self") != "false":
            total[member] += value(member)
        if leads and not upline:
            continue
        for at in whole.above(member):
            total[at] += value(member)
            if at in tree.nodes:
                break
    return total


def shaped_by(world: World, tree: str, ladder: str) -> bool:
    """Return whether a derived tree keeps by the ranks of a ladder."""
    word = world.plan["trees"][tree]
    if "compress" not in word:
        return False
    return any(ladder in words for words in listed(word["keep"])) or shaped_by(world, word["compress"], ladder)


def counts(world: World, word: dict[str, Any], tree: Tree) -> dict[Member, Fraction]:
    met = {member for member in tree.nodes if world.holds(word.get("where", {}), member)}
    first, last = reach(word, 1)
    total = dict.fromkeys(tree.up, ZERO)
    for member in tree.nodes:
        if word["count"] == "frontline":
            total[member] = Fraction(sum(below in met for below in tree.children[member]))
        elif word["count"] == "legs":
            total[member] = legs_with(tree, member, met, last)
        elif member in met:
            for distance, at in enumerate(tree.above(member), start=1):
                total[at] += first <= distance <= last
    return total


def legs_with(tree: Tree, member: Member, met: set[Member], last: int) -> Fraction:
    """Return in how many first-line legs somebody is in `met`, the first-line member being level 1."""
    heads = set()
    for below in met:
        line = [below, *tree.above(below)]
        if member in line[1 : last + 1]:
            heads.add(line[line.index(member) - 1])
    return Fraction(len(heads))


def legs(world: World, word: dict[str, Any], tree: Tree, member: Member, required: Fraction = ZERO) -> Fraction:
    """Return what `take` makes of the legs of one member."""
    value = world.numbers(word["legs"])
    sizes = [value(below) for below in tree.children[member]]
    if "as_leg" in word:
        sizes.append(world.numbers(word["as_leg"])(member))
    plus = world.numbers(word["plus"])(member) if "plus" in word else ZERO
    sizes.sort(reverse=True)
    take = word["take"]
    if take == "all_but_largest" or "all_but_largest" in take:
        left_out = 1 if isinstance(take, str) else int(take["all_but_largest"])
        return sum(sizes[left_out:], ZERO) + plus
    if "all_but_largest" in take:
        return sum(sizes[int(take["all_but_largest"]) :], ZERO) + plus
    if "largest" in take:
        place = int(take["largest"])
        return (sizes[place - 1] if place <= len(sizes) else ZERO) + plus
    if "reaching" in take:
        return sum((size >= number(take["reaching"]) for size in sizes), ZERO) + plus
    most = take["at_most"]
    if not most.endswith("%"):
        return sum((min(size, number(most)) for size in sizes), ZERO) + plus

    def part_of(whole: Fraction) -> Fraction:
        scale = 10 ** decimals(world, word)
        return Fraction(max(ZERO, whole) * rate(most) * scale // 1, scale)

    if take["of"] == "leg_strongest":
        strongest = [min(size, part_of(size)) for size in sizes[:1]]
        return sum(strongest + sizes[1:], ZERO) + plus
    whole = required if take["of"] == "required" else sum(sizes, ZERO) + plus
    return sum((min(size, part_of(whole)) for size in sizes), ZERO) + plus
