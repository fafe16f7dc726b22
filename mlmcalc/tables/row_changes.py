"""Two versions of one table: which rows changed, and the rows of one version with some of the other in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from mlmcalc.tables.collector import Collector
from mlmcalc.tables.source import ColumnMap, Wanted, read_table

_ZEROS = ((r"^([+-]?\d+)\.0*$", "$1"), (r"^([+-]?\d*\.\d*[1-9])0+$", "$1"))


@dataclass(frozen=True, slots=True, eq=False)
class Versions:
    """The rows of a table before and after, with the same columns of the same types.

    Attributes
    ----------
    key : str
        The column whose rows belong together.
    before, after : polars.DataFrame
        By our names. What one of them lacks is null.
    amounts : tuple of str
        Columns of numbers, where other zeros at the end say the same.
    """

    key: str
    before: pl.DataFrame
    after: pl.DataFrame
    amounts: tuple[str, ...] = ()

    def narrowed(self) -> Versions:
        """Return the versions without the keys whose rows are the same, cell by cell, in both.

        Rows are told apart by hashes of 64 bits: what two rows of one hash change would show as nothing here.
        """
        counted = [
            pl.DataFrame([_keys(frame, self.key).alias("key"), frame.hash_rows().alias("hash")])
            .group_by("key", "hash")
            .len()
            for frame in (self.before, self.after)
        ]
        keys = pl.concat(
            one.join(other, on=["key", "hash", "len"], how="anti", nulls_equal=True).get_column("key")
            for one, other in (counted, counted[::-1])
        ).unique()
        before, after = (
            frame.filter(_keys(frame, self.key).is_in(keys.implode())) for frame in (self.before, self.after)
        )
        return Versions(self.key, before, after, self.amounts)

    def changed_keys(self) -> dict[str, str]:
        """Return the keys whose rows differ, in canonical order, each with ``new``, ``gone`` or ``changed``."""
        old, new = (
            self._plain(frame).group_by(pl.all()).agg(pl.len().alias("rows.alike"))
            for frame in (self.before, self.after)
        )
        columns = old.columns
        differs = pl.concat(
            [one.join(other, on=columns, how="anti", nulls_equal=True) for one, other in ((old, new), (new, old))]
        )
        keys = differs.get_column(self.key).unique().drop_nulls().to_list()
        there, here = (set(frame.get_column(self.key)) for frame in (old, new))
        return {
            key: "new" if key not in there else "gone" if key not in here else "changed"
            for key in sorted(keys, key=id_order)
        }

    def keys_with(self, column: str, text: str) -> set[str]:
        """Return the keys of the rows after that have a text in a column; none where there is no such column."""
        if column not in self.after.columns:
            return set()
        return set(_keys(self.after.filter(_keys(self.after, column) == text), self.key))

    def mixed(self, keys: Collection[str]) -> pl.DataFrame:
        """Return the rows before, with those of some keys as they are after."""
        return pl.concat(
            [
                self.before.filter(~_keys(self.before, self.key).is_in(list(keys)).fill_null(False)),
                self.after.filter(_keys(self.after, self.key).is_in(list(keys)).fill_null(False)),
            ]
        )

    def changed_cells(self, columns: Sequence[str]) -> list[str]:
        """Return the keys that are in both versions, once each, with other cells in some of these columns."""
        if not columns:
            return []
        old, new = (
            self._plain(frame).select(self.key, *columns).unique(subset=self.key, keep="first")
            for frame in (self.before, self.after)
        )
        both = old.join(new, on=self.key, how="inner", suffix=".after")
        unlike = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}.after")) for name in columns)
        return sorted(both.filter(unlike).get_column(self.key).to_list(), key=id_order)

    def told(self, key: str, columns: Sequence[str] | None = None) -> str:
        """Return in words what changed of a key: its cells in some columns (None: all), or that it is new or gone."""
        rows = [self._plain(frame.filter(_keys(frame, self.key) == key)) for frame in (self.before, self.after)]
        if not rows[0].height or not rows[1].height:
            return "new" if rows[1].height else "gone"
        if rows[0].height > 1 or rows[1].height > 1:
            return f"{rows[0].height} rows, now {rows[1].height}"
        old, new = (frame.row(0, named=True) for frame in rows)
        names = [column for column in columns or self.before.columns if old[column] != new[column]]
        return ", ".join(f"{column} {old[column] or 'none'} → {new[column] or 'none'}" for column in names)

    def with_cells(self, columns: Sequence[str], keys: Collection[str] | None) -> Versions:
        """Return versions whose rows before have the cells after, in some columns and of some keys (None: all)."""
        name = f"{self.key}.text"
        old = self.before.with_columns(_keys(self.before, self.key).alias(name))
        new = self.after.select(*columns, _keys(self.after, self.key).alias(name)).unique(subset=name, keep="first")
        both = old.join(new.with_columns(pl.lit(True).alias("is.there")), on=name, how="left", suffix=".after")
        taken = pl.col("is.there").fill_null(False)
        if keys is not None:
            taken &= pl.col(name).is_in(list(keys))
        cells = [
            pl.when(taken).then(pl.col(f"{column}.after")).otherwise(pl.col(column)).alias(column) for column in columns
        ]
        return self.starting(both.with_columns(cells).select(self.before.columns))

    def starting(self, before: pl.DataFrame) -> Versions:
        """Return versions that begin with other rows."""
        return Versions(self.key, before, self.after, self.amounts)

    def _plain(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return cells as texts that are equal where they say the same."""
        plain = frame.select(pl.all().cast(pl.String).str.strip_chars().replace("", None))
        for written, kept in _ZEROS:
            plain = plain.with_columns(pl.col(name).str.replace(written, kept) for name in self.amounts)
        return plain


