"""Operators of the small company, who close its periods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import Calculation, calculate
from mlmcalc.closing.committing import Sealed, commit
from mlmcalc.closing.desk import Desk
from mlmcalc.closing.programs import Programs
from mlmcalc.plan.load import load_plan
from mlmcalc.store.store import Store
from tests.api.small_company import ORDERS, plan_text
from tests.closing.company import PAYOUT, PEOPLE, RETURNS

EVERY_ORDER = pl.concat([ORDERS.with_columns(pl.lit("sale").alias("kind")).select(RETURNS.columns), RETURNS])


def desk_of(store: Store, by: str = "Ann", plan: str = "", **tables: pl.DataFrame) -> Desk:
    """A desk whose tables are always those."""
    given = {"members": PEOPLE, "orders": EVERY_ORDER} | tables

    def source(tx: Any, plan: Any, period: Any, as_of: str, known_at: int) -> Mapping[str, Any]:
        return {name: store.objects.put(frame, name) for name, frame in given.items()}

    return Desk(store, Programs([load_plan(plan or plan_text() + PAYOUT)]), by, source)


def at(desk: Desk, by: str) -> Desk:
    """The same desk, another operator."""
    return replace(desk, by=by)


def reviewed(desk: Desk, label: str = "2026-10") -> Calculation:
    """Calculate a period, and let Ben approve it."""
    made = calculate(desk, "alpine", label)
    approve(at(desk, "Ben"), "alpine", label)
    return made


def committed(desk: Desk, label: str = "2026-10") -> Sealed:
    """Calculate, approve and commit a period."""
    reviewed(desk, label)
    return commit(desk, "alpine", label)
