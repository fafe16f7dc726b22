"""The whole run: ``python -m pytest benchmarks/bench_whole.py``. 10M with ``MLMCALC_BENCH_10M=1``."""

from __future__ import annotations

import os

import pytest

from benchmarks.inputs import company_folder
from benchmarks.whole import run_in_process

SIZES = [10_000, 100_000, 1_000_000] + ([10_000_000] if os.environ.get("MLMCALC_BENCH_10M") == "1" else [])


@pytest.mark.parametrize("size", SIZES)
def test_whole_run(benchmark, size: int) -> None:
    folder = company_folder(size)
    benchmark.pedantic(run_in_process, args=(folder,), warmup_rounds=1, rounds=3 if size >= 1_000_000 else 5)


def test_chain_of_a_million(benchmark) -> None:
    folder = company_folder(1_000_000, shape="chain")
    benchmark.pedantic(run_in_process, args=(folder,), warmup_rounds=1, rounds=3)
