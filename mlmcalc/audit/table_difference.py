"""Two tables of one name, row by row: the first row that differs, and how many do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.tables.stored import StoredTables, schema_text

_UNDIGESTED = ("run",)
"""The id of the run is no part of what is compared."""
A_ROW = "a row"
_NAMED_BY = (
    "bonus", "earner", "source", "order", "member_id", "member", "volume", "tree", "keeper", "section", "name",
    "key", "since", "step", "level", "outcome",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FirstDifference:
    """The first row in which two tables differ.

    Attributes
    ----------
    row : int
        In canonical order, from 1.
    column : str
        The first that differs; empty where one table has no such row.
    stored, calculated : str or None
        The two values as text; None where a cell is empty. Of a row that only one table has: `A_ROW`, and None.
    of : dict of str to str
        What the row is about: bonus, earner, source and order of a line.
    """

    row: int
    column: str
    stored: str | None
    calculated: str | None
    of: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableDifference:
    """How a table differs from what was calculated.

    Attributes
    ----------
    table : str
    stored_rows, calculated_rows : int
    only_stored, only_calculated : int
        Rows of one that the other does not have.
    first : FirstDifference or None
        None where all rows are alike and only their order, or their columns, differ.
    note : str
        Why rows could not be compared.
    """

    table: str
    stored_rows: int
    calculated_rows: int
    only_stored: int
    only_calculated: int
    first: FirstDifference | None
    note: str = ""


def compare_tables(stored: StoredTables, calculated: StoredTables, table: str) -> TableDifference:
    """Return how a stored table differs from the one that was calculated.

    Neither is ever whole in memory; of every row 8 bytes are.

    Parameters
    ----------
    stored, calculated : StoredTables
    table : str

    Raises
    ------
    IntegrityError
        As `StoredTables.pieces`.
    """
    columns, theirs = (_types(of.schema(table)) for of in (stored, calculated))
    if list(columns.items()) != list(theirs.items()):
        odd = [name for name, _ in columns.items() ^ theirs.items()] or list(columns)
        return TableDifference(table, 0, 0, 0, 0, None, f"the columns are others: {', '.join(sorted(set(odd)))}")
    first, hashes, rows = None, ([], []), 0
    for one, other in _aligned(stored.pieces(table), calculated.pieces(table), list(columns)):
        if first is None:
            first = _first_in(one, other, rows)
        rows += min(one.height, other.height)
        for kept, frame in zip(hashes, (one, other), strict=True):
            kept.append(frame.hash_rows().to_numpy())
    here, there = (np.concatenate(kept) if kept else np.empty(0, np.uint64) for kept in hashes)
    return TableDifference(table, here.size, there.size, _only_in(here, there), _only_in(there, here), first)


def _aligned(
    stored: Iterator[pl.DataFrame], calculated: Iterator[pl.DataFrame], columns: list[str]
) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Yield pieces of both with the same rows, until one ends; then the rest of the other beside nothing."""
    one, other = _Rows(stored, columns), _Rows(calculated, columns)
    while one.ready() and other.ready():
        count = min(one.piece.height, other.piece.height)
        yield one.take(count), other.take(count)
    while one.ready():
        rest = one.take(one.piece.height)
        yield rest, rest.clear()
    while other.ready():
        rest = other.take(other.piece.height)
        yield rest.clear(), rest


class _Rows:
    """The rows of a table, of which as many are taken as its neighbour has."""

    def __init__(self, pieces: Iterator[pl.DataFrame], columns: list[str]) -> None:
        self._pieces = pieces
        self._columns = columns
        self.piece = pl.DataFrame()

    def ready(self) -> bool:
        """Whether there are rows left; they are in `piece`."""
        while not self.piece.height:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            # Two runs may number their categories otherwise: the texts are what is meant.
            columns = [pl.col(name).cast(pl.String) if _is_enum(piece, name) else name for name in self._columns]
            self.piece = piece.select(columns)
        return True

    def take(self, count: int) -> pl.DataFrame:
        """Take some of the rows of `piece`."""
        taken, self.piece = self.piece.head(count), self.piece.slice(count)
        return taken


def _is_enum(piece: pl.DataFrame, name: str) -> bool:
    return isinstance(piece.schema[name], pl.Enum)


def _types(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    text = {"category": "text"}
    types = schema_text({name: dtype for name, dtype in schema.items() if name not in _UNDIGESTED})
    return {name: text.get(kind.partition("[")[0], kind) for name, kind in types.items()}


def _first_in(one: pl.DataFrame, other: pl.DataFrame, rows: int) -> FirstDifference | None:
    if one.height != other.height:
        here, there = (A_ROW if of.height else None for of in (one, other))
        return FirstDifference(rows + 1, "", here, there, _named((one if here else other).row(0, named=True)))
    unlike = {}
    for name in one.columns:
        differs = one[name].ne_missing(other[name])
        if differs.any():
            unlike[name] = differs.arg_true()[0]
    if not unlike:
        return None
    row = min(unlike.values())
    column = next(name for name, at in unlike.items() if at == row)
    stored, calculated = (_text(frame[column][row]) for frame in (one, other))
    return FirstDifference(rows + row + 1, column, stored, calculated, _named(one.row(row, named=True)))


def _named(row: dict[str, object]) -> dict[str, str]:
    return {name: str(row[name]) for name in _NAMED_BY if row.get(name) is not None}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _only_in(here: NDArray[np.uint64], there: NDArray[np.uint64]) -> int:
    """Return how many rows of one the other does not have, counting equal rows as often as they stand there."""
    kinds, counts = np.unique(here, return_counts=True)
    others, theirs = np.unique(there, return_counts=True)
    matched = np.zeros(kinds.size, np.int64)
    place = np.searchsorted(others, kinds)
    known = np.flatnonzero(place < others.size)
    known = known[others[place[known]] == kinds[known]]
    matched[known] = theirs[place[known]]
    return int(np.maximum(counts - matched, 0).sum())
