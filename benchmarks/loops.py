"""Every kernel of the table beside its twin in C: what both get, and whether both answer the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

import mlmcalc
from benchmarks.inputs import company_folder
from benchmarks.measure import Prepared
from benchmarks.peers import in_c
from mlmcalc.kernels import (
    ancestors,
    compress,
    differential,
    join,
    ladder,
    legs,
    matching,
    order,
    sums,
    walk,
)
from mlmcalc.periods import parse_period
from mlmcalc.synthetic.draws import Draws
from mlmcalc.synthetic.people import draw_people

LEVELS = 7
RATES_PPM = (50_000, 40_000, 30_000, 20_000, 20_000, 10_000, 10_000)
Arguments = tuple[Any, ...]


class Columns:
    """A bush in canonical order, with volumes and a third of the members kept.

    Parameters
    ----------
    size : int
    """

    def __init__(self, size: int) -> None:
        self.size = size
        draws = Draws(11)
        self.rows = draw_people(draws, size, parse_period("2026-10"), "bush").sponsor.astype(np.int32)
        place = np.empty(size + 1, np.int32)
        canonical = order.placed_rows(self.rows).order
        place[canonical] = np.arange(size, dtype=np.int32)
        place[size] = -1
        self.parent: NDArray[np.int32] = np.ascontiguousarray(place[self.rows[canonical]])
        self.volume = draws.below("volume", 50_000, size)
        self.kept = draws.chance("kept", 300, size)
        self.ids = 100_001 + 3 * np.arange(size, dtype=np.int64)
        self.sparse_ids = (draws.words("ids", size) >> np.uint64(2)).astype(np.int64)
        self.wanted = draws.below("wanted", size, 3 * size)
        self.buyer = self.wanted.astype(np.int32)
        self.amounts = draws.below("amounts", 100_000, 3 * size)
        self.threshold = np.full(size, 200_000, np.int64)
        self.group = draws.below("group", max(size // 10, 1), size).astype(np.int32)

    @cached_property
    def gv(self) -> NDArray[np.int64]:
        return sums.subtree_sum(self.parent, self.volume)

    @cached_property
    def compressed(self) -> tuple[NDArray[np.int32], ...]:
        return compress.compressed(self.parent, self.kept, False)

    @cached_property
    def rates(self) -> NDArray[np.int64]:
        return np.searchsorted(np.array([30_000, 120_000, 480_000]), self.gv).astype(np.int64) * 30_000


@dataclass(frozen=True, slots=True)
class Loop:
    """A kernel and its twin.

    Attributes
    ----------
    name : str
    kernel : callable
    twin : str
        Name of the loop in C.
    given : callable
        From columns to the arguments of both.
    scratch : int
        How many of the last arguments are no answer.
    """

    name: str
    kernel: Callable[..., Any]
    twin: str
    given: Callable[[Columns], Arguments]
    scratch: int = 0


def beside(loop: Loop, columns: Columns) -> tuple[Prepared, Prepared]:
    """Return the kernel and its twin as cases to be measured, on arrays of the same content.

    Raises
    ------
    RuntimeError
        They do not answer the same.
    """
    given = loop.given(columns)
    cases, answers = [], []
    for function in (partial(_bound, loop.kernel), partial(in_c.bound, loop.twin)):
        case, told, arguments = _case(function, given)
        answers.append((told, arguments[: len(arguments) - loop.scratch]))
        cases.append(case)
    (own, mine), (other, theirs) = answers
    if own != other or not all(np.array_equal(one, two) for one, two in zip(mine, theirs, strict=True)):
        raise RuntimeError(f"{loop.name}: the kernel and the loop in C do not answer the same")
    return cases[0], cases[1]


def alone(loop: Loop, columns: Columns) -> Prepared:
    """Return the kernel as a case to be measured by itself."""
    return _case(partial(_bound, loop.kernel), loop.given(columns))[0]


def _bound(kernel: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
    return lambda: kernel(*arguments)


def _case(function: Callable[..., Callable[[], Any]], given: Arguments) -> tuple[Prepared, int, Arguments]:
    """Return a case on arguments of its own, and what a first run returns and leaves in them."""
    arguments = tuple(one.copy() if isinstance(one, np.ndarray) else one for one in given)
    run = function(*arguments)
    told = run() or 0
    # What was written has its first content again before every repetition, which is not counted.
    fresh = [
        (mine, before)
        for mine, before in zip(arguments, given, strict=True)
        if isinstance(mine, np.ndarray) and not np.array_equal(mine, before)
    ]
    return Prepared(run, partial(_restore, fresh)), told, arguments


def _restore(fresh: list[tuple[NDArray[Any], NDArray[Any]]]) -> None:
    for mine, before in fresh:
        np.copyto(mine, before)


def _zeros(*shape: int) -> NDArray[np.int64]:
    return np.zeros(shape, np.int64)


def _rows(*shape: int) -> NDArray[np.int32]:
    return np.full(shape, -1, np.int32)


def _looked_up(columns: Columns, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], join.IdTable]:
    return ids[columns.wanted], join.id_table(ids)


def _direct(c: Columns) -> Arguments:
    wanted, table = _looked_up(c, c.ids)
    return wanted, table.lowest, table.slots, _rows(wanted.size)


def _hashed(c: Columns) -> Arguments:
    wanted, table = _looked_up(c, c.sparse_ids)
    return wanted, table.ids, table.slots, _zeros(512), _rows(wanted.size)


def _sizes(c: Columns) -> Arguments:
    return c.rows, order.rows_reached(c.rows), np.zeros(c.size, np.int32)


def _placing(c: Columns) -> Arguments:
    rows, queue, size = _sizes(c)
    order._sum_sizes(rows, queue, size)
    return rows, queue, size, *(_rows(c.size) for _ in range(4))


def _walked(c: Columns) -> Arguments:
    sources = _zeros(c.size, 4)
    sources[:, 0], sources[:, 2], sources[:, 3] = c.compressed[1], 1, c.volume
    nodes = np.ascontiguousarray(np.stack([c.compressed[1], np.zeros(c.size, np.int32)], axis=1))
    pay = np.array([RATES_PPM, [-1] * LEVELS], np.int64)
    near, lines = np.empty((0, 0), np.int32), np.zeros((c.size * LEVELS, 4), np.int32)
    return sources, nodes, near, pay, False, _zeros(2, LEVELS), lines


def _differences(c: Columns) -> Arguments:
    nodes = np.zeros((c.size, 3), np.int32)
    differential.higher_above(c.parent, c.rates, nodes)
    # Everybody takes its own step and may be paid; the last column is nobody's.
    starts = np.zeros((6, c.size + 1), np.int32)
    starts[0, :-1], starts[1, :-1], starts[4, :-1] = np.arange(c.size), c.parent, c.parent
    starts[:2, -1] = starts[4, -1] = -1
    starts[5, np.flatnonzero(~c.kept)] = 1
    rule, lines = np.array([90_000, 0, 0, 0, 2], np.int64), _zeros(c.size * 7, 4)
    sources, amounts = np.arange(c.size, dtype=np.int32), c.volume.reshape(1, -1).copy()
    return sources, amounts, starts, c.rates, nodes, rule, _zeros(4, 2), lines


def _ladder(c: Columns) -> Arguments:
    """Return what the ladder of ten ranks gets in a whole run of a generated company."""
    caught: list[Arguments] = []

    def catch(*arguments: Any) -> None:
        if not caught:
            caught.append(tuple(one.copy() for one in arguments))
        settle(*arguments)

    folder, settle = company_folder(c.size), ladder.settle
    ladder.settle = catch
    try:
        members, orders = (pl.read_parquet(folder / f"{name}.parquet") for name in ("members", "orders"))
        mlmcalc.run(folder / "plan.yaml", members=members, orders=orders, period="2026-10")
    finally:
        ladder.settle = settle
    return caught[0]


def _ancestors(parent: NDArray[np.int32], k: int, reached: NDArray[np.int32], scratch: NDArray[np.int32]) -> None:
    reached[:] = ancestors.kth_ancestor(parent, k)


def _ancestors_given(c: Columns) -> Arguments:
    # The twin works in what it is given; ours makes it.
    return c.parent, LEVELS, _rows(c.size), np.empty((3, c.size + 1), np.int32)


def _matched(legs_of: int, mode: int) -> Callable[[Columns], Arguments]:
    def given(c: Columns) -> Arguments:
        available = np.ascontiguousarray(legs.largest_legs(c.parent, c.gv, legs_of)[:, ::-1])
        sizes, most = np.array([[20_000, 10_000]], np.int64), np.full(c.size, 5_000, np.int64)
        return available, available.copy(), sizes, most, mode, _zeros(c.size), _zeros(c.size, legs_of)

    return given


def _shared(c: Columns) -> Arguments:
    groups = int(c.group.max()) + 1
    return c.group, c.volume, np.full(c.size, 200_000, np.int64), _zeros(groups), _zeros(c.size)


LOOPS = {
    "join": [
        Loop("table of dense ids", join._fill_direct, "fill_direct", lambda c: (c.ids, 100_001, _rows(3 * c.size))),
        Loop("rows of dense ids", join._look_direct, "look_direct", _direct),
        Loop(
            "table of sparse ids",
            join._fill_hashed,
            "fill_hashed",
            lambda c: (c.sparse_ids, _rows(2 ** (2 * c.size).bit_length())),
        ),
        Loop("rows of sparse ids", join._look_hashed, "look_hashed", _hashed),
    ],
    "order": [
        Loop(
            "sort by parent",
            order._sort_by_parent,
            "sort_by_parent",
            lambda c: (c.rows, np.zeros(c.size + 2, np.int32), _rows(c.size)),
        ),
        Loop(
            "breadth first",
            order._breadth_first,
            "breadth_first",
            lambda c: (*order.children_of_rows(c.rows), _rows(c.size)),
        ),
        Loop("sizes of subtrees", order._sum_sizes, "sum_sizes", _sizes),
        Loop("places depth first", order._place_depth_first, "place_depth_first", _placing),
        Loop("depths", ancestors._fill_depths, "fill_depths", lambda c: (c.parent, _rows(c.size))),
    ],
    "sums": [
        Loop("subtree sums", sums._roll_up, "roll_up", lambda c: (c.parent, c.volume)),
        Loop("sums by owner", sums._add_to_owners, "add_to_owners", lambda c: (c.buyer, c.amounts, _zeros(c.size))),
    ],
    "legs": [
        Loop(
            "two largest legs",
            legs._keep_largest,
            "keep_largest",
            lambda c: (c.parent, c.gv, np.zeros(c.size, np.int32), _zeros(c.size, 2)),
        ),
        Loop(
            "legs reaching a size",
            legs._count_reaching,
            "count_reaching",
            lambda c: (c.parent, c.gv, c.threshold, _zeros(c.size)),
        ),
        Loop(
            "legs up to a cap",
            legs._sum_capped,
            "sum_capped",
            lambda c: (c.parent, c.gv, c.threshold, _zeros(c.size)),
        ),
    ],
    "ranks": [Loop("ladder of ten ranks", ladder._settle, "settle", _ladder)],
    "level walk": [Loop("seven levels", walk.walk_levels, "walk_levels", _walked)],
    "differential": [
        Loop(
            "higher above",
            differential.higher_above,
            "higher_above",
            lambda c: (c.parent, c.rates, np.zeros((c.size, 3), np.int32)),
        ),
        Loop("four rates", differential.pay_differences, "pay_differences", _differences),
    ],
    "generations": [
        Loop(
            "compression",
            compress._compress,
            "compress",
            lambda c: (c.parent, c.kept, False, _rows(c.size), _rows(c.size), _rows(c.size)),
        ),
        Loop("nearest above", walk.nearest_above, "nearest_above", lambda c: (c.parent, c.kept, _rows(c.size))),
        Loop("seventh ancestor", _ancestors, "kth_ancestor", _ancestors_given, scratch=1),
    ],
    "binary": [
        Loop("two legs, every step", matching.match_legs, "match_legs", _matched(2, matching.EVERY_STEP)),
        Loop("three legs, all others", matching.match_legs, "match_legs", _matched(3, matching.ALL)),
        Loop("shared caps", matching.share_caps, "share_caps", _shared),
    ],
}
"""By the name the table gives them."""
