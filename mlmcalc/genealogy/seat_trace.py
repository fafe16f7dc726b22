"""Why a member sits where it sits: the seats that were looked at, in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.candidates import PLACED, Candidates, SeatRule
from mlmcalc.genealogy.place import Placed, Seats, below_sums, leg_weights, place

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Look:
    """One thing that was looked at.

    Attributes
    ----------
    row : int
        Whose legs; -1 where a whole level is meant.
    level : int
        Below the top.
    legs : tuple of int
        Row on each leg, -1 for a free one; empty where a whole level, or many, are meant.
    weights : tuple of tuple of int
        Volume and count on each leg, where they are compared.
    passed : int
        Rows of the level, or of the line, that were passed over; 0 for a single row.
    """

    row: int
    level: int
    legs: tuple[int, ...] = ()
    weights: tuple[tuple[int, int], ...] = ()
    passed: int = 0


@dataclass(frozen=True, slots=True)
class SeatTrace:
    """What a member found when its turn came.

    Attributes
    ----------
    sponsor, top : int
        Rows: whom it looked below by right, and whom in fact; -1 for nobody.
    line : int
        Leg from 0 of the outer line that was followed, -1 for none.
    looks : tuple of Look
    """

    sponsor: int
    top: int
    line: int
    looks: tuple[Look, ...]


def trace_seat(
    candidates: Candidates, rule: SeatRule, given: Seats, row: int, waits: NDArray[np.bool_] | None
) -> SeatTrace:
    """Return what a member looked at, from the tree as it was when its turn came.

    Parameters
    ----------
    candidates, rule, given, waits
        As for `place`.
    row : int
        One that had a turn.
    """
    before = place(candidates, rule, given, until=row, waits=waits)
    first = int(before.start[row])
    top = first
    if top >= 0 and before.seats.fate[top] != PLACED:
        top = int(before.seats.seats[2, top])
    if top < 0:
        return SeatTrace(first, top, -1, ())
    if rule.leg is None:
        return SeatTrace(first, top, -1, _levels(before.seats, top, rule.depth))
    if rule.leg in ("weaker_volume", "weaker_count"):
        return SeatTrace(first, top, -1, _weaker(candidates, rule, before.seats, top))
    line = int(before.line[row])
    if line < 0:
        line = _turn(before, top)
    return SeatTrace(first, top, line, _line(before.seats, top, line))


def _turn(before: Placed, top: int) -> int:
    mine = (before.start == top) & (before.seats.fate == PLACED)
    # Whoever looked here because its own sponsor had no seat has taken a turn, too.
    turned = before.order[before.seats.seats[2, before.order] == top]
    mine[turned] = before.seats.fate[turned] == PLACED
    return int(mine.sum()) % 2


def _levels(seats: Seats, top: int, depth: int) -> tuple[Look, ...]:
    looks: list[Look] = []
    rows, level = np.array([top]), 0
    while depth == 0 or level < depth:
        has_free = (seats.child[rows] < 0).any(axis=1)
        full = int(np.argmax(has_free)) if has_free.any() else rows.size
        if full:
            looks.append(Look(-1, level, passed=full))
        if has_free.any():
            return (*looks, Look(int(rows[full]), level, tuple(seats.child[rows[full]].tolist())))
        rows, level = seats.child[rows].ravel(), level + 1
    return tuple(looks)


def _line(seats: Seats, top: int, line: int) -> tuple[Look, ...]:
    node, passed = top, 0
    while seats.child[node, line] >= 0:
        node, passed = int(seats.child[node, line]), passed + 1
    end = Look(node, passed, tuple(seats.child[node].tolist()))
    return (Look(top, 0, passed=passed), end) if passed else (end,)


def _weaker(candidates: Candidates, rule: SeatRule, seats: Seats, top: int) -> tuple[Look, ...]:
    sums = below_sums(seats.parent, leg_weights(candidates, rule))
    looks, node = list[Look](), top
    while True:
        legs = seats.child[node].tolist()
        weights = tuple((int(sums[leg, 0]), int(sums[leg, 1])) if leg >= 0 else (0, 0) for leg in legs)
        looks.append(Look(node, len(looks), tuple(legs), weights))
        if min(legs) < 0:
            return tuple(looks)
        node = legs[1] if weights[1] < weights[0] else legs[0]
