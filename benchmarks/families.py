"""The plans of ``fixtures/plans`` on one company, each beginning with what the month before left."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

from benchmarks.inputs import company_folder, data_folder
from benchmarks.measure import ROOT
from mlmcalc.api.calculate import run_in_memory, run_into_folder, silent
from mlmcalc.api.inputs import Inputs, Prepared, prepare
from mlmcalc.runs.commission_run import CommissionRun, run_commissions

PLANS = ROOT / "fixtures" / "plans"
FAMILIES = ("unilevel", "stairstep", "binary", "matrix", "party", "hybrid")
REFERENCE = "unilevel"
PERIOD, BEFORE = "2026-10", "2026-09"


@cache
def tables(family: str, size: int, shape: str = "bush") -> dict[str, Path]:
    """Return members, orders and the state of the month before, as files.

    The month before is the same month once more, so that as much is carried, held and counted as in a company that has
    been running.
    """
    company = company_folder(size, shape)
    found = {name: company / f"{name}.parquet" for name in ("members", "orders")}
    plan = PLANS / f"{family}.yaml"
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()[:8]
    state = data_folder() / f"state-{company.name}-{family}-{digest}.parquet"
    if not state.exists():
        left = run_in_memory(Inputs(plan, found, PERIOD), silent).state
        periods = pl.col("period", "since", "key").cast(pl.String).replace(PERIOD, BEFORE)
        left.with_columns(periods).write_parquet(state)
    return found | {"state": state}


def inputs(family: str, size: int, shape: str = "bush") -> Inputs:
    """Return a plan and the files it is run on."""
    return Inputs(PLANS / f"{family}.yaml", tables(family, size, shape), PERIOD)


def prepared(family: str, size: int, shape: str = "bush") -> Prepared:
    """Return plan, members, orders and state, read and checked."""
    return prepare(inputs(family, size, shape), silent)


def calculation(ready: Prepared) -> Callable[[], CommissionRun]:
    """Return the calculation alone: trees, volumes, ranks, bonuses, payout; lines are made and let go."""
    given = (ready.plan, ready.network, ready.orders, ready.overrides)
    return lambda: run_commissions(*given, period=PERIOD, opening=ready.opening)


def whole(family: str, size: int) -> Callable[[], object]:
    """Return the whole run: reading and checking files, calculating, writing every table."""
    given = inputs(family, size)

    def run() -> None:
        out = data_folder() / "run-family"
        shutil.rmtree(out, ignore_errors=True)
        run_into_folder(given, out, "parquet", 2, silent)

    return run


def lines(family: str, size: int) -> int:
    """Return how many lines a run writes."""
    return run_in_memory(inputs(family, size), silent).lines.height
