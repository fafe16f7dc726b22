"""Differentials beside seven levels on the same company: ``python -m pytest benchmarks/bench_differential.py``.

Only the bonus is timed, lines and balance included: the company has been read, and its metrics are known.
"""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

import mlmcalc
from benchmarks.job import PLAN, job_folder
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.runs.commission_run import CommissionRun

STEPS = "{0: 0%, 300: 3%, 600: 6%, 1200: 9%, 2400: 12%, 4000: 15%, 6600: 18%, 10000: 21%}"
OTHERS = f"""\
  walked: {{differential: {STEPS}, tier: gv, base: pv}}
  qualified: {{differential: {STEPS}, tier: gv, base: pv, against: qualified, eligible: {{pv: 100}}}}
  legs: {{differential: {STEPS}, tier: gv, base: pv, against: immediate_leg}}
  infinity: {{differential: {STEPS}, tier: gv, base: pv, own: false, until: {{equal_or_lower: 3}}}}
"""
BONUSES = ["unilevel", "walked", "qualified", "legs", "infinity"]
COMPANIES = [(100_000, "bush"), (1_000_000, "bush"), (1_000_000, "chain")]


@cache
def calculated(size: int, shape: str) -> CommissionRun:
    """Return a run of a company, whose values the bonuses read."""
    folder = job_folder(size, shape)
    members, orders = (pl.read_parquet(folder / f"{name}.parquet") for name in ("members", "orders"))
    found = mlmcalc.run(PLAN + OTHERS, members=members, orders=orders, period="2026-10").calculated
    assert found is not None
    return found


@pytest.mark.parametrize("bonus", BONUSES)
@pytest.mark.parametrize(("size", "shape"), COMPANIES)
def test_bonus(benchmark, size: int, shape: str, bonus: str) -> None:
    run = calculated(size, shape)
    values, word = run.values, run.plan.bonuses[bonus]
    decimals = word.base_decimals(run.plan.vocabulary)
    benchmark.group = f"{size:,} members, {shape}"

    def pay() -> None:
        account = BonusAccount(
            bonus, values.size, values.rounding, decimals, values.amount_decimals, lambda block: None
        )
        word.evaluate(values, account)

    benchmark.pedantic(pay, warmup_rounds=1, rounds=5)
