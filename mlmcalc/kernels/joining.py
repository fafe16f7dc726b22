"""What follows from the order in which members joined: recruits handed up, and the nearest above who reaches enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_UNITS = "Array(int64, 1, 'C', readonly=True)"
_FLAGS = "Array(boolean, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1])")
def _latest(parent, day, latest):
    for p in range(parent.size):
        above = parent[p]
        latest[p] = max(day[p], latest[above]) if above >= 0 else day[p]


@kernel(f"void({_ROWS}, {_ROWS}, {_FLAGS}, boolean, boolean, int64[::1], int32[::1])")
def _pass_up(recruiter, sequence, passed, moved, received_count, count, parent):
    last = passed.size - 1
    for at in range(sequence.size):
        member = sequence[at]
        to = recruiter[member]
        while to >= 0:
            count[to] += 1
            above = parent[to] if moved else recruiter[to]
            # Who has nobody above keeps what it would hand up.
            if not passed[min(count[to], last)] or above < 0:
                break
            to = above
            if not received_count:
                break
        parent[member] = to


@kernel(f"void({_ROWS}, {_UNITS}, {_UNITS}, int32[::1], int32[::1], int32[::1], int32[::1])")
def _nearest(parent, holds, needs, higher, jump, steps, found):
    # `higher` is the nearest ancestor who holds more; jumps along it make a search logarithmic whatever the shape.
    for p in range(parent.size):
        for search in range(2):
            need = needs[p] if search == 0 else holds[p]
            at = parent[p]
            # The first search wants at least so much, the second more.
            while at >= 0 and (holds[at] < need or (holds[at] == need and search == 1)):
                if higher[at] < 0:
                    at = -1
                elif holds[jump[at]] < need or (holds[jump[at]] == need and search == 1):
                    at = jump[at]
                else:
                    at = higher[at]
            if search == 0:
                found[p] = at
            else:
                higher[p] = at
        up = higher[p]
        if up < 0:
            steps[p], jump[p] = 0, p
        else:
            steps[p] = steps[up] + 1
            across = jump[jump[up]]
            even = steps[up] - steps[jump[up]] == steps[jump[up]] - steps[across]
            jump[p] = across if even else up


def latest_above(parent: NDArray[np.int32], day: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the latest of the days of each member and of everybody above it.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    day : (n,) int32

    Returns
    -------
    (n,) int32
    """
    latest = np.empty(parent.size, dtype=np.int32)
    _latest(parent, day, latest)
    return latest


def passed_up(
    recruiter: NDArray[np.int32],
    sequence: NDArray[np.int32],
    passed: NDArray[np.bool_],
    moved: bool,
    received_count: bool,
) -> NDArray[np.int32]:
    """Return to whom each member belongs when some recruits are handed up.

    Parameters
    ----------
    recruiter : (n,) int32
        -1 for nobody.
    sequence : (n,) int32
        Everybody once, in the order of joining, recruiters before their recruits.
    passed : (k,) bool
        Whether the recruit of this number is handed up, from 1 (entry 0 is idle); the last entry holds for all beyond.
    moved : bool
        Whether a recruit is handed to whom its recruiter belongs by now, or else to the recruiter of its recruiter.
    received_count : bool
        Whether a recruit that was handed up has a number with the one who receives it, and may be handed up again. Each
        member hands up no more than there are numbers, so this is linear too.

    Returns
    -------
    (n,) int32
        -1 for nobody.
    """
    assert not passed[-1], "if all were handed up, nobody would keep anybody"
    count = np.zeros(recruiter.size, dtype=np.int64)
    parent = np.full(recruiter.size, -1, dtype=np.int32)
    _pass_up(recruiter, sequence, passed, moved, received_count, count, parent)
    return parent


def nearest_reaching(
    parent: NDArray[np.int32], holds: NDArray[np.int64], needs: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Return the nearest ancestor who holds at least what each member needs, in n log n whatever the shape.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    holds, needs : (n,) int64

    Returns
    -------
    (n,) int32
        -1 where there is none.
    """
    higher, jump, steps, found = (np.empty(parent.size, dtype=np.int32) for _ in range(4))
    _nearest(parent, holds, needs, higher, jump, steps, found)
    return found
