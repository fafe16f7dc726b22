"""The state that a period begins with where the one before was trued up after it was committed."""

from __future__ import annotations

import json

import polars as pl

from mlmcalc.api.run import Run
from mlmcalc.closing.desk import called
from mlmcalc.payout.sections import BALANCE, DEFERRED
from mlmcalc.store.closings import Closing
from mlmcalc.store.log import log_records
from mlmcalc.store.periods import StoredPeriod
from mlmcalc.store.transaction import Reading

TRUED_UP = "trueup"
"""Action in the log: a closed period was trued up; its details name the run that it comes to."""
_PAID = (BALANCE, DEFERRED)
"""What was paid, carried and put off stands: what a true-up changes of it is in its lines."""


def last_trueup(tx: Reading, period: StoredPeriod, closing: Closing) -> str:
    """Return the id of the run that a period came to when it was last trued up after this commit; empty if never."""
    found = ""
    for record in log_records(tx, called(period)):
        if record.action == TRUED_UP and record.subject == called(period) and record.at >= closing.made_at:
            found = json.loads(record.details)["run"]
    return found


def corrected_state(committed: Run, now: Run) -> pl.DataFrame:
    """Return what a period leaves now: titles, carry and history as they are now, balances as they were paid.

    Parameters
    ----------
    committed, now : Run
        Of one period.
    """
    paid = pl.col("section").cast(pl.String).is_in(_PAID)
    parts = [committed.state.filter(paid), now.state.filter(~paid)]
    types = [part.schema["value"] for part in parts]
    decimals = max(dtype.scale if isinstance(dtype, pl.Decimal) else 0 for dtype in types)
    texts = pl.col("period", "section", "name", "key", "since").cast(pl.String)
    return pl.concat([part.with_columns(texts, pl.col("value").cast(pl.Decimal(38, decimals))) for part in parts])


__all__ = ["TRUED_UP", "corrected_state", "last_trueup"]
