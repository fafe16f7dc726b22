"""Boards that fill, split and are left at the top; matrices whose holder enters again when they are full."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

ENTERED, REENTERED, FILLED, CYCLED, SPLIT = range(5)
"""What an event says."""

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_RULE = "Array(int64, 1, 'C', readonly=True)"
_TABLE = "int32[:, ::1]"


@kernel(f"int64({_TABLE}, int64, int64, int64, int64, int64)")
def _note(events, told, kind, position, place, slot):
    events[told, 0] = kind
    events[told, 1] = position
    events[told, 2] = place
    events[told, 3] = slot
    return told + 1


@kernel(f"void(int64, int64, {_RULE}, {_TABLE}, int32[::1], int32[::1], int32[::1])")
def _split(board, boards, rule, slots, taken, where, owner):
    width = rule[0]
    for part in range(width):
        begin, wide = 0, 1
        for _ in range(rule[1]):
            # A level of the new board is its share of the next level of the old one.
            for index in range(wide):
                position = slots[board, begin + wide + part * wide + index]
                slots[boards + part, begin + index] = position
                where[owner[position]] = boards + part
            begin += wide
            wide *= width
        # What begins here is the lowest level of the new board, which is empty.
        taken[boards + part] = begin
    taken[board] = -1


@kernel(f"int64({_ROWS}, {_RULE}, {_TABLE}, int32[::1], int32[::1], int32[::1], {_TABLE})")
def _play_boards(sponsor, rule, slots, taken, where, owner, events):
    width, size = rule[0], slots.shape[1]
    boards, oldest, positions, told = 1, 0, 0, 0
    for entrant in range(sponsor.size):
        who, kind = entrant, 0
        while who >= 0:
            board = -1
            if rule[2] and sponsor[who] >= 0:
                board = where[sponsor[who]]
            if board < 0:
                while taken[oldest] < 0:
                    oldest += 1
                board = oldest
            slots[board, taken[board]] = positions
            owner[positions] = who
            where[who] = board
            told = _note(events, told, kind, positions, board, taken[board])
            taken[board] += 1
            positions += 1
            who = -1
            if taken[board] < size:
                continue
            top = slots[board, 0]
            told = _note(events, told, 2, top, board, 0)
            told = _note(events, told, 3, top, board, 0)
            if where[owner[top]] == board:
                where[owner[top]] = -1
            _split(board, boards, rule, slots, taken, where, owner)
            for part in range(width):
                told = _note(events, told, 4, slots[boards + part, 0], boards + part, part)
            boards += width
            if rule[3]:
                who, kind = owner[top], 1
    return told


@kernel(f"int64(int64, {_TABLE}, int64[:, ::1])")
def _next_seat(top, child, cursor):
    # Stands in `seats` too, with an end of depth: kernels import no kernels, whose caches would go stale.
    width = child.shape[1]
    while True:
        node, rest, wide = top, cursor[1, top], cursor[2, top]
        for _ in range(cursor[0, top]):
            wide //= width
            node = child[node, rest // wide]
            rest %= wide
        for leg in range(width):
            if child[node, leg] < 0:
                return node * width + leg
        cursor[1, top] += 1
        if cursor[1, top] == cursor[2, top]:
            cursor[0, top] += 1
            cursor[1, top] = 0
            cursor[2, top] *= width


@kernel(f"int64(int64, {_RULE}, {_TABLE}, {_TABLE}, int32[::1], int64)")
def _count_up(position, rule, places, child, cycled, ended):
    above = places[1, position]
    for _ in range(rule[1]):
        if above < 0:
            break
        places[3, above] += 1
        if places[3, above] == rule[3]:
            cycled[ended] = above
            ended += 1
        above = places[1, above]
    return ended


@kernel(f"int64({_ROWS}, {_RULE}, {_TABLE}, {_TABLE}, int64[:, ::1], int32[::1], int32[::1], {_TABLE})")
def _play_matrices(sponsor, rule, places, child, cursor, latest, cycled, events):
    width = child.shape[1]
    positions, begun, ended, told = 0, 0, 0, 0
    for entrant in range(sponsor.size):
        who, kind = entrant, 0
        while who >= 0:
            above, leg = -1, -1
            if positions:
                top = 0
                if rule[2] and sponsor[who] >= 0 and latest[sponsor[who]] >= 0:
                    top = latest[sponsor[who]]
                seat = _next_seat(top, child, cursor)
                above, leg = seat // width, seat % width
                child[above, leg] = positions
            places[0, positions] = who
            places[1, positions] = above
            places[2, positions] = leg + 1
            latest[who] = positions
            told = _note(events, told, kind, positions, above, leg)
            before = ended
            ended = _count_up(positions, rule, places, child, cycled, ended)
            for at in range(before, ended):
                told = _note(events, told, 2, cycled[at], -1, -1)
                told = _note(events, told, 3, cycled[at], -1, -1)
            positions += 1
            who = -1
            if rule[4] and begun < ended:
                who, kind = places[0, cycled[begun]], 1
                begun += 1
    return told


def play_boards(
    sponsor: NDArray[np.int32], width: int, levels: int, follow: bool, again: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return what happens on boards of one at the top and so many full levels below it.

    Who enters takes the next free place of its sponsor's board, otherwise of the oldest open one, from the top down and
    from left to right. A full board is left by its top; the subtree of each of its children becomes a board with an
    empty lowest level. Each entry costs a constant, each split the size of a board.

    Parameters
    ----------
    sponsor : (n,) int32
        Of those who enter, in their order; -1 for none.
    width, levels : int
        2 and 2 for a board of 1 + 2 + 4.
    follow : bool
        Whether one looks for its sponsor's board first.
    again : bool
        Whether the top enters again.

    Returns
    -------
    events : (k, 4) int32
        Kind, position, board and slot (for a split: the part of the old board), in order.
    owner : (m,) int32
        Of each position.
    """
    size = sum(width**level for level in range(levels + 1))
    most = 2 * sponsor.size + 2
    boards = 1 + width * (most // width**levels + 1)
    slots = np.full((boards, size), -1, np.int32)
    owner = np.full(most, -1, np.int32)
    events = np.empty((3 * most + 2 + width, 4), np.int32)
    rule = np.array([width, levels, follow, again], np.int64)
    taken, where = np.zeros(boards, np.int32), np.full(sponsor.size, -1, np.int32)
    told = _play_boards(sponsor, rule, slots, taken, where, owner, events)
    return events[:told].copy(), owner[owner >= 0]


def play_matrices(
    sponsor: NDArray[np.int32], width: int, levels: int, follow: bool, again: bool
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return what happens in one growing matrix in which a position is full when so many levels below it are.

    Who enters takes the first free seat below its sponsor's latest position, or of the whole: level by level, from left
    to right. The owner of a full position enters again, the position nearest to the last seat first.

    Parameters
    ----------
    sponsor, width, levels, follow, again
        As for `play_boards`; `follow` looks below the sponsor.

    Returns
    -------
    events : (k, 4) int32
        Kind, position, and where it was seated: the position above and the leg from 0, -1 for none.
    owner : (m,) int32
        Of each position.
    seats : (2, m) int32
        Position above, -1 for none, and leg from 1.
    """
    need = sum(width**level for level in range(1, levels + 1))
    most = 2 * sponsor.size + 2
    places = np.zeros((4, most), np.int32)
    places[:3] = -1
    child, cursor = np.full((most, width), -1, np.int32), np.zeros((3, most), np.int64)
    cursor[2] = 1
    latest, cycled = np.full(sponsor.size, -1, np.int32), np.empty(most, np.int32)
    events = np.empty((3 * most + 2, 4), np.int32)
    rule = np.array([width, levels, follow, need, again], np.int64)
    told = _play_matrices(sponsor, rule, places, child, cursor, latest, cycled, events)
    owner = places[0][places[0] >= 0]
    return events[:told].copy(), owner, places[1:3, : owner.size].copy()
