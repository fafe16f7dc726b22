"""Products, their rounding, and sums per earner."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel


@kernel(
    "int64(Array(int64,1,'C',readonly=True), Array(int64,1,'C',readonly=True), Array(int64,1,'C',readonly=True),"
    " int64[::1])"
)
def round_products(base, rate, rule, amount):
    """Fill ``base x rate x multiplier / divisor``, rounded on the magnitude, times unit.

    Parameters
    ----------
    base : (k,) int64
    rate : (k,) int64
    rule : (4,) int64
        Multiplier, divisor, mode (0 half up, 1 half even, 2 down, 3 up), unit.
    amount : (k,) int64, written

    Returns
    -------
    int
        What rounding took away: the sum of ``base x rate x multiplier - rounded x divisor``, in exact units.
    """
    multiplier = rule[0]
    divisor = rule[1]
    mode = rule[2]
    unit = rule[3]
    taken = 0
    for line in range(base.size):
        exact = base[line] * rate[line] * multiplier
        magnitude = abs(exact)
        quotient = magnitude // divisor
        rest = magnitude - quotient * divisor
        # rest >= divisor - rest is 2 x rest >= divisor without leaving int64.
        if mode == 0:
            quotient += rest >= divisor - rest and rest > 0
        elif mode == 1:
            quotient += rest > divisor - rest or (rest == divisor - rest and quotient % 2 == 1)
        elif mode == 3:
            quotient += rest > 0
        signed = -quotient if exact < 0 else quotient
        amount[line] = signed * unit
        taken += exact - signed * divisor
    return taken


@kernel("void(Array(int32,1,'C',readonly=True), Array(int64,1,'C',readonly=True), int64[::1], int64[::1])")
def post_amounts(earner, amount, totals, counts):
    """Add every amount to its earner's total and count it.

    Parameters
    ----------
    earner : (k,) int32
    amount : (k,) int64
    totals, counts : (n + 1,) int64, added to
    """
    for line in range(earner.size):
        totals[earner[line]] += amount[line]
        counts[earner[line]] += 1


@kernel(
    "void(Array(int32,1,'C',readonly=True), Array(int64,1,'C',readonly=True), Array(int64,1,'C',readonly=True),"
    " Array(int64,1,'C',readonly=True), int64[::1])"
)
def cut_above_cap(group, order, amount, cap, cut):
    """Fill how much of each amount lies above a cap on its group's running total; below zero where a cut is given back.

    Parameters
    ----------
    group : (k,) int32
        Lines of one group stand together in `order`.
    order : (k,) int64
        Lines in the order in which the cap fills.
    amount : (k,) int64
    cap : (k,) int64
        The same for all lines of a group.
    cut : (k,) int64, written
    """
    total = 0
    for place in range(order.size):
        line = order[place]
        if place == 0 or group[line] != group[order[place - 1]]:
            total = 0
        before = min(total, cap[line])
        total += amount[line]
        cut[line] = amount[line] - (min(total, cap[line]) - before)
