"""The limit words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.limits.ceiling import Ceiling
from mlmcalc.limits.group_limit import GroupLimit
from mlmcalc.limits.ratio import Ratio

LIMIT_WORDS: dict[str, type[GroupLimit] | type[Ceiling] | type[Ratio]] = {
    "per_earner": GroupLimit,
    "share": Ceiling,
    "paid_volume": Ratio,
}
