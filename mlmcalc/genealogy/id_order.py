"""Members in the order of their ids: ties follow it, whatever the tree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def id_order(ids: NDArray[np.int64] | Sequence[str]) -> NDArray[np.int64]:
    """Return the positions of all members, the lowest id first.

    Parameters
    ----------
    ids : (n,) int64 or a sequence of n str
        By position; numbers order as numbers, text by code point.

    Returns
    -------
    (n,) int64
    """
    if isinstance(ids, np.ndarray):
        return np.argsort(ids, kind="stable")
    texts = list(ids)
    return np.array(sorted(range(len(texts)), key=texts.__getitem__), np.int64)
