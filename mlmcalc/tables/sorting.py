"""Rows ascending by id, and who is there twice."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.kernels.packing import mark_bytes, pack_bytes
from mlmcalc.kernels.relabel import taken
from mlmcalc.tables.cells import INLINE, whole_words
from mlmcalc.tables.ids import Ids


class ById(NamedTuple):
    """Rows that have an id, ascending by it.

    Attributes
    ----------
    order : (k,) int64 or None
        Places ascending by id, in table order where ids are equal; None where the table is so already, each id once.
    repeats : (k,) bool or None
        Whether the id is that of the place before; None where no id is.
    """

    order: NDArray[np.int64] | None
    repeats: NDArray[np.bool_] | None


def has_repeats(ids: Ids) -> bool:
    """Return whether an id stands there more than once, without putting the ids in order."""
    present = np.flatnonzero(~ids.absent) if ids.absent.any() else None
    if ids.numbers is not None:
        keys = ids.numbers if present is None else ids.numbers[present]
        if (keys[1:] > keys[:-1]).all():
            return False
    else:
        texts = ids.as_texts() if present is None else ids.as_texts().gather(present)
        if _ascend(texts):
            return False
        # Two texts of one hash are only suspected to be the same.
        keys = texts.hash().to_numpy()
    keys = np.sort(keys)
    if not (keys[1:] == keys[:-1]).any():
        return False
    return ids.numbers is not None or sort_ids(ids).repeats is not None


def _ascend(texts: pl.Series) -> bool:
    return texts.to_frame("id").select((pl.col("id") > pl.col("id").shift(1)).fill_null(True).all()).item()


def sort_ids(ids: Ids) -> ById:
    """Return the places ascending by id: numbers by value, texts by code point."""
    present = np.flatnonzero(~ids.absent) if ids.absent.any() else None
    if ids.numbers is not None:
        keys = ids.numbers if present is None else ids.numbers[present]
        if (keys[1:] > keys[:-1]).all():
            return ById(present, None)
        within, repeats = _sorted_numbers(keys)
    else:
        texts = ids.as_texts() if present is None else ids.as_texts().gather(present)
        if _ascend(texts):
            return ById(present, None)
        keys = packed_texts(texts)
        within, repeats = _sorted_texts(texts) if keys is None else _sorted_numbers(keys)
    order = within if present is None else present[within]
    return ById(order.astype(np.int64, copy=False), repeats if repeats.any() else None)


def packed_texts(texts: pl.Series) -> NDArray[np.int64] | None:
    """Return a number for each text, in the same order and equal where texts are; None where 64 bits do not hold them.

    Parameters
    ----------
    texts : (n,) String
        Visible ASCII, without nulls.
    """
    words = whole_words(texts)
    if words is None:
        return None
    seen = np.zeros((INLINE, 256), np.bool_)
    mark_bytes(words, seen)
    bases = [max(int(count), 1) for count in seen.sum(axis=1)]
    if math.prod(bases) > 2**63 - 1:
        return None
    worth = np.zeros((INLINE, 256), np.int64)
    for place in range(INLINE):
        # A text that has ended goes on with zeros, which come before every byte of a longer one.
        worth[place, seen[place]] = np.arange(bases[place]) * math.prod(bases[place + 1 :])
    packed = np.empty(words.shape[0], np.int64)
    pack_bytes(words, worth, packed)
    return packed


def _sorted_numbers(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    within = np.argsort(keys)
    ascending = taken(keys, within)
    repeats = np.r_[False, ascending[1:] == ascending[:-1]]
    if repeats.any():
        # Only equal ids need the slower sort, which leaves them in table order.
        within = np.argsort(keys, kind="stable")
    return within, repeats


def _sorted_texts(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    ordered = texts.alias("id").to_frame().with_row_index("place").sort("id", maintain_order=True)
    column = ordered.get_column("id")
    repeats = (column == column.shift(1)).fill_null(False).to_numpy()
    return ordered.get_column("place").to_numpy().astype(np.int64), repeats


def groups_of_repeats(by_id: ById) -> list[NDArray[np.int64]]:
    """Return the places of every id that stands there more than once, in table order within an id."""
    if by_id.repeats is None or by_id.order is None:
        return []
    starts = np.flatnonzero(~by_id.repeats & np.r_[by_id.repeats[1:], False])
    ends = np.flatnonzero(by_id.repeats & ~np.r_[by_id.repeats[1:], False]) + 1
    return [by_id.order[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
