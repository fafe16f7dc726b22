"""The content digest of a table: the same for the same rows, whatever their order, parts, threads or file format."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.digest import add_row_hashes, hash_texts

NULL_HASH = 0x6E756C6C_6E756C6C
"""Stands for a cell that is empty."""
_ROWS_AT_ONCE = 8192
_ROWS_PER_TILE = 512


def text_hashes(texts: Sequence[str | None]) -> NDArray[np.uint64]:
    """Return a 64-bit hash of every text, `NULL_HASH` for None; the same on every machine.

    Parameters
    ----------
    texts : sequence of k str or None

    Returns
    -------
    (k,) uint64
    """
    encoded = [b"" if text is None else text.encode() for text in texts]
    lengths = np.fromiter((len(text) for text in encoded), np.int64, len(encoded))
    hashes = hashes_of_bytes(b"".join(encoded), lengths)
    if None in texts:
        hashes[[place for place, text in enumerate(texts) if text is None]] = NULL_HASH
    return hashes


def hashes_of_bytes(joined: bytes, lengths: NDArray[np.integer]) -> NDArray[np.uint64]:
    """Return the hashes of texts that stand one after another, as `text_hashes` does.

    Parameters
    ----------
    joined : bytes
        Their UTF-8.
    lengths : (k,) integers
        Of each, in bytes.

    Returns
    -------
    (k,) uint64
    """
    hashes = np.empty(lengths.size, np.uint64)
    with np.errstate(over="ignore"):
        hash_texts(np.frombuffer(joined, np.uint8), np.cumsum(lengths, dtype=np.int64), hashes)
    return hashes


class ContentDigest:
    """A sum of row hashes, so that parts may be added in any order.

    Parameters
    ----------
    schema : sequence of (str, str)
        Name and type of every column; they are part of the digest.
    """

    def __init__(self, schema: Sequence[tuple[str, str]]) -> None:
        described = "\n".join(f"{name}:{kind}" for name, kind in schema).encode()
        seed = hashlib.sha256(described).digest()
        self._seeds = np.frombuffer(seed[:16], "<u8").astype(np.uint64)
        self._sums = [0, 0]
        self._columns = len(schema)
        self.rows = 0

    def add(self, columns: Sequence[NDArray[np.integer] | Sequence[str | None]]) -> None:
        """Add rows, given as one column of integers (or uint64 hashes, or texts) for each of the schema.

        Parameters
        ----------
        columns : sequence of (k,) arrays or of sequences of k texts
        """
        assert len(columns) == self._columns, "one column for each of the schema"
        arrays = [column if isinstance(column, np.ndarray) else text_hashes(column) for column in columns]
        rows = arrays[0].size
        # Columns are widened a few rows at a time, and those rows are still in the cache when they are mixed.
        wide = np.empty((len(arrays), min(rows, _ROWS_AT_ONCE)), np.int64)
        room, sums = np.empty((2, _ROWS_PER_TILE), np.uint64), np.zeros(2, np.uint64)
        with np.errstate(over="ignore"):
            for start in range(0, rows, _ROWS_AT_ONCE):
                part = slice(start, min(start + _ROWS_AT_ONCE, rows))
                count = part.stop - start
                for place, array in enumerate(arrays):
                    wide[place, :count] = array[part].view(np.int64) if array.dtype == np.uint64 else array[part]
                add_row_hashes(wide.view(np.uint64), count, self._seeds, room, sums)
        self._sums = [(before + int(added)) % 2**64 for before, added in zip(self._sums, sums, strict=True)]
        self.rows += rows

    def join(self, other: ContentDigest) -> None:
        """Add the rows of another digest of the same schema."""
        self._sums = [(mine + theirs) % 2**64 for mine, theirs in zip(self._sums, other._sums, strict=True)]
        self.rows += other.rows

    def hex(self) -> str:
        """Return the digest of all rows added so far, 32 hexadecimal digits, a dash and the number of rows."""
        return f"{self._sums[0]:016x}{self._sums[1]:016x}-{self.rows}"
