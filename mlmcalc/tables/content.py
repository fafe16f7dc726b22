"""A source that is open: its headings are known, its columns not yet read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import polars as pl

from mlmcalc.errors import Finding

READ_FAULTS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, TypeError, ImportError)
"""What polars raises on content it cannot read; it panics on some damaged Parquet files."""


class Unreadable(Exception):
    """A source, or a part of it, cannot be read; carries the finding."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.text())


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """An open source.

    Attributes
    ----------
    headings : sequence of str
        As they stand in the source, in its order.
    load : callable
        ``load(places)`` reads the columns at these places (indexes into `headings`) in this order, named ``"0"``,
        ``"1"``, ...; it raises `Unreadable`.
    first_row : int
        Row of the first data row as a spreadsheet counts.
    faults : sequence of (int, int, str)
        Cells the format itself calls faulty: index of the data row, place of the column, value seen.
    types : sequence of polars.DataType or None
        Of the columns, where one of them can be read without the others.
    """

    headings: Sequence[str]
    load: Callable[[Sequence[int]], pl.DataFrame]
    first_row: int = 2
    faults: Sequence[tuple[int, int, str]] = ()
    types: Sequence[pl.DataType] | None = None


def unreadable(file: str, fault: BaseException | str, kind: str) -> Unreadable:
    """Return the refusal of a damaged source."""
    reason = str(fault).strip().split("\n")[0][:200]
    return Unreadable(
        Finding(
            "tables.unreadable",
            f"this cannot be read as {kind}: {reason or 'no reason given'}.",
            "Give a polars frame, or what polars makes one of."
            if kind == "a table"
            else "Write the file again from its source; a copy may have been cut short, or its name may be wrong.",
            file=file,
        )
    )


def open_parquet(content: bytes, file: str) -> Content:
    """Open a Parquet file.

    Raises
    ------
    Unreadable
        ``tables.unreadable``.
    """
    try:
        schema = pl.read_parquet_schema(BytesIO(content))
        headings = list(schema)
    except READ_FAULTS as fault:
        raise unreadable(file, fault, "Parquet") from None

    def load(places: Sequence[int]) -> pl.DataFrame:
        try:
            frame = pl.read_parquet(BytesIO(content), columns=[headings[place] for place in places])
        except READ_FAULTS as fault:
            raise unreadable(file, fault, "Parquet") from None
        return _numbered(frame.select(headings[place] for place in places))

    return Content(headings, load, types=list(schema.values()))


def open_frame(source: object, file: str) -> Content:
    """Open a polars frame, or anything polars makes a frame of: pandas, pyarrow, a mapping of columns.

    Raises
    ------
    Unreadable
        ``tables.unreadable``: polars cannot read it.
    """
    try:
        lazy = source if isinstance(source, pl.LazyFrame) else _frame_of(source).lazy()
        headings = lazy.collect_schema().names()
    except READ_FAULTS as fault:
        raise unreadable(file, fault, "a table") from None

    def load(places: Sequence[int]) -> pl.DataFrame:
        try:
            return _numbered(lazy.select(headings[place] for place in places).collect())
        except READ_FAULTS as fault:
            raise unreadable(file, fault, "a table") from None

    return Content(headings, load)


def _frame_of(source: object) -> pl.DataFrame:
    if isinstance(source, pl.DataFrame):
        return source
    if source is None or isinstance(source, str | bytes):
        raise TypeError(f"{type(source).__name__} is no table")
    try:
        return pl.DataFrame(source)  # type: ignore[arg-type]  polars says what it cannot read
    except TypeError:
        if not hasattr(source, "__dataframe__"):
            raise
        return pl.from_dataframe(source)  # type: ignore[arg-type]


def _numbered(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.rename({name: f"#{index}" for index, name in enumerate(frame.columns)})
    return frame.rename({name: name[1:] for name in frame.columns})
