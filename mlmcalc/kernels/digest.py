"""Hashes of rows, whose sum is the same in any order of rows."""

from __future__ import annotations

import numpy as np

from mlmcalc.kernels.compiled import kernel

# The constants of the 64-bit finalizers by Stafford (variant 13, as in SplitMix64) and of FNV-1a.
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FNV_BASIS = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_S27 = np.uint64(27)
_S30 = np.uint64(30)
_S31 = np.uint64(31)


@kernel("void(uint64[:,::1], Array(uint64,1,'C',readonly=True))")
def mix_column(hashes, column):
    """Mix one column into the hashes of its rows.

    Parameters
    ----------
    hashes : (k, 2) uint64, changed
        Two independent lanes.
    column : (k,) uint64
    """
    for row in range(column.size):
        for lane in range(2):
            word = (hashes[row, lane] ^ column[row]) + _GOLDEN
            word = (word ^ (word >> _S30)) * _FIRST
            word = (word ^ (word >> _S27)) * _SECOND
            hashes[row, lane] = word ^ (word >> _S31)


@kernel("void(Array(uint8,1,'C',readonly=True), Array(int64,1,'C',readonly=True), uint64[::1])")
def hash_texts(characters, ends, hashes):
    """Fill a 64-bit hash of every text (FNV-1a).

    Parameters
    ----------
    characters : (total,) uint8
        All texts, one after another.
    ends : (k,) int64
        Where each ends.
    hashes : (k,) uint64, written
    """
    start = 0
    for text in range(ends.size):
        word = _FNV_BASIS
        for place in range(start, ends[text]):
            word = (word ^ np.uint64(characters[place])) * _FNV_PRIME
        hashes[text] = word
        start = ends[text]
