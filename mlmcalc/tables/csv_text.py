"""CSV: every cell as text, any of three separators, and every defect of the text found with its row."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence

import polars as pl

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.content import READ_FAULTS, Content, Unreadable, unreadable

_HEAD_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 24
_LONGEST_CELL = 1 << 27


def open_csv(content: bytes, file: str, collector: Collector) -> Content:
    """Open a CSV file.

    Parameters
    ----------
    content : bytes
    file : str
    collector : Collector
        Receives the warning ``tables.byte_order_mark`` and, on loading, ``tables.ragged``.

    Raises
    ------
    Unreadable
        ``tables.encoding``, ``tables.empty``, ``tables.no_header``; on loading ``tables.unreadable``.
    """
    if content.startswith(codecs.BOM_UTF8):
        content = content[len(codecs.BOM_UTF8) :]
        collector.add(
            Finding(
                "tables.byte_order_mark",
                "the file begins with a byte-order mark.",
                "It is skipped.",
                "warning",
                file=file,
            )
        )
    _refuse_encoding(content, file)
    if not content[:_HEAD_BYTES].strip() and not content.strip():
        raise Unreadable(
            Finding("tables.empty", "the file is empty.", "Write at least a row of column names.", file=file)
        )
    line_end = "\r" if b"\n" not in content else "\n"
    separator, headings = _read_header(content, file)
    if not any(headings):
        raise Unreadable(
            Finding("tables.no_header", "row 1 holds no column names.", "Begin the file with them.", file=file, row=1)
        )

    def load(places: Sequence[int]) -> pl.DataFrame:
        # All columns are read: with fewer, polars overlooks a row with a cell too many, and its cells would shift.
        try:
            frame = _parse(content, separator, line_end)
            checked = _is_even(frame, content, separator)
        except READ_FAULTS as fault:
            if not _report_ragged(content, separator, len(headings), file, collector):
                raise unreadable(file, fault, "CSV") from None
            frame, checked = _parse_ragged(content, separator, line_end, file), True
        if not checked:
            _report_ragged(content, separator, len(headings), file, collector)
        if frame.width != len(headings):
            raise unreadable(file, f"{len(headings)} column names, but {frame.width} columns", "CSV")
        return pl.DataFrame([frame.to_series(place).alias(str(index)) for index, place in enumerate(places)])

    return Content(headings, load)


def _parse(content: bytes, separator: str, line_end: str, ragged: bool = False) -> pl.DataFrame:
    return pl.read_csv(
        content,
        separator=separator,
        eol_char=line_end,
        infer_schema=False,
        raise_if_empty=False,
        truncate_ragged_lines=ragged,
    )


def _parse_ragged(content: bytes, separator: str, line_end: str, file: str) -> pl.DataFrame:
    # The rows are reported already; what they hold is read all the same, so that other findings come with them.
    try:
        return _parse(content, separator, line_end, ragged=True)
    except READ_FAULTS as fault:
        raise unreadable(file, fault, "CSV") from None


def _is_even(frame: pl.DataFrame, content: bytes, separator: str) -> bool:
    """Return whether every row surely has as many cells as the header; polars has refused those with more."""
    if frame.width == 1 or not frame.to_series(frame.width - 1).null_count():
        return True
    return b'"' not in content and content.count(separator.encode()) == (frame.width - 1) * (frame.height + 1)


def _refuse_encoding(content: bytes, file: str) -> None:
    def refused(seen: str, row: int | None) -> Unreadable:
        return Unreadable(Finding("tables.encoding", seen, "Save it as CSV in UTF-8.", file=file, row=row))

    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused("the file is UTF-16.", None)
    at = content.find(b"\0")
    if at >= 0:
        raise refused("the file holds a NUL byte; it is no text, or UTF-16.", content.count(b"\n", 0, at) + 1)
    if content.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    start = 0
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            decoder.decode(content[start : start + _CHUNK_BYTES], start + _CHUNK_BYTES >= len(content))
    except UnicodeDecodeError as fault:
        # What a chunk's border cut off is decoded with the chunk after it.
        at = min(start + _CHUNK_BYTES, len(content)) - len(fault.object) + fault.start
        raise refused(f"byte {at + 1} is no UTF-8.", content.count(b"\n", 0, at) + 1) from None


def _read_header(content: bytes, file: str) -> tuple[str, list[str]]:
    head = content[:_HEAD_BYTES].decode("utf-8", errors="ignore")
    line = head.splitlines()[0] if head else ""
    unquoted = "".join(line.split('"')[::2])
    separator = max(",;\t", key=lambda mark: (unquoted.count(mark), mark == ","))
    try:
        cells = next(_records(io.StringIO(head, newline=""), separator), [])
    except csv.Error as fault:
        raise _bad_quotation(fault, file, 1) from None
    return separator, [cell.strip() for cell in cells]


def _records(text: io.TextIOBase, separator: str) -> Iterator[list[str]]:
    csv.field_size_limit(_LONGEST_CELL)
    return csv.reader(text, delimiter=separator, strict=True)


def _report_ragged(content: bytes, separator: str, width: int, file: str, collector: Collector) -> bool:
    """Report rows of more or fewer cells than the header; return whether there are any.

    Raises
    ------
    Unreadable
        ``tables.unreadable``: a quotation mark is not closed, or stands inside a cell.
    """
    row = 0
    found = False
    try:
        for row, cells in enumerate(_records(io.TextIOWrapper(io.BytesIO(content), "utf-8", newline=""), separator), 1):
            if len(cells) != width and any(cell.strip() for cell in cells):
                found = True
                seen = f"the row has {len(cells)} cells, the header {width}."
                remedy = "Put a cell that holds the separator into quotation marks, or complete the row."
                collector.add(Finding("tables.ragged", seen, remedy, file=file, row=row))
    except csv.Error as fault:
        raise _bad_quotation(fault, file, row + 1) from None
    return found


def _bad_quotation(fault: csv.Error, file: str, row: int) -> Unreadable:
    seen = f"this cannot be read as CSV: {fault}."
    remedy = "Look for a quotation mark that is not closed, or stands inside a cell."
    return Unreadable(Finding("tables.unreadable", seen, remedy, file=file, row=row))
