"""Tables as a case writes them: text in columns, a list of mappings, a perfect tree, or a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.errors import Finding, InputRefused

Rows = list[dict[str, str]]
EMPTY = "-"
_LARGEST_TREE = 1_000_000


def read_rows(value: Any, place: str, file: str) -> Rows:
    """Return a table of a case as one mapping of texts per row.

    Parameters
    ----------
    value : str or list of mapping or mapping
        A text in columns: the first line names them, cells are separated by blanks, ``-`` is an empty cell. Or a list
        of mappings. Or ``{widths: [5, 5], columns: {kind: distributor}}``: a perfect tree.
    place : str
        Where it stands in the case, for findings.
    file : str

    Raises
    ------
    InputRefused
        ``cases.table``: it is none of these, or a row has too few or too many cells.
    """
    if isinstance(value, str):
        return _columns_of_text(value, place, file)
    if isinstance(value, list):
        if not all(isinstance(row, Mapping) for row in value):
            raise refused(place, file, "a list here holds one mapping per row")
        return [{str(key): _cell(cell, place, file) for key, cell in row.items()} for row in value]
    if isinstance(value, Mapping) and "widths" in value:
        return _perfect_tree(value, place, file)
    raise refused(place, file, "a table is a text in columns, a list of mappings, or {widths: [...]}")


def read_csv_rows(path: Path) -> Rows:
    """Return a CSV file as one mapping of texts per row.

    Raises
    ------
    InputRefused
        ``cases.table``: a row has more or fewer cells than the header, or the file is not UTF-8.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise refused("", str(path), "the file is not UTF-8") from None
    table = list(csv.reader(io.StringIO(text)))
    if not table:
        raise refused("", str(path), "the file is empty")
    header, *body = table
    rows = [row for row in body if row]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise refused("", str(path), f"row {number} has {len(row)} cells, the header has {len(header)}")
    return [{name.strip(): cell.strip() for name, cell in zip(header, row, strict=True)} for row in rows]


def frame_of(rows: Rows) -> pl.DataFrame:
    """Return rows as a frame of texts; an empty cell is null, and so is a column that only other rows have."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) or None for row in rows] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def refused(place: str, file: str, message: str, remedy: str = "") -> InputRefused:
    """Return the refusal of a table or word of a case."""
    path = tuple(place.split(".")) if place else ()
    return InputRefused(Finding("cases.table", message[0].upper() + message[1:] + ".", remedy, file=file, path=path))


def _cell(value: Any, place: str, file: str) -> str:
    if not isinstance(value, str):
        raise refused(place, file, "a cell is a single value")
    text = value.strip()
    return "" if text == EMPTY else text


def _columns_of_text(text: str, place: str, file: str) -> Rows:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if not lines:
        raise refused(place, file, "the table is empty", "The first line names the columns.")
    header, *body = lines
    for row in body:
        if len(row) != len(header):
            message = f"the row {' '.join(row)!r} has {len(row)} cells, the header has {len(header)}"
            raise refused(place, file, message, "Write - for an empty cell.")
    return [{name: "" if cell == EMPTY else cell for name, cell in zip(header, row, strict=True)} for row in body]


def _perfect_tree(value: Mapping[str, Any], place: str, file: str) -> Rows:
    """Member 1 is the root; the next ids go from level to level, so a plan expert can say who is who."""
    unknown = set(value) - {"widths", "parent", "columns"}
    widths = value["widths"]
    if unknown or not isinstance(widths, list) or not all(str(width).isdecimal() for width in widths):
        raise refused(place, file, "a perfect tree is {widths: [5, 5], parent: sponsor_id, columns: {...}}")
    parent_column = _cell(value.get("parent", "sponsor_id"), place, file)
    constants = {str(key): _cell(cell, place, file) for key, cell in dict(value.get("columns") or {}).items()}
    rows = [{"member_id": "1", parent_column: "", **constants}]
    level = [1]
    for width in widths:
        if len(rows) + len(level) * int(width) > _LARGEST_TREE:
            raise refused(place, file, f"the tree has more than {_LARGEST_TREE} members")
        first = len(rows) + 1
        parents = [above for above in level for _ in range(int(width))]
        level = list(range(first, first + len(parents)))
        rows += [
            {"member_id": str(member), parent_column: str(above), **constants}
            for member, above in zip(level, parents, strict=True)
        ]
    return rows


def volume_rows(value: Any, members: Rows, place: str, file: str) -> Rows:
    """Return a table of volumes; ``{every: {cv: 500}}`` gives each member the same.

    Raises
    ------
    InputRefused
        ``cases.table``
    """
    if isinstance(value, Mapping) and set(value) == {"every"} and isinstance(value["every"], Mapping):
        same = {str(key): _cell(cell, place, file) for key, cell in value["every"].items()}
        return [{"member_id": row["member_id"], **same} for row in members]
    return read_rows(value, place, file)
