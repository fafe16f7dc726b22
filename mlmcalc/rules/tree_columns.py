"""Columns as a tree wants them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.rules.values import Node, Values


def kept_parent(tree: Tree) -> NDArray[np.int32]:
    """Return the parents of those a tree keeps, ``(n,)`` int32 in tree order; -1 for everybody it leaves out."""
    return tree.parent if tree.kept is None else np.where(tree.kept, tree.parent, -1).astype(np.int32)


def entered(tree: Tree, column: NDArray[Any]) -> NDArray[Any]:
    """Return a column by position in tree order, in one piece of memory."""
    return np.ascontiguousarray(tree.enter(column))


def index_of(tree: Tree, position: int) -> int:
    """Return the place in tree order of the member at a position."""
    return position if tree.order is None else int(np.flatnonzero(tree.order == position)[0])


def places_of(tree: Tree, positions: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the places in tree order of many positions, ``(m,)`` int32; -1 stays -1."""
    if tree.order is None:
        return positions
    index = np.empty(tree.size, np.int32)
    index[tree.order] = np.arange(tree.size, dtype=np.int32)
    return np.where(positions >= 0, index[positions], -1).astype(np.int32)


def whole_tree(values: Values, name: str) -> Tree:
    """Return a tree that is derived from no other, with everybody in it, whatever their status."""
    if name in values.network.trees:
        return values.network.trees[name]
    tree = values.trees[name]
    if tree.kept is None:
        return tree
    assert values.vocabulary is not None, "a plan's trees have names"
    return values.vocabulary.definitions[Node("tree", name)].whole(values, name)
