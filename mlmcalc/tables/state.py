"""The table of what one period leaves to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.money import INT64_MAX
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.ids import read_ids
from mlmcalc.tables.lookup import UNKNOWN, Directory
from mlmcalc.tables.numbers import read_exact
from mlmcalc.tables.source import Table, Wanted
from mlmcalc.tables.words import read_texts

STATE_COLUMNS = ("period", "section", "name", "member_id", "key", "since", "value")
STATE_DECIMALS = 12
"""The most decimals of a value."""

WANTED_OF_STATE = Wanted("state", ("period", "section", "name", "member_id", "value"), ("key", "since"))
_TEXTS = ("section", "name", "key", "since")


@dataclass(frozen=True, slots=True, eq=False)
class StateTable:
    """The rows of a table of state whose value is not 0.

    Attributes
    ----------
    period : str
        Label of the period that closed; empty where the table has no rows.
    member : (k,) int32
        Row of the member; after `build_state` its position.
    codes : mapping of str to (k,) int32
        ``section``, ``name``, ``key``, ``since``, into `labels`.
    labels : mapping of str to list of str
        Where ``since`` is empty it is the period that closed.
    units, decimals : (k,) int64, (k,) int8
        The value in units of ``10**-decimals``, the fewest that hold it.
    """

    period: str
    member: NDArray[np.int32]
    codes: Mapping[str, NDArray[np.int32]]
    labels: Mapping[str, Sequence[str]]
    units: NDArray[np.int64]
    decimals: NDArray[np.int8]


def read_state(table: Table, directory: Directory | None, collector: Collector) -> StateTable | None:
    """Return the rows of a table of state, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    directory : Directory or None
        None when the members could not be read.
    collector : Collector
        Receives ``state.period``, ``state.blank``, ``state.left_network``, ``state.duplicate`` and what `read_ids`,
        `read_texts` and `read_amounts` find.

    Returns
    -------
    StateTable or None
        None where a needed column is missing.
    """
    if not all(table.has(name) for name in WANTED_OF_STATE.required):
        return None
    period = _period(table, collector)
    codes, labels = {}, {}
    for name in _TEXTS:
        codes[name], labels[name] = _texts(table, name, period if name == "since" else "", collector)
    for name in ("section", "name"):
        blank = np.flatnonzero(codes[name] == labels[name].index(""))
        remedy = "Give every row its section and its name."
        collector.rows("state.blank", table, name, blank, lambda _, name=name: f"the {name} is blank.", remedy)
    units, decimals = read_exact(table, "value", STATE_DECIMALS, collector)
    member = _members(table, directory, units, collector)
    _report_doubles(table, member, codes, directory, collector)
    counts = np.flatnonzero((units != 0) & (member >= 0))
    if counts.size == table.size:
        return StateTable(period, member, codes, labels, units, decimals)
    picked = {name: column[counts] for name, column in codes.items()}
    return StateTable(period, member[counts], picked, labels, units[counts], decimals[counts])


def build_state(rows: StateTable, position_of_row: NDArray[np.int32]) -> StateTable:
    """Return the rows with positions for members.

    Parameters
    ----------
    rows : StateTable
        Without errors.
    position_of_row : (n,) int32
    """
    return StateTable(rows.period, position_of_row[rows.member], rows.codes, rows.labels, rows.units, rows.decimals)


def _period(table: Table, collector: Collector) -> str:
    codes, labels = read_texts(table, "period", collector)
    blank = np.flatnonzero(codes < 0)
    remedy = "Write the label of the period that closed, the same in every row."
    collector.rows("state.period", table, "period", blank, lambda _: "the period is blank.", remedy)
    if len(labels) > 1:
        seen = f"the rows are of {len(labels)} periods: {', '.join(labels[:5])}."
        heading = table.heading("period")
        collector.add(
            Finding("state.period", seen, "Give one period's closing state.", file=table.file, column=heading)
        )
    return labels[0] if labels else ""


def _texts(table: Table, name: str, blank: str, collector: Collector) -> tuple[NDArray[np.int32], list[str]]:
    if not table.has(name):
        return np.zeros(table.size, np.int32), [blank]
    codes, labels = read_texts(table, name, collector)
    if blank not in labels:
        labels = [*labels, blank]
    is_blank = codes < 0
    if is_blank.any():
        codes[is_blank] = labels.index(blank)
    return codes, labels


def _members(
    table: Table, directory: Directory | None, units: NDArray[np.int64], collector: Collector
) -> NDArray[np.int32]:
    # Nothing is lost where nothing is left: only an amount needs its member.
    wanted = read_ids(table, "member_id", collector)
    if directory is None:
        return np.full(table.size, -1, np.int32)
    member = directory.rows(table, "member_id", wanted, collector)
    gone = np.flatnonzero((member == UNKNOWN) & (units != 0))
    collector.rows(
        "state.left_network",
        table,
        "member_id",
        gone,
        lambda index: f"{shown(wanted.text(int(gone[index])))} is not a member, and something was left to it.",
        "Keep who left in the table of members, with status left; or write 0, if the amount is to lapse.",
        member=lambda index: wanted.text(int(gone[index])),
    )
    return member


def _report_doubles(
    table: Table,
    member: NDArray[np.int32],
    codes: Mapping[str, NDArray[np.int32]],
    directory: Directory | None,
    collector: Collector,
) -> None:
    if directory is None or not _may_repeat(member, codes):
        return
    keys = [codes[name] for name in reversed(_TEXTS)] + [member]
    order = np.lexsort(keys)
    same = np.logical_and.reduce([key[order][1:] == key[order][:-1] for key in keys])
    repeats = np.r_[np.zeros(min(table.size, 1), np.bool_), same] & (member[order] >= 0)
    leaders = order[np.maximum.accumulate(np.where(repeats, 0, np.arange(order.size)))] if order.size else order
    later, earlier = order[repeats], leaders[repeats]
    in_table_order = np.argsort(later)
    later, earlier = later[in_table_order], earlier[in_table_order]
    collector.rows(
        "state.duplicate",
        table,
        "member_id",
        later,
        lambda index: f"section, name, member, key and since are those of row {table.row(int(earlier[index]))}.",
        "Keep one of them, or give the sum.",
        member=lambda index: directory.ids.text(int(member[later[index]])),
    )


def _may_repeat(member: NDArray[np.int32], codes: Mapping[str, NDArray[np.int32]]) -> bool:
    """Return whether two rows can be about the same: never wrong where it is False."""
    known = np.flatnonzero(member >= 0)
    key, most = member[known].astype(np.int64), int(member.max(initial=0)) + 1
    for name in _TEXTS:
        column = codes[name][known]
        most *= int(column.max(initial=0)) + 1
        if most > INT64_MAX:
            return True
        key *= int(column.max(initial=0)) + 1
        key += column
    key.sort()
    return bool((key[1:] == key[:-1]).any())
