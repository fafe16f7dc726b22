"""Tables of a company taken into events and folded again, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from mlmcalc.api.needs import needs_of
from mlmcalc.history.changes import member_changes
from mlmcalc.history.facts import Scope, fact_changes, fold_facts, fold_orders
from mlmcalc.history.members import fold_members
from mlmcalc.history.parts import Part
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.tables.snapshot import id_columns, read_snapshot
from mlmcalc.tables.source import ColumnMap


def folded(
    plan: Plan, period: Period, tables: Mapping[str, Any], maps: Mapping[str, ColumnMap] | None = None
) -> dict[str, pl.DataFrame]:
    """The tables as they come out of events, as of the last day of a period."""
    needs = needs_of(plan)
    found = {}
    scope = Scope(period.first, period.last)
    for kind, source in tables.items():
        snapshot = read_snapshot(source, kind, needs, (maps or {}).get(kind, ColumnMap())).frame
        ids = id_columns(needs, kind)
        if kind == "members":
            changes = member_changes([], snapshot, period.last, ids)
        else:
            changes = fact_changes(kind, [], snapshot, scope)
        parts = [Part.of(1, frame) for frame in changes.frames]
        if kind == "members":
            table = fold_members(parts, period.last, ids)
        elif kind == "orders":
            first = snapshot["date"].min() if needs.first_order else period.first
            table = fold_orders(parts, first, period.last, ids)  # type: ignore[arg-type]  a day
        else:
            table = fold_facts(kind, parts, ids)
        assert table is not None
        found[kind] = table
    return found
