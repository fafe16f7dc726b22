"""From member ids to rows: exactly, and failing that by the one id that differs in nothing but case."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.kernels.join import id_table, rows_of_ids
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.ids import Ids
from mlmcalc.tables.source import Table
from mlmcalc.tables.text_rows import TextRows

ABSENT = -1
UNKNOWN = -2


class Directory:
    """The members' ids, each once, and the row of each.

    Parameters
    ----------
    ids : Ids
        Without duplicates and without absent ids; the place of an id is its row.
    """

    def __init__(self, ids: Ids) -> None:
        self.ids = ids
        self._numbers = None
        self._texts: TextRows | None = None
        if ids.numbers is not None:
            self._numbers = id_table(np.ascontiguousarray(ids.numbers))
        else:
            self._texts = TextRows(ids.as_texts())

    def rows(self, table: Table, name: str, wanted: Ids, collector: Collector) -> NDArray[np.int32]:
        """Return the row of each member referred to.

        Parameters
        ----------
        table : Table
        name : str
            Our name of the referring column.
        wanted : Ids
        collector : Collector
            Receives the warning ``tables.id_spelling`` for what matches only without stray spaces or regard to case.

        Returns
        -------
        (k,) int32
            `ABSENT` (-1) where there is no reference, `UNKNOWN` (-2) where nobody has the id.
        """
        if self._numbers is not None:
            rows = self._rows_of_numbers(wanted)
        else:
            rows = self._rows_of_texts(wanted.as_texts())
            self._ignore_case(table, name, wanted, rows, collector)
        if wanted.absent.any():
            np.copyto(rows, np.int32(ABSENT), where=wanted.absent)
        if wanted.spaced is not None:
            self._report(table, name, np.flatnonzero(wanted.spaced & (rows >= 0)), rows, collector)
        return rows

    def _rows_of_numbers(self, wanted: Ids) -> NDArray[np.int32]:
        assert self._numbers is not None, "called for numbers only"
        numbers, canonical = wanted.as_numbers()
        rows = rows_of_ids(self._numbers, np.ascontiguousarray(numbers))
        if wanted.numbers is None:
            np.copyto(rows, np.int32(UNKNOWN), where=~canonical)
        # What is not found is -1, of which the one smaller is unknown.
        return np.where(rows < 0, np.int32(UNKNOWN), rows) if rows.size and int(rows.min()) < 0 else rows

    def _rows_of_texts(self, texts: pl.Series) -> NDArray[np.int32]:
        assert self._texts is not None, "called for texts only"
        rows = self._texts.rows(texts)
        # What is not found is -1, of which the one smaller is unknown.
        rows[rows < 0] = UNKNOWN
        return rows

    def _ignore_case(self, table: Table, name: str, wanted: Ids, rows: NDArray[np.int32], collector: Collector) -> None:
        places = np.flatnonzero((rows == UNKNOWN) & ~wanted.absent)
        if not places.size:
            return
        lower = pl.DataFrame(
            {"id": self.ids.as_texts().str.to_lowercase(), "row": np.arange(self.ids.absent.size, dtype=np.int32)}
        )
        single = lower.unique(subset="id", keep="none")
        texts = wanted.as_texts().gather(places).str.to_lowercase()
        found = texts.alias("id").to_frame().join(single, on="id", how="left", maintain_order="left").get_column("row")
        rows[places] = found.fill_null(UNKNOWN).to_numpy()
        self._report(table, name, places[found.is_not_null().to_numpy()], rows, collector)

    def _report(
        self, table: Table, name: str, places: NDArray[np.integer], rows: NDArray[np.int32], collector: Collector
    ) -> None:
        column = table.series(name)
        collector.rows(
            "tables.id_spelling",
            table,
            name,
            places,
            lambda index: (
                f"{shown(column[int(places[index])])} is taken for {self.ids.text(int(rows[places[index]]))}."
            ),
            "Write the id as the table of members does.",
            level="warning",
            member=lambda index: self.ids.text(int(rows[places[index]])),
        )
