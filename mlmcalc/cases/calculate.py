"""A case through the library, and its run in the words of a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from mlmcalc.api.library import load_plan, run
from mlmcalc.api.run import Run
from mlmcalc.cases.case import Case, state_table
from mlmcalc.cases.observed import Cell, Observed, Row
from mlmcalc.cases.rows import frame_of
from mlmcalc.genealogy.tree import Tree
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import decimal_from_units, rate_text
from mlmcalc.rules.values import Quantity
from mlmcalc.runs.commission_run import PAYOUT


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
        adjustments=tables.get("adjustments"),
        closed=tables.get("closed"),
        rates=tables.get("rates"),
        period=case.period,
        state=frame_of(state_table(case)) if case.tables.get("state") else None,
    )
    return ObservedRun(result)


class ObservedRun:
    """A run that was calculated here, each of its results made whenever it is asked for.

    Parameters
    ----------
    run : Run
    """

    def __init__(self, run: Run) -> None:
        assert run.calculated is not None, "a case is always calculated"
        self._run = run
        self._values = run.calculated.values
        self._bonuses = run.calculated.plan.bonuses
        self._ids = [str(member) for member in self._values.network.ids]
        self._places = {member: position for position, member in enumerate(self._ids)}

    @property
    def members(self) -> Collection[str]:
        """Every member, and the company."""
        return {*self._places, COMPANY}

    @property
    def bonuses(self) -> Collection[str]:
        """Every bonus of the plan, and the one that payouts are rounded in."""
        return {*self._bonuses, PAYOUT}

    @property
    def statements(self) -> dict[tuple[str, str], Decimal]:
        """What is not zero, by bonus and member."""
        rows = _texts(self._run.statements)
        return {(row["bonus"], row["earner"] or COMPANY): row["amount"] for row in rows if row["amount"]}

    @property
    def lines(self) -> list[Row]:
        """Every line."""
        return [_line(row) for row in _texts(self._run.lines)]

    @property
    def breakage(self) -> list[Row]:
        """What was offered and not paid."""
        return list(_texts(self._run.breakage))

    @property
    def transfers(self) -> list[Row]:
        """Volume that went to a keeper."""
        return [{**row, "source": row["member"]} for row in _texts(self._run.transfers)]

    @property
    def state(self) -> list[Row]:
        """What the period leaves to the next."""
        return [{**row, "member": row["member_id"]} for row in _texts(self._run.state)]

    @property
    def payout(self) -> list[Row]:
        """What became of what members earned."""
        return list(_texts(self._run.payout))

    @property
    def payments(self) -> list[Row]:
        """What each member is paid in its currency."""
        paid = self._run.payments
        return [] if paid is None else [{**row, "member": row["member_id"]} for row in _texts(paid)]

    @property
    def ranks(self) -> dict[tuple[str, str], str]:
        """Rank by ladder and member; titles too, as ``rank.title``."""
        found: dict[tuple[str, str], str] = {}
        for ladder, ranking in (self._values.rankings | self._values.titles).items():
            names = ["none", *ranking.names]
            for member, code in zip(self._ids, ranking.code.tolist(), strict=True):
                found[ladder, member] = names[code]
        return found

    @property
    def metrics(self) -> Mapping[str, Mapping[str, Decimal]]:
        """Volumes and metrics, by name and member."""
        quantities = {name: volume.total for name, volume in self._values.volumes.items()} | self._values.metrics
        return {name: _Amounts(quantity, self._places) for name, quantity in quantities.items()}

    @property
    def trees(self) -> dict[str, dict[str, str]]:
        """Parent by tree and member."""
        trees: dict[str, Tree] = dict(self._values.network.trees) | self._values.trees
        return {name: self._parents(tree) for name, tree in trees.items()}

    def _parents(self, tree: Tree) -> dict[str, str]:
        # Ids in tree order: an index of the tree says who is where.
        members = self._ids if tree.order is None else [self._ids[position] for position in tree.order.tolist()]
        kept = tree.depth >= 0 if tree.kept is None else tree.kept
        return {
            member: members[parent] if parent >= 0 else ""
            for member, parent, stays in zip(members, tree.parent.tolist(), kept.tolist(), strict=True)
            if stays
        }


class _Amounts(Mapping[str, Decimal]):
    """One number per member, by id."""

    def __init__(self, quantity: Quantity, places: dict[str, int]) -> None:
        self._quantity = quantity
        self._places = places

    def __getitem__(self, member: str) -> Decimal:
        return decimal_from_units(int(self._quantity.amounts[self._places[member]]), self._quantity.decimals)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


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


def _line(row: dict[str, Any]) -> Row:
    rate = rate_text(int(row.pop("rate_ppm")))
    return {**row, "earner": row["earner"] or COMPANY, "rate": rate}
