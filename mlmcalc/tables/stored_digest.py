"""Content digests of tables that were written, from their files: what the run itself added up while it was made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.ledger.digest import NULL_HASH, ContentDigest, hashes_of_bytes, text_hashes
from mlmcalc.tables.stored import StoredTables

Words = NDArray[np.integer] | list[str | None]
"""What stands for the cells of a column: integers, hashes, or texts that are hashed."""

LINES = "lines"
_RUN = "run"
_AS_TEXT = {"breakage": ("base", "amount"), "transfers": ("amount",)}
_MEMBERS = {"earner", "source", "via", "member", "member_id", "keeper"}


def stored_digest(stored: StoredTables, table: str) -> str:
    """Return the content digest of one table, read from its files, which are verified.

    Parameters
    ----------
    stored : StoredTables
    table : str

    Raises
    ------
    IntegrityError
        As `StoredTables.pieces`.
    """
    schema = {name: dtype for name, dtype in stored.schema(table).items() if (table, name) != (LINES, _RUN)}
    kinds = _kinds(table, schema)
    words = {name: _words_of(table, name, dtype, kinds[name]) for name, dtype in schema.items()}
    late = [name for name in schema if (table, name) == ("state", "value")]
    digest = ContentDigest([(name, kinds[name]) for name in schema])
    wide = ContentDigest([(name, kinds[name]) for name in schema])
    fits = True
    for piece in stored.pieces(table):
        columns = {name: words[name](piece[name]) for name in schema}
        digest.add(list(columns.values()))
        if late:
            # Values of state count as integers, unless one of the whole table needs more than 64 bits.
            fits = fits and all(_fits(piece[name]) for name in late)
            wide.add(list((columns | {name: _texts(piece[name]) for name in late}).values()))
    return (digest if fits else wide).hex()


def _kinds(table: str, schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Return the type of every column as its digest states it."""
    if table == LINES:
        return {name: _kind(dtype) for name, dtype in schema.items()}
    ids = _MEMBERS & set(schema)
    if table == "members":
        # Parents stand before everything a plan could name.
        before = list(schema)[: list(schema).index("status")] if "status" in schema else []
        ids = {"member_id", *(name for name in before if name.endswith("_parent"))}
    if table == "findings":
        ids = set()
    return {name: "member" if name in ids else _kind(dtype) for name, dtype in schema.items()}


def _kind(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.scale})"
    if isinstance(dtype, pl.Enum):
        return "category"
    if isinstance(dtype, pl.String):
        return "text"
    return "flag" if isinstance(dtype, pl.Boolean) else "integer"


def _words_of(table: str, name: str, dtype: pl.DataType, kind: str) -> Callable[[pl.Series], Words]:
    if isinstance(dtype, pl.Enum):
        known = np.append(text_hashes(dtype.categories.to_list()), np.uint64(NULL_HASH))
        return lambda column: known[column.to_physical().fill_null(known.size - 1).to_numpy()]
    if isinstance(dtype, pl.String):
        return _hashes
    if isinstance(dtype, pl.Boolean):
        return lambda column: column.fill_null(False).to_numpy()
    if isinstance(dtype, pl.Decimal):
        return _texts if table == "balance" or name in _AS_TEXT.get(table, ()) else _units
    return _integers


def _hashes(column: pl.Series) -> Words:
    joined = column.str.join("", ignore_nulls=True).item() if column.len() else ""
    hashes = hashes_of_bytes((joined or "").encode(), column.str.len_bytes().fill_null(0).to_numpy())
    hashes[column.is_null().to_numpy()] = NULL_HASH
    return hashes


def _integers(column: pl.Series) -> Words:
    numbers = column.cast(pl.Int64)
    if not numbers.null_count():
        return numbers.to_numpy()
    words = numbers.fill_null(0).to_numpy().view(np.uint64).copy()
    words[numbers.is_null().to_numpy()] = NULL_HASH
    return words


def _units(column: pl.Series) -> Words:
    # In a hash it is harmless that a wide value wraps.
    return column.to_physical().cast(pl.Int64, wrap_numerical=True).fill_null(0).to_numpy()


def _texts(column: pl.Series) -> Words:
    return column.cast(pl.String).to_list()


def _fits(column: pl.Series) -> bool:
    return bool(column.to_physical().is_between(-(2**63 - 1), 2**63 - 1).all())