def read_versions(
    sources: tuple[object, object],
    maps: tuple[ColumnMap, ColumnMap],
    wanted: Wanted,
    key: str,
    amounts: Collection[str] = (),
) -> Versions:
    """Return two versions of a table.

    Parameters
    ----------
    sources : pair of (path, frame, or None where there is no table)
        Readable: both were read by a run.
    maps : pair of ColumnMap
    wanted : Wanted
    key : str
        Among the columns that are wanted.
    amounts : collection of str
        Columns of numbers.
    """
    frames = [_read(source, wanted, column_map) for source, column_map in zip(sources, maps, strict=True)]
    names = [name for name in (*wanted.required, *wanted.optional) if any(name in frame.columns for frame in frames)]
    before, after = frames
    types = {name: _common(before, after, name) for name in names}
    numbers = tuple(name for name in names if name in amounts)
    return Versions(key, _typed(before, types), _typed(after, types), numbers)


def id_order(text: str) -> tuple[int, int, str]:
    """Return what sorts ids written as text: integers by number, then texts by code point."""
    digits = text.removeprefix("-")
    return (0, int(text), text) if digits.isascii() and digits.isdecimal() else (1, 0, text)


def _read(source: object, wanted: Wanted, column_map: ColumnMap) -> pl.DataFrame:
    if source is None:
        return pl.DataFrame()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="digest") as threads:
        table, _ = read_table(source, wanted, column_map, Collector(), threads)
    if table is None:
        return pl.DataFrame()
    assert isinstance(table.frame, pl.DataFrame), "read whole"
    return table.frame


def _common(before: pl.DataFrame, after: pl.DataFrame, name: str) -> pl.DataType:
    found = {frame.schema[name] for frame in (before, after) if name in frame.columns} - {pl.Null()}
    return found.pop() if len(found) == 1 else pl.String()


def _typed(frame: pl.DataFrame, types: dict[str, pl.DataType]) -> pl.DataFrame:
    if not frame.width:
        return pl.DataFrame(schema=types)
    return frame.select(
        pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in types.items()
    )


def _keys(frame: pl.DataFrame, key: str) -> pl.Series:
    return frame.get_column(key).cast(pl.String).str.strip_chars()


__all__ = ["Versions", "id_order", "read_versions"]
