"""Ladders: the rungs of each scheme, and the highest whose requirements a member meets."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.conditions import NO_RANK, alternatives
from tests.oracle.kept import opened
from tests.oracle.metrics import NO_END, is_of_required, legs, legs_with
from tests.oracle.scalars import flag, listed, number
from tests.oracle.snapshot import Member, Row

if TYPE_CHECKING:
    from tests.oracle.world import World


def of_plan(plan: dict[str, Any]) -> dict[str, Any]:
    """Return the ladders by name; the one of `ranks` is ``rank``."""
    first = {"rank": plan["ranks"]} if "ranks" in plan else {}
    return {**first, **plan.get("ladders", {})}


def long_form(word: Any) -> dict[str, Any]:
    return word if isinstance(word, dict) and "ladder" in word else {"ladder": word}


def rungs_by_scheme(word: Any) -> dict[str, list[dict[str, Any]]]:
    """Return the rungs of each scheme; a ladder for all is under the empty name."""
    rungs = long_form(word)["ladder"]
    return rungs if isinstance(rungs, dict) else {"": rungs}


def codes(word: Any) -> dict[str, int]:
    """Return the place of each rank, from 1, in the order that all schemes' lists agree on."""
    lists = [[rung["rank"] for rung in rungs] for rungs in rungs_by_scheme(word).values()]
    merged: list[str] = []
    while any(lists):
        heads = [names[0] for names in lists if names]
        lowest = next(name for name in heads if not any(name in names[1:] for names in lists))
        merged.append(lowest)
        lists = [[name for name in names if name != lowest] for names in lists]
    return {name: place for place, name in enumerate(merged, start=1)}


def in_force(world: World, ladder: str, member: Member) -> list[Row]:
    last = world.snapshot.company.last.isoformat()
    return [
        row
        for row in world.snapshot.company.overrides
        if row["member_id"] == member
        and (row.get("ladder") or "rank") == ladder
        and (row.get("from") or "0000-00-00") <= last <= (row.get("to") or "9999-99-99")
    ]


def judge(world: World, ladder: str, word: Any) -> dict[Member, int]:
    """Return everybody's place in a ladder, 0 for none, given the ranks that others hold."""
    return {member: judge_one(world, ladder, word, member) for member in world.snapshot.ids}


def judge_one(world: World, ladder: str, word: Any, member: Member) -> int:
    if not world.snapshot.may_hold_rank(member):
        return NO_RANK
    overrides = in_force(world, ladder, member)
    for row in overrides:
        if row["override"] == "rank":
            return world.codes[ladder][row["rank"]]
    lists = rungs_by_scheme(word)
    rungs = lists[""] if "" in lists else lists.get(world.snapshot.scheme(member), [])
    held = NO_RANK
    for rung in rungs:
        waived = {
            row["metric"] for row in overrides if row["override"] == "waiver" and row["rank"] in ("", rung["rank"])
        }
        met = reaches(world, ladder, word, rung.get("requires", {}), member, waived)
        if met or keeps(world, ladder, word, rung, member, waived):
            held = world.codes[ladder][rung["rank"]]
        elif flag(long_form(word).get("cumulative", "false")):
            break
    return held


def keeps(world: World, ladder: str, word: Any, rung: dict[str, Any], member: Member, waived: set[str]) -> bool:
    """Return whether a member who held the rank before, or a higher one, meets what it takes to keep it."""
    if "keep" not in rung:
        return False
    codes = world.codes[ladder]
    section = "title" if long_form(word).get("keep_by") == "title" else "rank"
    held = [
        codes.get(left.key, NO_RANK)
        for left in opened(world.snapshot.company, section, ladder)
        if left.member == member
    ]
    before = max(held, default=NO_RANK)
    return before >= codes[rung["rank"]] and reaches(world, ladder, word, rung["keep"], member, waived)


def reaches(world: World, ladder: str, word: Any, needs: Any, member: Member, waived: set[str]) -> bool:
    return any(
        all(
            name in waived or requirement(world, ladder, word, name, need, member)
            for name, need in requirements.items()
        )
        for requirements in alternatives(needs)
    )


def requirement(world: World, ladder: str, word: Any, name: str, need: Any, member: Member) -> bool:
    """Return whether a member meets one word of a rung."""
    if name == "legs":
        return all(has_legs(world, ladder, word, one, member) for one in listed(need))
    metric = world.plan.get("metrics", {}).get(name)
    if metric is None or not is_of_required(metric):
        return world.meets(name, need, member)
    least = need["min"] if isinstance(need, dict) else need
    required = world.snapshot.column_number(member, least["column"]) if isinstance(least, dict) else number(least)
    tree = world.tree(metric.get("tree", world.snapshot.first_tree))
    return legs(world, metric, tree, member, required) >= required


def has_legs(world: World, ladder: str, word: Any, need: dict[str, str], member: Member) -> bool:
    tree = world.tree(need.get("tree") or long_form(word).get("tree") or world.snapshot.first_tree)
    if member not in tree.nodes:
        return Fraction(need["count"]) <= 0
    least = world.codes[ladder][need["with"]]
    met = {below for below in tree.nodes if world.ranks[ladder][below] >= least}
    return legs_with(tree, member, met, int(need.get("levels", NO_END))) >= int(need["count"])
