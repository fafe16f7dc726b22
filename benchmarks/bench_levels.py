"""What level bonuses can say, each beside the seven-level unilevel: ``python -m pytest benchmarks/bench_levels.py``."""

from __future__ import annotations

import pytest

from benchmarks.alone import COMPANIES, calculated, paying

PLAN = """
mlmcalc: 1
plan: levels
version: 1
effective: 2025-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes:
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
  leaders: {compress: sponsor, keep: {rank: Silver}}
metrics:
  pgv: {sum: cv, over: group, tree: leaders}
ranks:
  - {rank: Partner, requires: {cv: 1}}
  - {rank: Bronze, requires: {cv: 50}}
  - {rank: Silver, requires: {cv: 100}}
  - {rank: Gold, requires: {cv: 200}}
  - {rank: Ruby, requires: {cv: 400}}
  - {rank: Diamond, requires: {cv: 800}}
bonuses:
  unilevel: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv}
  mine_or_higher: {levels: {"Silver+": [5%, 4%, 3%, 2%, 2%, 1%, 1%]}, base: cv, generations: mine_or_higher}
  and_below: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv, and_below: {"Silver+": 1%}}
  total: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv, total: 12%}
  complete: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv, complete: {1: 2, 2: 4, 3: 8}}
  guarantee:
    levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%]
    base: cv
    tree: leaders
    guarantee: {threshold: 7500, group: pgv, rate: 4%}
"""
BONUSES = ["unilevel", "mine_or_higher", "and_below", "total", "complete", "guarantee"]


@pytest.mark.parametrize(("size", "shape"), COMPANIES)
@pytest.mark.parametrize("bonus", BONUSES)
def test_bonus(benchmark, bonus: str, size: int, shape: str) -> None:
    """The bonus alone, lines included; trees, volumes and ranks are there already."""
    run = calculated(PLAN, size, shape)
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus), rounds=3, warmup_rounds=1)
