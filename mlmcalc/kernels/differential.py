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


@kernel(
    "int64(Array(int64,2,'C',readonly=True), Array(int64,1,'C',readonly=True), Array(int32,2,'C',readonly=True),"
    " Array(int64,1,'C',readonly=True), int64[:,::1])"
)
def walk_differences(sources, rates, nodes, rule, lines):
    """Walk every source and write a line for each share of its rate, until it is used up; return their number.

    Parameters
    ----------
    sources : (m, 6) int64
        Index that takes the source's own step (-1: none), first ancestor to consider (-1: none), smallest index still
        inside the walk, rate already taken, 1 if a rank ends the walk, largest index of those who may be paid.
    rates : (n,) int64
        What every index counts with.
    nodes : (n, 3) int32
        As `higher_above` fills them.
    rule : (5,) int64
        The most that may be taken of one source; 1 if each takes its whole rate instead of the difference; what is
        reserved where the first ancestor has no difference; after how many the walk ends, 0 for never; of those that
        count towards it, 1 for the same rate, 2 for the same or a lower one.
    lines : (at least m x (different rates + 3), 4) int64, written
        Source row, index, share of the rate, kind: 0 taken, 1 reserved, 2 beyond the end of the walk, 3 beyond the
        last ancestor, 4 taken by one too near to be paid.
    """
    count = 0
    for source in range(sources.shape[0]):
        own, first, limit = sources[source, 0], sources[source, 1], sources[source, 2]
        done, blocked = sources[source, 3], sources[source, 4]
        left = rule[0] - done
        if own >= 0 and rates[own] > done and left > 0:
            share = min(rates[own] - (0 if rule[1] else done), left)
            lines[count] = (source, own, share, 0)
            count += 1
            done, left = rates[own], left - share
        cursor, matched = first, 0
        if first >= limit:
            if rates[first] <= done and rule[2] > 0 and left > 0:
                share = min(rule[2], left)
                lines[count] = (source, first, share, 1)
                count += 1
                done, left = done + share, left - share
            while cursor >= limit and rates[cursor] <= done:
                if rule[4] == 1 and rates[cursor] == done and done > 0:
                    matched = 1 + nodes[cursor, 1]
                cursor = np.int64(nodes[cursor, 0])
            if rule[4] == 2:
                matched = nodes[first, 2] - (nodes[cursor, 2] if cursor >= 0 else 0)
        while left > 0:
            blocked = 1 if rule[3] > 0 and matched >= rule[3] else blocked
            if (rule[3] > 0 and matched >= rule[3]) or cursor < limit:
                break
            share = min(rates[cursor] - (0 if rule[1] else done), left)
            lines[count] = (source, cursor, share, 4 if cursor > sources[source, 5] else 0)
            count += 1
            done, left = rates[cursor], left - share
            above = np.int64(nodes[cursor, 0])
            matched = nodes[cursor, 1]
            if rule[4] == 2:
                matched = nodes[cursor, 2] - 1 - (nodes[above, 2] if above >= 0 else 0)
            cursor = above
        if left > 0:
            lines[count] = (source, -1, left, 2 if blocked else 3)
            count += 1
    return count
