"""The bonus words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.bonuses.award import Award
from mlmcalc.bonuses.binary import Binary
from mlmcalc.bonuses.differential import Differential
from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal
from mlmcalc.bonuses.pool import Pool
from mlmcalc.rules.bonus_word import BonusWord

BONUS_WORDS: dict[str, type[BonusWord]] = {
    "personal": Personal,
    "levels": Levels,
    "differential": Differential,
    "binary": Binary,
    "pool": Pool,
    "award": Award,
}
