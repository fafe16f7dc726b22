"""A binary bonus beside the seven-level unilevel: ``python -m pytest benchmarks/bench_binary.py``."""

from __future__ import annotations

import pytest

from benchmarks.alone import COMPANIES, calculated, paying

PLAN = """
mlmcalc: 1
plan: binary
version: 1
effective: 2025-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes:
  cv: {sum: cv}
trees:
  sponsor: {parent: sponsor_id}
  placement: {parent: placement_id, leg: placement_leg, width: 2}
bonuses:
  unilevel: {levels: [5%, 4%, 3%, 2%, 2%, 1%, 1%], base: cv}
  percent:
    binary: 10%
    volume: cv
    unit: 100
    match_cap: {money: 5000, then: flush_above}
    carry: {limit: 50000, expires: {after: 12}, when_inactive: lose}
  cycles:
    binary: {cycle: {strong: 200, weak: 100, pays: 14}}
    volume: cv
    own: {above: 100, into: lesser}
    each_side: {count: 1, tree: sponsor}
    match_cap: {cycles: 5000, then: keep}
  steps: {binary: {steps: {250: 40, 500: 90, 2000: 400}}, volume: cv}
"""


@pytest.mark.parametrize(("size", "shape"), COMPANIES)
@pytest.mark.parametrize("bonus", ["unilevel", "percent", "cycles", "steps"])
def test_bonus(benchmark, bonus: str, size: int, shape: str) -> None:
    """The bonus alone, lines and closing state included; trees and volumes are there already."""
    run = calculated(PLAN, size, shape)
    # A second period begins with what the first one left.
    values = run.values
    values.opening = values.opening if values.opening.period else values.closing.opening()
    benchmark.group = f"{size:,} members, {shape}"
    benchmark.pedantic(paying(run, bonus, "2026-11"), rounds=3, warmup_rounds=1)
