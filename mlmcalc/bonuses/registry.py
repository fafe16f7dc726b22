"""The bonus words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlmcalc.rules.word_table import WordTable

if TYPE_CHECKING:
    from mlmcalc.rules.bonus_word import BonusWord

BONUS_WORDS: WordTable[BonusWord] = WordTable(
    "mlmcalc.bonuses",
    {
        "personal": "personal:Personal",
        "levels": "levels:Levels",
        "differential": "differential:Differential",
        "binary": "binary:Binary",
        "pool": "pool:Pool",
        "award": "award:Award",
    },
)
