"""Completeness and cut-off: the inputs of a run, read again, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.api.needs import needs_of
from mlmcalc.api.recalculate import Again
from mlmcalc.audit.pack.completeness import Inputs, Stated, TableRows, VolumeTotals, Warned
from mlmcalc.audit.pack.cut_off import MOST, CutOff, DayTotals, LateOrder
from mlmcalc.audit.pack.model import Bounded, column_sum
from mlmcalc.money import decimal_from_units
from mlmcalc.periods import Period, day_text
from mlmcalc.rules.state import Kept
from mlmcalc.tables.decimals_out import decimal_type
from mlmcalc.tables.order_evidence import AFTER, BEFORE, FATES, TWICE, USED, OrderEvidence, read_order_evidence
from mlmcalc.tables.source import ColumnMap
from mlmcalc.workspace.expectations import Expectations


def order_evidence(again: Again) -> OrderEvidence | None:
    """Return every order of the input, None where the run was made of volumes per member.

    Raises
    ------
    InputRefused
        With every finding, where the table can no longer be read.
    """
    orders = again.inputs.tables.get("orders")
    if orders is None:
        return None
    maps = again.inputs.maps.get("orders", ColumnMap())
    return read_order_evidence(orders, needs_of(again.prepared.plan), again.prepared.period, maps)


def rows_of_inputs(again: Again, orders: OrderEvidence | None, findings: pl.DataFrame, expect: Expectations) -> Inputs:
    """Return what became of every row of every input.

    Parameters
    ----------
    again : Again
    orders : OrderEvidence or None
    findings : polars.DataFrame
        The run's own.
    expect : Expectations
        What the company states, where its workspace is at hand.
    """
    left_out = again.prepared.left_out
    unread = {
        name: count
        for key, count in left_out.items()
        if key.startswith("columns of ") and (name := key.removeprefix("columns of ").removesuffix(" not read"))
    }
    tables = [_table(again, seal, orders) for seal in again.manifest["inputs"]]
    return Inputs(tables, _stated(again.manifest, expect), _warned(findings), unread)


def cut_off_of(
    orders: OrderEvidence,
    period: Period,
    days: int,
    late: Sequence[LateOrder] | None = None,
    beyond: pl.DataFrame | None = None,
) -> CutOff:
    """Return the orders near both ends of the period.

    Parameters
    ----------
    orders : OrderEvidence
    period : Period
    days : int
        How many on each side of each end.
    late : sequence of LateOrder, optional
        Orders of the period that were known after it ended; None where nobody knows.
    beyond : polars.DataFrame, optional
        Orders of other periods that the input does not hold: ``order_id``, ``member_id``, ``date``, ``kind``, volumes.
    """
    first, last = period.first_day, period.last_day
    outside = (orders.fate == BEFORE) | (orders.fate == AFTER)
    close = (orders.day >= first - days) & (orders.day <= last + days)
    edges = (orders.fate == USED) & ((orders.day == first) | (orders.day == last))
    near_days = sorted({*range(first - days, first + days), *range(last - days + 1, last + days + 1)})
    others = _beyond(orders, beyond, near_days)
    near = _bounded(orders, outside & close)
    late_rows, unused = (None, 0) if late is None else _late(orders, late)
    return CutOff(
        days=days,
        by_day=[_day(orders, day, first <= day <= last, others) for day in near_days],
        near=Bounded([*near.rows, *others.drop("day_number").rows()][:MOST], near.found + others.height),
        edges=_bounded(orders, edges),
        far=int(np.count_nonzero(outside & ~close)),
        volumes=list(orders.volumes),
        late=late_rows,
        late_unused=unused,
    )


def _late(orders: OrderEvidence, late: Sequence[LateOrder]) -> tuple[Bounded, int]:
    """Return the late orders, those first that the run does not hold, and how many of these there are."""
    used = set(orders.frame(orders.places_of([one.order for one in late]))["order"])
    shown = sorted(late, key=lambda one: (one.order in used, one.known, one.order))
    rows = [[one.order, one.member, one.day, one.known, "yes" if one.order in used else "no"] for one in shown[:MOST]]
    return Bounded(rows, len(late)), len(late) - len(used)


def _table(again: Again, seal: Mapping[str, Any], orders: OrderEvidence | None) -> TableRows:
    name, prepared = seal["name"], again.prepared
    not_read = {
        key.replace(f" of {name}", ""): count
        for key, count in prepared.left_out.items()
        if key.startswith((f"blank rows of {name}", f"rows of {name} without"))
    }
    left_out: dict[str, int] = {}
    volumes: Sequence[VolumeTotals] = ()
    used = seal["rows"]
    if name == "members":
        used = prepared.network.size
    elif name == "orders" and orders is not None:
        counts = orders.counts()
        used, left_out = prepared.orders.size, {FATES[fate]: counts[fate] for fate in (TWICE, BEFORE, AFTER)}
        volumes = [_volume(again, column, total, orders) for column, total in seal["totals"].items()]
    elif name == "volumes":
        used = prepared.orders.size
        volumes = [_volume_of_table(again, column, total) for column, total in seal["totals"].items()]
    elif name == "overrides":
        used = len(prepared.overrides)
        left_out = {"not in force on the last day": seal["rows"] - used}
    elif name == "state":
        used, left_out = _state_rows(again)
    return TableRows(name, Path(seal["path"]).name, seal["sha256"], seal["rows"], not_read, left_out, used, volumes)


def _state_rows(again: Again) -> tuple[int, dict[str, int]]:
    known = {Kept(kept.section, kept.name) for kept in again.prepared.plan.keeps}
    sections = again.prepared.opening.sections
    used = sum(rows.size for kept, rows in sections.items() if kept in known)
    unread = sum(rows.size for kept, rows in sections.items() if kept not in known)
    return used, {"of something the plan does not keep": unread}


def _volume(again: Again, column: str, sealed: str, orders: OrderEvidence) -> VolumeTotals:
    decimals = orders.volumes[column].decimals

    def summed(chosen: NDArray[np.bool_]) -> Decimal:
        return decimal_from_units(orders.sums(column, chosen), decimals)

    left_out = {FATES[fate]: summed(orders.fate == fate) for fate in (TWICE, BEFORE, AFTER)}
    taken = _calculated_on(again, column)
    return VolumeTotals(column, Decimal(sealed), left_out, summed(orders.fate == USED), taken)


def _volume_of_table(again: Again, column: str, sealed: str) -> VolumeTotals:
    taken = _calculated_on(again, column)
    return VolumeTotals(column, Decimal(sealed), {}, taken, taken)


def _calculated_on(again: Again, column: str) -> Decimal:
    # Python's own integers: nothing here may wrap.
    values = again.prepared.orders.columns[column]
    return decimal_from_units(sum(values.values.tolist()), values.decimals)


def _stated(manifest: Mapping[str, Any], expect: Expectations) -> list[Stated]:
    seals = {seal["name"]: seal for seal in manifest["inputs"]}
    found = []
    for table, stated in expect.tables.items():
        seal = seals.get(table, {"rows": 0, "totals": {}})
        if stated.rows is not None:
            found.append(Stated(table, "rows", Decimal(stated.rows), Decimal(seal["rows"])))
        for column, amount in stated.sums.items():
            found.append(Stated(table, column, Decimal(amount), Decimal(seal["totals"].get(column, "0"))))
    return found


def _warned(findings: pl.DataFrame) -> list[Warned]:
    if not findings.height:
        return []
    by_code = findings.group_by("code").agg(
        pl.len(), pl.col("message").first(), pl.col("file").first(), pl.col("row").first()
    )
    return [
        Warned(code, f"{Path(file).name} row {row}: {message}" if row is not None else message, count)
        for code, count, message, file, row in by_code.sort("code").iter_rows()
    ]


def _beyond(orders: OrderEvidence, beyond: pl.DataFrame | None, days: Sequence[int]) -> pl.DataFrame:
    """Return orders of other periods in the columns of a list of orders, and the number of their day."""
    nothing = dict.fromkeys(["order_id", "member_id", "date"], pl.String)
    given = pl.DataFrame(schema=nothing) if beyond is None else beyond
    day = pl.col("date").cast(pl.Date)
    columns = [pl.lit(None, pl.Int64).alias("row"), pl.col("order_id").cast(pl.String).alias("order")]
    columns += [pl.col("member_id").cast(pl.String).alias("member"), day.cast(pl.String).alias("day")]
    columns.append((pl.col("kind").cast(pl.String) if "kind" in given.columns else pl.lit("sale")).alias("kind"))
    columns.append(pl.lit("of another period").alias("became"))
    for name, column in orders.volumes.items():
        found = pl.col(name) if name in given.columns else pl.lit(None)
        columns.append(found.cast(decimal_type(column.decimals)).alias(name))
    placed = given.select(*columns, day.cast(pl.Int32).alias("day_number"))
    return placed.filter(pl.col("day_number").is_in(list(days))).sort("day_number", "order")


def _day(orders: OrderEvidence, day: int, inside: bool, others: pl.DataFrame) -> DayTotals:
    of_day = orders.day == day
    used, out = of_day & (orders.fate == USED), of_day & (orders.fate != USED)
    beyond = others.filter(pl.col("day_number") == day)
    volumes = {
        name: (
            decimal_from_units(orders.sums(name, used), column.decimals),
            decimal_from_units(orders.sums(name, out), column.decimals) + column_sum(beyond, name),
        )
        for name, column in orders.volumes.items()
    }
    return DayTotals(day_text(day), inside, int(used.sum()), int(out.sum()) + beyond.height, volumes)


def _bounded(orders: OrderEvidence, chosen: NDArray[np.bool_]) -> Bounded:
    places = np.flatnonzero(chosen)
    by_day = places[np.argsort(orders.day[places], kind="stable")]
    frame = orders.frame(by_day[:MOST]).with_columns(pl.col("day").cast(pl.String))
    return Bounded(frame.rows(), places.size)
