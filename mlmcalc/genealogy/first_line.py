"""Through which first-line leg a member stands below another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.grouping import order_by_group


class FirstLine:
    """The legs of a recorded tree, each named by the member who heads it.

    Tree order is a pre-order: the leg that holds a member is headed by the last child of the one above that does not
    come after it.

    Parameters
    ----------
    tree : Tree
        A recorded tree.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        below = np.flatnonzero(tree.parent >= 0).astype(np.int32)
        below = below[order_by_group(tree.parent[below], tree.size)]
        self._keys, self._heads = tree.parent[below].astype(np.int64) * (tree.size + 1) + below, below
        self._place = np.arange(tree.size, dtype=np.int32)
        if tree.order is not None:
            self._place = tree.leave(self._place)

    def leg_of(self, above: NDArray[np.int32], below: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return the head of the leg of one member that holds another below it.

        Parameters
        ----------
        above, below : (k,) int32
            By position; -1 below is nobody.

        Returns
        -------
        (k,) int32
            Index of the head in tree order; -1 where the two are one, or there is nobody.
        """
        upper = self._place[above].astype(np.int64)
        lower = np.where(below >= 0, self._place[below], -1)
        place = np.searchsorted(self._keys, upper * (self._tree.size + 1) + lower, side="right") - 1
        if not self._heads.size:
            return np.full(above.size, -1, np.int32)
        head = self._heads[np.maximum(place, 0)]
        inside = (place >= 0) & (lower > upper) & (self._tree.parent[head] == upper)
        return np.where(inside, head, -1).astype(np.int32)
