"""From texts to rows: short ones by the words that hold them, long ones by a hash that is never taken at its word."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.kernels.join import IdTable, id_table, rows_of_ids
from mlmcalc.kernels.text_join import rows_of_texts, text_table
from mlmcalc.tables.cells import OtherLayout, whole_words, words_of


def text_hashes(texts: pl.Series) -> NDArray[np.int64]:
    """Return 64 bits of each text, ``(k,)`` int64; they decide nothing, and never leave this process."""
    return texts.hash().to_numpy().view(np.int64)


class TextRows:
    """Texts, each once, and the row of each.

    Parameters
    ----------
    texts : (n,) String
        Visible ASCII, without nulls.
    hashes : callable
        What 64 bits stand for a text; a test may plant collisions.
    """

    def __init__(self, texts: pl.Series, hashes: Callable[[pl.Series], NDArray[np.int64]] = text_hashes) -> None:
        self._texts = texts
        self._hashes = hashes
        self._slots: NDArray[np.uint32] | None = None
        self._hashed: IdTable | None = None
        words = whole_words(texts)
        if words is not None:
            self._slots = text_table(words)
            return
        keys = np.ascontiguousarray(hashes(texts))
        table = id_table(keys)
        # Where two texts share a hash the second is found under the first; then nothing but texts is compared.
        if np.array_equal(rows_of_ids(table, keys), np.arange(keys.size, dtype=np.int32)):
            self._hashed = table

    def rows(self, wanted: pl.Series) -> NDArray[np.int32]:
        """Return the row of each text, ``(k,)`` int32, -1 where there is none; nulls have none.

        Parameters
        ----------
        wanted : (k,) String
        """
        found = self._by_words(wanted)
        if found is None and self._hashed is not None:
            found = self._by_hashes(wanted)
        return self._by_join(wanted) if found is None else found

    def _by_words(self, wanted: pl.Series) -> NDArray[np.int32] | None:
        if self._slots is None:
            return None
        found = np.empty(wanted.len(), np.int32)
        start = 0
        try:
            for words in words_of(wanted):
                end = start + words.shape[0]
                rows_of_texts(self._slots, words, found[start:end])
                start = end
        except OtherLayout:
            return None
        return found

    def _by_hashes(self, wanted: pl.Series) -> NDArray[np.int32]:
        assert self._hashed is not None, "called with a table of hashes only"
        found = rows_of_ids(self._hashed, np.ascontiguousarray(self._hashes(wanted)))
        hits = np.flatnonzero(found >= 0)
        same = self._texts.gather(found[hits]) == wanted.gather(hits)
        # A text that shares its hash with another one is not that one.
        found[hits[~same.fill_null(False).to_numpy()]] = -1
        return found

    def _by_join(self, wanted: pl.Series) -> NDArray[np.int32]:
        known = pl.DataFrame({"id": self._texts, "row": np.arange(self._texts.len(), dtype=np.int32)})
        joined = wanted.alias("id").to_frame().join(known, on="id", how="left", maintain_order="left")
        return joined.get_column("row").fill_null(-1).to_numpy(writable=True)
