"""One table from wherever it is: opened, its columns found by name, read, and its rows numbered as in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import Content, Unreadable, open_frame, open_parquet
from mlmcalc.tables.csv_text import open_csv
from mlmcalc.tables.headings import ColumnMap, Wanted, filter_places, find_columns
from mlmcalc.tables.inputs import Fingerprint, bytes_digest, frame_digest
from mlmcalc.tables.plain_cells import surely_filled


@dataclass(frozen=True, slots=True, eq=False)
class SingleColumns:
    """Columns of a source that are read when they are asked for, every time, so that none stays in memory.

    Attributes
    ----------
    opened : Content
    places : mapping of str to int
        Our name to the place in the source.
    constants : mapping of str to str
        Our name to the text of every row.
    height : int
        Number of rows.
    ready : dict of int to polars.Series
        By place, what was read already; it is handed out once.
    """

    opened: Content
    places: Mapping[str, int]
    constants: Mapping[str, str]
    height: int
    ready: dict[int, pl.Series]

    def get_column(self, name: str) -> pl.Series:
        """Read a column."""
        if name in self.constants:
            return pl.Series(name, [self.constants[name]], dtype=pl.String).new_from_index(0, self.height)
        place = self.places[name]
        column = self.ready.pop(place, None)
        return (self.opened.load([place]).to_series() if column is None else column).alias(name)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table under our names.

    Attributes
    ----------
    label : str
        ``members``, ``orders``, ``volumes`` or ``overrides``.
    file : str
        As findings name it: the path the user gave, or the label.
    path : str
        The path the user gave; empty for a frame.
    frame : polars.DataFrame or SingleColumns
        The columns that were wanted and found, in memory or read singly.
    headings : mapping of str to str
        Our name to the name in the file.
    numbers : (k,) int64 or int
        Row of each as a spreadsheet counts it; of the first where they follow one another.
    left_out : mapping of str to int
        Rows and columns that do not count, by reason.
    """

    label: str
    file: str
    path: str
    frame: pl.DataFrame | SingleColumns
    headings: Mapping[str, str]
    numbers: NDArray[np.int64] | int
    left_out: Mapping[str, int]

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.frame.height

    def has(self, name: str) -> bool:
        """Return whether the table has a column of our name."""
        return name in self.headings

    def series(self, name: str) -> pl.Series:
        """Return a column by our name.

        Raises
        ------
        Unreadable
            The source reads its columns one by one, and this one is damaged.
        """
        return self.frame.get_column(name)

    def heading(self, name: str) -> str:
        """Return the name of a column in the file; our own where the file has none."""
        return self.headings.get(name, name)

    def row(self, place: int) -> int:
        """Return a row's number in a spreadsheet."""
        return place + self.numbers if isinstance(self.numbers, int) else int(self.numbers[place])


def read_table(
    source: object,
    wanted: Wanted,
    column_map: ColumnMap,
    collector: Collector,
    threads: Executor,
    piecewise: bool = False,
) -> tuple[Table | None, Fingerprint | None]:
    """Read a table.

    Parameters
    ----------
    source : path, or polars frame, or anything polars makes a frame of
        A path is read by its name: ``.csv``, ``.tsv``, ``.txt``, ``.parquet``, ``.xlsx``, ``.xlsm``.
    wanted : Wanted
    column_map : ColumnMap
    collector : Collector
        Receives ``tables.no_file``, ``tables.format``, ``tables.unreadable``, ``tables.encoding``, ``tables.empty``,
        ``tables.no_header``, ``tables.ragged``, ``tables.duplicate_column``, ``tables.missing_column``,
        ``tables.near_miss``, ``tables.map``, ``tables.map_unread``, ``tables.excel_error``.
    threads : Executor
        Makes the digest while the table is read.
    piecewise : bool
        Whether columns may be read when they are asked for, where the format allows it, so that they never stand in
        memory side by side. The caller then answers for `Unreadable` from `Table.series`.

    Returns
    -------
    table : Table or None
        With the columns that were found; None when nothing could be read.
    fingerprint : Fingerprint or None
    """
    file = str(source) if isinstance(source, str | Path) else wanted.label
    fingerprint: Fingerprint | None = None
    try:
        if isinstance(source, str | Path):
            content = _bytes_of(Path(source), file)
            fingerprint = Fingerprint(threads.submit(bytes_digest, content), len(content))
            opened = _open_bytes(content, file, collector)
        else:
            opened = open_frame(source, file)
        found = find_columns(opened, wanted, column_map, file, collector)
        table = _load(opened, found, wanted, column_map, file, collector, piecewise)
    except Unreadable as refusal:
        collector.add(refusal.finding)
        return None, fingerprint
    if fingerprint is None:
        frame = table.frame
        assert isinstance(frame, pl.DataFrame), "a frame that is handed over is in memory"
        fingerprint = Fingerprint(threads.submit(frame_digest, frame), int(frame.estimated_size()))
        return table, fingerprint
    return replace(table, path=file), fingerprint


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Unreadable(
            Finding(
                "tables.no_file", "there is no such file.", "Check the path, and the folder it starts from.", file=file
            )
        ) from None
    except (OSError, ValueError) as fault:
        reason = "it is a folder" if path.is_dir() else getattr(fault, "strerror", None) or str(fault)
        raise Unreadable(
            Finding("tables.no_file", f"the file cannot be opened: {reason}.", "Name one readable file.", file=file)
        ) from None


