"""Text columns in which every cell has the plain form, read at once; others are left to the readers of all forms.

Each function returns None where a single cell is longer or of another form, so that what is found wrong, and how it is
told, does not depend on these.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.kernels.cells import MOST_DECIMALS, read_iso_days, read_numbers, read_plain
from mlmcalc.tables.cells import OtherLayout, words_of


def plain_numbers(
    column: pl.Series, decimals: int, canonical: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_]] | None:
    """Return the units of ``10**-decimals`` in a text column, and which cells are empty.

    Parameters
    ----------
    column : (k,) String
    decimals : int
    canonical : bool
        Whether a number must be whole and written as it would be written again.

    Returns
    -------
    units : (k,) int64
        0 where the cell is empty.
    blank : (k,) bool
    """
    if decimals > MOST_DECIMALS:
        return None
    units, blank = np.empty(column.len(), np.int64), np.zeros(column.len(), np.bool_)
    start = 0
    try:
        for words in words_of(column):
            end = start + words.shape[0]
            if read_numbers(words, decimals, canonical, units[start:end], blank[start:end]) < words.shape[0]:
                return None
            start = end
    except OtherLayout:
        return None
    return units, blank


def plain_days(column: pl.Series) -> NDArray[np.int32] | None:
    """Return the days of a text column as ``(k,)`` int32, `NO_DAY` where the cell is empty."""
    days = np.empty(column.len(), np.int32)
    start = 0
    try:
        for words in words_of(column):
            end = start + words.shape[0]
            if read_iso_days(words, NO_DAY, days[start:end]) < words.shape[0]:
                return None
            start = end
    except OtherLayout:
        return None
    return days


def plain_texts(column: pl.Series) -> NDArray[np.bool_] | None:
    """Return which cells are empty, ``(k,)`` bool, if all others are short and of visible ASCII without spaces."""
    blank = np.zeros(column.len(), np.bool_)
    start = 0
    try:
        for words in words_of(column):
            end = start + words.shape[0]
            if read_plain(words, blank[start:end]) < words.shape[0]:
                return None
            start = end
    except OtherLayout:
        return None
    return blank


def surely_filled(column: pl.Series) -> bool:
    """Return whether every cell of a text column begins with visible ASCII, and so none is blank."""
    if column.null_count():
        return False
    try:
        for words in words_of(column):
            begins = words[:, 1] & 0xFF
            if int(words[:, 0].min()) == 0 or int(begins.min()) <= 0x20 or int(begins.max()) >= 0x7F:
                return False
    except OtherLayout:
        return False
    return True
