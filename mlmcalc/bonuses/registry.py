"""The bonus words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.bonuses.binary import Binary
from mlmcalc.bonuses.levels import Levels
from mlmcalc.bonuses.personal import Personal

BONUS_WORDS: dict[str, type[Personal] | type[Levels] | type[Binary]] = {
    "personal": Personal,
    "levels": Levels,
    "binary": Binary,
}
