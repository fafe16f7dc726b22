"""The tree words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import Any

from mlmcalc.rules.word_table import WordTable

TREE_WORDS: WordTable[Any] = WordTable(
    "mlmcalc.trees",
    {
        "parent": "recorded:Recorded",
        "compress": "compressed:Compressed",
        "pass_up": "pass_up:PassUp",
        "monoline": "monoline:Monoline",
        "coded": "coded:Coded",
    },
)
