"""Rows ascending by id, and who is there twice."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

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
        numbers = ids.numbers if present is None else ids.numbers[present]
        if (numbers[1:] > numbers[:-1]).all():
            return ById(present, None)
        within = np.argsort(numbers)
        sorted_numbers = numbers[within]
        repeats = np.r_[False, sorted_numbers[1:] == sorted_numbers[:-1]]
        if repeats.any():
            # Only equal ids need the slower sort, which leaves them in table order.
            within = np.argsort(numbers, kind="stable")
    else:
        texts = ids.as_texts() if present is None else ids.as_texts().gather(present)
        if _ascend(texts):
            return ById(present, None)
        ordered = texts.alias("id").to_frame().with_row_index("place").sort("id", maintain_order=True)
        within = ordered.get_column("place").to_numpy().astype(np.int64)
        column = ordered.get_column("id")
        repeats = (column == column.shift(1)).fill_null(False).to_numpy()
    order = within if present is None else present[within]
    return ById(order.astype(np.int64), repeats if repeats.any() else None)


def groups_of_repeats(by_id: ById) -> list[NDArray[np.int64]]:
    """Return the places of every id that stands there more than once, in table order within an id."""
    if by_id.repeats is None or by_id.order is None:
        return []
    starts = np.flatnonzero(~by_id.repeats & np.r_[by_id.repeats[1:], False])
    ends = np.flatnonzero(by_id.repeats & ~np.r_[by_id.repeats[1:], False]) + 1
    return [by_id.order[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
