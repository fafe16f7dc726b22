"""The volume words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import Any

from mlmcalc.rules.word_table import WordTable

VOLUME_WORDS: WordTable[Any] = WordTable(
    "mlmcalc.volumes",
    {
        "sum": "sum_of_orders:SumOfOrders",
        "count": "count_of_orders:CountOfOrders",
        "add": "add:Added",
        "closed": "closed_results:ClosedBonuses",
    },
)
