"""Slow twin of the kernels of differentials: everybody above a source, one after another."""

from __future__ import annotations


def line_above(parent: list[int], index: int) -> list[int]:
    """Return an index and all above it."""
    found = []
    while index >= 0:
        found.append(index)
        index = parent[index]
    return found


def above(parent: list[int], rates: list[int]) -> list[list[int]]:
    """Return for every index the next with a higher rate, how many equal ones lie between, how many have a rate."""
    found = []
    for index, own in enumerate(rates):
        line = line_above(parent, parent[index])
        higher = next((place for place, other in enumerate(line) if rates[other] > own), None)
        between = line if higher is None else line[:higher]
        equal = sum(rates[other] == own for other in between)
        rated = sum(rates[other] > 0 for other in [index, *line])
        found.append([-1 if higher is None else line[higher], equal, rated])
    return found


def walk(parent: list[int], rates: list[int], source: tuple[int, ...], rule: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shares (index, share, kind) of one source."""
    own, first, limit, done, blocked, paid_from = source
    top, whole, reserve, ends_after, ends_at = rule
    left, matched = top - done, 0
    shares = []

    def take(index: int, kind: int) -> bool:
        nonlocal left, done, matched
        if left <= 0 or rates[index] <= done:
            return False
        share = min(rates[index] if whole else rates[index] - done, left)
        shares.append((index, share, kind))
        left, done, matched = left - share, rates[index], 0
        return True

    if own >= 0:
        take(own, 0)
    for index in line_above(parent, first):
        if index < limit:
            break
        if index == first and reserve and rates[index] <= done and left > 0:
            share = min(reserve, left)
            shares.append((index, share, 1))
            left, done = left - share, done + share
        if not take(index, 4 if index > paid_from else 0) and left > 0:
            matched += rates[index] > 0 and (rates[index] == done if ends_at == 1 else rates[index] <= done)
            if 0 < ends_after <= matched:
                blocked = 1
                break
    return [*shares, (-1, left, 2 if blocked else 3)] if left > 0 else shares
