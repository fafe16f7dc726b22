"""From a source up a tree: who takes which level.

A *class* says what a place on the tree means to a walk: a row of the rate table, a reason not to be paid, or one of
the two ways a walk can end. ``pay[class, level]`` is the rate of that class: positive or 0 a rate, -1 none, and
``-2 - rate`` a rate that goes to the company. Trees are in an order where a parent has the smaller index, so "above
the end of the walk" is one comparison.
"""

from __future__ import annotations

import numpy as np

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32,1,'C',readonly=True), Array(boolean,1,'C',readonly=True), int32[::1])")
def nearest_above(parent, meets, nearest):
    """Fill, for every index, the nearest one at or above it that meets a condition, or -1.

    Parameters
    ----------
    parent : (n,) int32
    meets : (n,) bool
    nearest : (n,) int32, written
    """
    for index in range(parent.size):
        if meets[index]:
            nearest[index] = index
        elif parent[index] >= 0:
            nearest[index] = nearest[parent[index]]
        else:
            nearest[index] = -1


@kernel(
    "int64(Array(int64,2,'C',readonly=True), Array(int32,2,'C',readonly=True), Array(int32,2,'C',readonly=True),"
    " Array(int64,2,'C',readonly=True), boolean, int64[:,::1], int32[:,::1])"
)
def walk_levels(sources, nodes, near, pay, pass_to, used, lines):
    """Walk every source through all levels; write a line for each that is paid and return their number.

    Parameters
    ----------
    sources : (m, 4) int64
        First ancestor to consider (-1: none), smallest index still inside the walk, class beyond it, base.
    nodes : (n, 2) int32
        Parent and class of every index.
    near : (0, 0), (1, n) or (levels, n) int32
        Nearest index at or above that can take a level: none given, one for all levels, or one per level.
    pay : (classes, levels) int64
    pass_to : bool
        Levels are counted by parents and only the payment moves up.
    used : (classes, levels) int64, added to
        Sum of bases.
    lines : (at least m x levels, 4) int32, written
        Source row, earner index (n for the company), level from 0, class: its rate is looked up by who needs it.
    """
    # Indices are made unsigned: of a signed one it is asked each time whether it counts from the end.
    count = np.uint64(0)
    one = np.uint64(1)
    rows = near.shape[0]
    for source in range(sources.shape[0]):
        cursor = sources[source, 0]
        limit = sources[source, 1]
        beyond = sources[source, 2]
        base = sources[source, 3]
        for level in range(pay.shape[1]):
            taker = cursor
            if rows > 0 and cursor >= 0:
                taker = np.int64(near[np.uint64(level if rows > 1 else 0), np.uint64(cursor)])
            place = np.uint64(beyond)
            if taker >= limit:
                place = np.uint64(nodes[np.uint64(taker), 1])
            elif pass_to and cursor >= limit:
                place = np.uint64(nodes[np.uint64(cursor), 1])
            used[place, level] += base
            rate = pay[place, level]
            if rate > 0 or rate < -2:
                lines[count, 0] = source
                lines[count, 1] = taker if rate > 0 else nodes.shape[0]
                lines[count, 2] = level
                lines[count, 3] = place
                count += one
            step = cursor if pass_to else taker
            cursor = np.int64(nodes[np.uint64(step), 0]) if step >= 0 else np.int64(-1)
    return np.int64(count)


@kernel(
    "int64(int64, int64, Array(int32,2,'C',readonly=True), Array(int64,1,'C',readonly=True),"
    " Array(int64,2,'C',readonly=True), Array(int64,1,'C',readonly=True), int64)"
)
def _next_able(cursor, limit, nodes, key, bounds, rate, rows):
    # The next index at or above the cursor whose pair holds and who has a row (rows given) or a rate.
    while cursor >= limit:
        holds = True
        for pair in range(key.size):
            holds = holds and key[pair] >= bounds[cursor, pair]
        place = nodes[cursor, 1]
        if holds and ((rows >= 0 and place < rows) or (rows < 0 and rate[place] >= 0)):
            return cursor
        cursor = np.int64(nodes[cursor, 0])
    return np.int64(-1)


@kernel(
    "int64(Array(int64,2,'C',readonly=True), Array(int32,2,'C',readonly=True), Array(int64,2,'C',readonly=True),"
    " Array(int64,2,'C',readonly=True), Array(int64,2,'C',readonly=True), Array(int64,1,'C',readonly=True),"
    " int64[:,::1], int32[:,::1])"
)
def walk_pairs(sources, nodes, keys, bounds, pay, policy, used, lines):
    """Walk as `walk_levels` does where, besides, each source and earner must agree: ``key >= bound`` in every pair.

    Parameters
    ----------
    sources : (m, 4) int64
    nodes : (n, 3) int32
        Parent, class, and the class of one whose pair fails.
    keys : (m, pairs) int64
    bounds : (n, pairs) int64
    pay : (classes, levels) int64, transposed to (levels, classes)
    policy : (2,) int64
        0 to lose a level, 1 to skip who cannot take it, 2 to skip who is not eligible, 3 to pass it up;
        number of classes that are rows of the rate table.
    used : (classes, levels) int64, added to
    lines : (at least m x levels, 4) int32, written
    """
    count = 0
    for source in range(sources.shape[0]):
        cursor = sources[source, 0]
        limit = sources[source, 1]
        for level in range(pay.shape[0]):
            able = np.int64(-1)
            if policy[0] == 2:
                able = _next_able(cursor, limit, nodes, keys[source], bounds, pay[level], policy[1])
            elif policy[0] != 0:
                able = _next_able(cursor, limit, nodes, keys[source], bounds, pay[level], np.int64(-1))
            taker = cursor if policy[0] == 0 or (policy[0] == 3 and able < 0) else able
            place = sources[source, 2]
            if taker >= limit:
                place = np.int64(nodes[taker, 1])
                for pair in range(keys.shape[1]):
                    if keys[source, pair] < bounds[taker, pair]:
                        place = np.int64(nodes[taker, 2])
            used[place, level] += sources[source, 3]
            rate = pay[level, place]
            if rate > 0 or rate < -2:
                lines[count, 0] = source
                lines[count, 1] = taker if rate > 0 else nodes.shape[0]
                lines[count, 2] = level
                lines[count, 3] = place
                count += 1
            step = cursor if policy[0] == 0 or policy[0] == 3 else taker
            cursor = np.int64(nodes[step, 0]) if step >= 0 else np.int64(-1)
    return count
