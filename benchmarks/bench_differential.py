"""Differentials beside seven levels on the same company: ``python -m pytest benchmarks/bench_differential.py``.

Only the bonus is timed, lines and balance included: the company has been read, and its metrics are known.
"""

from __future__ import annotations

import pytest

from benchmarks.alone import COMPANIES, calculated, paying
from benchmarks.job import PLAN, job_folder

STEPS = "{0: 0%, 300: 3%, 600: 6%, 1200: 9%, 2400: 12%, 4000: 15%, 6600: 18%, 10000: 21%}"
OTHERS = f"""\
  walked: {{differential: {STEPS}, tier: gv, base: pv}}
  qualified: {{differential: {STEPS}, tier: gv, base: pv, against: qualified, eligible: {{pv: 100}}}}
  legs: {{differential: {STEPS}, tier: gv, base: pv, against: immediate_leg}}
  infinity: {{differential: {STEPS}, tier: gv, base: pv, own: false, until: {{equal_or_lower: 3}}}}
"""
BONUSES = ["unilevel", "walked", "qualified", "legs", "infinity"]


@pytest.mark.parametrize("bonus", BONUSES)
@pytest.mark.parametrize(("size", "shape"), COMPANIES)
def test_bonus(benchmark, size: int, shape: str, bonus: str) -> None:
    run = calculated(PLAN + OTHERS, size, shape, job_folder)
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus), warmup_rounds=1, rounds=5)
