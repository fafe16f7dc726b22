"""Seats in a tree of a fixed width: by hand, breadth first below a top, at the end of an outer line; taking one out.

A seat is a leg of a member. `child[row, leg]` says who sits there, -1 nobody; legs count from 0 here. `seats` has one
column per row: `PARENT`, `LEG` (from 1, 0 for none), `VIA` (where the recruits of one without a seat look), `FATE` and
`ABOVE` (some row above in the same piece of the tree, itself at its top; paths are halved while they are walked).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

PARENT, LEG, VIA, FATE, ABOVE = range(5)
"""The lines of `seats`."""
OPEN, SEATED, FULL, NO_TOP, CIRCLE = range(5)
"""What `FATE` says: not yet, has a seat, no free seat within the depth, nobody to look below, below itself. Higher
numbers are the caller's: such a row is passed over."""

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_SEATS = "int32[:, ::1]"


@kernel(f"int64(int64, {_ROWS}, {_SEATS})")
def _top_of(row, start, seats):
    top = start[row]
    if top >= 0 and seats[3, top] != 1:
        top = seats[2, top]
    return top


@kernel(f"void(int64, int64, int64, {_SEATS}, {_SEATS})")
def _sit(row, above, leg, child, seats):
    child[above, leg] = row
    seats[0, row] = above
    seats[1, row] = leg + 1
    seats[3, row] = 1
    seats[4, row] = above


@kernel(f"boolean(int64, int64, {_SEATS}, {_SEATS})")
def _below_itself(row, top, child, seats):
    bare = True
    for leg in range(child.shape[1]):
        bare = bare and child[row, leg] < 0
    if bare:
        return top == row
    node = top
    while seats[4, node] != node:
        seats[4, node] = seats[4, seats[4, node]]
        node = seats[4, node]
    return node == row


@kernel(f"int64(int64, {_ROWS}, {_SEATS}, {_SEATS})")
def _look_below(row, start, child, seats):
    """Return the top below which a row looks for its seat, -1 where it gets none."""
    top = _top_of(row, start, seats)
    seats[2, row] = top
    if seats[3, row] != 0:
        return -1
    if top < 0:
        seats[3, row] = 3
        return -1
    if _below_itself(row, top, child, seats):
        seats[3, row] = 4
        return -1
    return top


