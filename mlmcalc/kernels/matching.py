"""The legs of each member matched in steps, the stronger leg against the others; and caps that several members share.

A step takes one size from the strong leg and another from the weak side. Sizes are at least 1; the caller bounds sums.
"""

from __future__ import annotations

from mlmcalc.kernels.compiled import kernel

EVERY_STEP, SECOND, ALL = 0, 1, 2
"""Two legs, the strong one decided before every step; the strong leg against the next; against all others."""

_LEGS = "Array(int64, 2, 'C', readonly=True)"
_UNITS = "Array(int64, 1, 'C', readonly=True)"


@kernel(f"int64({_LEGS}, int64, int64, int64, int64, int64[:, ::1])")
def match_two(available, p, strong_size, weak_size, most, taken):
    """Match the two legs of one member, the strong leg decided before every step; return how many steps.

    A stretch of steps with the same strong leg is one turn of the loop, and so is the stretch after it, in which the
    legs take turns: two steps take the same from both. What is left then is less than three steps.

    Parameters
    ----------
    available : (n, 2) int64
    p : int
        Row of the member.
    strong_size, weak_size, most : int
    taken : (n, 2) int64, added to
    """
    left = available[p, 0]
    right = available[p, 1]
    gain = strong_size - weak_size
    steps = 0
    while steps < most:
        left_strong = left >= right
        big = left if left_strong else right
        small = right if left_strong else left
        turn = min(big // strong_size, small // weak_size, most - steps)
        if turn < 1:
            break
        from_big = turn * strong_size
        from_small = turn * weak_size
        if gain > 0:
            # How often this leg stays the strong one; a tie is the left one's.
            stays = (big - small) // gain + 1 if left_strong else (big - small + gain - 1) // gain
            pairs = min(small // (strong_size + weak_size), (most - steps) // 2)
            if stays == 1 and pairs > 0:
                turn = 2 * pairs
                from_big = pairs * (strong_size + weak_size)
                from_small = from_big
            else:
                turn = min(turn, stays)
                from_big = turn * strong_size
                from_small = turn * weak_size
        steps += turn
        left -= from_big if left_strong else from_small
        right -= from_small if left_strong else from_big
    taken[p, 0] += available[p, 0] - left
    taken[p, 1] += available[p, 1] - right
    return steps


@kernel(f"int64({_LEGS}, {_LEGS}, int64, int64, int64, int64, int64, int64[:, ::1])")
def match_once(available, deciding, p, strong_size, weak_size, most, mode, taken):
    """Match the legs of one member with one strong leg for all steps; return how many steps.

    Parameters
    ----------
    available, deciding : (n, legs) int64
        What there is to take, and by what the strong leg is decided.
    p : int
        Row of the member.
    strong_size, weak_size, most, mode : int
    taken : (n, legs) int64, added to
    """
    legs = available.shape[1]
    strong = 0
    for leg in range(1, legs):
        if deciding[p, leg] > deciding[p, strong]:
            strong = leg
    second = 1 if strong == 0 else 0
    others = 0
    for leg in range(legs):
        if leg != strong:
            others += available[p, leg]
            if deciding[p, leg] > deciding[p, second]:
                second = leg
    if mode == SECOND:
        others = available[p, second]
    steps = min(available[p, strong] // strong_size, others // weak_size, most)
    if steps < 1:
        return 0
    taken[p, strong] += steps * strong_size
    open_ = steps * weak_size
    if mode == SECOND:
        taken[p, second] += open_
        return steps
    while open_ > 0:
        # From the largest of the others first; nothing was taken of a leg that is still to come.
        largest = -1
        for leg in range(legs):
            is_open = leg != strong and taken[p, leg] == 0
            if is_open and (largest < 0 or available[p, leg] > available[p, largest]):
                largest = leg
        part = min(open_, available[p, largest])
        taken[p, largest] += part
        open_ -= part
    return steps


@kernel(f"void({_LEGS}, {_LEGS}, {_LEGS}, {_UNITS}, int64, int64[::1], int64[:, ::1])")
def match_legs(available, deciding, sizes, most, mode, steps, taken):
    """Match the legs of every member.

    Parameters
    ----------
    available : (n, legs) int64
        Volume of each leg, not below 0.
    deciding : (n, legs) int64
        By what the strong leg is decided; a tie goes to the lowest leg. Not looked at with `EVERY_STEP`.
    sizes : (n, 2) or (1, 2) int64
        What a step takes from the strong leg and from the weak side; a size below 1 makes no step.
    most : (n,) int64
        The most steps of each member.
    mode : int
        `EVERY_STEP` (two legs), `SECOND` or `ALL`.
    steps : (n,) int64, written
    taken : (n, legs) int64, written
        What the steps take from each leg; of several weak legs from the largest first.
    """
    shared = sizes.shape[0] == 1
    for p in range(available.shape[0]):
        row = 0 if shared else p
        steps[p] = 0
        held = 0
        for leg in range(available.shape[1]):
            taken[p, leg] = 0
            held += available[p, leg] > 0
        # A step takes from two legs.
        if held < 2 or most[p] < 1 or sizes[row, 0] < 1 or sizes[row, 1] < 1:
            continue
        if mode == EVERY_STEP:
            steps[p] = match_two(available, p, sizes[row, 0], sizes[row, 1], most[p], taken)
        else:
            steps[p] = match_once(available, deciding, p, sizes[row, 0], sizes[row, 1], most[p], mode, taken)


@kernel(f"void(Array(int32, 1, 'C', readonly=True), {_UNITS}, {_UNITS}, int64[::1], int64[::1])")
def share_caps(group, wanted, cap, used, allowed):
    """Fill what each member may have of what it wants, where all members of a group use up one cap, in their order.

    Parameters
    ----------
    group : (n,) int32
    wanted : (n,) int64
        Not below 0.
    cap : (n,) int64
        Of everything the group has so far and this member; below 0: none.
    used : (groups,) int64, added to
    allowed : (n,) int64, written
    """
    for p in range(wanted.size):
        room = wanted[p] if cap[p] < 0 else max(cap[p] - used[group[p]], 0)
        allowed[p] = min(wanted[p], room)
        used[group[p]] += allowed[p]
