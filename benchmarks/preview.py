"""A few changed orders beside a whole run: ``python -m benchmarks.preview [MEMBERS]``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any

import polars as pl

import mlmcalc
from benchmarks import families as plans
from benchmarks import tables
from benchmarks.inputs import company_folder
from benchmarks.measure import Timings, interleaved

PERIOD = "2026-10"
RUN = "whole run in memory"
MONTH = (date(2026, 10, 1), date(2026, 10, 31))
CHANGED, DRAWN = 5, 10
_FIRST_ID = 900_000_001
_CENT = pl.Decimal(38, 2)


def late_orders(of_month: pl.DataFrame, seed: int, amount: str = "80.00") -> pl.DataFrame:
    """Return a few sales of a size to members who bought something in the month.

    Parameters
    ----------
    of_month : polars.DataFrame
        Sales of the month.
    seed : int
    amount : str
    """
    return of_month.sample(CHANGED, seed=seed).with_columns(
        (pl.int_range(CHANGED) + _FIRST_ID).cast(of_month.schema["order_id"]).alias("order_id"),
        *(pl.lit(amount).cast(_CENT).alias(name) for name in ("qv", "cv")),
    )


def cases(plan: Path, given: dict[str, Any], few: bool = False) -> dict[str, Callable[[], object]]:
    """Return a whole run and previews of it; each call of a preview changes other orders, and takes the digest.

    Parameters
    ----------
    plan : Path
    given : dict
        Tables by name.
    few : bool
        Only what is added.
    """
    start = mlmcalc.preview(plan, **given, period=PERIOD)
    month = pl.col("date").is_between(*MONTH) & (pl.col("kind") == "sale")
    of_month = pl.read_parquet(given["orders"]).filter(month)
    small, large = (
        cycle([late_orders(of_month, seed, amount) for seed in range(DRAWN)]) for amount in ("80.00", "2500.00")
    )
    gone = cycle([of_month["order_id"].sample(CHANGED, seed=seed).to_list() for seed in range(DRAWN)])
    # What is only made once is no part of a preview.
    start.with_orders(next(small))

    found: dict[str, Callable[[], object]] = {
        RUN: lambda: mlmcalc.run(plan, **given, period=PERIOD).digest,
        f"{CHANGED} orders of 80 added": lambda: start.with_orders(next(small)).digest,
    }
    if not few:
        found[f"{CHANGED} orders of 2,500 added"] = lambda: start.with_orders(next(large)).digest
        found[f"{CHANGED} orders withdrawn"] = lambda: start.without_orders(next(gone)).digest
    return found


def preview(size: int, repetitions: int) -> dict[str, Timings]:
    """Return seconds of previews and of the whole run, in turn, on the generated company."""
    folder = company_folder(size)
    given = {name: folder / f"{name}.parquet" for name in ("members", "orders")}
    return interleaved(cases(folder / "plan.yaml", given), repetitions)


def lines(size: int, repetitions: int, all_families: bool) -> list[str]:
    """Return the tables of previews."""
    found = tables.ratio_table(preview(size, repetitions), RUN, f"{size:,} members, the generated company")
    if all_families:
        for family in plans.FAMILIES:
            given = dict(plans.tables(family, size))
            timings = interleaved(cases(plans.PLANS / f"{family}.yaml", given, True), repetitions)
            found += tables.ratio_table(timings, RUN, f"{size:,} members, {family}")
    return found


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print("\n".join(lines(wanted, 5, all_families="--families" in sys.argv)))
