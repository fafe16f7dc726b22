"""Sums over some levels below each member, in time that does not grow with the number of levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.ancestors import kth_ancestor
from mlmcalc.kernels.sums import subtree_sum, sum_by_owner


def levels_sum(
    parent: NDArray[np.int32], amounts: NDArray[np.int64], first: int, last: int | None
) -> NDArray[np.int64]:
    """Return the sum of the amounts from `first` to `last` levels below each member.

    Parameters
    ----------
    parent : (n,) int32
        In tree order: ``parent[p] < p``, -1 for a root.
    amounts : (n,) int64
        In tree order; the caller has bounded their total magnitude by half of int64.
    first : int
        0 is the member itself.
    last : int or None
        Included; None for all the way down.

    Returns
    -------
    (n,) int64
        In tree order, in the unit of `amounts`.
    """
    n = parent.size
    below = subtree_sum(parent, amounts)
    # What lies k levels below and deeper is the subtrees of those whose k-th ancestor one is.
    sums = below if first == 0 else sum_by_owner(kth_ancestor(parent, first), below, n)
    if last is None:
        return sums
    return sums - sum_by_owner(kth_ancestor(parent, last + 1), below, n)
