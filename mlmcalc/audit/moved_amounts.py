"""Amounts by member, bonus and step of the payout, added and taken from one another, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

KEY = ["member", "section", "name"]
BONUS, PAYOUT = "bonus", "payout"
"""Sections: what was earned, by bonus, and what became of it, by step of the payout."""
PAID = "paid"
"""The step of the payout that is the payment."""


def amounts_of(statements: pl.DataFrame, payout: pl.DataFrame, decimals: int) -> pl.DataFrame:
    """Return what every earner was paid by bonus, and what became of it.

    Parameters
    ----------
    statements, payout : polars.DataFrame
        As a run has them.
    decimals : int
        Of the amounts that are returned; at least those of both tables.

    Returns
    -------
    polars.DataFrame
        ``member`` as text (null: the company), ``section`` (``bonus`` or ``payout``), ``name``, ``amount``.
    """
    amount = pl.col("amount").cast(pl.Decimal(38, decimals))
    earned = statements.select(
        pl.col("earner").cast(pl.String).alias("member"),
        pl.lit(BONUS).alias("section"),
        pl.col("bonus").cast(pl.String).alias("name"),
        amount,
    )
    steps = payout.group_by("member", "step").agg(amount.sum())
    settled = steps.select(
        pl.col("member").cast(pl.String),
        pl.lit(PAYOUT).alias("section"),
        pl.col("step").cast(pl.String).alias("name"),
        amount,
    )
    return pl.concat([earned, settled])


def decimals_of(tables: Iterable[pl.DataFrame]) -> int:
    """Return the decimals that hold the amounts of all these statements and payouts."""
    types = [frame.schema["amount"] for frame in tables]
    return max(dtype.scale if isinstance(dtype, pl.Decimal) else 0 for dtype in types)


def added(parts: Sequence[tuple[pl.DataFrame, int]]) -> pl.DataFrame:
    """Return the sums by member and name of amounts that each count 1 or -1, without those that come to 0."""
    signed = [frame if sign > 0 else frame.with_columns(-pl.col("amount")) for frame, sign in parts]
    dtype = parts[0][0].schema["amount"]
    sums = pl.concat(signed).group_by(KEY).agg(pl.col("amount").sum().cast(dtype))
    return sums.filter(pl.col("amount") != 0)


def total_of(amounts: pl.DataFrame) -> Decimal:
    """Return the sum of amounts."""
    return Decimal(amounts.get_column("amount").sum() or 0)


__all__ = ["BONUS", "KEY", "PAID", "PAYOUT", "added", "amounts_of", "decimals_of", "total_of"]
