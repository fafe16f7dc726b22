"""Two tables held against each other: what is new, what is gone, and what both have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

_AT = "#at"


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """What a new table and a known one have, row by row.

    Attributes
    ----------
    new : polars.DataFrame
        Rows of the new table that the known one lacks.
    gone : polars.DataFrame
        Rows of the known table that the new one lacks.
    now, then : polars.DataFrame
        Rows that both have, in one order: of the new table, and of the known one.
    """

    new: pl.DataFrame
    gone: pl.DataFrame
    now: pl.DataFrame
    then: pl.DataFrame

    def differs(self, name: str, default: str | None = None) -> pl.Series:
        """Return in which of the rows that both have a column differs, as booleans.

        Parameters
        ----------
        name : str
            Of a column of the new table; one that the known table lacks is null there.
        default : str, optional
            What a null stands for.
        """
        now = self.now.get_column(name)
        if name in self.then.columns:
            then = self.then.get_column(name)
        else:
            then = pl.Series(name, [None], dtype=now.dtype).new_from_index(0, now.len())
        if default is not None:
            now, then = now.fill_null(default), then.fill_null(default)
        return now.ne_missing(then)


def meet(known: pl.DataFrame, new: pl.DataFrame, keys: Sequence[str]) -> Meeting:
    """Hold a new table against what is known.

    Parameters
    ----------
    known, new : polars.DataFrame
        Columns of one name are of one type; no key is there twice in either.
    keys : sequence of str
        Columns that tell rows apart; nulls are equal.
    """
    mine, theirs = new.select(keys), known.select(keys)
    if mine.equals(theirs):
        return Meeting(new.clear(), known.clear(), new, known)
    # One look-up of the keys alone, then rows are only picked: cheaper than to join wide tables thrice.
    found = mine.join(theirs.with_row_index(_AT), on=list(keys), how="left", nulls_equal=True, maintain_order="left")
    at = found.get_column(_AT)
    there, places = at.is_not_null(), at.drop_nulls()
    left = pl.Series([True]).new_from_index(0, known.height).scatter(places, False)
    return Meeting(new.filter(~there), known.filter(left), new.filter(there), known[places])
