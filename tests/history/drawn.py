"""Drawn snapshots of a few members and orders."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

FIRST = date(2028, 2, 26)
"""A leap day lies in the days that are drawn."""
DAYS = st.integers(0, 8).map(lambda days: FIRST + timedelta(days=days))
MEMBER_SCHEMA = {
    "member_id": pl.String,
    "sponsor_id": pl.String,
    "joined": pl.Date,
    "status": pl.String,
    "status_from": pl.Date,
    "points": pl.Decimal(38, 2),
}
ORDER_SCHEMA = {"order_id": pl.String, "member_id": pl.String, "date": pl.Date, "cv": pl.Decimal(38, 2)}
AMOUNTS = st.integers(-300, 300).map(lambda cents: Decimal(cents).scaleb(-2))


def _ids(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    # As a table is read: whole numbers where every id of a column is one.
    for name in names:
        column = frame.get_column(name)
        if all(text is None or text.isdigit() for text in column):
            frame = frame.with_columns(column.cast(pl.Int64))
    return frame


@st.composite
def members(draw: st.DrawFn) -> pl.DataFrame:
    """A snapshot of up to five members, one of whom has an id that is no number."""
    ids = draw(st.lists(st.sampled_from(["1", "2", "3", "10", "x"]), unique=True, max_size=5))
    maybe_day = st.none() | DAYS
    rows: list[dict[str, Any]] = [
        {
            "member_id": member,
            "sponsor_id": draw(st.none() | st.sampled_from(ids)),
            "joined": draw(maybe_day),
            "status": draw(st.sampled_from(["active", "suspended", "left"])),
            "status_from": draw(maybe_day),
            "points": draw(st.none() | AMOUNTS),
        }
        for member in ids
    ]
    return _ids(pl.DataFrame(rows, schema=MEMBER_SCHEMA), "member_id", "sponsor_id")


@st.composite
def orders(draw: st.DrawFn) -> pl.DataFrame:
    """A snapshot of up to five orders."""
    ids = draw(st.lists(st.sampled_from(["1", "2", "3", "10", "x"]), unique=True, max_size=5))
    rows = [
        {"order_id": order, "member_id": draw(st.sampled_from("12")), "date": draw(DAYS), "cv": draw(AMOUNTS)}
        for order in ids
    ]
    return _ids(pl.DataFrame(rows, schema=ORDER_SCHEMA), "order_id", "member_id")


def rows_of(frame: pl.DataFrame | None, key: str) -> dict[str, dict[str, Any]]:
    """Rows by id as text, every id as text, null cells left out."""
    found = {}
    for row in [] if frame is None else frame.iter_rows(named=True):
        texts = {name: str(cell) if name.endswith("_id") and cell is not None else cell for name, cell in row.items()}
        found[texts[key]] = {name: cell for name, cell in texts.items() if cell is not None and name != key}
    return found