@kernel(f"int64(int64, int64, {_SEATS}, int64[:, ::1])")
def _first_open(top, depth, child, cursor):
    width = child.shape[1]
    while depth == 0 or cursor[0, top] < depth:
        node = top
        rest = cursor[1, top]
        wide = cursor[2, top]
        for _ in range(cursor[0, top]):
            wide //= width
            node = child[node, rest // wide]
            rest %= wide
        for leg in range(width):
            if child[node, leg] < 0:
                return node * width + leg
        # Whatever lies before the cursor is full, and stays so.
        cursor[1, top] += 1
        if cursor[1, top] == cursor[2, top]:
            cursor[0, top] += 1
            cursor[1, top] = 0
            cursor[2, top] *= width
    return -1


@kernel(f"void({_ROWS}, {_ROWS}, int64, {_SEATS}, {_SEATS}, int64[:, ::1])")
def _seat_breadth_first(order, start, depth, child, seats, cursor):
    width = child.shape[1]
    for at in range(order.size):
        row = order[at]
        top = _look_below(row, start, child, seats)
        if top < 0:
            continue
        seat = _first_open(top, depth, child, cursor)
        if seat < 0:
            seats[3, row] = 2
        else:
            _sit(row, seat // width, seat % width, child, seats)


@kernel(f"void({_ROWS}, {_ROWS}, {_ROWS}, {_SEATS}, {_SEATS}, {_SEATS}, int64[::1])")
def _seat_on_lines(order, start, line, child, seats, ends, turns):
    width = child.shape[1]
    for at in range(order.size):
        row = order[at]
        top = _look_below(row, start, child, seats)
        if top < 0:
            continue
        leg = line[row]
        if leg < 0:
            leg = turns[top] % width
        node = top
        while ends[node, leg] != node:
            ends[node, leg] = ends[ends[node, leg], leg]
            node = ends[node, leg]
        _sit(row, node, leg, child, seats)
        ends[node, leg] = row
        turns[top] += 1


@kernel(f"void({_ROWS}, {_ROWS}, {_ROWS}, {_SEATS})")
def _seat_by_hand(order, parent, leg, child):
    for at in range(order.size):
        row = order[at]
        if leg[row] > 0:
            child[parent[row], leg[row] - 1] = row
    for at in range(order.size):
        row = order[at]
        if leg[row] > 0:
            continue
        for free in range(child.shape[1]):
            if child[parent[row], free] < 0:
                child[parent[row], free] = row
                break


@kernel(f"void({_ROWS}, boolean, {_SEATS}, {_SEATS}, int64[:, ::1])")
def _take_out(order, loose, child, seats, cursor):
    width = child.shape[1]
    for at in range(order.size):
        row = order[at]
        above = seats[0, row]
        heir = -1
        if above >= 0:
            child[above, seats[1, row] - 1] = -1
        for leg in range(width):
            below = child[row, leg]
            child[row, leg] = -1
            if below < 0:
                continue
            seats[0, below] = -1
            seats[1, below] = 0
            if loose:
                continue
            if heir < 0:
                heir = below
                seats[3, heir] = seats[3, row]
                if above >= 0:
                    child[above, seats[1, row] - 1] = heir
                    seats[0, heir] = above
                    seats[1, heir] = seats[1, row]
                continue
            seat = heir * width + leg
            if child[heir, leg] >= 0:
                cursor[0, heir] = 0
                cursor[1, heir] = 0
                cursor[2, heir] = 1
                seat = _first_open(heir, 0, child, cursor)
            child[seat // width, seat % width] = below
            seats[0, below] = seat // width
            seats[1, below] = seat % width + 1
        seats[0, row] = -1
        seats[1, row] = 0


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1])")
def _fill_latest(parent, rank, latest):
    for p in range(parent.size):
        latest[p] = rank[p]
        if parent[p] >= 0 and latest[parent[p]] > rank[p]:
            latest[p] = latest[parent[p]]


def latest_above(parent: NDArray[np.int32], rank: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the highest rank of each member and all above it.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    rank : (n,) int32
    """
    latest = np.empty_like(rank)
    _fill_latest(parent, rank, latest)
    return latest


def fresh_cursor(size: int) -> NDArray[np.int64]:
    """Return where the search below each row stands at the beginning: level 0, first place, one place wide."""
    cursor = np.zeros((3, size), np.int64)
    cursor[2] = 1
    return cursor


def seat_by_hand(
    order: NDArray[np.int32], parent: NDArray[np.int32], leg: NDArray[np.int32], width: int
) -> NDArray[np.int32]:
    """Return who sits on each leg: first those whose leg is given, then the others on the first free one.

    Parameters
    ----------
    order : (k,) int32
        The rows that have a parent, in the order in which they take a free leg.
    parent : (n,) int32
    leg : (n,) int32
        From 1 to the width, one row on each leg of a parent; 0 for the first that is free.
    width : int

    Returns
    -------
    (n, width) int32
        Who finds no leg sits on none.
    """
    child = np.full((parent.size, width), -1, np.int32)
    _seat_by_hand(order, parent, leg, child)
    return child


def seat_breadth_first(
    order: NDArray[np.int32], start: NDArray[np.int32], depth: int, child: NDArray[np.int32], seats: NDArray[np.int32]
) -> None:
    """Give every open row the first free seat below its top: level by level, from left to right.

    A search goes on where the last one below the same top has ended. A row is passed by the searches of those tops only
    below which every level above it is full, at most ``log n`` for a width of 2 or more: all searches together look at
    ``n log n`` rows.

    Parameters
    ----------
    order : (k,) int32
        The rows, whose top has its turn before them.
    start : (n,) int32
        The top below which a row looks; one without a seat stands for its own `VIA`. -1 for nobody.
    depth : int
        Levels below the top, 0 for any number.
    child, seats
        Written.
    """
    _seat_breadth_first(order, start, depth, child, seats, fresh_cursor(start.size))


def seat_on_lines(
    order: NDArray[np.int32],
    start: NDArray[np.int32],
    line: NDArray[np.int32],
    child: NDArray[np.int32],
    seats: NDArray[np.int32],
    turns: NDArray[np.int64],
) -> None:
    """Give every open row the seat at the end of an outer line of its top, in amortised ``log n`` for each.

    Parameters
    ----------
    order, start
        As for `seat_breadth_first`.
    line : (n,) int32
        The leg, from 0, that is followed from the top down to its end; -1: the legs of the top take turns.
    child, seats
        Written.
    turns : (n,) int64
        How many a top has seated before; written.
    """
    rows = np.arange(start.size, dtype=np.int32)[:, None]
    ends = np.ascontiguousarray(np.where(child >= 0, child, rows))
    _seat_on_lines(order, start, line, child, seats, ends, turns)


def take_out(order: NDArray[np.int32], loose: bool, child: NDArray[np.int32], seats: NDArray[np.int32]) -> None:
    """Take rows out for good.

    The first child, by leg, takes the seat with all that is below it; every other child takes its own leg below that
    one, or, where it is taken, the first free seat below it, level by level and from left to right.

    Parameters
    ----------
    order : (k,) int32
        Whom to take out, the lower ones first.
    loose : bool
        Children lose their seat instead, and keep what is below them.
    child, seats
        Written; of `seats` only `PARENT` and `LEG`, and `FATE` where one takes the seat of another.
    """
    _take_out(order, loose, child, seats, fresh_cursor(child.shape[0]))
