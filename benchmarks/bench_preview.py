"""A few changed orders: ``python -m pytest benchmarks/bench_preview.py``."""

from __future__ import annotations

import pytest

from benchmarks.inputs import company_folder
from benchmarks.preview import cases

SIZES = [10_000, 100_000, 1_000_000]


@pytest.mark.parametrize("size", SIZES)
def test_orders_added(benchmark, size: int) -> None:
    folder = company_folder(size)
    given = {name: folder / f"{name}.parquet" for name in ("members", "orders")}
    _, added = cases(folder / "plan.yaml", given, few=True).values()
    benchmark.pedantic(added, warmup_rounds=2, rounds=10)
