"""Amounts by member and bonus, added and taken from one another: exact, and only where something is left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

KEY = ["member", "bonus"]
WHOLE = "difference"


def amounts_of(statements: pl.DataFrame, decimals: int) -> pl.DataFrame:
    """Return what every earner was paid by bonus.

    Parameters
    ----------
    statements : polars.DataFrame
        As a run has them.
    decimals : int
        Of the amounts that are returned; at least those of the statements.

    Returns
    -------
    polars.DataFrame
        ``member`` as text (null: the company), ``bonus``, ``amount``.
    """
    return statements.select(
        pl.col("earner").cast(pl.String).alias("member"),
        pl.col("bonus").cast(pl.String),
        pl.col("amount").cast(pl.Decimal(38, decimals)),
    )


def decimals_of(statements: Iterable[pl.DataFrame]) -> int:
    """Return the decimals that hold the amounts of all these statements."""
    types = [frame.schema["amount"] for frame in statements]
    return max(dtype.scale if isinstance(dtype, pl.Decimal) else 0 for dtype in types)


def added(parts: Sequence[tuple[pl.DataFrame, int]]) -> pl.DataFrame:
    """Return the sums by member and bonus of amounts that each count 1 or -1, without those that come to 0."""
    signed = [frame if sign > 0 else frame.with_columns(-pl.col("amount")) for frame, sign in parts]
    dtype = parts[0][0].schema["amount"]
    sums = pl.concat(signed).group_by(KEY).agg(pl.col("amount").sum().cast(dtype))
    return sums.filter(pl.col("amount") != 0)


def total_of(amounts: pl.DataFrame) -> Decimal:
    """Return the sum of amounts."""
    return Decimal(amounts.get_column("amount").sum() or 0)


__all__ = ["KEY", "WHOLE", "added", "amounts_of", "decimals_of", "total_of"]
