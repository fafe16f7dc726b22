"""Ids to positions and orders to volumes, against polars on the same columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks import tables
from benchmarks.figures import Found, Row, Settings, ratio
from benchmarks.loops import Columns
from benchmarks.measure import Timings, interleaved
from mlmcalc.kernels.join import id_table, rows_of_ids
from mlmcalc.kernels.sums import sum_by_owner

AIM = 0.25
Case = Callable[[], NDArray[np.integer]]


def columns(settings: Settings) -> Found:
    """Measure both on dense and on sparse ids; the answers are compared first."""
    size = settings.size(1_000_000)
    made = Columns(size)
    figures, details = [], list[str]()
    for kind, ids in (("dense", made.ids), ("sparse", made.sparse_ids)):
        wanted = ids[made.wanted]
        orders = pl.DataFrame({"member_id": wanted, "amount": made.amounts})
        members = pl.DataFrame({"member_id": ids}).with_columns(row=pl.int_range(pl.len(), dtype=pl.Int32))
        for what, own, others in (
            ("ids to positions", lambda i=ids, w=wanted: rows_of_ids(id_table(i), w), _joins(members, orders)),
            (
                "orders to volumes",
                lambda i=ids, w=wanted: sum_by_owner(rows_of_ids(id_table(i), w), made.amounts, size),
                _sums(members, orders),
            ),
        ):
            name = f"{what}, {kind} ids, {size:,} members, {wanted.size:,} orders"
            found = _compared(name, own, others, settings.repetitions)
            best = min((one for one in found if one in others), key=lambda one: found[one].median)
            against = f"the best of polars {'join' if 'positions' in what else 'group_by'} on the same columns"
            figures.append(ratio(found, "mlmcalc", best, name, against, AIM))
            details += tables.ratio_table(found, best, name)
    return Found(figures, details)


def _compared(name: str, own: Case, others: dict[str, Case], repetitions: int) -> dict[str, Timings]:
    expected = own()
    for other, case in others.items():
        if not np.array_equal(case(), expected):
            raise RuntimeError(f"{name}: {other} finds something else")
    # All of them are tried, and the better two are measured.
    tried = interleaved(others, 1, tidy=False)
    best = sorted(others, key=lambda other: tried[other].median)[:2]
    return interleaved({"mlmcalc": own, **{other: others[other] for other in best}}, repetitions, tidy=False)


def _joins(members: pl.DataFrame, orders: pl.DataFrame) -> dict[str, Case]:
    wanted = orders.select("member_id")
    left = wanted.lazy().join(members.lazy(), on="member_id", how="left", maintain_order="left").select("row")
    return {
        "polars join, keeping the order of orders": lambda: wanted.join(
            members, on="member_id", how="left", maintain_order="left"
        )["row"].to_numpy(),
        "polars join": lambda: wanted.join(members, on="member_id", how="left")["row"].to_numpy(),
        "polars join, streaming": lambda: left.collect(engine="streaming")["row"].to_numpy(),
    }


def _sums(members: pl.DataFrame, orders: pl.DataFrame) -> dict[str, Case]:
    summed = orders.lazy().group_by("member_id").agg(pl.col("amount").sum())
    placed = (
        members.lazy()
        .join(summed, on="member_id", how="left", maintain_order="left")
        .select(pl.col("amount").fill_null(0))
    )
    return {
        "polars group_by and join": lambda: placed.collect()["amount"].to_numpy(),
        "polars group_by and join, streaming": lambda: placed.collect(engine="streaming")["amount"].to_numpy(),
    }


ROWS = [
    Row(
        "columns",
        "Ids to positions, orders to volumes",
        "ids to positions, orders to volumes",
        "the best of polars join / group_by on the same columns",
        "0.25",
        columns,
    )
]
