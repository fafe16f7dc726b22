"""The table of exchange rates: what one unit of the plan's currency is in others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.exchange import RATE_PLACES
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.source import Table, Wanted
from mlmcalc.tables.words import read_texts

WANTED_OF_RATES = Wanted("rates", ("currency", "rate"), ("digits",))
MOST_DIGITS = 6


@dataclass(frozen=True, slots=True, eq=False)
class RateRows:
    """The rows of the table, in its own order.

    Attributes
    ----------
    table : Table
    currencies : sequence of k str
    rates : (k,) int64
        In units of ``10**-RATE_PLACES``.
    digits : (k,) int64
        Decimals of the smallest amount, -1 where the table does not say.
    """

    table: Table
    currencies: Sequence[str]
    rates: NDArray[np.int64]
    digits: NDArray[np.int64]


def read_rates(table: Table, collector: Collector) -> RateRows | None:
    """Return the rows of the table, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    collector : Collector
        Receives ``rates.blank``, ``rates.duplicate``, ``rates.rate``, ``rates.digits`` and what `read_amounts` and
        `read_texts` find.

    Returns
    -------
    RateRows or None
        None where a column is missing.
    """
    if not all(table.has(name) for name in WANTED_OF_RATES.required):
        return None
    codes, labels = read_texts(table, "currency", collector)
    blank = np.flatnonzero(codes < 0)
    collector.rows(
        "rates.blank", table, "currency", blank, lambda _: "the currency is blank.", "Write its code, such as JPY."
    )
    first = {code: row for row, code in reversed(list(enumerate(codes.tolist())))}
    twice = np.array([row for row, code in enumerate(codes.tolist()) if code >= 0 and first[code] != row], np.int64)
    seen = "the currency has a rate already."
    collector.rows("rates.duplicate", table, "currency", twice, lambda _: seen, "Keep one of them.")
    about_rates = Collector()
    rates, _ = read_amounts(table, "rate", RATE_PLACES, about_rates)
    # What could not be read counts 0, and was reported.
    wrong = np.flatnonzero(rates <= 0) if not about_rates.has_errors() else np.empty(0, np.int64)
    collector.absorb(about_rates)
    remedy = "Write how many units of this currency one unit of the plan's is."
    collector.rows("rates.rate", table, "rate", wrong, lambda _: "a rate is more than zero.", remedy)
    texts = [labels[code] if code >= 0 else "" for code in codes.tolist()]
    return RateRows(table, texts, rates, _digits(table, collector))


def _digits(table: Table, collector: Collector) -> NDArray[np.int64]:
    if not table.has("digits"):
        return np.full(table.size, -1, np.int64)
    digits, given = read_amounts(table, "digits", 0, collector, blank_allowed=True)
    wrong = np.flatnonzero((digits < 0) | (digits > MOST_DIGITS))
    seen = f"a currency has from 0 to {MOST_DIGITS} decimals."
    collector.rows("rates.digits", table, "digits", wrong, lambda _: seen, "Write how many it has, or leave it empty.")
    return digits if given is None else np.where(given, digits, -1)
