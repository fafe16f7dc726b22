"""Excel workbooks: the first sheet, typed by all of its rows."""

from __future__ import annotations

import logging
import re
import zipfile
from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.parsers.expat import ExpatError

import fastexcel
import polars as pl

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import READ_FAULTS, Content, Unreadable, unreadable

_FAULTS = (*READ_FAULTS, fastexcel.FastExcelError, zipfile.BadZipFile, KeyError, EOFError, ExpatError)
_OLD_FORMAT = b"\xd0\xcf\x11\xe0"
# Some programs write every name with a prefix: <x:c>.
_FORMULA = rb"(?:<(?:\w+:)?f\b[^>]*>(?:[^<]*</(?:\w+:)?f>)?)?"
_PLACE = rb'[^>]*?\br="([A-Z]+)(\d+)"[^>]*>'
_FILLED_CELL = re.compile(rb"<(?:\w+:)?c\b" + _PLACE + _FORMULA + rb"<(?:\w+:)?(?:v|is)>")
_FAULTY_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")' + _PLACE + _FORMULA + rb"<(?:\w+:)?v>([^<]*)<")


def open_excel(content: bytes, file: str, collector: Collector) -> Content:
    """Open the first sheet of a workbook.

    Parameters
    ----------
    content : bytes
    file : str
    collector : Collector
        Receives the warning ``tables.sheets`` when there are more.

    Raises
    ------
    Unreadable
        ``tables.unreadable``, ``tables.empty``, ``tables.no_header``.
    """
    if content.startswith(_OLD_FORMAT):
        raise unreadable(file, "it is protected by a password, or of the format before 2007", "an Excel workbook")
    try:
        reader = fastexcel.read_excel(content)
        header = reader.load_sheet(0, header_row=None, n_rows=1, dtypes="string").to_polars()
        sheet = _sheet_xml(content)
    except _FAULTS as fault:
        raise unreadable(file, fault, "an Excel workbook") from None
    if header.height == 0:
        raise Unreadable(Finding("tables.empty", "the first sheet is empty.", "Put the table on it.", file=file))
    if len(reader.sheet_names) > 1:
        seen = f"the workbook has {len(reader.sheet_names)} sheets; the first, {reader.sheet_names[0]!r}, is read."
        collector.add(Finding("tables.sheets", seen, "Keep one sheet to be sure.", "warning", file=file))
    headings = [str(cell or "").strip() for cell in header.row(0)]
    first_column, first_row = _first_cell(sheet)

    def load(places: Sequence[int]) -> pl.DataFrame:
        log = logging.getLogger("fastexcel")
        level = log.level
        # It warns of a column without any value, which is no fault of a table.
        log.setLevel(logging.ERROR)
        try:
            frame = reader.load_sheet(0, header_row=0, schema_sample_rows=None).to_polars()
        except _FAULTS as fault:
            raise unreadable(file, fault, "an Excel workbook") from None
        finally:
            log.setLevel(level)
        return pl.DataFrame([frame.to_series(place).alias(str(index)) for index, place in enumerate(places)])

    faults = [(row - first_row - 1, column - first_column, seen) for column, row, seen in _faulty_cells(sheet)]
    return Content(headings, load, first_row + 1, faults)


def _sheet_xml(content: bytes) -> bytes:
    """Return the XML of the first sheet: only there are cells with an Excel error told from empty ones."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        sheets = re.findall(rb'<(?:\w+:)?sheet\b[^>]*\br:id="([^"]+)"', book.read("xl/workbook.xml"))
        links = book.read("xl/_rels/workbook.xml.rels")
        for link in re.findall(rb"<Relationship\b[^>]*>", links):
            if b'Id="' + sheets[0] + b'"' in link:
                target = re.search(rb'Target="([^"]+)"', link)
                assert target is not None, "a relationship has a target"
                path = target[1].decode().removeprefix("/")
                return book.read(path if path.startswith("xl/") else "xl/" + path)
    raise KeyError("the workbook names no sheet")


def _first_cell(sheet: bytes) -> tuple[int, int]:
    # The reader skips empty rows above and empty columns left of the table; a spreadsheet counts them.
    first_row = 0
    first_column = 0
    for cell in _FILLED_CELL.finditer(sheet):
        column, row = _column_number(cell[1]), int(cell[2])
        first_row = first_row or row
        if row > first_row + 1000:
            break
        first_column = min(first_column or column, column)
    return max(first_column, 1), max(first_row, 1)


def _faulty_cells(sheet: bytes) -> Iterator[tuple[int, int, str]]:
    if b't="e"' in sheet:
        for cell in _FAULTY_CELL.finditer(sheet):
            yield _column_number(cell[1]), int(cell[2]), cell[3].decode("utf-8", "replace")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number
