"""Slow twins of derived trees and generations, from the words of the plan model; nothing here knows the engine."""

from __future__ import annotations


def _nearest_kept(parent: list[int], kept: list[bool], member: int) -> int:
    above = parent[member]
    while above >= 0 and not kept[above]:
        above = parent[above]
    return above


def compress(parent: list[int], kept: list[bool], policy: str) -> tuple[list[int], list[int], list[int]]:
    """Return keeper, parent and depth, from the recorded tree and who is kept in the end."""
    n = len(parent)
    above = [_nearest_kept(parent, kept, member) for member in range(n)]
    keeper = [member if kept[member] else above[member] for member in range(n)]
    derived = list(above)
    if policy == "stay_same_level":
        for member in range(n):
            if not kept[member] and above[member] >= 0:
                derived[member] = above[above[member]]
    depth = []
    for member in range(n):
        steps, up = 0, derived[member]
        while up >= 0:
            steps, up = steps + 1, derived[up]
        depth.append(steps)
    return keeper, derived, depth


def generation_leaders(parent: list[int], kept: list[bool], member: int, leader: str) -> list[int]:
    """Return the leaders of a source by generation: the one whose group its volume is in, and those above, in order."""
    leaders = []
    up = member
    while up >= 0:
        if kept[up]:
            leaders.append(up)
        up = parent[up]
    # A leader's own volume belongs to the group of the leader above, if the plan says so.
    return leaders[1:] if kept[member] and leader == "upline_group" else leaders
