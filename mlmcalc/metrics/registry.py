"""The metric words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import Any

from mlmcalc.rules.word_table import WordTable

METRIC_WORDS: WordTable[Any] = WordTable(
    "mlmcalc.metrics",
    {
        "sum": "sums:SumOver",
        "count": "counts:CountOf",
        "legs": "legs:LegsOf",
        "tier": "tier:TierOf",
        "times": "times:TimesOf",
        "add": "add:SumOfQuantities",
        "history": "history:HistoryOf",
        "lifetime": "history:LifetimeOf",
        "periods_at": "periods_at:PeriodsAt",
    },
)
