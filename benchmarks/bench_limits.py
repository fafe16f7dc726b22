"""Caps, limits and payout beside seven levels on the same company: ``python -m pytest benchmarks/bench_limits.py``.

Bonuses are timed with their last steps, lines and balance included; limits and payout on what the bonuses paid.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.alone import COMPANIES, calculated, paying
from benchmarks.job import PLAN, job_folder
from mlmcalc.payout.settlement import settle

UNILEVEL = "levels: [5%, 4%, 3%, 2%, 1%, 1%, 1%], base: pv"
OTHERS = f"""\
  multiplied: {{{UNILEVEL}, multiplier: {{tier: gv, steps: {{0: 100%, 1000: 150%}}}}, minimum: 1.00}}
  capped: {{{UNILEVEL}, cap: {{per_source: 10.00, per_earner: 500.00}}}}
  by_leg: {{{UNILEVEL}, cap: {{per_leg: 100.00}}}}
  shared: {{{UNILEVEL}, cap: {{total: 100000.00}}}}
limits:
  earner: {{per_earner: 50.00}}
  ceiling: {{share: 10%, of: pv, protect: 1.00}}
  ratio: {{paid_volume: gv, at_most: 70%, of: pv}}
payout:
  minimum: 25.00
  withhold: [{{name: tax, rate: 11.33%}}]
  fees: [{{name: bank, amount: 2.00}}]
"""
BONUSES = ["unilevel", "multiplied", "capped", "by_leg", "shared"]


@pytest.mark.parametrize("bonus", BONUSES)
@pytest.mark.parametrize(("size", "shape"), COMPANIES)
def test_bonus(benchmark, size: int, shape: str, bonus: str) -> None:
    run = calculated(PLAN + OTHERS, size, shape, job_folder)
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus), warmup_rounds=1, rounds=5)


@pytest.mark.parametrize("limit", ["earner", "ceiling", "ratio", "payout"])
@pytest.mark.parametrize(("size", "shape"), COMPANIES)
def test_limit(benchmark, size: int, shape: str, limit: str) -> None:
    run = calculated(PLAN + OTHERS, size, shape, job_folder)
    values, plan = run.values, run.plan
    benchmark.group = f"{size:,} members, {shape}"
    have = {name: np.ascontiguousarray(values.earned[name].amounts) for name in plan.bonuses}
    total = np.stack(list(have.values())).sum(axis=0)

    def bound() -> None:
        if limit == "payout":
            settle(plan.payout, values, total, have)
        else:
            plan.limits[limit].changes(values, have)

    benchmark.pedantic(bound, warmup_rounds=1, rounds=3)
