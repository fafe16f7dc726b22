"""The word of a ladder."""

from __future__ import annotations

from mlmcalc.ranks.ladder import Ladder

LADDER_WORD = Ladder
