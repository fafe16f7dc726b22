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
from mlmcalc.kernels.order import PlacedRows, cycle_numbers, placed_rows
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
    return place_rows(parent_rows).order


def place_rows(parent_rows: NDArray[np.int32]) -> PlacedRows:
    """Return the canonical order, its inverse, and parents and depths by place, as `canonical_order`."""
    return placed_rows(np.ascontiguousarray(parent_rows, dtype=np.int32))


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
    name: str, placed: PlacedRows, position_of_row: NDArray[np.int32], leg: NDArray[np.int16] | None = None
) -> Tree:
    """Return a recorded tree in its own order.

    Parameters
    ----------
    name : str
    placed : PlacedRows
        Its rows in its own canonical order (`place_rows`).
    position_of_row : (n,) int32
        Canonical position of each row: the places of the first tree.
    leg : (n,) int16, optional
        By row: the leg under the parent, from 1; what a root has is put to 0.
    """
    order = None if placed.place is position_of_row else taken(position_of_row, placed.order)
    if order is not None and np.array_equal(order, np.arange(order.size)):
        order = None
    legs = None if leg is None else np.where(placed.parent >= 0, leg[placed.order], 0).astype(np.int16)
    return Tree(
        name=name,
        parent=read_only(placed.parent),
        depth=read_only(placed.depth),
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
    first, trees = trees_and_positions(parents, legs)
    return first.order, trees


def trees_and_positions(
    parents: Mapping[str, NDArray[np.int32]], legs: Mapping[str, NDArray[np.int16]] | None = None
) -> tuple[PlacedRows, dict[str, Tree]]:
    """Return what `build_trees` does, with the position of each row beside the row at each position."""
    trees: dict[str, Tree] = {}
    first: PlacedRows | None = None
    for name, parent_rows in parents.items():
        placed = place_rows(parent_rows)
        first = placed if first is None else first
        trees[name] = recorded_tree(name, placed, first.place, (legs or {}).get(name))
    assert first is not None, "a company has at least one recorded tree"
    return first, trees