def _open_bytes(content: bytes, file: str, collector: Collector) -> Content:
    suffix = Path(file).suffix.lower()
    if not content and suffix in (".csv", ".tsv", ".txt", ".parquet", ".xlsx", ".xlsm"):
        raise Unreadable(Finding("tables.empty", "the file is empty.", "Write it again from its source.", file=file))
    if suffix in (".csv", ".tsv", ".txt"):
        return open_csv(content, file, collector)
    if suffix == ".parquet":
        return open_parquet(content, file)
    if suffix in (".xlsx", ".xlsm"):
        # Its reader is imported for workbooks only.
        from mlmcalc.tables.excel import open_excel

        return open_excel(content, file, collector)
    raise Unreadable(
        Finding(
            "tables.format",
            f"a name ending in {suffix or 'nothing'} tells no format.",
            "Give CSV (.csv), Parquet (.parquet) or Excel (.xlsx).",
            file=file,
        )
    )


def _load(
    opened: Content,
    found: Mapping[str, int],
    wanted: Wanted,
    column_map: ColumnMap,
    file: str,
    collector: Collector,
    piecewise: bool,
) -> Table:
    headings = list(opened.headings)
    filters = filter_places(column_map, headings, found, file, collector)
    places = list(dict.fromkeys([*found.values(), *filters]))
    left_out: dict[str, int] = {}
    unread = len({place for place, heading in enumerate(headings) if heading} - set(places))
    constants = {
        name: text
        for name, text in column_map.constants.items()
        if name in (*wanted.required, *wanted.optional, *wanted.seldom)
    }
    named = {name: headings[place] for name, place in found.items()} | {name: name for name in constants}
    filled = _filled_column(opened, places) if piecewise and places and not filters else None
    if filled is not None:
        place, column = filled
        frame, numbers = SingleColumns(opened, found, constants, column.len(), {place: column}), opened.first_row
    else:
        frame, numbers = _whole(opened, found, places, filters, wanted, left_out)
        frame = frame.with_columns(pl.lit(text, dtype=pl.String).alias(name) for name, text in constants.items())
        _report_excel_errors(opened, places, file, collector)
    if unread:
        left_out[f"columns of {wanted.label} not read"] = unread
    if not found:
        frame, named = pl.DataFrame(), {}
    return Table(wanted.label, file, "", frame, named, numbers, left_out)


def _report_excel_errors(opened: Content, places: Sequence[int], file: str, collector: Collector) -> None:
    for row, place, seen in opened.faults:
        if place in places:
            remedy = "Correct the formula, or write the value."
            number = row + opened.first_row
            column = opened.headings[place]
            message = f"the cell holds the Excel error {seen}."
            collector.add(Finding("tables.excel_error", message, remedy, file=file, row=number, column=column))


def _filled_column(opened: Content, places: Sequence[int]) -> tuple[int, pl.Series] | None:
    """Return the place and cells of a column that proves no row blank; None where columns cannot be read singly."""
    types = opened.types
    if types is None:
        return None
    # Days are read fastest; a text may be filled and blank all the same, so that texts cost most and prove less.
    for place in sorted(places, key=lambda place: (types[place] == pl.String, not types[place].is_temporal())):
        column = opened.load([place]).to_series()
        if not column.null_count() and (column.dtype != pl.String or not _blank_cells(column).any()):
            return place, column
    return None


def _whole(
    opened: Content,
    found: Mapping[str, int],
    places: list[int],
    filters: Sequence[int],
    wanted: Wanted,
    left_out: dict[str, int],
) -> tuple[pl.DataFrame, NDArray[np.int64] | int]:
    """Return the rows that count, and their numbers as a `Table` has them."""
    raw = opened.load(places) if places else pl.DataFrame()
    blank = _blank_rows(raw)
    keep = ~blank
    if blank.any():
        left_out[f"blank rows of {wanted.label}"] = int(blank.sum())
    for place in filters:
        filled = ~_blank_cells(raw.get_column(str(places.index(place))))
        left_out[f"rows of {wanted.label} without {opened.headings[place]}"] = int((keep & ~filled).sum())
        keep &= filled
    numbers: NDArray[np.int64] | int = opened.first_row
    if not keep.all():
        raw, numbers = raw.filter(pl.Series(keep)), np.flatnonzero(keep) + opened.first_row
    columns = [raw.get_column(str(places.index(place))).alias(name) for name, place in found.items()]
    return pl.DataFrame(columns) if columns else pl.DataFrame(), numbers


def _blank_cells(column: pl.Series) -> NDArray[np.bool_]:
    if column.dtype == pl.String and surely_filled(column):
        return np.zeros(column.len(), np.bool_)
    blank = column.is_null()
    if column.dtype == pl.String:
        blank |= (column.str.strip_chars() == "").fill_null(True)
    return blank.to_numpy()


def _blank_rows(raw: pl.DataFrame) -> NDArray[np.bool_]:
    blank = np.ones(raw.height, np.bool_)
    for column in raw.iter_columns():
        # Most columns have no gap at all, and then no row is blank.
        if not column.null_count() and column.dtype != pl.String:
            return np.zeros(raw.height, np.bool_)
        blank[blank] = _blank_cells(column.filter(pl.Series(blank)) if not blank.all() else column)
        if not blank.any():
            break
    return blank


__all__ = ["ColumnMap", "SingleColumns", "Table", "Wanted", "read_table"]
