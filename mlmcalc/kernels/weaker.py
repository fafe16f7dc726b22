"""The weaker leg: subtree weights of a growing tree, in amortised ``log n`` for each question, however deep the tree.

A forest of splay trees (Sleator and Tarjan): each holds a path of the tree, top end first. A row of `links` is `UP`
(the splay parent, or the row above a path's top end), `LOW` and `HIGH`; a row of `load` holds two weights each of the
row itself, of what hangs beside its path, and of all in its splay tree and beside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"
_LINKS = "int32[:, ::1]"
_LOAD = "int64[:, ::1]"


@kernel(f"void(int64, {_LINKS}, {_LOAD})")
def _pull(x, links, load):
    for q in range(2):
        total = load[x, q] + load[x, 2 + q]
        if links[x, 1] >= 0:
            total += load[links[x, 1], 4 + q]
        if links[x, 2] >= 0:
            total += load[links[x, 2], 4 + q]
        load[x, 4 + q] = total


@kernel(f"boolean(int64, {_LINKS})")
def _is_top(x, links):
    above = links[x, 0]
    return above < 0 or (links[above, 1] != x and links[above, 2] != x)


@kernel(f"void(int64, {_LINKS}, {_LOAD})")
def _rotate(x, links, load):
    above = links[x, 0]
    over = links[above, 0]
    if over >= 0:
        if links[over, 1] == above:
            links[over, 1] = x
        elif links[over, 2] == above:
            links[over, 2] = x
    near = 1 if links[above, 1] == x else 2
    moved = links[x, 3 - near]
    links[above, near] = moved
    if moved >= 0:
        links[moved, 0] = above
    links[x, 3 - near] = above
    links[above, 0] = x
    links[x, 0] = over
    _pull(above, links, load)
    _pull(x, links, load)


@kernel(f"void(int64, {_LINKS}, {_LOAD})")
def _splay(x, links, load):
    while not _is_top(x, links):
        above = links[x, 0]
        if not _is_top(above, links):
            over = links[above, 0]
            straight = (links[over, 1] == above) == (links[above, 1] == x)
            _rotate(above if straight else x, links, load)
        _rotate(x, links, load)


@kernel(f"void(int64, {_LINKS}, {_LOAD})")
def _expose(x, links, load):
    last = -1
    node = x
    while node >= 0:
        _splay(node, links, load)
        high = links[node, 2]
        for q in range(2):
            if high >= 0:
                load[node, 2 + q] += load[high, 4 + q]
            if last >= 0:
                load[node, 2 + q] -= load[last, 4 + q]
        links[node, 2] = last
        _pull(node, links, load)
        last = node
        node = links[node, 0]
    _splay(x, links, load)


@kernel(f"int64(int64, {_LINKS}, {_LINKS}, {_LOAD})")
def _weakest_seat(top, child, links, load):
    """Return twice the row, plus the leg, of the free seat that the weaker legs lead to."""
    node = top
    _expose(node, links, load)
    first, second = load[node, 2], load[node, 3]
    while child[node, 0] >= 0 and child[node, 1] >= 0:
        left = child[node, 0]
        _expose(left, links, load)
        # What is below a row and not on its left leg is on its right one.
        on_left, too = load[left, 0] + load[left, 2], load[left, 1] + load[left, 3]
        on_right, also = first - on_left, second - too
        if on_right < on_left or (on_right == on_left and also < too):
            node, first, second = child[node, 1], on_right, also
        else:
            node, first, second = left, on_left, too
        first -= load[node, 0]
        second -= load[node, 1]
    return 2 * node + (1 if child[node, 0] >= 0 else 0)


@kernel(f"boolean(int64, int64, {_LINKS}, {_LINKS}, {_LOAD})")
def _below_itself(row, top, child, links, load):
    if child[row, 0] < 0 and child[row, 1] < 0:
        return row == top
    _expose(top, links, load)
    node = top
    while links[node, 1] >= 0:
        node = links[node, 1]
    _splay(node, links, load)
    return node == row


@kernel(f"void({_ROWS}, {_ROWS}, {_LINKS}, {_LINKS}, {_LINKS}, {_LOAD})")
def _seat_on_weaker(order, start, child, seats, links, load):
    for at in range(order.size):
        row = order[at]
        top = start[row]
        if top >= 0 and seats[3, top] != 1:
            top = seats[2, top]
        seats[2, row] = top
        if seats[3, row] != 0:
            continue
        if top < 0:
            seats[3, row] = 3
            continue
        if _below_itself(row, top, child, links, load):
            seats[3, row] = 4
            continue
        seat = _weakest_seat(top, child, links, load)
        above, leg = seat // 2, seat % 2
        child[above, leg] = row
        seats[0, row], seats[1, row], seats[3, row] = above, leg + 1, 1
        _expose(row, links, load)
        _expose(above, links, load)
        links[row, 0] = above
        for q in range(2):
            load[above, 2 + q] += load[row, 4 + q]
        _pull(above, links, load)


@kernel(f"int64({_ROWS}, {_ROWS}, {_LINKS}, {_LINKS}, {_LOAD}, int64)")
def _seat_while_shallow(order, start, child, seats, sums, steps):
    for at in range(order.size):
        if steps < 0:
            return at
        row = order[at]
        top = start[row]
        if top >= 0 and seats[3, top] != 1:
            top = seats[2, top]
        seats[2, row] = top
        if seats[3, row] != 0:
            continue
        node = top if child[row, 0] >= 0 or child[row, 1] >= 0 else -1
        while node >= 0 and node != row:
            node = seats[0, node]
            steps -= 1
        if top < 0 or node == row:
            seats[3, row] = 3 if top < 0 else 4
            continue
        node = top
        while child[node, 0] >= 0 and child[node, 1] >= 0:
            left, right = child[node, 0], child[node, 1]
            less = sums[right, 0] < sums[left, 0]
            equal = sums[right, 0] == sums[left, 0]
            node = right if less or (equal and sums[right, 1] < sums[left, 1]) else left
        leg = 1 if child[node, 0] >= 0 else 0
        child[node, leg] = row
        seats[0, row], seats[1, row], seats[3, row] = node, leg + 1, 1
        while node >= 0:
            sums[node, 0] += sums[row, 0]
            sums[node, 1] += sums[row, 1]
            node = seats[0, node]
            steps -= 1
    return order.size


def seat_on_weaker(
    order: NDArray[np.int32],
    start: NDArray[np.int32],
    child: NDArray[np.int32],
    seats: NDArray[np.int32],
    weights: NDArray[np.int64],
    below: NDArray[np.int64],
    shallow: int = 64,
) -> None:
    """Give every open row the free seat that is reached from its top by going to the weaker leg again and again.

    The weaker leg is the one with less of the first weight, then of the second, then the left one. Weights are halved
    at every step, so the way is short, whatever the depth.

    Parameters
    ----------
    order, start
        As for `mlmcalc.kernels.seats.seat_breadth_first`.
    child : (n, 2) int32
        Who sits on each leg, -1 nobody; written.
    seats : (5, n) int32
        As in `mlmcalc.kernels.seats`; written.
    weights : (n, 2) int64
        Of each row, 0 or more; all together within int64.
    below : (n, 2) int64
        Of all that is below each row so far.
    shallow : int
        Steps up that may be taken, for each row on average, to keep sums by adding to all above: the cheaper way in a
        tree that is not deep. The result is the same.
    """
    sums = np.ascontiguousarray(weights + below)
    done = _seat_while_shallow(order, start, child, seats, sums, shallow * (order.size + 1) - 1)
    if done == order.size:
        return
    order, below = order[done:], sums - weights
    links = np.full((start.size, 3), -1, np.int32)
    links[:, 0] = seats[0]
    load = np.ascontiguousarray(np.concatenate([weights, below, weights + below], axis=1))
    _seat_on_weaker(order, start, child, seats, links, load)
