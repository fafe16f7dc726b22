"""From steps of a walk to what is owed; products, their rounding, and sums per earner."""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel

_I32 = "Array(int32,1,'C',readonly=True)"
_I64 = "Array(int64,1,'C',readonly=True)"


@kernel("int64(int64, int64, int64)")
def _rounded(exact, divisor, mode):
    # Modes: 0 half up, 1 half even, 2 down, 3 up, all on the magnitude.
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
    return -quotient if exact < 0 else quotient


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
        signed = _rounded(exact, divisor, mode)
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


@kernel(
    "void(Array(int32,2,'C',readonly=True), Array(int64,2,'C',readonly=True), Array(int32,2,'C',readonly=True),"
    f" {_I64}, {_I32}, int64, int32[:,::1], int64[:,::1])"
)
def fill_owed(steps, pay, sources, base, depth, first_level, places, numbers):
    """Fill the columns of what is owed for the steps of a walk.

    Parameters
    ----------
    steps : (k, 4) int32
        Row of the source, earner index (the number of indices for the company), level from 0, class.
    pay : (classes, levels) int64
        Rates, coded as `mlmcalc.kernels.walk.walk_levels` reads them.
    sources : (m, 2) int32
        Position of each, and what its levels are counted from: level = this - depth of the earner.
    base : (m,) int64
        Of each source.
    depth : (n,) int32
    first_level : int
        Number of the first level.
    places : (4, k) int32, written
        Earner as it is in the steps, source, level, paid level.
    numbers : (2, k) int64, written
        Base, rate.
    """
    for line in range(steps.shape[0]):
        source = steps[line, 0]
        earner = steps[line, 1]
        column = steps[line, 2]
        rate = pay[steps[line, 3], column]
        places[0, line] = earner
        places[1, line] = sources[source, 0]
        places[3, line] = column + first_level
        numbers[0, line] = base[source]
        numbers[1, line] = rate if rate >= 0 else -2 - rate
        if earner < depth.size:
            places[2, line] = sources[source, 1] - depth[earner]
        else:
            places[2, line] = column + first_level


@kernel(f"int64({_I32}, {_I64}, {_I64}, {_I64}, int64[::1], uint8[::1], int64[::1], int64[::1])")
def pay_owed(earner, base, rate, rule, amount, outcome, totals, counts):
    """Fill amounts and outcomes, add the amounts to their earners, and return what rounding took from members.

    An amount is ``base x rate x multiplier / divisor``, rounded on the magnitude, times unit.

    Parameters
    ----------
    earner : (k,) int32
        The last place of `totals` is the company's.
    base : (k,) int64
    rate : (k,) or (0,) int64
        1 where none is given.
    rule : (7,) int64
        Multiplier, divisor, mode (0 half up, 1 half even, 2 down, 3 up), unit, outcome of members, of the
        company, number of members.
    amount : (k,) int64, written
    outcome : (k,) uint8, written
    totals, counts : (n + 1,) int64, added to; or (0,) where nothing is to be counted yet

    Returns
    -------
    int
        Of members: the sum of ``base x rate x multiplier - rounded x divisor``, in exact units.
    """
    multiplier = rule[0]
    divisor = rule[1]
    mode = rule[2]
    unit = rule[3]
    company = rule[6]
    taken = 0
    for line in range(earner.size):
        exact = base[line] * multiplier
        if rate.size > 0:
            exact *= rate[line]
        signed = _rounded(exact, divisor, mode)
        amount[line] = signed * unit
        is_company = earner[line] == company
        outcome[line] = rule[5] if is_company else rule[4]
        if not is_company:
            taken += exact - signed * divisor
        if totals.size > 0:
            totals[earner[line]] += signed * unit
            counts[earner[line]] += 1
    return taken
