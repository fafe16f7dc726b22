"""From a source up a tree, each with a rate: who stands above the highest rate below, and by how much.

Of the indices above one, only those matter whose rate is higher than every rate in between; each points to the next
of them, so that a walk has as many steps as there are different rates, however deep the tree is.
"""

from __future__ import annotations

import numpy as np

from mlmcalc.kernels.compiled import kernel


@kernel("void(Array(int32,1,'C',readonly=True), Array(int64,1,'C',readonly=True), int32[:,::1])")
def higher_above(parent, rates, nodes):
    """Fill, for every index, which is the nearest above it with a higher rate, and what lies below that one.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    rates : (n,) int64
    nodes : (n, 3) int32, written
        The nearest index above with a higher rate, or -1; how many of the same rate lie strictly between; how many
        indices with a rate above 0 there are from this one up to the root, itself included.
    """
    for index in range(parent.size):
        up = np.int64(parent[index])
        nodes[index, 2] = (nodes[up, 2] if up >= 0 else 0) + (1 if rates[index] > 0 else 0)
        while up >= 0 and rates[up] < rates[index]:
            up = np.int64(nodes[up, 0])
        nodes[index, 1] = 0
        if up >= 0 and rates[up] == rates[index]:
            nodes[index, 1] = nodes[up, 1] + 1
            up = np.int64(nodes[up, 0])
        nodes[index, 0] = up


LOST_BEYOND_END, LOST_BEYOND_TOP, LOST_RESERVED = 0, 1, 2
"""Rows of what `pay_differences` counts as lost, before those of members who may not be paid."""

_I32 = "Array(int32,2,'C',readonly=True)"
_I64 = "Array(int64,1,'C',readonly=True)"


@kernel(
    f"int64(Array(int32,1,'C',readonly=True), Array(int64,2,'C',readonly=True), {_I32}, {_I64}, {_I32}, {_I64},"
    " int64[:,::1], int64[:,::1])"
)
def pay_differences(sources, amounts, starts, rates, nodes, rule, lost, lines):
    """Walk every source until its rate is used up; write a line for each share that is paid and return their number.

    Parameters
    ----------
    sources : (m,) int32
        Index of every source, -1 where it has no place.
    amounts : (1, m) or (2, m) int64
        Base; rate already taken, where any is.
    starts : (6, n + 1) int32
        For every index: who takes its own step (-1: nobody), first ancestor to consider (-1: none), smallest index
        still inside the walk, 1 if a rank ends the walk, largest index of those who may be paid; and, of the index
        itself, 0 if it may be paid, otherwise the number by which what it is not paid counts. The last is nobody.
    rates : (n,) int64
        What every index counts with.
    nodes : (n, 3) int32
        As `higher_above` fills them.
    rule : (5,) int64
        The most that may be taken of one source; 1 if each takes its whole rate instead of the difference; what is
        reserved where the first ancestor has no difference; after how many the walk ends, 0 for never; of those that
        count towards it, 1 for the same rate, 2 for the same or a lower one.
    lost : (3 + numbers, 2) int64, added to
        Base, and base x share, of what is not paid: beyond the end of the walk, beyond the last ancestor, reserved;
        then by the number of who may not be paid, from 1 on.
    lines : (at least m x (different rates + 3), 4) int64, written
        Source, index, share of the rate; the last is for the kernel's own use.
    """
    # Kinds of lines as they arise: 0 taken, 1 reserved, 2 beyond the end, 3 beyond the top, 4 by one too near.
    # Indices are made unsigned: of a signed one it is asked each time whether it counts from the end.
    count, one, nobody = np.uint64(0), np.uint64(1), np.uint64(starts.shape[1] - 1)
    for source in range(sources.size):
        index = np.uint64(sources[source]) if sources[source] >= 0 else nobody
        own, first, limit = np.int64(starts[0, index]), np.int64(starts[1, index]), np.int64(starts[2, index])
        blocked = starts[3, index] > 0
        base, done = amounts[0, source], amounts[1, source] if amounts.shape[0] > 1 else 0
        left, end, cursor, matched = rule[0] - done, count, first, 0
        if own >= 0 and left > 0 and rates[np.uint64(own)] > done:
            rate = rates[np.uint64(own)]
            share = min(rate - (0 if rule[1] else done), left)
            lines[end, 1], lines[end, 2], lines[end, 3] = own, share, 0
            end += one
            done, left = rate, left - share
        if first >= limit:
            if rates[np.uint64(first)] <= done and rule[2] > 0 and left > 0:
                share = min(rule[2], left)
                lines[end, 1], lines[end, 2], lines[end, 3] = first, share, 1
                end += one
                done, left = done + share, left - share
            while cursor >= limit and rates[np.uint64(cursor)] <= done:
                if rule[4] == 1 and rates[np.uint64(cursor)] == done and done > 0:
                    matched = 1 + nodes[np.uint64(cursor), 1]
                cursor = np.int64(nodes[np.uint64(cursor), 0])
            if rule[4] == 2 and rule[3] > 0:
                matched = nodes[np.uint64(first), 2] - (nodes[np.uint64(cursor), 2] if cursor >= 0 else 0)
        while left > 0:
            if rule[3] > 0 and matched >= rule[3]:
                blocked = True
                break
            if cursor < limit:
                break
            at, rate = np.uint64(cursor), rates[np.uint64(cursor)]
            share = min(rate - (0 if rule[1] else done), left)
            lines[end, 1], lines[end, 2], lines[end, 3] = cursor, share, 4 if cursor > starts[4, index] else 0
            end += one
            done, left = rate, left - share
            cursor, matched = np.int64(nodes[at, 0]), nodes[at, 1]
            if rule[4] == 2 and rule[3] > 0:
                matched = nodes[at, 2] - 1 - (nodes[np.uint64(cursor), 2] if cursor >= 0 else 0)
        if left > 0:
            lines[end, 1], lines[end, 2], lines[end, 3] = -1, left, 2 if blocked else 3
            end += one
        line = count
        while line < end:
            taker, share, kind = lines[line, 1], lines[line, 2], lines[line, 3]
            number = kind - 1 if kind == 2 or kind == 3 else 3 if kind == 1 or kind == 4 else 0
            if (kind == 0 or kind == 4) and starts[5, np.uint64(taker)] > 0:
                number = np.int64(3 + starts[5, np.uint64(taker)])
            if number > 0:
                row = np.uint64(number - 1)
                lost[row, 0] += base
                lost[row, 1] += base * share
            else:
                lines[count, 0], lines[count, 1], lines[count, 2] = source, taker, share
                count += one
            line += one
    return np.int64(count)
