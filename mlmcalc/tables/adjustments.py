"""The table of adjustments: amounts that enter a period's payout, each with a type, a reason and an approver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.adjustments import TEXTS, Adjustments
from mlmcalc.money import INT64_MAX
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.orders import read_buyers
from mlmcalc.tables.source import Table, Wanted
from mlmcalc.tables.words import read_texts

WANTED_OF_ADJUSTMENTS = Wanted(
    "adjustments", ("member_id", "type", "amount", "reason", "approver"), ("bonus", "period", "cause")
)
_REMEDIES = {
    "type": "Write what it is, such as manual or true_up: the payout calls it so.",
    "reason": "An adjustment counts only with a reason and an approver.",
    "approver": "An adjustment counts only with a reason and an approver.",
}


@dataclass(frozen=True, slots=True, eq=False)
class AdjustmentRows:
    """The rows of the table, in its own order.

    Attributes
    ----------
    table : Table
    member : (k,) int32
        Row of the member, not yet a position.
    amounts : (k,) int64
        In money.
    codes : mapping of str to (k,) int32
    labels : mapping of str to list of str
    decimals : int
    """

    table: Table
    member: NDArray[np.int32]
    amounts: NDArray[np.int64]
    codes: Mapping[str, NDArray[np.int32]]
    labels: Mapping[str, Sequence[str]]
    decimals: int

    def first_row_of(self, name: str, code: int) -> int:
        """Return the first row, as a spreadsheet counts it, with a text in a column."""
        return self.table.row(int(np.flatnonzero(self.codes[name] == code)[0]))


def read_adjustments(
    table: Table, needs: Needs, directory: Directory | None, collector: Collector
) -> AdjustmentRows | None:
    """Return the rows of the table, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : Needs
    directory : Directory or None
        None when the members could not be read.
    collector : Collector
        Receives ``adjustments.unknown_member``, ``adjustments.type``, ``adjustments.reason``,
        ``adjustments.approver``, ``adjustments.overflow``, the warning ``adjustments.repeated``, and what
        `read_amounts` and `read_texts` find.

    Returns
    -------
    AdjustmentRows or None
        None where a needed column is missing.
    """
    if not all(table.has(name) for name in WANTED_OF_ADJUSTMENTS.required):
        return None
    member = read_buyers(table, directory, "adjustments.unknown_member", collector)
    amounts, _ = read_amounts(table, "amount", needs.money_decimals, collector)
    codes, labels = {}, {}
    for name in TEXTS:
        codes[name], labels[name] = _texts(table, name, collector)
        if name in _REMEDIES:
            empty = np.flatnonzero(codes[name] == len(labels[name]) - 1)
            seen = f"the adjustment has no {name}."
            collector.rows(f"adjustments.{name}", table, name, empty, lambda _, seen=seen: seen, _REMEDIES[name])
    if total_magnitude(amounts) > INT64_MAX:
        seen = "the adjustments could add up to more than 64 bits hold."
        collector.add(Finding("adjustments.overflow", seen, "Correct the amounts.", file=table.file))
    _report_repeated(table, member, amounts, codes, collector)
    return AdjustmentRows(table, member, amounts, codes, labels, needs.money_decimals)


def build_adjustments(rows: AdjustmentRows, position_of_row: NDArray[np.int32]) -> Adjustments:
    """Return the adjustments by position of the member, those of one member in table order.

    Parameters
    ----------
    rows : AdjustmentRows
        Without errors.
    position_of_row : (n,) int32
    """
    member = position_of_row[rows.member]
    order = np.argsort(member, kind="stable")
    codes = {name: column[order] for name, column in rows.codes.items()}
    return Adjustments(member[order], rows.amounts[order], codes, rows.labels, rows.decimals)


def _texts(table: Table, name: str, collector: Collector) -> tuple[NDArray[np.int32], list[str]]:
    # The last label is that of a blank cell.
    if not table.has(name):
        return np.zeros(table.size, np.int32), [""]
    codes, labels = read_texts(table, name, collector)
    return np.where(codes < 0, np.int32(len(labels)), codes), [*labels, ""]


def _report_repeated(
    table: Table,
    member: NDArray[np.int32],
    amounts: NDArray[np.int64],
    codes: Mapping[str, NDArray[np.int32]],
    collector: Collector,
) -> None:
    keys = [*codes.values(), amounts, member]
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    later = np.sort(order[1:][same & (member[order][1:] >= 0)])
    seen = "the row is the same as an earlier one in every cell, and counts as well."
    remedy = "Take it out, if it is the same amount written twice."
    collector.rows("adjustments.repeated", table, "amount", later, lambda _: seen, remedy, level="warning")
