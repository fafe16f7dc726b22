"""The metric words of the plan language: adding one is a file, a line here and a test."""

from __future__ import annotations

from mlmcalc.metrics.counts import CountOf
from mlmcalc.metrics.legs import LegsOf
from mlmcalc.metrics.sums import SumOver
from mlmcalc.metrics.tier import TierOf
from mlmcalc.metrics.times import TimesOf

METRIC_WORDS: dict[str, type[SumOver] | type[CountOf] | type[LegsOf] | type[TierOf] | type[TimesOf]] = {
    "sum": SumOver,
    "count": CountOf,
    "legs": LegsOf,
    "tier": TierOf,
    "times": TimesOf,
}
