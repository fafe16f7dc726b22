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


@kernel("void(Array(uint64,2,'C',readonly=True), int64, Array(uint64,1,'C',readonly=True), uint64[:,::1], uint64[::1])")
def add_row_hashes(columns, rows, seeds, words, sums):
    """Add the hashes of rows to two sums that wrap; each of the two lanes mixes all columns, one after another.

    Parameters
    ----------
    columns : (columns, at least rows) uint64
    rows : int
    seeds : (2,) uint64
        What each lane begins with.
    words : (2, tile) uint64, written
        Room for the hashes of some rows: few enough to stay near the processor.
    sums : (2,) uint64, added to
    """
    tile = words.shape[1]
    for start in range(0, rows, tile):
        count = min(tile, rows - start)
        for lane in range(2):
            for row in range(count):
                words[lane, row] = seeds[lane]
            for column in range(columns.shape[0]):
                for row in range(count):
                    word = (words[lane, row] ^ columns[column, start + row]) + _GOLDEN
                    word = (word ^ (word >> _S30)) * _FIRST
                    word = (word ^ (word >> _S27)) * _SECOND
                    words[lane, row] = word ^ (word >> _S31)
            total = np.uint64(0)
            for row in range(count):
                total += words[lane, row]
            sums[lane] += total


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
