"""Slow twin of the ladder kernel: every member judged from what lies below it, found anew each time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Feed:
    """What counts below a member: `kind` is frontline, subtree, legs or group; `amount` None adds 1."""

    kind: str
    parent: list[int]
    lowest: int
    highest: int
    mask: list[bool] | None = None
    amount: list[int] | None = None
    levels: int | None = None
    own: bool = True
    upline: bool = False


@dataclass
class Rung:
    """An alternative of a rung: a static mask and tests.

    A test is ``(feed, lowest, highest, excused mask or None, goals or None)``; goals replace the lowest.
    """

    rung: int
    mask: list[bool]
    tests: list[tuple[int, int, int, list[bool] | None, list[int] | None]]


def below(parent: list[int], member: int) -> dict[int, int]:
    """Return the member and everybody below it with the distance."""
    found = {member: 0}
    for other in range(member + 1, len(parent)):
        if parent[other] in found:
            found[other] = found[parent[other]] + 1
    return found


def value(feed: Feed, rungs: list[int], member: int) -> int:
    """Return what a feed comes to for a member, given the rungs of everybody below."""

    def qualifies(other: int) -> bool:
        return feed.lowest <= rungs[other] <= feed.highest and (feed.mask is None or feed.mask[other])

    def amount(other: int) -> int:
        return 1 if feed.amount is None else feed.amount[other]

    children = [other for other in range(len(feed.parent)) if feed.parent[other] == member]
    if feed.kind == "frontline":
        return sum(amount(child) for child in children if qualifies(child))
    if feed.kind == "subtree":
        return sum(amount(other) for other in below(feed.parent, member) if other != member and qualifies(other))
    if feed.kind == "legs":
        depth = len(rungs) + 1 if feed.levels is None else feed.levels
        return sum(
            any(qualifies(other) and far + 1 <= depth for other, far in below(feed.parent, child).items())
            for child in children
        )
    total, waiting = (amount(member) if feed.own else 0), children
    while waiting:
        at = waiting.pop()
        if not qualifies(at) or feed.upline:
            total += amount(at)
        if not qualifies(at):
            waiting += [other for other in range(len(feed.parent)) if feed.parent[other] == at]
    return total


def judge(feeds: list[Feed], rungs_of: list[list[Rung]], imposed: list[int | None], cumulative: bool) -> list[int]:
    """Return the rung of every member; `rungs_of` lists each member's alternatives, lowest first."""
    held = [0] * len(imposed)
    for member in reversed(range(len(imposed))):
        forced = imposed[member]
        if forced is not None:
            held[member] = forced
            continue
        met: dict[int, bool] = {}
        for rung in rungs_of[member]:
            holds = rung.mask[member] and all(
                (low if goals is None else goals[member]) <= value(feeds[feed], held, member) <= high
                or (excused is not None and excused[member])
                for feed, low, high, excused, goals in rung.tests
            )
            met[rung.rung] = met.get(rung.rung, False) or holds
        for rung_number in sorted(met):
            if met[rung_number]:
                held[member] = rung_number
            elif cumulative:
                break
    return held
