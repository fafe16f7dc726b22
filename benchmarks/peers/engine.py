"""mlmcalc on the same job: its lines are calculated, rounded and counted as ever, and then let go."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mlmcalc.api.inputs import Inputs, Prepared, prepare
from mlmcalc.runs.commission_run import run_commissions


def _silent(step: str, number: int, count: int) -> None:
    """Show no progress."""


def load(folder: Path) -> Prepared:
    """Return members, tree and orders, read and checked."""
    tables = {name: folder / f"{name}.parquet" for name in ("members", "orders")}
    return prepare(Inputs(folder / "plan.yaml", tables, "2026-10"), _silent)


def answer(prepared: Prepared) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    run = run_commissions(prepared.plan, prepared.network, prepared.orders)
    columns = {"member_id": prepared.network.ids, "gv": run.values.metrics["gv"].amounts, "paid": run.paid[:-1]}
    return pl.DataFrame(columns).sort("member_id")
