"""Cells that hold a word: texts as codes into sorted labels, choices of a fixed list, flags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from unicodedata import normalize

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.source import Table

_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def read_texts(table: Table, name: str, collector: Collector) -> tuple[NDArray[np.int32], list[str]]:
    """Return a column of texts as codes.

    Texts are trimmed and brought to Unicode's NFC, so that one word has one code.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    collector : Collector
        Receives ``tables.wrong_type`` and ``tables.control_character``.

    Returns
    -------
    codes : (k,) int32
        Into the labels; -1 for a blank cell.
    labels : list of str
        Sorted by code point.
    """
    column = _as_text(table.series(name))
    if column is None:
        _report_type(table, name, "texts are wanted", collector)
        return np.full(table.size, -1, np.int32), []
    raw_codes, raw_labels = _codes(column)
    clean = [normalize("NFC", label).strip() for label in raw_labels]
    labels = sorted({label for label in clean if label})
    place = {label: code for code, label in enumerate(labels)}
    codes = np.array([place.get(label, -1) for label in clean] + [-1], np.int32)[raw_codes]
    hidden = [label for label in labels if not label.isprintable()]
    if hidden:
        rows = np.flatnonzero(np.isin(codes, [place[label] for label in hidden]))
        seen = "has an invisible or control character."
        remedy = "Remove it."
        collector.rows(
            "tables.control_character",
            table,
            name,
            rows,
            lambda index: f"{shown(labels[codes[rows[index]]])} {seen}",
            remedy,
        )
    return codes, labels


def read_choice(
    table: Table, name: str, choices: Sequence[str], default: int, code: str, collector: Collector
) -> NDArray[np.int8]:
    """Return a column of words of a fixed list.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column; where the table lacks it, everybody has the default.
    choices : sequence of str
        Upper and lower case are the same.
    default : int
        Code of a blank cell.
    code : str
        Of the finding about another word.
    collector : Collector

    Returns
    -------
    (k,) int8
        Codes into `choices`.
    """
    if not table.has(name):
        return np.full(table.size, default, np.int8)
    codes = _exact_choices(table.series(name), choices, default)
    if codes is not None:
        return codes
    known = {choice: place for place, choice in enumerate(choices)}
    remedy = "Known are " + ", ".join(choices) + "."
    chosen = _read_known(table, name, known, code, remedy, collector)
    return np.where(chosen < 0, default, chosen).astype(np.int8)


def _exact_choices(column: pl.Series, choices: Sequence[str], default: int) -> NDArray[np.int8] | None:
    """Return the codes of a column in which every cell is null or a choice as it is spelt here; None for any other."""
    if column.dtype != pl.String:
        return None
    found = column.null_count()
    others: list[tuple[int, NDArray[np.bool_]]] = []
    # The default is mostly the most frequent word, and its cells are only counted.
    for code in sorted(range(len(choices)), key=lambda code: code != default):
        if found == column.len():
            break
        hits = column == choices[code]
        count = int(hits.sum())
        found += count
        if count and code != default:
            others.append((code, hits.fill_null(False).to_numpy()))
    codes = np.full(column.len(), default, np.int8)
    for code, hits in others:
        # No cell is two words, so that each is moved away from the default once; this is faster than picking cells.
        codes += hits.view(np.int8) * np.int8(code - default)
    return codes if found == column.len() else None


def read_flags(table: Table, name: str, collector: Collector) -> tuple[NDArray[np.bool_], NDArray[np.bool_] | None]:
    """Return a column of true and false; yes, no, 1 and 0 are understood.

    Parameters
    ----------
    table : Table
    name : str
        Our name of the column.
    collector : Collector
        Receives ``tables.not_a_flag`` and ``tables.wrong_type``.

    Returns
    -------
    values : (k,) bool
    given : (k,) bool or None
        None where all were.
    """
    known = {word: int(value) for word, value in _FLAGS.items()}
    chosen = _read_known(table, name, known, "tables.not_a_flag", "Write true or false.", collector)
    return chosen == 1, None if (chosen >= 0).all() else chosen >= 0


def _read_known(
    table: Table, name: str, known: Mapping[str, int], code: str, remedy: str, collector: Collector
) -> NDArray[np.int32]:
    """Return what each word is known as; -1 for a blank cell, and -2, reported, for an unknown word."""
    column = _as_text(table.series(name))
    if column is None:
        _report_type(table, name, "words are wanted", collector)
        return np.full(table.size, -1, np.int32)
    codes, labels = _codes(column)
    by_label = [-1 if not label.strip() else known.get(label.strip().casefold(), -2) for label in labels]
    chosen = np.array([*by_label, -1], np.int32)[codes]
    rows = np.flatnonzero(chosen == -2)
    message: Callable[[int], str] = lambda index: f"{shown(column[int(rows[index])])} is not known here."  # noqa: E731
    collector.rows(code, table, name, rows, message, remedy)
    return chosen


def _report_type(table: Table, name: str, wanted: str, collector: Collector) -> None:
    seen = f"the column is of type {table.series(name).dtype}, and {wanted}."
    collector.add(Finding("tables.wrong_type", seen, "Write it as text.", file=table.file, column=table.heading(name)))


def _as_text(column: pl.Series) -> pl.Series | None:
    dtype = column.dtype
    if dtype.is_float():
        # A spreadsheet holds every number as a float: 49 is meant where 49.0 stands.
        whole = column.cast(pl.Int64, strict=False)
        if (whole.cast(pl.Float64) == column).fill_null(True).all():
            return whole.cast(pl.String)
    if dtype.is_nested() or dtype.is_temporal() or dtype in (pl.Binary, pl.Object):
        # A day where a word is wanted is most likely a code that a spreadsheet took for one.
        return None
    return column.cast(pl.String)


def _codes(column: pl.Series) -> tuple[NDArray[np.int32], list[str]]:
    """Return codes into the distinct texts; null has the last code, past the labels."""
    labels = column.drop_nulls().unique().sort()
    if labels.is_empty():
        return np.zeros(column.len(), np.int32), []
    codes = column.cast(pl.Enum(labels)).to_physical().cast(pl.Int32).fill_null(labels.len())
    return codes.to_numpy(), labels.to_list()
