"""Seats for everybody who has none: the same members give the same tree, in whatever order their rows stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.build import canonical_order, places_of
from mlmcalc.genealogy.candidates import GONE, HELD, NOT_JOINED, PLACED, WAITING, Candidates, SeatRule
from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.kernels.ancestors import depths
from mlmcalc.kernels.seats import (
    FATE,
    LEG,
    PARENT,
    latest_above,
    seat_breadth_first,
    seat_by_hand,
    seat_on_lines,
)
from mlmcalc.kernels.sums import subtree_sum
from mlmcalc.kernels.weaker import seat_on_weaker

_ROWS_OF_SEATS = 5
_LINES = {"outer_left": 0, "outer_right": 1, "balance": -1}


@dataclass(frozen=True, slots=True, eq=False)
class Seats:
    """A placement tree by row, as the kernels write it.

    Attributes
    ----------
    child : (n, width) int32
        Who sits on each leg, -1 nobody.
    seats : (5, n) int32
        `mlmcalc.kernels.seats`.
    """

    child: NDArray[np.int32]
    seats: NDArray[np.int32]

    @property
    def parent(self) -> NDArray[np.int32]:
        """Row above, -1 for none."""
        return self.seats[PARENT]

    @property
    def leg(self) -> NDArray[np.int32]:
        """Leg from 1, 0 for none."""
        return self.seats[LEG]

    @property
    def fate(self) -> NDArray[np.int32]:
        """Code into `FATES`."""
        return self.seats[FATE]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """What `place` did.

    Attributes
    ----------
    seats : Seats
    order : (k,) int32
        The rows that had their turn, in order; `seats.fate` says what became of each.
    start : (n,) int32
        The row below which each looked first: its sponsor, or the top of the whole; -1 for nobody.
    line : (n,) int32
        Of a rule that follows outer lines: the leg from 0, -1 for taking turns.
    """

    seats: Seats
    order: NDArray[np.int32]
    start: NDArray[np.int32]
    line: NDArray[np.int32]


def given_seats(candidates: Candidates, width: int) -> tuple[Seats, NDArray[np.int64]]:
    """Return the seats that are given, and the rows for whom no leg is free.

    Parameters
    ----------
    candidates : Candidates
        No two on one leg, no leg beyond the width.
    width : int
    """
    above = candidates.parent
    given = candidates.in_order(np.flatnonzero(above >= 0))
    child = seat_by_hand(given, above, candidates.leg, width)
    leg = np.zeros(candidates.size, np.int32)
    rows, legs = np.nonzero(child >= 0)
    leg[child[rows, legs]] = legs + 1
    own = np.arange(candidates.size, dtype=np.int32)
    seats = np.zeros((_ROWS_OF_SEATS, candidates.size), np.int32)
    seats[PARENT], seats[LEG], seats[2], seats[4] = above, leg, -1, np.where(above >= 0, above, own)
    seats[FATE] = np.where(above >= 0, PLACED, WAITING)
    return Seats(child, seats), np.flatnonzero((above >= 0) & (leg == 0))


def place(
    candidates: Candidates,
    rule: SeatRule,
    given: Seats,
    until: int | None = None,
    waits: NDArray[np.bool_] | None = None,
) -> Placed:
    """Return the tree in which everybody who may have a seat has one.

    Parameters
    ----------
    candidates : Candidates
    rule : SeatRule
    given : Seats
        From `given_seats`; written.
    until : int, optional
        A row: its turn does not come, nor that of whoever comes later.
    waits : (n,) bool, optional
        Who waits for a hand besides those whom the rule holds.
    """
    _judge(candidates, rule, given.fate, waits)
    start = _starts(candidates, rule, given)
    order = _turns(candidates, rule, given.fate != PLACED)
    if until is not None:
        order = order[: int(np.flatnonzero(order == until)[0])]
    line = _lines(candidates, rule, start)
    _seat(candidates, rule, given, order, start, line)
    return Placed(given, order, start, line)


def _seat(
    candidates: Candidates,
    rule: SeatRule,
    given: Seats,
    order: NDArray[np.int32],
    start: NDArray[np.int32],
    line: NDArray[np.int32],
) -> None:
    child, seats = given.child, given.seats
    if rule.leg is None:
        seat_breadth_first(order, start, rule.depth, child, seats)
    elif rule.leg in ("weaker_volume", "weaker_count"):
        weights = leg_weights(candidates, rule)
        seat_on_weaker(order, start, child, seats, weights, below_sums(given.parent, weights) - weights)
    else:
        has = (given.fate == PLACED) & (start >= 0)
        turns = np.bincount(start[has], minlength=candidates.size).astype(np.int64)
        seat_on_lines(order, start, line, child, seats, turns)


def leg_weights(candidates: Candidates, rule: SeatRule) -> NDArray[np.int64]:
    """Return the two weights by which legs are compared: volume and count, or count alone.

    Returns
    -------
    (n, 2) int64
    """
    first = candidates.volume if rule.leg == "weaker_volume" else np.zeros_like(candidates.volume)
    return np.ascontiguousarray(np.stack([first, np.ones_like(first)], axis=1))


def below_sums(parent: NDArray[np.int32], weights: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the weights of every row with all below it.

    Parameters
    ----------
    parent : (n,) int32
        By row.
    weights : (n, 2) int64
    """
    order, above = in_tree_order(parent)
    sums = np.empty_like(weights)
    for column in range(weights.shape[1]):
        sums[order, column] = subtree_sum(above, weights[order, column])
    return sums


