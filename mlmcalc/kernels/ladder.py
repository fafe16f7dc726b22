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
TEST_COLUMNS = ("row", "lowest", "highest", "waived_flag", "goal_row")
FEED_COLUMNS = ("kind", "parent", "lowest", "highest", "flag", "row", "amount_row", "nearest_row", "levels", "option")
FRONTLINE, SUBTREE, LEGS, LEGS_WITHIN, GROUP = range(5)
WITHOUT_OWN, LEADER_TO_UPLINE = 1, 2
NO_ROW = -1
FREE = -1

_TABLE = "Array(int64, 2, 'C', readonly=True)"
_FLAGS = "Array(boolean, 2, 'C', readonly=True)"
_SHORTS = "Array(int16, 2, 'C', readonly=True)"
_PARENTS = "Array(int32, 2, 'C', readonly=True)"


# One loop and no helpers: calls with eight arrays cost more than what they do, seven times as much in all.
@kernel(f"void({_PARENTS}, {_FLAGS}, int64[:, ::1], {_TABLE}, {_TABLE}, {_TABLE}, {_SHORTS}, int16[::1])")
def _settle(parents, flags, sums, feeds, alternatives, tests, members, rungs):
    for p in range(rungs.size - 1, -1, -1):
        rung = np.int64(members[1, p])
        at = np.int64(members[0, p]) if rung < 0 else np.int64(-1)
        rung = max(rung, 0)
        while at >= 0:
            met = flags[alternatives[at, 1], p]
            test = alternatives[at, 2]
            while met and test < alternatives[at, 3]:
                value = sums[tests[test, 0], p]
                lowest = tests[test, 1] if tests[test, 4] < 0 else sums[tests[test, 4], p]
                if value < lowest or value > tests[test, 2]:
                    met = tests[test, 3] >= 0 and flags[tests[test, 3], p]
                test += 1
            if met:
                rung = alternatives[at, 0]
            at = alternatives[at, 4] if met else alternatives[at, 5]
        rungs[p] = rung
        for feed in range(feeds.shape[0]):
            up = parents[feeds[feed, 1], p]
            if up < 0:
                continue
            kind, row = feeds[feed, 0], feeds[feed, 5]
            qualifies = feeds[feed, 2] <= rung and rung <= feeds[feed, 3]
            if qualifies and feeds[feed, 4] >= 0:
                qualifies = flags[feeds[feed, 4], p]
            if kind == 2:
                if qualifies or sums[row, p] > 0:
                    sums[row, up] += 1
                continue
            if kind == 3:
                nearest = feeds[feed, 7]
                distance = 0 if qualifies else sums[nearest, p]
                if distance < feeds[feed, 8]:
                    sums[row, up] += 1
                sums[nearest, up] = min(sums[nearest, up], distance + 1)
                continue
            amount = sums[feeds[feed, 6], p] if feeds[feed, 6] >= 0 else 1
            own = qualifies if kind < 4 else (feeds[feed, 9] & (2 if qualifies else 1)) != 0
            handed = sums[row, p] if kind == 1 or (kind == 4 and not qualifies) else 0
            if own:
                handed += amount
            if handed != 0:
                sums[row, up] += handed


def settle(
    parents: NDArray[np.int32],
    flags: NDArray[np.bool_],
    sums: NDArray[np.int64],
    feeds: NDArray[np.int64],
    alternatives: NDArray[np.int64],
    tests: NDArray[np.int64],
    members: NDArray[np.int16],
    rungs: NDArray[np.int16],
) -> None:
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
    tests : (t, 5) int64
        `TEST_COLUMNS`; -1 in `waived_flag` for a test nobody is excused from, and in `goal_row` unless a row of `sums`
        takes the place of `lowest`.
    members : (2, n) int16
        The first alternative, -1 for none, and the rung that is imposed, `FREE` for none.
    rungs : (n,) int16
        Filled.
    """
    _settle(parents, flags, sums, feeds, alternatives, tests, members, rungs)


def empty_table(columns: tuple[str, ...]) -> NDArray[np.int64]:
    """Return a table of no rows."""
    return np.empty((0, len(columns)), dtype=np.int64)
