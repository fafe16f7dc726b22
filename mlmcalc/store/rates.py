"""Exchange rates of a period, as decimal texts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import insert, select, update

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.tables import RATE
from mlmcalc.store.transaction import Reading, Writing


def set_rate(tx: Writing, program: str, period: str, currency: str, rate: str) -> None:
    """Record the rate of a currency in a period, or another one; whether the period still takes it is the caller's.

    Raises
    ------
    InputRefused
        ``store.rate``: it is no decimal above zero, or no currency of three capital letters.
    """
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", rate) or not rate.strip("0."):
        raise InputRefused(Finding("store.rate", f"{rate!r} is no rate.", "Write it as a decimal, such as 1.0845."))
    if not re.fullmatch("[A-Z]{3}", currency):
        raise InputRefused(Finding("store.rate", f"{currency!r} is no currency.", "Write it as ISO 4217 does: EUR."))
    row = {"rate": rate, "made_by": tx.by, "made_at": tx.at}
    key = {"program": program, "period": period, "currency": currency}
    place = [RATE.c[name] == value for name, value in key.items()]
    if tx.connection.execute(update(RATE).where(*place).values(row)).rowcount == 0:
        tx.connection.execute(insert(RATE), key | row)


def rates_of(tx: Reading, program: str, period: str) -> Mapping[str, str]:
    """Return the rates of a period by currency, in the order of the alphabet."""
    query = select(RATE.c.currency, RATE.c.rate).where(RATE.c.program == program, RATE.c.period == period)
    return {row.currency: row.rate for row in tx.connection.execute(query.order_by(RATE.c.currency))}
