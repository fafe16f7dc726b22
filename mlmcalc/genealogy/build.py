"""From one column of parent rows per recorded tree to trees with parents first.

A *row* is an index into the members sorted by id; a *position* is a place in the canonical order, the pre-order of the
first recorded tree with siblings by id. Rows go in, positions come out, and nothing later sees a row again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.order import cycle_numbers, parents_and_depths, preorder
from mlmcalc.kernels.relabel import taken


def find_cycles(parent_rows: NDArray[np.int32]) -> list[list[int]]:
    """Return every cycle once, as the rows met walking up from its smallest row.

    Parameters
    ----------
    parent_rows : (n,) int32
        Row of the parent, -1 for a root. A member who is its own parent is a cycle of one.

    Returns
    -------
    list of list of int
        Ordered by their smallest rows. Members merely below a cycle are in none.
    """
    count, cycle = cycle_numbers(parent_rows)
    if count == 0:
        return []
    cycles: list[list[int]] = []
    seen = [False] * count
    for smallest in np.flatnonzero(cycle >= 0).tolist():
        number = int(cycle[smallest])
        if seen[number]:
            continue
        seen[number] = True
        members = [smallest]
        while (above := int(parent_rows[members[-1]])) != smallest:
            members.append(above)
        cycles.append(members)
    return cycles


def canonical_order(parent_rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the row at each position: pre-order, siblings and roots by ascending row.

    Parameters
    ----------
    parent_rows : (n,) int32
        Row of the parent, -1 for a root; without cycles, which the caller has refused (`find_cycles`).

    Returns
    -------
    (n,) int32
        ``order[position] = row``.
    """
    return preorder(np.ascontiguousarray(parent_rows, dtype=np.int32))


def places_of(order: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the inverse of an order: ``places[row] = position``.

    Parameters
    ----------
    order : (n,) int32
        Each row once.
    """
    places = np.empty_like(order)
    places[order] = np.arange(order.size, dtype=order.dtype)
    return places


def read_only(column: NDArray[Any]) -> NDArray[Any]:
    """Return the column, which nobody may write to any more."""
    column.flags.writeable = False
    return column


def recorded_tree(
    name: str,
    parent_rows: NDArray[np.int32],
    position_of_row: NDArray[np.int32],
    leg: NDArray[np.int16] | None = None,
    first: bool = False,
) -> Tree:
    """Return a recorded tree in its own order.

    Parameters
    ----------
    name : str
    parent_rows : (n,) int32
        Row of the parent, -1 for a root; without cycles.
    position_of_row : (n,) int32
        Canonical position of each row (`places_of` of the first tree's `canonical_order`).
    leg : (n,) int16, optional
        By row: the leg under the parent, from 1; what a root has is put to 0.
    first : bool
        Whether this is the tree whose order is the order of positions.
    """
    order_rows = places_of(position_of_row) if first else canonical_order(parent_rows)
    index_of_row = position_of_row if first else places_of(order_rows)
    parent, depth = parents_and_depths(np.ascontiguousarray(parent_rows, np.int32), order_rows, index_of_row)
    order = None if first else taken(position_of_row, order_rows)
    if order is not None and np.array_equal(order, np.arange(order.size)):
        order = None
    legs = None if leg is None else np.where(parent >= 0, leg[order_rows], 0).astype(np.int16)
    return Tree(
        name=name,
        parent=read_only(parent),
        depth=read_only(depth),
        order=None if order is None else read_only(order),
        leg=None if legs is None else read_only(legs),
        root_tree=name,
    )


def build_trees(
    parents: Mapping[str, NDArray[np.int32]], legs: Mapping[str, NDArray[np.int16]] | None = None
) -> tuple[NDArray[np.int32], dict[str, Tree]]:
    """Return the canonical order and all recorded trees.

    Parameters
    ----------
    parents : mapping of str to (n,) int32
        Row of the parent per recorded tree, the first tree first; without cycles.
    legs : mapping of str to (n,) int16, optional
        By row, for the trees that have legs.

    Returns
    -------
    order : (n,) int32
        Row at each position, by which the caller reorders every other column of members.
    trees : dict of str to Tree
        In the order of `parents`.
    """
    trees: dict[str, Tree] = {}
    order: NDArray[np.int32] | None = None
    position_of_row = np.empty(0, dtype=np.int32)
    for name, parent_rows in parents.items():
        first = order is None
        if order is None:
            order = canonical_order(parent_rows)
            position_of_row = places_of(order)
        trees[name] = recorded_tree(name, parent_rows, position_of_row, (legs or {}).get(name), first)
    assert order is not None, "a company has at least one recorded tree"
    return order, trees
