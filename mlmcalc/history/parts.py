"""Parts of batches: frames of events, and what several of them have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

MEMBER = "member_id"
TRUE_FROM = "true_from"
PRESENT = "present"
"""Flag of a member's event: whether there is such a member from that day on."""
GONE = "gone"
"""Flag of a fact's event: whether it was withdrawn."""
WAS = "was"
"""Day that an order had before this event, so that whoever looks for that day finds it."""
NUMBER = "#batch"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some of the events of one batch, all of the same columns.

    Attributes
    ----------
    number : int
        Of the batch; a higher one was known later.
    columns : tuple of str
        Of the frame.
    load : callable
        Returns the frame.
    first, last : datetime.date or None
        The days that events of orders touch, as they are and as they were; None: not known.
    """

    number: int
    columns: tuple[str, ...]
    load: Callable[[], pl.DataFrame]
    first: date | None = None
    last: date | None = None

    @classmethod
    def of(cls, number: int, frame: pl.DataFrame) -> Part:
        """Return a part whose frame is in memory."""
        first, last = touched_days(frame)
        return cls(number, tuple(frame.columns), lambda: frame, first, last)

    def touches(self, first: date, last: date) -> bool:
        """Return whether events of these days may be among them."""
        return self.first is None or self.last is None or (self.first <= last and self.last >= first)


def touched_days(frame: pl.DataFrame) -> tuple[date | None, date | None]:
    """Return the first and the last day that the events of orders in a frame touch; None where it has no days."""
    days = [frame.get_column(name).drop_nulls() for name in ("date", WAS) if name in frame.columns]
    found = [day for column in days for day in (column.min(), column.max()) if isinstance(day, date)]
    return (min(found), max(found)) if found else (None, None)


def stacked(frames: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """Return frames below one another; a column that one of them lacks is null there.

    Ids that are whole numbers in one frame and texts in another become texts, decimals get the most places of all.
    """
    return pl.concat(alike(list(frames)), how="diagonal")


def alike(frames: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """Return frames whose columns of one name are of one type."""
    if len(frames) == 1:
        return list(frames)
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
    wanted = {name: _common(found) for name, found in types.items() if len(found) > 1}
    return [
        frame.with_columns(pl.col(name).cast(dtype) for name, dtype in wanted.items() if name in frame.columns)
        for frame in frames
    ]


def _common(types: set[pl.DataType]) -> pl.DataType:
    found = types - {pl.Null()}
    if len(found) == 1:
        return found.pop()
    if all(dtype.is_decimal() for dtype in found):
        scale = max(dtype.scale for dtype in found)  # type: ignore[attr-defined]  these are decimals
        return pl.Decimal(38, scale)
    assert found == {pl.Int64(), pl.String()}, f"events of one column are of the types {types}"
    return pl.String()


def narrowed(column: pl.Series) -> pl.Series:
    """Return a column of ids as whole numbers if each of them is one as it would be written again."""
    if column.dtype != pl.String or not column.len():
        return column
    numbers = column.cast(pl.Int64, strict=False)
    if numbers.null_count() > column.null_count() or not (numbers.cast(pl.String) == column).fill_null(True).all():
        return column
    return numbers


def canonical(frame: pl.DataFrame, keys: Sequence[str], ids: Sequence[str]) -> pl.DataFrame:
    """Return a table as it is kept: the same rows give the same frame, whatever they came from.

    Parameters
    ----------
    frame : polars.DataFrame
    keys : sequence of str
        Columns that tell the rows apart; they come first, and rows are sorted by them.
    ids : sequence of str
        Columns of ids.
    """
    others = sorted(name for name in frame.columns if name not in keys)
    frame = frame.select(*keys, *others)
    frame = frame.with_columns(narrowed(frame.get_column(name)) for name in ids if name in frame.columns)
    first = frame.get_column(keys[0])
    if len(keys) == 1 and first.is_sorted():
        return frame.rechunk()
    return frame.sort(*keys, nulls_last=False).rechunk()
