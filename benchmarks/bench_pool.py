"""Pools, each beside the seven-level unilevel: ``python -m pytest benchmarks/bench_pool.py``."""

from __future__ import annotations

import pytest

from benchmarks.alone import COMPANIES, calculated, paying

PLAN = """
mlmcalc: 1
plan: pool
version: 1
effective: 2025-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes:
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
metrics:
  gv: {sum: cv, over: subtree, tree: sponsor}
  recruits: {count: frontline, tree: sponsor, where: {cv: 1}}
ranks:
  - {rank: Partner, requires: {cv: 1}}
  - {rank: Silver, requires: {cv: 100}}
  - {rank: Diamond, requires: {cv: 800}}
bonuses:
  unilevel: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv}
  equal: {pool: 2%, of: cv, shares: equal}
  by_rank: {pool: 2%, of: cv, shares: {"Partner+": 1, Silver: 2, Diamond: 5}}
  by_points: {pool: 100%, of: cv, by: gv}
  maximum: {pool: 100%, of: cv, by: gv, maximum: 250.00}
  top: {pool: 2%, of: cv, top: {places: 1000, by: gv}, by: gv}
  growth: {pool: 2%, of: cv, by: {growth: cv}}
"""
BONUSES = ["unilevel", "equal", "by_rank", "by_points", "maximum", "top", "growth"]


@pytest.mark.parametrize(("size", "shape"), COMPANIES)
@pytest.mark.parametrize("bonus", BONUSES)
def test_bonus(benchmark, bonus: str, size: int, shape: str) -> None:
    """The bonus alone, lines and state included; trees, volumes and ranks are there already."""
    run = calculated(PLAN, size, shape)
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus), rounds=3, warmup_rounds=1)
