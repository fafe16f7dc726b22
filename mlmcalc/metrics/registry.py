"""The metric words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from typing import Any

from mlmcalc.metrics.add import SumOfQuantities
from mlmcalc.metrics.counts import CountOf
from mlmcalc.metrics.history import HistoryOf, LifetimeOf
from mlmcalc.metrics.legs import LegsOf
from mlmcalc.metrics.periods_at import PeriodsAt
from mlmcalc.metrics.sums import SumOver
from mlmcalc.metrics.tier import TierOf
from mlmcalc.metrics.times import TimesOf

METRIC_WORDS: dict[str, type[Any]] = {
    "sum": SumOver,
    "count": CountOf,
    "legs": LegsOf,
    "tier": TierOf,
    "times": TimesOf,
    "add": SumOfQuantities,
    "history": HistoryOf,
    "lifetime": LifetimeOf,
    "periods_at": PeriodsAt,
}
