"""Each kernel alone: ``python -m pytest benchmarks/bench_kernels.py``. 10M with ``MLMCALC_BENCH_10M=1``."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.loops import LEVELS, LOOPS, Columns, Loop, alone
from mlmcalc.kernels import (
    ancestors,
    compress,
    counts,
    digest,
    join,
    joining,
    legs,
    order,
    posting,
    sums,
)

SIZES = [10_000, 100_000, 1_000_000] + ([10_000_000] if os.environ.get("MLMCALC_BENCH_10M") == "1" else [])


@cache
def columns(size: int) -> Columns:
    return Columns(size)


def posted(c: Columns) -> Callable[[], object]:
    earner = c.wanted.astype(np.int32)
    totals, number = np.zeros(c.parent.size + 1, np.int64), np.zeros(c.parent.size + 1, np.int64)
    return lambda: posting.post_amounts(earner, c.amounts, totals, number)


def rounded(c: Columns) -> Callable[[], object]:
    rate = np.full(c.amounts.size, 50_000, np.int64)
    rule = np.array([1, 1_000_000, 0, 1], np.int64)
    amount = np.empty_like(c.amounts)
    return lambda: posting.round_products(c.amounts, rate, rule, amount)


def hashed(c: Columns) -> Callable[[], object]:
    table = np.stack([c.amounts, c.wanted]).view(np.uint64)
    seeds, words, lanes = np.arange(2, dtype=np.uint64), np.zeros((2, 1024), np.uint64), np.zeros(2, np.uint64)
    return lambda: digest.add_row_hashes(table, c.amounts.size, seeds, words, lanes)


CASES: dict[str, Callable[[Columns], Callable[[], object]]] = {
    "id_table, dense": lambda c: lambda: join.id_table(c.ids),
    "id_table, sparse": lambda c: lambda: join.id_table(c.sparse_ids),
    "rows_of_ids, dense, 3 per member": lambda c: _looked_up(c.ids, c.wanted),
    "rows_of_ids, sparse, 3 per member": lambda c: _looked_up(c.sparse_ids, c.wanted),
    "placed_rows": lambda c: lambda: order.placed_rows(c.rows),
    "depths": lambda c: lambda: ancestors.depths(c.parent),
    "kth_ancestor, 7": lambda c: lambda: ancestors.kth_ancestor(c.parent, LEVELS),
    "sum_by_owner, 3 per member": lambda c: (
        lambda: sums.sum_by_owner(c.wanted.astype(np.int32), c.amounts, c.parent.size)
    ),
    "subtree_sum": lambda c: lambda: sums.subtree_sum(c.parent, c.volume),
    "children_sum": lambda c: lambda: sums.children_sum(c.parent, c.volume),
    "compressed": lambda c: lambda: compress.compressed(c.parent, c.kept, False),
    "passed_up, 2": lambda c: (
        lambda: joining.passed_up(c.rows, order.rows_reached(c.rows), np.array([False, True, True, False]), True, False)
    ),
    "nearest_reaching": lambda c: lambda: joining.nearest_reaching(c.parent, c.volume, c.volume),
    "count_children": lambda c: lambda: counts.count_children(c.parent, c.kept),
    "count_legs": lambda c: lambda: counts.count_legs(c.parent, c.kept),
    "largest_legs, 2": lambda c: lambda: legs.largest_legs(c.parent, c.gv, 2),
    "legs_reaching": lambda c: lambda: legs.legs_reaching(c.parent, c.gv, 200_000),
    "capped_legs_sum": lambda c: lambda: legs.capped_legs_sum(c.parent, c.gv, 200_000),
    "round_products, 3 per member": rounded,
    "post_amounts, 3 per member": posted,
    "add_row_hashes, two columns, 3 per member": hashed,
}


def _looked_up(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> Callable[[], object]:
    table, asked = join.id_table(ids), ids[wanted]
    return lambda: join.rows_of_ids(table, asked)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("loop", [loop for group in LOOPS.values() for loop in group], ids=lambda loop: loop.name)
def test_loop(benchmark, loop: Loop, size: int) -> None:
    """The loop of a kernel, what it writes made ready before."""
    case = alone(loop, columns(size))
    benchmark.group = f"{size:,} members"
    benchmark.pedantic(case.run, setup=case.before, rounds=9, warmup_rounds=1)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_kernel(benchmark, name: str, size: int) -> None:
    benchmark.group = f"{size:,} members"
    benchmark(CASES[name](columns(size)))
