"""Through which first-line leg a member stands below another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.grouping import order_by_group
from mlmcalc.kernels.legs import heads_above


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
        below = np.flatnonzero(tree.parent >= 0).astype(np.int32)
        self._heads = below[order_by_group(tree.parent[below], tree.size)]
        self._starts = np.zeros(tree.size + 1, np.int32)
        np.cumsum(np.bincount(tree.parent[below], minlength=tree.size), out=self._starts[1:])
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
        lower = np.where(below >= 0, self._place[below], np.int32(-1))
        head = np.empty(above.size, np.int32)
        heads_above(self._starts, self._heads, self._place[above], lower, head)
        return head
