"""The table of closed results: what bonuses of other programs came to in periods that have ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.closed import ClosedResults
from mlmcalc.ledger.member_amounts import MemberAmounts
from mlmcalc.money import INT64_MAX
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.orders import read_buyers
from mlmcalc.tables.source import Table, Wanted
from mlmcalc.tables.words import read_texts

_TEXTS = ("plan", "bonus", "period")
WANTED_OF_CLOSED = Wanted("closed", (*_TEXTS, "member_id", "amount"))


@dataclass(frozen=True, slots=True, eq=False)
class ClosedRows:
    """The rows of the table, in its own order.

    Attributes
    ----------
    table : Table
    member : (k,) int32
        Row of the member, not yet a position.
    amounts : (k,) int64
        In money.
    codes : mapping of str to (k,) int32
        ``plan``, ``bonus``, ``period``, into `labels`.
    labels : mapping of str to list of str
    decimals : int
    """

    table: Table
    member: NDArray[np.int32]
    amounts: NDArray[np.int64]
    codes: Mapping[str, NDArray[np.int32]]
    labels: Mapping[str, list[str]]
    decimals: int

    def periods_of(self, plan: str) -> dict[str, int]:
        """Return the periods of a program, and the first row of each as a spreadsheet counts it."""
        of_plan = np.flatnonzero(self.codes["plan"] == self._code("plan", plan))
        periods, first = np.unique(self.codes["period"][of_plan], return_index=True)
        rows = of_plan[first].tolist()
        return {
            self.labels["period"][code]: self.table.row(row) for code, row in zip(periods.tolist(), rows, strict=True)
        }

    def bonuses_of(self, plan: str) -> list[str]:
        """Return the bonuses of a program."""
        codes = np.unique(self.codes["bonus"][self.codes["plan"] == self._code("plan", plan)]).tolist()
        return [self.labels["bonus"][code] for code in codes]

    def _code(self, name: str, label: str) -> int:
        return self.labels[name].index(label) if label in self.labels[name] else -1


def read_closed(table: Table, needs: Needs, directory: Directory | None, collector: Collector) -> ClosedRows | None:
    """Return the rows of the table, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : Needs
    directory : Directory or None
        None when the members could not be read.
    collector : Collector
        Receives ``closed.unknown_member``, ``closed.blank``, ``closed.duplicate``, ``closed.overflow`` and what
        `read_amounts` and `read_texts` find.

    Returns
    -------
    ClosedRows or None
        None where a column is missing.
    """
    if not all(table.has(name) for name in WANTED_OF_CLOSED.required):
        return None
    member = read_buyers(table, directory, "closed.unknown_member", collector)
    amounts, _ = read_amounts(table, "amount", needs.money_decimals, collector)
    codes: dict[str, NDArray[np.int32]] = {}
    labels: dict[str, list[str]] = {}
    for name in _TEXTS:
        codes[name], labels[name] = read_texts(table, name, collector)
        blank = np.flatnonzero(codes[name] < 0)
        remedy = "Give every row its plan, bonus and period."
        collector.rows("closed.blank", table, name, blank, lambda _, name=name: f"the {name} is blank.", remedy)
    if total_magnitude(amounts) > INT64_MAX:
        seen = "the amounts could add up to more than 64 bits hold."
        collector.add(Finding("closed.overflow", seen, "Correct the amounts.", file=table.file))
    _report_doubles(table, member, codes, collector)
    return ClosedRows(table, member, amounts, codes, labels, needs.money_decimals)


def build_closed(rows: ClosedRows, position_of_row: NDArray[np.int32]) -> ClosedResults:
    """Return what each member had, by position, the periods of each program together.

    Parameters
    ----------
    rows : ClosedRows
        Without errors.
    position_of_row : (n,) int32
    """
    width = len(rows.labels["bonus"])
    group = rows.codes["plan"].astype(np.int64) * width + rows.codes["bonus"]
    position = position_of_row[rows.member]
    found = {}
    for code in np.unique(group).tolist():
        chosen = np.flatnonzero(group == code)
        members, place = np.unique(position[chosen], return_inverse=True)
        amounts = np.zeros(members.size, np.int64)
        np.add.at(amounts, place, rows.amounts[chosen])
        key = (rows.labels["plan"][code // width], rows.labels["bonus"][code % width])
        found[key] = MemberAmounts(members.astype(np.int64), amounts)
    return ClosedResults(found, rows.decimals)


def _report_doubles(
    table: Table, member: NDArray[np.int32], codes: Mapping[str, NDArray[np.int32]], collector: Collector
) -> None:
    keys = [*codes.values(), member]
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    later = np.sort(order[1:][same & (member[order][1:] >= 0)])
    seen = "an earlier row is of the same plan, bonus, period and member."
    collector.rows("closed.duplicate", table, "amount", later, lambda _: seen, "Keep one of them, or give the sum.")
