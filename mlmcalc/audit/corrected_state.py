"""What a period leaves when it was corrected after its commit: what it comes to now, but balances as they were paid."""

from __future__ import annotations

import polars as pl

from mlmcalc.payout.sections import BALANCE, DEFERRED

_PAID = (BALANCE, DEFERRED)
"""What was paid, carried and put off stands: what a correction changes of it is in its lines."""


def corrected_state(committed: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Return what a period leaves now: titles, carry and history as they are now, balances as they were paid.

    Parameters
    ----------
    committed, now : polars.DataFrame
        The tables of state of two runs of one period.
    """
    paid = pl.col("section").cast(pl.String).is_in(_PAID)
    parts = [committed.filter(paid), now.filter(~paid)]
    types = [part.schema["value"] for part in parts]
    decimals = max(dtype.scale if isinstance(dtype, pl.Decimal) else 0 for dtype in types)
    texts = pl.col("period", "section", "name", "key", "since").cast(pl.String)
    return pl.concat([part.with_columns(texts, pl.col("value").cast(pl.Decimal(38, decimals))) for part in parts])
