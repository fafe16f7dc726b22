"""Slow twins of the kernels that pay: plain lists and fractions."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor


def owed(steps, pay, sources, base, depth, first_level):
    """Return a row (earner, source, level, paid level, base, rate) for every step (source, earner, level, class)."""
    company, rows = len(depth), []
    for source, earner, column, place in steps:
        member, counted_from = sources[source]
        coded = pay[place][column]
        rate = coded if coded >= 0 else -(coded + 2)
        level = column + first_level if earner == company else counted_from - depth[earner]
        rows.append((earner, member, level, column + first_level, base[source], rate))
    return rows


def rounded(exact: Fraction, mode: str) -> int:
    """Return a fraction as a whole number, its magnitude rounded as the mode says."""
    size = abs(exact)
    whole, rest = floor(size), size - floor(size)
    if mode == "up":
        whole = ceil(size)
    elif (mode == "half_up" and rest >= Fraction(1, 2)) or (
        mode == "half_even" and (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1))
    ):
        whole += 1
    return whole if exact >= 0 else -whole


def paid(earners, base, rate, scale, unit, mode, members):
    """Return amounts, totals and counts per earner (the company last), and what rounding took from members."""
    amounts, totals, counts, taken = [], [0] * (members + 1), [0] * (members + 1), Fraction(0)
    for earner, volume, ppm in zip(earners, base, rate, strict=True):
        exact = Fraction(volume * ppm * scale[0], scale[1])
        units = rounded(exact, mode)
        amounts.append(units * unit)
        totals[earner] += units * unit
        counts[earner] += 1
        if earner < members:
            taken += (exact - units) * scale[1]
    return amounts, totals, counts, int(taken)
