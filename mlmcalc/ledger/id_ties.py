"""Ties go to the lowest ids: numbers by size, texts by code point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64] | Sequence[str]


def lowest_ids(places: NDArray[np.integer], count: int, ids: Ids) -> NDArray[np.integer]:
    """Return those of some places whose ids are the lowest.

    Parameters
    ----------
    places : (m,) integers
        Into `ids`.
    count : int
        At most m.
    ids : (k,) int64 or a sequence of k str
    """
    if count == places.size:
        return places
    return places[id_order(places, ids)[:count]]


def id_order(places: NDArray[np.integer], ids: Ids) -> NDArray[np.int64]:
    """Return the order of some places by their ids, lowest first."""
    chosen = ids_at(ids, places)
    if isinstance(chosen, np.ndarray):
        return np.argsort(chosen, kind="stable")
    return np.array(sorted(range(places.size), key=chosen.__getitem__), np.int64)


def id_keys(places: NDArray[np.integer], ids: Ids) -> NDArray[np.int64]:
    """Return numbers that order some places as their ids do, ``(m,)`` int64; the same places may come often."""
    if isinstance(ids, np.ndarray):
        return ids[places]
    some, back = np.unique(places, return_inverse=True)
    key = np.empty(some.size, np.int64)
    key[id_order(some, ids)] = np.arange(some.size)
    return key[back]


def ids_at(ids: Ids, places: NDArray[np.integer]) -> NDArray[np.int64] | list[str]:
    """Return the ids at some places."""
    if isinstance(ids, np.ndarray):
        return ids[places]
    return [str(ids[place]) for place in places.tolist()]
