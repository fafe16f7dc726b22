"""From short texts to rows: a hash with open addressing over the words that hold a text whole, compared in full.

The hash works in int64 on 32 bits at a time and never wraps, so that plain Python gives the same table.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.compiled import kernel

_WORDS = "Array(uint32, 2, 'C', readonly=True)"


@kernel("int64(int64, int64, int64, int64)")
def _slot(first, second, third, mask):
    # Multipliers below 2**31: each product stays below 2**63.
    low = 0xFFFFFFFF
    mixed = (first * 0x21F0AAAD) & low
    mixed = ((mixed ^ (mixed >> 15) ^ second) * 0x735A2D97) & low
    mixed = ((mixed ^ (mixed >> 16) ^ third) * 0x21F0AAAD) & low
    mixed = ((mixed ^ (mixed >> 15)) * 0x735A2D97) & low
    return (mixed ^ (mixed >> 15)) & mask


@kernel(f"void({_WORDS}, uint32[:, ::1])")
def _fill(words, slots):
    mask = slots.shape[0] - 1
    for row in range(words.shape[0]):
        first, second, third = words[row, 1], words[row, 2], words[row, 3]
        at = _slot(np.int64(first), np.int64(second), np.int64(third), mask)
        while slots[at, 0] > 0 and not (slots[at, 1] == first and slots[at, 2] == second and slots[at, 3] == third):
            at = (at + 1) & mask
        if slots[at, 0] == 0:
            slots[at, 0] = row + 1
            slots[at, 1] = first
            slots[at, 2] = second
            slots[at, 3] = third


@kernel(f"void({_WORDS}, {_WORDS}, int32[::1])")
def _look(wanted, slots, rows):
    mask = slots.shape[0] - 1
    for i in range(wanted.shape[0]):
        rows[i] = -1
        length = np.int64(wanted[i, 0])
        if length == 0 or length > 12:
            continue
        last = (np.int64(wanted[i, 1 + ((length - 1) >> 2)]) >> (8 * ((length - 1) & 3))) & 255
        if last == 0:
            # Only a text without NUL at its end is told by its words alone, and the table holds no other.
            continue
        first, second, third = wanted[i, 1], wanted[i, 2], wanted[i, 3]
        at = _slot(np.int64(first), np.int64(second), np.int64(third), mask)
        while slots[at, 0] > 0:
            if slots[at, 1] == first and slots[at, 2] == second and slots[at, 3] == third:
                rows[i] = np.int64(slots[at, 0]) - 1
                break
            at = (at + 1) & mask


def text_table(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return a table that finds the row of a text; of several rows with one text, the first.

    Parameters
    ----------
    words : (n, 4) uint32
        Length, from 1 to 12, and the bytes in three words, none of them NUL.

    Returns
    -------
    (k, 4) uint32
        One more than the row in each slot, 0 for an empty one; and the words of its text, so that a look-up goes to one
        place of memory.
    """
    slots = np.zeros((2 ** (2 * words.shape[0]).bit_length(), 4), dtype=np.uint32)
    _fill(words, slots)
    return slots


def rows_of_texts(slots: NDArray[np.uint32], wanted: NDArray[np.uint32], rows: NDArray[np.int32]) -> None:
    """Fill the row of each text that is wanted.

    Parameters
    ----------
    slots : (k, 4) uint32
        A `text_table`.
    wanted : (m, 4) uint32
        A text longer than twelve bytes, which the words do not hold whole, equals none, and an empty one neither.
    rows : (m,) int32, written
        -1 for a text the table does not have.
    """
    _look(wanted, slots, rows)
