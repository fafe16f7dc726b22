"""One table from wherever it is: opened, its columns found by name, read, and its rows numbered as in a spreadsheet."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import Content, Unreadable, open_frame, open_parquet
from mlmcalc.tables.csv_text import open_csv
from mlmcalc.tables.inputs import Fingerprint, bytes_digest, frame_digest

_LIKENESS = 0.75


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """How a company's own table becomes ours.

    Attributes
    ----------
    names : mapping of str to (str or sequence of str)
        The company's name of a column to ours; to several of ours where one column serves twice.
    constants : mapping of str to str
        Our column to the text that stands in every row, for columns the company lacks.
    only_where : sequence of str
        Columns (by the company's name, or ours) that must be filled for a row to count.
    """

    names: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    only_where: Sequence[str] = ()

    def place_by_name(self, headings: Sequence[str]) -> dict[str, int]:
        """Return the place of the first heading for each of our names; a mapped column loses its own name."""
        places: dict[str, int] = {}
        for heading, ours in self.names.items():
            if heading in headings:
                for name in [ours] if isinstance(ours, str) else ours:
                    places.setdefault(name, headings.index(heading))
        for place, heading in enumerate(headings):
            if heading not in self.names:
                places.setdefault(heading, place)
        return places


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
    frame : polars.DataFrame
        The columns that were wanted and found.
    headings : mapping of str to str
        Our name to the name in the file.
    numbers : (k,) int64
        Row of each as a spreadsheet counts it.
    left_out : mapping of str to int
        Rows and columns that do not count, by reason.
    """

    label: str
    file: str
    path: str
    frame: pl.DataFrame
    headings: Mapping[str, str]
    numbers: NDArray[np.int64]
    left_out: Mapping[str, int]

    @property
    def size(self) -> int:
        """Number of rows."""
        return self.frame.height

    def has(self, name: str) -> bool:
        """Return whether the table has a column of our name."""
        return name in self.headings

    def series(self, name: str) -> pl.Series:
        """Return a column by our name."""
        return self.frame.get_column(name)

    def heading(self, name: str) -> str:
        """Return the name of a column in the file; our own where the file has none."""
        return self.headings.get(name, name)

    def row(self, place: int) -> int:
        """Return a row's number in a spreadsheet."""
        return int(self.numbers[place])


@dataclass(frozen=True, slots=True)
class Wanted:
    """The columns wanted of a table, by our names."""

    label: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


def read_table(
    source: object, wanted: Wanted, column_map: ColumnMap, collector: Collector, threads: Executor
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
        found = _find_columns(opened, wanted, column_map, file, collector)
        table = _load(opened, found, wanted, column_map, file, collector)
    except Unreadable as refusal:
        collector.add(refusal.finding)
        return None, fingerprint
    if fingerprint is None:
        fingerprint = Fingerprint(threads.submit(frame_digest, table.frame), int(table.frame.estimated_size()))
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


def _find_columns(
    opened: Content, wanted: Wanted, column_map: ColumnMap, file: str, collector: Collector
) -> dict[str, int]:
    """Return the place of each wanted column that is there, and report those that are not, or are there twice."""
    headings = list(opened.headings)
    absent = [heading for heading in column_map.names if heading not in headings]
    for heading in absent:
        seen = f"the column map names {heading!r}, which the table does not have."
        collector.add(Finding("tables.map", seen, _likely(heading, headings), file=file, column=heading))
    by_name = column_map.place_by_name(headings)
    names = [*wanted.required, *wanted.optional]
    _report_unread(column_map, names, file, collector)
    found = {name: by_name[name] for name in names if name in by_name and name not in column_map.constants}
    for place in dict.fromkeys(found.values()):
        if headings.count(headings[place]) > 1:
            seen = f"{headings.count(headings[place])} columns have this name."
            collector.add(
                Finding(
                    "tables.duplicate_column", seen, "Rename or remove one of them.", file=file, column=headings[place]
                )
            )
    unused = [heading for place, heading in enumerate(headings) if heading and place not in found.values()]
    for name in names:
        if name not in found and name not in column_map.constants:
            _report_absent(name, name in wanted.required, unused, file, collector)
    return found


def _report_unread(column_map: ColumnMap, names: Sequence[str], file: str, collector: Collector) -> None:
    """Warn of a constant that nothing reads, and of a map to what is almost a column of ours."""
    mapped = [[ours] if isinstance(ours, str) else list(ours) for ours in column_map.names.values()]
    for name in dict.fromkeys([*(name for ours in mapped for name in ours), *column_map.constants]):
        near = near_misses(name, names)
        # A map to any other name is how a company hides a column of its own that is called like one of ours.
        if name not in names and (near or name in column_map.constants):
            seen = f"the column map gives {name!r}, which is no column that is read here."
            remedy = f"Is {near[0]!r} meant?" if near else f"These are: {', '.join(names[:20])}."
            collector.add(Finding("tables.map_unread", seen, remedy, "warning", file=file, column=name))


def _report_absent(name: str, required: bool, unused: list[str], file: str, collector: Collector) -> None:
    near = near_misses(name, unused)
    # A heading of the very name is one that the map gives away.
    if near and near[0] != name:
        seen = f"{near[0]!r} looks like {name!r}, and is not read."
        remedy = f"Rename it to {name}, or name it in the column map, if it is meant."
        collector.add(Finding("tables.near_miss", seen, remedy, "warning", file=file, column=near[0]))
    if required:
        remedy = "Add it, or name the company's own column for it in the column map (columns: in company.yaml)."
        collector.add(Finding("tables.missing_column", "the column is missing.", remedy, file=file, column=name))


def near_misses(name: str, headings: Sequence[str]) -> list[str]:
    """Return the headings that are probably meant as a name, the likeliest first."""
    plain = {heading: re.sub(r"[^a-z0-9]", "", heading.casefold()) for heading in headings}
    wanted = re.sub(r"[^a-z0-9]", "", name.casefold())
    near = difflib.get_close_matches(wanted, list(plain.values()), n=3, cutoff=_LIKENESS)
    return [heading for text in near for heading in headings if plain[heading] == text]


def _likely(name: str, headings: Sequence[str]) -> str:
    near = near_misses(name, headings)
    return f"Is {near[0]!r} meant?" if near else "Its columns: " + ", ".join(headings[:20]) + "."


def _load(
    opened: Content, found: Mapping[str, int], wanted: Wanted, column_map: ColumnMap, file: str, collector: Collector
) -> Table:
    headings = list(opened.headings)
    filters = _filter_places(column_map, headings, found, file, collector)
    places = list(dict.fromkeys([*found.values(), *filters]))
    raw = opened.load(places) if places else pl.DataFrame()
    for row, place, seen in opened.faults:
        if place in places:
            remedy = "Correct the formula, or write the value."
            number = row + opened.first_row
            column = headings[place]
            message = f"the cell holds the Excel error {seen}."
            collector.add(Finding("tables.excel_error", message, remedy, file=file, row=number, column=column))
    left_out: dict[str, int] = {}
    numbers = np.arange(raw.height, dtype=np.int64) + opened.first_row
    blank = _blank_rows(raw)
    keep = ~blank
    if blank.any():
        left_out[f"blank rows of {wanted.label}"] = int(blank.sum())
    for place in filters:
        filled = ~_blank_cells(raw.get_column(str(places.index(place))))
        left_out[f"rows of {wanted.label} without {headings[place]}"] = int((keep & ~filled).sum())
        keep &= filled
    if not keep.all():
        raw, numbers = raw.filter(pl.Series(keep)), numbers[keep]
    unread = len({place for place, heading in enumerate(headings) if heading} - set(places))
    if unread:
        left_out[f"columns of {wanted.label} not read"] = unread
    columns = [raw.get_column(str(places.index(place))).alias(name) for name, place in found.items()]
    frame = pl.DataFrame(columns) if columns else pl.DataFrame()
    constants = {
        name: text for name, text in column_map.constants.items() if name in (*wanted.required, *wanted.optional)
    }
    frame = frame.with_columns(pl.lit(text, dtype=pl.String).alias(name) for name, text in constants.items())
    named = {name: headings[place] for name, place in found.items()} | {name: name for name in constants}
    if not columns:
        frame, named = pl.DataFrame(), {}
    return Table(wanted.label, file, "", frame, named, numbers, left_out)


def _filter_places(
    column_map: ColumnMap, headings: list[str], found: Mapping[str, int], file: str, collector: Collector
) -> list[int]:
    places = []
    for name in column_map.only_where:
        if name in headings:
            places.append(headings.index(name))
        elif name in found:
            places.append(found[name])
        else:
            seen = f"rows count only where {name!r} is filled, and the table has no such column."
            collector.add(Finding("tables.map", seen, _likely(name, headings), file=file, column=name))
    return places


def _blank_cells(column: pl.Series) -> NDArray[np.bool_]:
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
