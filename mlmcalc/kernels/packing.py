"""Short texts as numbers in the same order: the digits of a number whose place p has a base of its own."""

from __future__ import annotations

import numpy as np

from mlmcalc.kernels.compiled import kernel

_WORDS = "Array(uint32, 2, 'C', readonly=True)"


@kernel(f"void({_WORDS}, boolean[:, ::1])")
def mark_bytes(words, seen):
    """Mark which bytes stand at each place of some texts.

    Parameters
    ----------
    words : (n, 4) uint32
        Length, up to 12, and three words of text, padded with zeros.
    seen : (12, 256) bool, written
        A text that has ended goes on with zeros.
    """
    for i in range(words.shape[0]):
        for part in range(3):
            word = np.int64(words[i, 1 + part])
            seen[4 * part, word & 255] = True
            seen[4 * part + 1, (word >> 8) & 255] = True
            seen[4 * part + 2, (word >> 16) & 255] = True
            seen[4 * part + 3, (word >> 24) & 255] = True


@kernel(f"void({_WORDS}, Array(int64, 2, 'C', readonly=True), int64[::1])")
def pack_bytes(words, worth, packed):
    """Fill the number of each text: the sum of what its bytes are worth at their places.

    Parameters
    ----------
    words : (n, 4) uint32
    worth : (12, 256) int64
        By place and byte; all sums fit.
    packed : (n,) int64, written
    """
    for i in range(words.shape[0]):
        total = 0
        for part in range(3):
            word = np.int64(words[i, 1 + part])
            total += worth[4 * part, word & 255]
            total += worth[4 * part + 1, (word >> 8) & 255]
            total += worth[4 * part + 2, (word >> 16) & 255]
            total += worth[4 * part + 3, (word >> 24) & 255]
        packed[i] = total
