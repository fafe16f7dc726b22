"""The legs of each member matched in steps, the stronger leg against the others; and caps that several members share.

A step takes one size from the strong leg and another from the weak side. Sizes are at least 1; the caller bounds sums.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

EVERY_STEP, SECOND, ALL = 0, 1, 2
"""Two legs, the strong one decided before every step; the strong leg against the next; against all others."""

_LEGS = "Array(int64, 2, 'C', readonly=True)"
_UNITS = "Array(int64, 1, 'C', readonly=True)"


@kernel(f"void({_LEGS}, {_LEGS}, {_UNITS}, int64[::1], int64[:, ::1])")
def _match_every_step(available, sizes, most, steps, taken):
    # A stretch of steps with the same strong leg is one turn of the inner loop, and so is the stretch after it, in
    # which the legs take turns: two steps take the same from both. What is left then is less than three steps.
    shared = sizes.shape[0] == 1
    for p in range(available.shape[0]):
        row = 0 if shared else p
        strong_size, weak_size, limit = sizes[row, 0], sizes[row, 1], most[p]
        left = available[p, 0]
        right = available[p, 1]
        made = 0
        if strong_size > 0 and weak_size > 0:
            gain = strong_size - weak_size
            while made < limit:
                left_strong = left >= right
                big = left if left_strong else right
                small = right if left_strong else left
                if big < strong_size or small < weak_size:
                    break
                # Nothing is below zero, and unsigned division is half the work.
                turn = np.int64(np.uint64(big) // np.uint64(strong_size))
                turn = min(turn, np.int64(np.uint64(small) // np.uint64(weak_size)), limit - made)
                from_big = turn * strong_size
                from_small = turn * weak_size
                if gain > 0:
                    # How often this leg stays the strong one; a tie is the left one's.
                    ahead = big - small if left_strong else big - small - 1
                    stays = ahead // gain + 1
                    pairs = min(small // (strong_size + weak_size), (limit - made) // 2)
                    if stays == 1 and pairs > 0:
                        turn = 2 * pairs
                        from_big = pairs * (strong_size + weak_size)
                        from_small = from_big
                    else:
                        turn = min(turn, stays)
                        from_big = turn * strong_size
                        from_small = turn * weak_size
                made += turn
                left -= from_big if left_strong else from_small
                right -= from_small if left_strong else from_big
        steps[p] = made
        taken[p, 0] = available[p, 0] - left
        taken[p, 1] = available[p, 1] - right


@kernel(f"void({_LEGS}, {_LEGS}, {_LEGS}, {_UNITS}, boolean, int64[::1], int64[:, ::1])")
def _match_once(available, deciding, sizes, most, second_only, steps, taken):
    legs = available.shape[1]
    shared = sizes.shape[0] == 1
    for p in range(available.shape[0]):
        row = 0 if shared else p
        steps[p] = 0
        held = 0
        for at in range(legs):
            taken[p, at] = 0
            held += available[p, at] > 0
        # A step takes from two legs.
        if held < 2:
            continue
        strong = np.uint64(0)
        for at in range(1, legs):
            if deciding[p, at] > deciding[p, strong]:
                strong = np.uint64(at)
        second = np.uint64(1 if strong == 0 else 0)
        others = 0
        for at in range(legs):
            if at != strong:
                others += available[p, at]
                if deciding[p, at] > deciding[p, second]:
                    second = np.uint64(at)
        if second_only:
            others = available[p, second]
        strong_size, weak_size = sizes[row, 0], sizes[row, 1]
        if strong_size < 1 or weak_size < 1 or available[p, strong] < strong_size or others < weak_size:
            continue
        # Nothing is below zero, and unsigned division is half the work.
        made = np.int64(np.uint64(available[p, strong]) // np.uint64(strong_size))
        made = min(made, np.int64(np.uint64(others) // np.uint64(weak_size)), most[p])
        if made < 1:
            continue
        steps[p] = made
        taken[p, strong] = made * strong_size
        open_ = made * weak_size
        if second_only:
            taken[p, second] = open_
            continue
        while open_ > 0:
            # From the largest of the others first; nothing was taken of a leg that is still to come.
            largest = strong
            for at in range(legs):
                is_open = at != strong and taken[p, at] == 0
                if is_open and (largest == strong or available[p, at] > available[p, largest]):
                    largest = np.uint64(at)
            part = min(open_, available[p, largest])
            taken[p, largest] = part
            open_ -= part


def match_legs(
    available: NDArray[np.int64],
    deciding: NDArray[np.int64],
    sizes: NDArray[np.int64],
    most: NDArray[np.int64],
    mode: int,
    steps: NDArray[np.int64],
    taken: NDArray[np.int64],
) -> None:
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
    if mode == EVERY_STEP:
        _match_every_step(available, sizes, most, steps, taken)
    else:
        _match_once(available, deciding, sizes, most, mode == SECOND, steps, taken)


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
        mine = np.uint64(group[p])
        room = wanted[p] if cap[p] < 0 else max(cap[p] - used[mine], 0)
        allowed[p] = min(wanted[p], room)
        used[mine] += allowed[p]
