"""Text cells as they lie in memory: sixteen bytes each, which hold a text of up to twelve whole.

Polars hands its columns over by the Arrow C stream interface (https://arrow.apache.org/docs/format/CDataInterface.html)
in Arrow's layout of views: the length in four bytes, then the text itself, padded with zeros, or its first four bytes
and where the rest is.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

INLINE = 12
"""The longest text, in bytes, that a cell holds whole."""
_STREAM_NAME = b"arrow_array_stream"


class _Schema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Array(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.POINTER(ctypes.c_void_p)),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class _Stream(ctypes.Structure):
    _fields_ = (
        ("get_schema", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Schema))),
        ("get_next", ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Array))),
        ("get_last_error", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


_RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_POINTER_OF = ctypes.pythonapi.PyCapsule_GetPointer
_POINTER_OF.restype = ctypes.c_void_p
_POINTER_OF.argtypes = (ctypes.py_object, ctypes.c_char_p)


class OtherLayout(Exception):
    """Polars keeps a column in another layout than that of views; it is read in another way then."""


def words_of(column: pl.Series) -> Iterator[NDArray[np.uint32]]:
    """Yield the cells of a text column, part by part; a part is gone when the next one is asked for.

    Parameters
    ----------
    column : (k,) String

    Yields
    ------
    (m, 4) uint32
        Length in bytes, then the text in three words of four bytes, the first byte lowest, padded with zeros. A null
        has length 0, as an empty text has; of a text longer than `INLINE` the first word alone is text.

    Raises
    ------
    OtherLayout
    """
    start = 0
    for words in _parts(column):
        if column.null_count():
            blank = column.slice(start, words.shape[0]).is_null()
            if blank.any():
                words = words.copy()
                words[blank.to_numpy()] = 0
        start += words.shape[0]
        yield words
    assert start == column.len(), "every cell is in one part"


def whole_words(column: pl.Series) -> NDArray[np.uint32] | None:
    """Return the cells of a text column in one array of their own, or None where one of them is longer than `INLINE`.

    Parameters
    ----------
    column : (k,) String
    """
    found = np.empty((column.len(), 4), np.uint32)
    start = 0
    try:
        for words in words_of(column):
            if int(words[:, 0].max(initial=0)) > INLINE:
                return None
            found[start : start + words.shape[0]] = words
            start += words.shape[0]
    except OtherLayout:
        return None
    return found


def _parts(column: pl.Series) -> Iterator[NDArray[np.uint32]]:
    if column.dtype != pl.String or not hasattr(column, "__arrow_c_stream__"):
        raise OtherLayout
    # The capsule owns the stream, and each array is let go of by its own release, as the interface demands.
    capsule = column.__arrow_c_stream__()
    stream = _Stream.from_address(_POINTER_OF(capsule, _STREAM_NAME))
    here = ctypes.addressof(stream)
    schema = _Schema()
    if stream.get_schema(here, ctypes.byref(schema)) != 0:
        raise OtherLayout
    is_views = schema.format == b"vu"
    _RELEASE(schema.release)(ctypes.addressof(schema))
    if not is_views:
        raise OtherLayout
    while True:
        array = _Array()
        if stream.get_next(here, ctypes.byref(array)) != 0:
            raise OtherLayout
        if not array.release:
            return
        try:
            if array.length:
                cells = ctypes.cast(array.buffers[1], ctypes.POINTER(ctypes.c_uint32))
                words = np.ctypeslib.as_array(cells, (array.offset + array.length, 4))[array.offset :]
                words.flags.writeable = False
                yield words
        finally:
            _RELEASE(array.release)(ctypes.addressof(array))
