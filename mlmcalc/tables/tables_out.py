"""The tables of a run other than its lines: one description gives the frame, the file and the content digest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.ledger.digest import NULL_HASH, ContentDigest, hashes_of_bytes, text_hashes
from mlmcalc.money import text_from_units
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.folder import StagedFolder, WrittenFile, environment_refused
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_frames import categories

ROWS_AT_ONCE = 1 << 18
"""Rows of a piece: as many as polars puts into a group of rows."""
OutType = Literal["member", "category", "decimal", "integer", "flag", "text"]


@dataclass(frozen=True, slots=True, eq=False)
class OutColumn:
    """One column of an output table.

    Attributes
    ----------
    name : str
    type : {"member", "category", "decimal", "integer", "flag", "text"}
    values : (k,) array, or a sequence of k values
        member: positions, null outside the members; category: codes into `labels`, null below 0; decimal: integers
        in units of ``10**-decimals``, Python integers where they may leave int64; integer: int64 or None; flag: bool
        array; text: str or None.
    decimals : int
    labels : sequence of str
    by_text : bool
        Whether the digest is of the texts of a decimal column though its values are an array.
    """

    name: str
    type: OutType
    values: NDArray | Sequence
    decimals: int = 0
    labels: Sequence[str] = ()
    by_text: bool = False

    def series(self, members: IdColumn) -> pl.Series:
        """Return the column as it is written."""
        if self.type == "member":
            return members.gather(self.name, np.asarray(self.values, np.int32))
        if self.type == "category":
            return categories(self.name, np.asarray(self.values, np.int64), self.labels)
        if self.type == "decimal":
            return decimal_series(self.name, self.values, self.decimals)
        kinds = {"integer": pl.Int64, "flag": pl.Boolean, "text": pl.String}
        return pl.Series(self.name, self.values, dtype=kinds[self.type])

    def words(self, members: IdColumn) -> NDArray[np.integer] | list[str | None]:
        """Return what stands for each cell in the content digest."""
        if self.type == "member":
            return members.hashes_at(np.asarray(self.values, np.int32))
        if self.type == "category":
            known = np.append(text_hashes(list(self.labels)), np.uint64(NULL_HASH))
            codes = np.asarray(self.values, np.int64)
            return known[np.where(codes < 0, len(self.labels), codes)]
        if self.type == "decimal" and not isinstance(self.values, np.ndarray):
            # May be wider than 64 bits, so the text stands for it.
            return [text_from_units(unit, self.decimals) for unit in self.values]
        if self.by_text:
            texts = self.series(members).cast(pl.String)
            return hashes_of_bytes((texts.str.join("")[0] or "").encode(), texts.str.len_bytes().to_numpy())
        if self.type == "integer" and not isinstance(self.values, np.ndarray):
            return _with_nulls(list(self.values))
        return self.values if isinstance(self.values, np.ndarray) else list(self.values)

    @property
    def kind(self) -> str:
        """Type as the digest and the manifest state it."""
        return f"decimal({self.decimals})" if self.type == "decimal" else self.type


@dataclass(frozen=True, slots=True, eq=False)
class OutTable:
    """One output table: ``statements``, ``members``, ``breakage``, ..."""

    name: str
    columns: Sequence[OutColumn]

    def frame(self, members: IdColumn) -> pl.DataFrame:
        """Return the table as a frame."""
        return pl.DataFrame([column.series(members) for column in self.columns])

    def in_pieces(self, members: IdColumn) -> pl.DataFrame | Pieces:
        """Return the table as `write_frame` takes it: as one frame where it is small, otherwise frame by frame."""
        if self.rows <= ROWS_AT_ONCE:
            return self.frame(members)
        return Pieces(self._some(slice(0, 0)).frame(members).schema, lambda: self._frames(members))

    def content_digest(self, members: IdColumn) -> str:
        """Return the content digest: names, types and values of all rows, whatever their order."""
        digest = ContentDigest([(column.name, column.kind) for column in self.columns])
        for part in self._parts():
            digest.add([column.words(members) for column in part.columns])
        return digest.hex()

    def _frames(self, members: IdColumn) -> Iterator[pl.DataFrame]:
        for part in self._parts():
            yield part.frame(members)

    def _parts(self) -> Iterator[OutTable]:
        if self.rows <= ROWS_AT_ONCE:
            yield self
            return
        for start in range(0, self.rows, ROWS_AT_ONCE):
            yield self._some(slice(start, start + ROWS_AT_ONCE))

    def _some(self, rows: slice) -> OutTable:
        return OutTable(self.name, [replace(column, values=column.values[rows]) for column in self.columns])

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0].values)


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A table as frames of some rows each, one after another, of which only a few are in memory at a time.

    Attributes
    ----------
    schema : Schema
    frames : callable
        Returns an iterator over the frames.
    """

    schema: pl.Schema
    frames: Callable[[], Iterator[pl.DataFrame]]

    def lazily(self) -> pl.LazyFrame:
        """Return the table as a plan of polars that asks for the frames while it writes."""
        from polars.io.plugins import register_io_source

        return register_io_source(lambda *_: self.frames(), schema=self.schema, is_pure=True)


def write_frame(folder: StagedFolder, name: str, frame: pl.DataFrame | Pieces, format: str) -> WrittenFile:
    """Write one table as ``NAME.parquet`` or ``NAME.csv`` into a folder under construction; a name may hold one folder.

    Raises
    ------
    EnvironmentRefused
        ``tables.output_refused``.
    """
    path = folder.path / f"{name}.{format}"
    with environment_refused(folder.target):
        path.parent.mkdir(exist_ok=True)
        if isinstance(frame, Pieces) and format == "csv":
            with path.open("wb") as file:
                for number, piece in enumerate(frame.frames()):
                    piece.write_csv(file, include_header=number == 0)
        elif isinstance(frame, Pieces):
            frame.lazily().sink_parquet(path, compression="zstd", compression_level=1)
        elif format == "csv":
            frame.write_csv(path)
        else:
            frame.write_parquet(path, compression="zstd", compression_level=1)
    return folder.written(path)


def _with_nulls(values: list[int | None]) -> NDArray[np.uint64]:
    if None not in values:
        return np.asarray(values, np.int64).view(np.uint64)
    return np.array([NULL_HASH if value is None else value % 2**64 for value in values], np.uint64)
