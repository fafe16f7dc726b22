"""Trees that follow from a recorded one and from who joined when: everybody has a place in them, often another one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.build import place_rows, recorded_tree
from mlmcalc.genealogy.network import Network
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.joining import latest_above


def parents_by_position(tree: Tree) -> NDArray[np.int32]:
    """Return the position of each member's parent, ``(n,)`` int32 by position, -1 for none."""
    if tree.order is None:
        return tree.parent
    return tree.leave(np.where(tree.parent >= 0, tree.order[tree.parent], -1).astype(np.int32))


def tree_of(name: str, parent: NDArray[np.int32]) -> Tree:
    """Return the tree of some parents, in an order of its own.

    Parameters
    ----------
    name : str
    parent : (n,) int32
        Position of the parent by position, -1 for a root; without cycles.
    """
    return recorded_tree(name, place_rows(parent), np.arange(parent.size, dtype=np.int32))


def order_of_joining(network: Network, tree: Tree) -> NDArray[np.int32]:
    """Return the members in the order of joining.

    By the day of joining; on one day whoever is nearer to the top of the tree first, then by id. Nobody joins before
    those above: whose day is unknown, or earlier than theirs, has the latest of theirs.

    Parameters
    ----------
    network : Network
    tree : Tree
        Recorded, with everybody in it.

    Returns
    -------
    (n,) int32
        Positions.
    """
    day = tree.leave(latest_above(tree.parent, tree.enter(network.joined)))
    ids = np.asarray(network.ids)
    return np.lexsort((ids, tree.leave(tree.depth), day)).astype(np.int32)
