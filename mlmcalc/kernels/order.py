"""From parent rows to a canonical order, without recursion: a chain of a million costs what a bush costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_ROWS = "Array(int32, 1, 'C', readonly=True)"


@kernel(f"void({_ROWS}, int32[::1], int32[::1])")
def _sort_by_parent(parent, starts, children):
    n = parent.size
    starts[n + 1] = n
    for row in range(n):
        starts[parent[row] if parent[row] >= 0 else n] += 1
    for bucket in range(1, n + 1):
        starts[bucket] += starts[bucket - 1]
    # Each start is the end of its bucket still; filled from the last row down, it becomes the beginning.
    for row in range(n - 1, -1, -1):
        bucket = parent[row] if parent[row] >= 0 else n
        starts[bucket] -= 1
        children[starts[bucket]] = row


@kernel(f"int64({_ROWS}, {_ROWS}, int32[::1])")
def _breadth_first(starts, children, queue):
    n = queue.size
    filled = 0
    for at in range(starts[n], starts[n + 1]):
        queue[filled] = children[at]
        filled += 1
    taken = 0
    while taken < filled:
        row = queue[taken]
        taken += 1
        for at in range(starts[row], starts[row + 1]):
            queue[filled] = children[at]
            filled += 1
    return filled


@kernel(f"void({_ROWS}, {_ROWS}, int32[::1], int32[::1], int32[::1])")
def _place_depth_first(parent, queue, size, free, order):
    for at in range(queue.size - 1, -1, -1):
        row = queue[at]
        size[row] += 1
        if parent[row] >= 0:
            size[parent[row]] += size[row]
    free_root = 0
    # The queue holds siblings side by side and ascending: each takes the next free stretch of its parent.
    for at in range(queue.size):
        row = queue[at]
        if parent[row] < 0:
            place = free_root
            free_root += size[row]
        else:
            place = free[parent[row]]
            free[parent[row]] += size[row]
        free[row] = place + 1
        order[place] = row


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


@kernel(f"boolean({_ROWS}, int32[::1])")
def _sizes_if_parents_first(parent, size):
    # Backward, a row's own count is complete before its parent takes it; a parent behind its child ends the attempt.
    for row in range(parent.size - 1, -1, -1):
        above = parent[row]
        if above >= row:
            return False
        size[row] += 1
        if above >= 0:
            size[above] += size[row]
    return True


@kernel(f"void({_ROWS}, int32[::1], int32[::1])")
def _place_parents_first(parent, free, order):
    # `free` holds sizes; a row is placed before it is asked for room, and then it holds the next free place below it.
    free_root = 0
    for row in range(parent.size):
        size = free[row]
        above = parent[row]
        if above < 0:
            place = free_root
            free_root += size
        else:
            place = free[above]
            free[above] += size
        free[row] = place + 1
        order[place] = row


@kernel(f"void({_ROWS}, {_ROWS}, {_ROWS}, int32[::1], int32[::1])")
def _enter_tree(parent_rows, order, place, parent, depth):
    for at in range(order.size):
        above = parent_rows[order[at]]
        if above < 0:
            parent[at] = -1
            depth[at] = 0
        else:
            parent[at] = place[above]
            depth[at] = depth[place[above]] + 1


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


def preorder(parent: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the rows in canonical pre-order: every parent before its children, siblings and roots ascending by row.

    Parameters
    ----------
    parent : (n,) int32
        Row of the parent, -1 for a root; any order, without cycles.

    Returns
    -------
    (n,) int32
        Row at each place.
    """
    order = np.empty(parent.size, dtype=np.int32)
    size = np.zeros(parent.size, dtype=np.int32)
    # Ids are mostly given in the order of joining, and then no row need be sorted.
    if _sizes_if_parents_first(parent, size):
        _place_parents_first(parent, size, order)
        return order
    queue = rows_reached(parent)
    assert queue.size == parent.size, "rows in cycles have no order"
    free = np.empty(parent.size, dtype=np.int32)
    size[:] = 0
    _place_depth_first(parent, queue, size, free, order)
    return order


def parents_and_depths(
    parent_rows: NDArray[np.int32], order: NDArray[np.int32], place: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the parent and the depth of each place of an order.

    Parameters
    ----------
    parent_rows : (n,) int32
        Row of the parent by row, -1 for a root.
    order : (n,) int32
        Row at each place, parents before their children.
    place : (n,) int32
        The inverse: place of each row.

    Returns
    -------
    parent : (n,) int32
        Place of the parent by place, -1 for a root.
    depth : (n,) int32
        0 for a root.
    """
    parent = np.empty(order.size, dtype=np.int32)
    depth = np.empty(order.size, dtype=np.int32)
    _enter_tree(parent_rows, order, place, parent, depth)
    return parent, depth


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
