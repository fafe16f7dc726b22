"""The limit words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import Any

from mlmcalc.rules.word_table import WordTable

LIMIT_WORDS: WordTable[Any] = WordTable(
    "mlmcalc.limits",
    {
        "per_earner": "group_limit:GroupLimit",
        "share": "ceiling:Ceiling",
        "paid_volume": "ratio:Ratio",
    },
)
