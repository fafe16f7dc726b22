"""Everybody above some members, by walking up from each."""

from __future__ import annotations


def above(parent: list[int], members: list[int]) -> set[int]:
    """Return members and everybody above them."""
    found: set[int] = set()
    for member in members:
        at = member
        while at != -1:
            found.add(at)
            at = parent[at]
    return found
