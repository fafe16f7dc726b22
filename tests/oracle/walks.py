"""Slow twins of the walk, posting and digest kernels: plain lists and whole numbers of any size."""

from __future__ import annotations


def walk(sources, parent, klass, pay, policy, rows, pair_holds=None, failing=None):
    """Return (lines, used) of walking every source; rows of `lines` are (source, earner, level, rate)."""
    lines, used = [], {}
    levels = len(pay[0])
    company = len(parent)
    for number, (first, limit, beyond, base) in enumerate(sources):
        path = []
        ancestor = first
        while ancestor >= limit and ancestor >= 0:
            path.append(ancestor)
            ancestor = parent[ancestor]

        def place_of(index, number=number):
            if pair_holds is None or failing is None or pair_holds(number, index):
                return klass[index]
            return failing[index]

        def able(index, level, place_of=place_of):
            place = place_of(index)
            return place < rows if policy == "skip_unqualified" else pay[place][level] != -1

        left = list(path)
        for level in range(levels):
            taker = None
            if policy in ("lose", "company"):
                taker = path[level] if level < len(path) else None
                place = beyond if taker is None else place_of(taker)
            elif policy in ("skip", "skip_unqualified"):
                while left and not able(left[0], level):
                    left.pop(0)
                taker = left.pop(0) if left else None
                place = beyond if taker is None else place_of(taker)
            else:
                takers = [index for index in path[level:] if able(index, level)]
                taker = takers[0] if takers else None
                place = place_of(taker) if takers else place_of(path[level]) if level < len(path) else beyond
            used[place, level] = used.get((place, level), 0) + base
            rate = pay[place][level]
            if rate > 0:
                lines.append((number, taker, level, rate))
            elif rate < -2:
                lines.append((number, company, level, -2 - rate))
    return lines, used


def cuts(groups, amounts, cap):
    """Return what a cap on the running total of each group takes from each amount, in the given order."""
    totals, cut = {}, []
    for group, amount in zip(groups, amounts, strict=True):
        before = min(totals.get(group, 0), cap)
        totals[group] = totals.get(group, 0) + amount
        cut.append(amount - (min(totals[group], cap) - before))
    return cut


def row_hash(seed, words):
    """Return one lane of the hash of a row of 64-bit words."""
    word, size = seed, 2**64
    for value in words:
        word = ((word ^ (value % size)) + 0x9E3779B97F4A7C15) % size
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % size
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB % size
        word ^= word >> 31
    return word


def text_hash(text):
    """Return FNV-1a of a text's UTF-8 bytes."""
    word = 0xCBF29CE484222325
    for byte in text.encode():
        word = (word ^ byte) * 0x100000001B3 % 2**64
    return word
