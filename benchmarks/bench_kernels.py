"""Each kernel alone: ``python -m pytest benchmarks/bench_kernels.py``. 10M with ``MLMCALC_BENCH_10M=1``."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mlmcalc.kernels import (
    ancestors,
    compress,
    counts,
    differential,
    digest,
    join,
    joining,
    legs,
    order,
    posting,
    sums,
    walk,
)
from mlmcalc.periods import parse_period
from mlmcalc.synthetic.draws import Draws
from mlmcalc.synthetic.people import draw_people

SIZES = [10_000, 100_000, 1_000_000] + ([10_000_000] if os.environ.get("MLMCALC_BENCH_10M") == "1" else [])
LEVELS = 7


class Columns:
    """A bush in canonical order, with a volume and a third of the members kept."""

    def __init__(self, size: int) -> None:
        draws = Draws(11)
        people = draw_people(draws, size, parse_period("2026-10"), "bush")
        self.rows = people.sponsor.astype(np.int32)
        place = np.empty(size + 1, np.int32)
        canonical = order.preorder(self.rows)
        place[canonical] = np.arange(size, dtype=np.int32)
        place[size] = -1
        self.parent: NDArray[np.int32] = np.ascontiguousarray(place[self.rows[canonical]])
        self.volume = draws.below("volume", 50_000, size)
        self.kept = draws.chance("kept", 300, size)
        self.ids = 100_001 + 3 * np.arange(size, dtype=np.int64)
        self.sparse_ids = (draws.words("ids", size) >> np.uint64(2)).astype(np.int64)
        self.wanted = draws.below("wanted", size, 3 * size)
        self.amounts = draws.below("amounts", 100_000, 3 * size)
        self.gv = sums.subtree_sum(self.parent, self.volume)
        self.compressed = compress.compressed(self.parent, self.kept, False)


@cache
def columns(size: int) -> Columns:
    return Columns(size)


def walked(c: Columns) -> Callable[[], object]:
    count = c.parent.size
    sources = np.zeros((count, 4), np.int64)
    sources[:, 0], sources[:, 2], sources[:, 3] = c.compressed[1], 1, c.volume
    nodes = np.ascontiguousarray(np.stack([c.compressed[1], np.zeros(count, np.int32)], axis=1))
    pay = np.array([[50_000, 40_000, 30_000, 20_000, 20_000, 10_000, 10_000], [-1] * LEVELS], np.int64)
    lines = np.empty((count * LEVELS, 4), np.int32)
    near = np.empty((0, 0), np.int32)
    used = np.zeros((2, LEVELS), np.int64)
    return lambda: walk.walk_levels(sources, nodes, near, pay, False, used, lines)


def differences(c: Columns) -> Callable[[], object]:
    count = c.parent.size
    rates = np.searchsorted(np.array([30_000, 120_000, 480_000]), c.gv).astype(np.int64) * 30_000
    nodes = np.empty((count, 3), np.int32)
    differential.higher_above(c.parent, rates, nodes)
    sources = np.zeros((count, 6), np.int64)
    sources[:, 0], sources[:, 1], sources[:, 5] = np.arange(count), c.parent, c.parent
    rule, lines = np.array([90_000, 0, 0, 0, 2], np.int64), np.empty((count * 7, 4), np.int64)
    return lambda: differential.walk_differences(sources, rates, nodes, rule, lines)


def posted(c: Columns) -> Callable[[], object]:
    earner = c.wanted.astype(np.int32)
    totals, number = np.zeros(c.parent.size + 1, np.int64), np.zeros(c.parent.size + 1, np.int64)
    return lambda: posting.post_amounts(earner, c.amounts, totals, number)


def rounded(c: Columns) -> Callable[[], object]:
    rate = np.full(c.amounts.size, 50_000, np.int64)
    rule = np.array([1, 1_000_000, 0, 1], np.int64)
    amount = np.empty_like(c.amounts)
    return lambda: posting.round_products(c.amounts, rate, rule, amount)


def mixed(c: Columns) -> Callable[[], object]:
    hashes = np.zeros((c.amounts.size, 2), np.uint64)
    column = c.amounts.view(np.uint64)
    return lambda: digest.mix_column(hashes, column)


CASES: dict[str, Callable[[Columns], Callable[[], object]]] = {
    "id_table, dense": lambda c: lambda: join.id_table(c.ids),
    "id_table, sparse": lambda c: lambda: join.id_table(c.sparse_ids),
    "rows_of_ids, dense, 3 per member": lambda c: _looked_up(c.ids, c.wanted),
    "rows_of_ids, sparse, 3 per member": lambda c: _looked_up(c.sparse_ids, c.wanted),
    "preorder": lambda c: lambda: order.preorder(c.rows),
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
    "walk_levels, 7": walked,
    "walk_differences, 4 rates": differences,
    "round_products, 3 per member": rounded,
    "post_amounts, 3 per member": posted,
    "mix_column, 3 per member": mixed,
}


def _looked_up(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> Callable[[], object]:
    table, asked = join.id_table(ids), ids[wanted]
    return lambda: join.rows_of_ids(table, asked)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CASES)
def test_kernel(benchmark, name: str, size: int) -> None:
    benchmark.group = f"{size:,} members"
    benchmark(CASES[name](columns(size)))
