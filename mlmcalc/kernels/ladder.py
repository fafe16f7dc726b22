"""A ladder judged from the leaves up: each member's rung, then what it adds to its parent, in one backward pass.

The ladder is a table. An *alternative* is met if its flag is set and all its tests hold; then the way through the table
goes on at its `if_met`, otherwise at its `if_not`, until that is -1; the rung of the last alternative met is the
member's. A *test* compares a row of `sums` with bounds. A *feed* says what a member adds to rows of its parent once its
rung is final.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

ALTERNATIVE_COLUMNS = ("rung", "flag", "first_test", "end_test", "if_met", "if_not")
TEST_COLUMNS = ("row", "lowest", "highest", "waived_flag")
FEED_COLUMNS = ("kind", "parent", "lowest", "highest", "flag", "row", "amount_row", "nearest_row", "levels", "option")
FRONTLINE, SUBTREE, LEGS, LEGS_WITHIN, GROUP = range(5)
WITHOUT_OWN, LEADER_TO_UPLINE = 1, 2
NO_ROW = -1
FREE = -1

_TABLE = "Array(int64, 2, 'C', readonly=True)"
_FLAGS = "Array(boolean, 2, 'C', readonly=True)"
_SHORTS = "Array(int16, 2, 'C', readonly=True)"
_PARENTS = "Array(int32, 2, 'C', readonly=True)"


@kernel(f"int64({_FLAGS}, int64[:, ::1], {_TABLE}, {_TABLE}, int64, int64)")
def _highest(flags, sums, alternatives, tests, at, p):
    rung = 0
    while at >= 0:
        met = flags[alternatives[at, 1], p]
        if met:
            for test in range(alternatives[at, 2], alternatives[at, 3]):
                value = sums[tests[test, 0], p]
                if value < tests[test, 1] or value > tests[test, 2]:
                    waived = tests[test, 3]
                    if waived < 0 or not flags[waived, p]:
                        met = False
                        break
        if met:
            rung = alternatives[at, 0]
            at = alternatives[at, 4]
        else:
            at = alternatives[at, 5]
    return rung


@kernel(f"void({_FLAGS}, int64[:, ::1], {_TABLE}, int64, int64, int64, int64)")
def _pass_on(flags, sums, feeds, feed, rung, p, up):
    kind, row, option = feeds[feed, 0], feeds[feed, 5], feeds[feed, 9]
    qualifies = feeds[feed, 2] <= rung and rung <= feeds[feed, 3]
    if feeds[feed, 4] >= 0:
        qualifies = qualifies and flags[feeds[feed, 4], p]
    amount = sums[feeds[feed, 6], p] if feeds[feed, 6] >= 0 else 1
    if kind == 0:
        if qualifies:
            sums[row, up] += amount
    elif kind == 1:
        sums[row, up] += sums[row, p] + (amount if qualifies else 0)
    elif kind == 2:
        if qualifies or sums[row, p] > 0:
            sums[row, up] += 1
    elif kind == 3:
        nearest = feeds[feed, 7]
        distance = 0 if qualifies else sums[nearest, p]
        if distance < feeds[feed, 8]:
            sums[row, up] += 1
        sums[nearest, up] = min(sums[nearest, up], distance + 1)
    elif qualifies:
        if option & 2:
            sums[row, up] += amount
    else:
        sums[row, up] += sums[row, p] + (amount if option & 1 else 0)


@kernel(f"void({_PARENTS}, {_FLAGS}, int64[:, ::1], {_TABLE}, {_TABLE}, {_TABLE}, {_SHORTS}, int16[::1])")
def settle(parents, flags, sums, feeds, alternatives, tests, members, rungs):
    """Fill the rung of every member and the rows that feeds add up.

    Parameters
    ----------
    parents : (trees, n) int32
        In tree order, ``parents[t, p] < p``, -1 for a root or whoever adds to nobody.
    flags : (flags, n) bool
    sums : (rows, n) int64
        Rows that feeds add to, at their initial values, and the rows of amounts; the caller bounds their sums.
    feeds : (f, 10) int64
        `FEED_COLUMNS`; `kind` is one of the constants of this module, `parent` a row of `parents`; -1 in `flag` means
        everybody, in `amount_row` 1 each. `LEGS_WITHIN` keeps the distance to the nearest who qualifies in
        `nearest_row`, initially larger than any level. `option` of a group: `WITHOUT_OWN`, `LEADER_TO_UPLINE` or
        both added.
    alternatives : (a, 6) int64
        `ALTERNATIVE_COLUMNS`; a rung of 0 is none.
    tests : (t, 4) int64
        `TEST_COLUMNS`; -1 in `waived_flag` for a test nobody is excused from.
    members : (2, n) int16
        The first alternative, -1 for none, and the rung that is imposed, `FREE` for none.
    rungs : (n,) int16
        Filled.
    """
    for p in range(rungs.size - 1, -1, -1):
        rung = np.int64(members[1, p])
        if rung < 0:
            rung = _highest(flags, sums, alternatives, tests, np.int64(members[0, p]), p)
        rungs[p] = rung
        for feed in range(feeds.shape[0]):
            up = parents[feeds[feed, 1], p]
            if up >= 0:
                _pass_on(flags, sums, feeds, feed, rung, p, up)


def empty_table(columns: tuple[str, ...]) -> NDArray[np.int64]:
    """Return a table of no rows."""
    return np.empty((0, len(columns)), dtype=np.int64)
