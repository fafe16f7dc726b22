"""Amounts of frames: brought to common decimals without losing a digit, signs apart."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.tables.decimals_out import decimal_type


def decimals_of(frame: pl.DataFrame, column: str) -> int:
    """Return how many decimals a decimal column has.

    Parameters
    ----------
    frame : polars.DataFrame
    column : str
        Of type ``Decimal(38, s)``.
    """
    dtype = frame.schema[column]
    assert isinstance(dtype, pl.Decimal), f"{column} is no decimal column"
    return dtype.scale


def with_decimals(frame: pl.DataFrame, column: str, decimals: int) -> pl.DataFrame:
    """Return a frame whose decimal column has so many decimals.

    Raises
    ------
    IntegrityError
        ``closing.exact``: a digit would be lost. A payable amount has no more decimals than money has.
    """
    before = frame.schema[column]
    found = frame.with_columns(pl.col(column).cast(decimal_type(decimals)))
    again = found.get_column(column).cast(before)
    lost = (again != frame.get_column(column)).sum()
    if lost:
        message = f"{lost} amounts of {column} have more than {decimals} decimals, so they cannot be paid as they are."
        raise IntegrityError(Finding("closing.exact", message, "Nothing was written; report it."))
    return found


def positive(column: str) -> pl.Expr:
    """Return an amount where it is above zero, else zero."""
    return pl.when(pl.col(column) > 0).then(pl.col(column)).otherwise(pl.lit(0))


def negated(column: str) -> pl.Expr:
    """Return the magnitude of an amount where it is below zero, else zero."""
    return pl.when(pl.col(column) < 0).then(-pl.col(column)).otherwise(pl.lit(0))


def total(frame: pl.DataFrame, column: str) -> Decimal:
    """Return the exact sum of a decimal column; 0 of no rows."""
    found = frame.get_column(column).sum()
    assert isinstance(found, Decimal), f"{column} is no decimal column"
    return found


def totals_by(frame: pl.DataFrame, keys: Sequence[str], column: str) -> dict[str, str]:
    """Return the exact sums of a decimal column as decimal texts, by what stands in some columns.

    Parameters
    ----------
    frame : polars.DataFrame
    keys : sequence of str
        Columns of texts; several are joined by a blank.
    column : str
        Of decimals.
    """
    grouped = frame.group_by(pl.concat_str([pl.col(key).cast(pl.String) for key in keys], separator=" ").alias("key"))
    sums = grouped.agg(pl.col(column).sum()).sort("key")
    return {key: format(amount, "f") for key, amount in sums.iter_rows()}


__all__ = ["decimals_of", "negated", "positive", "total", "totals_by", "with_decimals"]
