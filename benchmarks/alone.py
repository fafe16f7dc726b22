"""One bonus alone: what it takes once trees, volumes, metrics and ranks of its company are there."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl

import mlmcalc
from benchmarks.inputs import company_folder
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.rules.state import Closing
from mlmcalc.runs.commission_run import CommissionRun

COMPANIES = [(100_000, "bush"), (1_000_000, "bush"), (1_000_000, "chain")]


@cache
def calculated(plan: str, size: int, shape: str, folder_of: Callable[..., Path] = company_folder) -> CommissionRun:
    """Return a run of all bonuses of a plan, with what it needs to pay them again."""
    folder = folder_of(size, shape)
    members, orders = (pl.read_parquet(folder / f"{name}.parquet") for name in ("members", "orders"))
    found = mlmcalc.run(plan, members=members, orders=orders, period="2026-10").calculated
    assert found is not None
    return found


def paying(run: CommissionRun, bonus: str, period: str = "2026-10") -> Callable[[], None]:
    """Return what pays one bonus again, lines, last steps and closing state included."""
    values, word = run.values, run.plan.bonuses[bonus]
    decimals = word.base_decimals(run.plan.vocabulary)

    def pay() -> None:
        values.closing = Closing(period)
        account = BonusAccount(
            bonus, values.size, values.rounding, decimals, values.amount_decimals, lambda block: None
        )
        word.evaluate(values, account)

    return pay
