"""What is remembered of an input: digest, rows, bytes and totals."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass

import numpy as np
import polars as pl

_CHUNK_ROWS = 1_000_000


@dataclass(frozen=True, slots=True)
class InputRecord:
    """One input of a run.

    Attributes
    ----------
    name : str
        ``members``, ``orders``, ``volumes``, ``overrides``, ``state``, ``adjustments``, ``closed`` or
        ``rates``.
    path : str
        As the user gave it; empty for a frame.
    sha256 : str
        Of the file's bytes; of a frame, of the content that was read (`frame_digest`).
    rows : int
        Data rows that count; blank rows and those that `ColumnMap.only_where` leaves out do not.
    bytes : int
        Size of the file, or of the frame's columns in memory.
    totals : mapping of str to int
        Sum of each volume column, or of the amounts, over all these rows, in units of its decimals.
    decimals : mapping of str to int
        Of each of these sums.
    """

    name: str
    path: str
    sha256: str
    rows: int
    bytes: int
    totals: Mapping[str, int]
    decimals: Mapping[str, int]


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """Digest and size of a source; the digest is made in a thread while the source is read."""

    sha256: Future[str]
    bytes: int


def bytes_digest(content: bytes) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal text."""
    return hashlib.sha256(content).hexdigest()


def frame_digest(frame: pl.DataFrame) -> str:
    """Return a SHA-256 over names, types and values of a frame, as hexadecimal text.

    It depends on the order of rows, but neither on chunks nor on the order of columns, nor on versions of polars.
    """
    digest = hashlib.sha256(f"{frame.height} rows".encode())
    for name in sorted(frame.columns):
        column = frame.get_column(name)
        digest.update(f"\0{name}\0{column.dtype}\0".encode())
        for start in range(0, frame.height, _CHUNK_ROWS):
            _add_column(digest, column.slice(start, _CHUNK_ROWS))
    return digest.hexdigest()


def _add_column(digest: hashlib._Hash, column: pl.Series) -> None:
    digest.update(np.packbits(column.is_null().to_numpy()).tobytes())
    if column.dtype.is_integer() or column.dtype.is_temporal() or column.dtype.is_float():
        physical = column.to_physical()
        kind = "<f8" if physical.dtype.is_float() else "<u8" if physical.dtype.is_unsigned_integer() else "<i8"
        if physical.dtype not in (pl.Int128, pl.UInt128):
            digest.update(physical.fill_null(0).to_numpy().astype(kind).tobytes())
            return
    if column.dtype.is_nested() or column.dtype in (pl.Object, pl.Binary):
        # Refused wherever it is read; only its name and type count.
        return
    texts = column.cast(pl.String).fill_null("")
    digest.update(texts.str.len_bytes().to_numpy().astype("<u4").tobytes())
    digest.update(str(texts.str.join("").item()).encode())
