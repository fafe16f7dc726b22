"""From parent rows to a canonical order, without recursion: a chain of a million costs what a bush costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, int32[::1], int32[::1])")
def _sort_by_parent(parent, starts, children):
    n = parent.size
    starts[n + 1] = n
    # Indices are made unsigned: of a signed one it is asked each time whether it counts from the end.
    for row in range(n):
        starts[np.uint64(parent[row] if parent[row] >= 0 else n)] += 1
    for bucket in range(1, n + 1):
        starts[bucket] += starts[bucket - 1]
    # Each start is the end of its bucket still; filled from the last row down, it becomes the beginning.
    for row in range(n - 1, -1, -1):
        own = np.uint64(parent[row] if parent[row] >= 0 else n)
        starts[own] -= 1
        children[np.uint64(starts[own])] = row


@kernel(f"int64({_ROWS}, {_ROWS}, int32[::1])")
def _breadth_first(starts, children, queue):
    n = queue.size
    filled = 0
    for at in range(starts[n], starts[n + 1]):
        queue[np.uint64(filled)] = children[np.uint64(at)]
        filled += 1
    taken = 0
    while taken < filled:
        row = np.uint64(queue[np.uint64(taken)])
        taken += 1
        for at in range(starts[row], starts[row + np.uint64(1)]):
            queue[np.uint64(filled)] = children[np.uint64(at)]
            filled += 1
    return filled


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1])")
def _sum_sizes(parent, queue, size):
    for at in range(queue.size - 1, -1, -1):
        row = np.uint64(queue[at])
        up = parent[row]
        size[row] += 1
        if up >= 0:
            size[np.uint64(up)] += size[row]


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1], int32[::1], int32[::1], int32[::1], int32[::1])")
def _place_depth_first(parent, queue, free, order, place, above, depth):
    free_root = 0
    # `free` holds the size of a row until the row is placed, then where its next child goes. The queue holds siblings
    # ascending: each takes the next free stretch of its parent.
    for at in range(queue.size):
        row = np.uint64(queue[at])
        size = free[row]
        up = parent[row]
        if up < 0:
            to = np.uint64(free_root)
            free_root += size
            above[to] = -1
            depth[to] = 0
        else:
            taken = np.uint64(up)
            to = np.uint64(free[taken])
            free[taken] += size
            above[to] = place[taken]
            depth[to] = depth[np.uint64(place[taken])] + 1
        free[row] = to + np.uint64(1)
        place[row] = to
        order[to] = row


@kernel(f"int64({_ROWS}, int32[::1], int32[::1])")
def _mark_cycles(parent, walk, cycle):
    found = 0
    for first in range(parent.size):
        row = first
        while row >= 0 and walk[row] < 0:
            walk[row] = first
            row = parent[row]
        # Only a walk that meets itself has found a new cycle; one that meets an older walk ends there.
        if row >= 0 and walk[row] == first:
            member = row
            while cycle[member] < 0:
                cycle[member] = found
                member = parent[member]
            found += 1
    return found


class PlacedRows(NamedTuple):
    """Rows in canonical pre-order.

    Attributes
    ----------
    order : (n,) int32
        Row at each place.
    place : (n,) int32
        The inverse: place of each row.
    parent : (n,) int32
        Place of the parent by place, -1 for a root.
    depth : (n,) int32
        By place; 0 for a root.
    """

    order: NDArray[np.int32]
    place: NDArray[np.int32]
    parent: NDArray[np.int32]
    depth: NDArray[np.int32]


def children_of_rows(parent: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the children of every row, in one array.

    Parameters
    ----------
    parent : (n,) int32
        Row of the parent, -1 for a root; any order.

    Returns
    -------
    starts : (n + 2,) int32
        The children of row ``r`` are ``children[starts[r]:starts[r + 1]]``; the roots are those of row ``n``.
    children : (n,) int32
        Ascending within a parent.
    """
    starts = np.zeros(parent.size + 2, dtype=np.int32)
    children = np.empty(parent.size, dtype=np.int32)
    _sort_by_parent(parent, starts, children)
    return starts, children


def rows_reached(parent: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the rows that a root reaches, breadth first.

    Parameters
    ----------
    parent : (n,) int32
        Row of the parent, -1 for a root; any order.

    Returns
    -------
    (k,) int32
        Parents before children, siblings side by side and ascending. A row that is missing is in a cycle or below one.
    """
    starts, children = children_of_rows(parent)
    queue = np.empty(parent.size, dtype=np.int32)
    count = _breadth_first(starts, children, queue)
    return queue[:count]


def placed_rows(parent: NDArray[np.int32]) -> PlacedRows:
    """Return the rows in canonical pre-order: every parent before its children, siblings and roots ascending by row.

    Parameters
    ----------
    parent : (n,) int32
        Row of the parent, -1 for a root; any order, without cycles.
    """
    queue = np.arange(parent.size, dtype=np.int32)
    # Ids are mostly given in the order of joining: then the rows are a queue already, parents first.
    if not (parent < queue).all():
        queue = rows_reached(parent)
        assert queue.size == parent.size, "rows in cycles have no order"
    size = np.zeros(parent.size, dtype=np.int32)
    _sum_sizes(parent, queue, size)
    found = PlacedRows(*(np.empty(parent.size, dtype=np.int32) for _ in range(4)))
    _place_depth_first(parent, queue, size, *found)
    return found


def cycle_numbers(parent: NDArray[np.int32]) -> tuple[int, NDArray[np.int32]]:
    """Return how many cycles there are, and the number of the cycle each row is in.

    Parameters
    ----------
    parent : (n,) int32
        Row of the parent, -1 for a root; any order. A row that is its own parent is a cycle of one.

    Returns
    -------
    count : int
    cycle : (n,) int32
        -1 for a row in no cycle, those merely below one included.
    """
    walk = np.full(parent.size, -1, dtype=np.int32)
    cycle = np.full(parent.size, -1, dtype=np.int32)
    return int(_mark_cycles(parent, walk, cycle)), cycle
