"""A case through the library, and its run in the words of a case."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from mlmcalc.api.library import load_plan, run
from mlmcalc.api.run import Run
from mlmcalc.cases.case import Case
from mlmcalc.cases.observed import Cell, Observed
from mlmcalc.cases.rows import frame_of
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import decimal_from_units, rate_text
from mlmcalc.rules.values import Values


def calculate(case: Case) -> Observed:
    """Return what a case's plan makes of its members and volumes.

    Raises
    ------
    InputRefused
        The plan or the data are refused.
    """
    plan = load_plan(case.plan)
    tables = {name: frame_of(rows) for name, rows in case.tables.items()}
    result = run(
        plan,
        tables["members"],
        orders=tables.get("orders"),
        volumes=tables.get("volumes"),
        overrides=tables.get("overrides"),
        period=case.period,
    )
    return observe(result)


def observe(result: Run) -> Observed:
    """Return the results of a run that was calculated here."""
    assert result.calculated is not None, "a case is always calculated"
    values = result.calculated.values
    ids = [str(member) for member in values.network.ids]
    return Observed(
        statements={
            (row["bonus"], row["earner"] or COMPANY): row["amount"]
            for row in _texts(result.statements)
            if isinstance(row["amount"], Decimal) and row["amount"]
        },
        lines=[_line(row) for row in _texts(result.lines)],
        breakage=list(_texts(result.breakage)),
        transfers=[{**row, "source": row["member"]} for row in _texts(result.transfers)],
        ranks=_ranks(values, ids),
        metrics=_quantities(values, ids),
        trees=_trees(values, ids),
    )


def _texts(frame: pl.DataFrame) -> Iterator[dict[str, Any]]:
    """Ids and categories as texts, numbers as decimals, null as empty text."""
    for row in frame.iter_rows(named=True):
        yield {name: _cell(name, value) for name, value in row.items()}


def _cell(name: str, value: Any) -> Cell:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if name in ("level", "paid_level", "rate_ppm", "lines") else str(value)


def _line(row: dict[str, Any]) -> dict[str, Cell]:
    rate = rate_text(int(row.pop("rate_ppm")))
    return {**row, "earner": row["earner"] or COMPANY, "rate": rate}


def _ranks(values: Values, ids: list[str]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for ladder, ranking in values.rankings.items():
        names = ["none", *ranking.names]
        for member, code in zip(ids, ranking.code.tolist(), strict=True):
            found[ladder, member] = names[code]
    return found


def _quantities(values: Values, ids: list[str]) -> dict[str, dict[str, Decimal]]:
    quantities = {name: volume.total for name, volume in values.volumes.items()} | values.metrics
    return {
        name: {
            member: decimal_from_units(amount, quantity.decimals)
            for member, amount in zip(ids, quantity.amounts.tolist(), strict=True)
        }
        for name, quantity in quantities.items()
    }


def _trees(values: Values, ids: list[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, tree in (dict(values.network.trees) | values.trees).items():
        # A place in tree order to the id there.
        members = ids if tree.order is None else [ids[position] for position in tree.order.tolist()]
        kept = [depth >= 0 for depth in tree.depth.tolist()] if tree.kept is None else tree.kept.tolist()
        found[name] = {
            member: members[parent] if parent >= 0 else ""
            for member, parent, stays in zip(members, tree.parent.tolist(), kept, strict=True)
            if stays
        }
    return found