def in_tree_order(parent: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the row at each position of the pre-order, and the position above each.

    Parameters
    ----------
    parent : (n,) int32
        By row, -1 for a root.
    """
    order = canonical_order(parent)
    position = np.append(places_of(order), np.int32(-1))
    return order, np.ascontiguousarray(position[parent[order]])


def levels_of(seats: Seats) -> NDArray[np.int32]:
    """Return the level of each row: 0 for a root, -1 for who has no seat, or is below somebody who has none."""
    order, above = in_tree_order(seats.parent)
    is_root = above < 0
    first = np.maximum.accumulate(np.where(is_root, np.arange(order.size), 0))
    in_tree = seats.fate[order[first]] == PLACED
    level = np.empty(order.size, np.int32)
    level[order] = np.where(in_tree, depths(above), -1)
    return level


def one_top(candidates: Candidates, rule: SeatRule, given: Seats) -> NDArray[np.int64]:
    """Return the rows that may be the top of the whole tree; there should be one.

    None is right where nobody has a seat yet: the first who joined without a sponsor becomes the top.
    """
    if rule.top >= 0:
        return np.array([rule.top])
    roots = (candidates.parent < 0) & ((candidates.sponsor < 0) | (given.fate == PLACED)) & (given.fate != GONE)
    if rule.place_roots:
        holds = np.zeros(candidates.size, np.bool_)
        holds[candidates.parent[candidates.parent >= 0]] = True
        return np.flatnonzero(roots & holds)
    return np.flatnonzero(roots)


def _judge(candidates: Candidates, rule: SeatRule, fate: NDArray[np.int32], waits: NDArray[np.bool_] | None) -> None:
    """Write who waits, and why; who is a root has a seat."""
    open_ = fate == WAITING
    if rule.day is not None:
        if rule.hold_days is not None:
            since = candidates.held_from.astype(np.int64)
            fate[open_ & (since != NO_DAY) & (since + rule.hold_days > rule.day)] = HELD
        fate[open_ & (candidates.joined > rule.day)] = NOT_JOINED
    if waits is not None:
        fate[open_ & waits] = HELD
    fate[open_ & candidates.gone] = GONE
    if not rule.place_roots:
        fate[open_ & (candidates.sponsor < 0)] = PLACED
    if rule.top >= 0:
        fate[rule.top] = PLACED


def _starts(candidates: Candidates, rule: SeatRule, given: Seats) -> NDArray[np.int32]:
    if not rule.whole:
        return candidates.sponsor
    tops = one_top(candidates, rule, given)
    if tops.size:
        top = int(tops[0])
    else:
        waiting = np.flatnonzero((given.fate == WAITING) & (candidates.sponsor < 0))
        top = int(waiting[np.argmin(candidates.rank[waiting])]) if waiting.size else -1
    start = np.full(candidates.size, top, np.int32)
    if top >= 0:
        given.fate[top] = PLACED
        start[top] = -1
    return start


def _turns(candidates: Candidates, rule: SeatRule, without: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return who has no seat in the order of joining, but nobody before a sponsor who has none, either."""
    rows = np.flatnonzero(without)
    if rule.whole:
        return candidates.in_order(rows)
    order, above = in_tree_order(candidates.sponsor)
    turn, depth = np.empty(candidates.size, np.int32), np.empty(candidates.size, np.int32)
    ranks = np.where(without, candidates.rank, -1).astype(np.int32)
    turn[order] = latest_above(above, np.ascontiguousarray(ranks[order]))
    depth[order] = depths(above)
    return rows[np.lexsort((candidates.rank[rows], depth[rows], turn[rows]))].astype(np.int32)


def _lines(candidates: Candidates, rule: SeatRule, start: NDArray[np.int32]) -> NDArray[np.int32]:
    if rule.leg != "preferred":
        return np.full(candidates.size, _LINES.get(rule.leg or "", -1), np.int32)
    stated = candidates.preference
    if rule.of_sponsor:
        above = candidates.sponsor
        stated = np.where(above >= 0, stated[above], -1)
    return np.where(stated >= 0, stated, _LINES[rule.blank]).astype(np.int32)
