"""Slow twins of the kernels: dicts, sets and walks to the root; nothing here knows the engine."""

from __future__ import annotations


def ancestors(parent: list[int], member: int) -> list[int]:
    """Return the strict ancestors, nearest first."""
    path = []
    above = parent[member]
    while above >= 0:
        path.append(above)
        above = parent[above]
    return path


def children(parent: list[int]) -> dict[int, list[int]]:
    """Return the children of each member and of -1, ascending."""
    below: dict[int, list[int]] = {member: [] for member in range(-1, len(parent))}
    for member, above in enumerate(parent):
        below[above].append(member)
    return below


def preorder(parent: list[int]) -> list[int]:
    """Return members parents first, subtree after subtree, siblings ascending."""
    below = children(parent)
    waiting = list(reversed(below[-1]))
    order = []
    while waiting:
        member = waiting.pop()
        order.append(member)
        waiting.extend(reversed(below[member]))
    return order


def cycles(parent: list[int]) -> list[list[int]]:
    """Return each cycle from its smallest row, walking up."""
    found = set()
    for first in range(len(parent)):
        path: list[int] = []
        row = first
        while row >= 0 and row not in path:
            path.append(row)
            row = parent[row]
        if row >= 0:
            ring = path[path.index(row) :]
            turn = ring.index(min(ring))
            found.add(tuple(ring[turn:] + ring[:turn]))
    return sorted(list(ring) for ring in found)


def unreached(parent: list[int]) -> set[int]:
    """Return the rows in a cycle or below one."""
    rings = {row for ring in cycles(parent) for row in ring}
    lost = set()
    for first in range(len(parent)):
        row = first
        while row >= 0 and row not in rings:
            row = parent[row]
        if row >= 0:
            lost.add(first)
    return lost


def subtree_sum(parent: list[int], amounts: list[int]) -> list[int]:
    """Return own amount and all below."""
    sums = list(amounts)
    for member, amount in enumerate(amounts):
        for above in ancestors(parent, member):
            sums[above] += amount
    return sums


def levels_sum(parent: list[int], amounts: list[int], first: int, last: int | None) -> list[int]:
    """Return the amounts from one level below to another."""
    sums = [0] * len(parent)
    for member, amount in enumerate(amounts):
        for distance, above in enumerate([member, *ancestors(parent, member)]):
            if distance >= first and (last is None or distance <= last):
                sums[above] += amount
    return sums


def kth_ancestor(parent: list[int], k: int) -> list[int]:
    """Return who is k levels up, or -1."""
    paths = [[member, *ancestors(parent, member)] for member in range(len(parent))]
    return [path[k] if k < len(path) else -1 for path in paths]


def legs(parent: list[int], sizes: list[int], extra: list[int] | None = None) -> list[list[int]]:
    """Return the sizes of each member's legs, largest first."""
    below = children(parent)
    return [
        sorted([sizes[child] for child in below[member]] + ([] if extra is None else [extra[member]]), reverse=True)
        for member in range(len(parent))
    ]


def count_legs(parent: list[int], mask: list[bool], levels: int | None) -> list[int]:
    """Return how many legs have somebody who meets the mask, the head of a leg being level 1."""
    heads: list[set[int]] = [set() for _ in parent]
    for member, meets in enumerate(mask):
        path = [member, *ancestors(parent, member)]
        for distance in range(1, len(path)):
            if meets and (levels is None or distance <= levels):
                heads[path[distance]].add(path[distance - 1])
    return [len(found) for found in heads]


def count_subtree(parent: list[int], mask: list[bool], with_self: bool) -> list[int]:
    """Return how many at and below each member meet the mask."""
    counts = subtree_sum(parent, [int(meets) for meets in mask])
    return counts if with_self else [count - meets for count, meets in zip(counts, mask, strict=True)]


def nearest_below(parent: list[int], mask: list[bool]) -> list[int | None]:
    """Return the distance to the nearest at or below each member who meets the mask."""
    nearest: list[int | None] = [None] * len(parent)
    for member, meets in enumerate(mask):
        if meets:
            for distance, above in enumerate([member, *ancestors(parent, member)]):
                known = nearest[above]
                nearest[above] = distance if known is None else min(known, distance)
    return nearest


def latest_above(parent: list[int], day: list[int]) -> list[int]:
    """Return the latest day of each member and those above it."""
    return [max(day[one] for one in [member, *ancestors(parent, member)]) for member in range(len(parent))]


def passed_up(recruiter: list[int], sequence: list[int], numbers: set[int], moved: bool, counts: bool) -> list[int]:
    """Return to whom each member belongs when the recruits of some numbers are handed up."""
    belongs: dict[int, int] = {-1: -1}
    had = dict.fromkeys(recruiter, 0) | dict.fromkeys(sequence, 0)

    def receive(to: int, fresh: bool) -> int:
        if to < 0:
            return to
        had[to] += 1 if fresh or counts else 0
        above = belongs[to] if moved else recruiter[to]
        if above < 0 or had[to] not in numbers or not (fresh or counts):
            return to
        return receive(above, False)

    for member in sequence:
        belongs[member] = receive(recruiter[member], True)
    return [belongs[member] for member in range(len(recruiter))]


def nearest_reaching(parent: list[int], holds: list[int], needs: list[int]) -> list[int]:
    """Return the nearest ancestor who holds enough."""
    return [
        next((above for above in ancestors(parent, member) if holds[above] >= needs[member]), -1)
        for member in range(len(parent))
    ]


def numbered_legs(parent: list[int], leg: list[int], amounts: list[int], legs: int) -> list[list[int]]:
    """Return what lies below each member on each of its legs, by carrying every amount all the way up."""
    found = [[0] * legs for _ in parent]
    for member, amount in enumerate(amounts):
        below = member
        for above in ancestors(parent, member):
            found[above][leg[below] - 1] += amount
            below = above
    return found


def leg_between(parent: list[int], leg: list[int], owner: int, below: int) -> int | None:
    """Return the leg of a member on which another stands, None where it is not below it."""
    for above in ancestors(parent, below):
        if above == owner:
            return leg[below]
        below = above
    return None
