"""Whole plans, each beside the seven-level unilevel: ``python -m pytest benchmarks/bench_families.py``."""

from __future__ import annotations

import pytest

from benchmarks.families import FAMILIES, calculation, prepared, whole

COMPANIES = [(100_000, "bush"), (100_000, "chain"), (1_000_000, "bush")]


@pytest.mark.parametrize(("size", "shape"), COMPANIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_calculation(benchmark, family: str, size: int, shape: str) -> None:
    """Everything between the input and the output."""
    benchmark.group = f"calculation, {size:,} members, {shape}"
    benchmark.pedantic(calculation(prepared(family, size, shape)), rounds=3, warmup_rounds=1)


@pytest.mark.parametrize("size", [100_000, 1_000_000])
@pytest.mark.parametrize("family", FAMILIES)
def test_whole_run(benchmark, family: str, size: int) -> None:
    """Files in, files out."""
    benchmark.group = f"whole run, {size:,} members"
    benchmark.pedantic(whole(family, size), rounds=3, warmup_rounds=1)
