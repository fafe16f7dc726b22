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


def id_ranks(places: NDArray[np.integer], count: int, ids: Ids) -> NDArray[np.int64]:
    """Return which one each is of those who are there, by id, the lowest being 0.

    Parameters
    ----------
    places : (m,) integers
        Into `ids`; the same may come often.
    count : int
        Number of ids.
    ids : (count,) int64 or a sequence of so many str

    Returns
    -------
    (m,) int64
    """
    is_there = np.zeros(count, np.bool_)
    is_there[places] = True
    some = np.flatnonzero(is_there)
    rank = np.empty(count, np.int64)
    rank[some[id_order(some, ids)]] = np.arange(some.size)
    return rank[places]


def ids_at(ids: Ids, places: NDArray[np.integer]) -> NDArray[np.int64] | list[str]:
    """Return the ids at some places."""
    if isinstance(ids, np.ndarray):
        return ids[places]
    return [str(ids[place]) for place in places.tolist()]
