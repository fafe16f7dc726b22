"""Positions become ids again, when they leave."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.kernels.constant import is_constant
from mlmcalc.kernels.taking import take_or_last
from mlmcalc.ledger.digest import NULL_HASH, hashes_of_bytes
from mlmcalc.tables.text_ids import TextIds
from mlmcalc.volumes.orders import Orders


class IdColumn:
    """The ids of members or orders, by position or row.

    Parameters
    ----------
    ids : (n,) int64, or a sequence of n str, or None
        None where nothing has an id (a table of volumes has no order ids).
    """

    def __init__(self, ids: NDArray[np.int64] | Sequence[str] | pl.Series | None) -> None:
        found = _series(ids)
        self._make = lambda: found
        self._size, self._dtype = found.len(), found.dtype

    @classmethod
    def of_orders(cls, orders: Orders) -> IdColumn:
        """Return the ids of orders, which are gathered when a line first names an order."""
        if orders.is_table:
            return cls(None)
        column = cls(None)
        column._make = lambda: _series(orders.ids)
        column._size, column._dtype = orders.size, pl.String() if orders.has_text_ids else pl.Int64()
        return column

    @cached_property
    def _ids(self) -> pl.Series:
        return self._make()

    @cached_property
    def _with_null(self) -> pl.Series:
        # One row more, null: where the company, or nobody, has its place.
        return self._ids.extend_constant(None, 1)

    @property
    def size(self) -> int:
        """Number of ids."""
        return self._size

    @property
    def dtype(self) -> pl.DataType:
        """Type of the id columns of this run: Int64 or String."""
        return self._dtype

    @property
    def is_text(self) -> bool:
        """Whether ids are texts."""
        return self.dtype == pl.String

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """What stands for each id in a content digest; one place more, for the company and for nobody."""
        if self.is_text:
            joined = self._ids.str.join("", ignore_nulls=False).item() if self.size else ""
            hashes = hashes_of_bytes(joined.encode(), self._ids.str.len_bytes().to_numpy())
        else:
            hashes = self._ids.to_numpy().view(np.uint64)
        return np.append(hashes, np.uint64(NULL_HASH))

    def hashes_at(self, places: NDArray[np.integer]) -> NDArray[np.uint64]:
        """Return what stands for the ids at some places; as `gather`, null where there is none.

        Parameters
        ----------
        places : (k,) integers
        """
        if is_constant(places) or places.size == 0 or int(places.max()) < 0:
            # The usual case of keepers and orders: there are none, and their hashes are never made.
            at = int(places[0]) if places.size else -1
            return np.broadcast_to(self.hashes[at] if 0 <= at < self.size else np.uint64(NULL_HASH), places.size)
        return self._take(self.hashes.view(np.int64), places).view(np.uint64)

    def gather(self, name: str, places: NDArray[np.int32]) -> pl.Series:
        """Return the ids at some places; null where a place is below 0 or past the last id.

        Parameters
        ----------
        name : str
        places : (k,) int32
        """
        if places.size == 0:
            return pl.Series(name, [], dtype=self.dtype)
        lowest, highest = (int(places[0]),) * 2 if is_constant(places) else (int(places.min()), int(places.max()))
        if highest < 0 or lowest >= self.size:
            return pl.Series(name, [None], dtype=self.dtype).new_from_index(0, places.size)
        whole = lowest >= 0 and highest < self.size
        if self.is_text:
            inside = places if whole else np.where((places < 0) | (places >= self.size), self.size, places)
            return (self._ids if whole else self._with_null).gather(inside).alias(name)
        taken = pl.Series(name, self._take(self._numbers, places))
        if whole:
            return taken
        known = pl.Series("known", (places >= 0) & (places < self.size))
        return pl.DataFrame([taken, known]).select(pl.when(pl.col("known")).then(pl.col(name))).to_series()

    @cached_property
    def _numbers(self) -> NDArray[np.int64]:
        return np.append(self._ids.to_numpy(), np.int64(0))

    def _take(self, values: NDArray[np.int64], places: NDArray[np.integer]) -> NDArray[np.int64]:
        taken = np.empty(places.size, np.int64)
        take_or_last(values, np.ascontiguousarray(places, np.int32), taken)
        return taken


def _series(ids: NDArray[np.int64] | Sequence[str] | pl.Series | None) -> pl.Series:
    if ids is None:
        return pl.Series("id", [], dtype=pl.Int64)
    if isinstance(ids, pl.Series | TextIds):
        return (ids.series if isinstance(ids, TextIds) else ids).alias("id")
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "iu":
        return pl.Series("id", ids.astype(np.int64, copy=False))
    return pl.Series("id", list(ids), dtype=pl.String)
