"""Awards, each beside the seven-level unilevel: ``python -m pytest benchmarks/bench_award.py``."""

from __future__ import annotations

import pytest

from benchmarks.alone import COMPANIES, calculated, paying

PLAN = """
mlmcalc: 1
plan: award
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
  every_period: {award: {"Partner+": 10.00, Silver: 20.00, Diamond: 50.00}}
  first_time: {award: {Partner: 10.00, Silver: 20.00, Diamond: 50.00}, when: first_time, lower_too: true}
  in_a_row: {award: {Partner: 10.00, Silver: 20.00, Diamond: 50.00}, consecutive: 2, otherwise_pays: 5.00}
  instalments: {award: {"Silver+": 100.00}, when: first_time, instalments: 12}
  events: {award: 25.00, per: recruits, every: 2, carry: true}
  structure: {award: [50, 250, 1500], structure: {width: 3, member: {cv: 100}}}
"""
BONUSES = ["unilevel", "every_period", "first_time", "in_a_row", "instalments", "events", "structure"]


@pytest.mark.parametrize(("size", "shape"), COMPANIES)
@pytest.mark.parametrize("bonus", BONUSES)
def test_bonus(benchmark, bonus: str, size: int, shape: str) -> None:
    """The bonus alone, lines and state included; trees, volumes and ranks are there already."""
    run = calculated(PLAN, size, shape)
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus), rounds=3, warmup_rounds=1)
