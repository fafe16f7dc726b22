"""A table of volumes per member, in place of orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.columns import reordered
from mlmcalc.tables.lookup import Directory
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.orders import read_buyers, read_volumes
from mlmcalc.tables.source import Table
from mlmcalc.volumes.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class VolumeRows:
    """The rows of a table of volumes, in its own order.

    Attributes
    ----------
    member : (k,) int32
        Row of the member (not yet a position), negative where it is unknown.
    columns : mapping of str to Column
    """

    member: NDArray[np.int32]
    columns: Mapping[str, Column]


def read_volume_rows(
    table: Table, needs: Needs, directory: Directory | None, collector: Collector
) -> VolumeRows | None:
    """Return the rows of a table of volumes, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : Needs
    directory : Directory or None
    collector : Collector
        Receives ``volumes.unknown_member``, ``volumes.duplicate_member`` and what `read_ids` and `read_amounts` find.

    Returns
    -------
    VolumeRows or None
        None without the column of members.
    """
    columns = read_volumes(table, needs, collector)
    if not table.has("member_id"):
        return None
    member = read_buyers(table, directory, "volumes.unknown_member", collector)
    _report_doubles(table, member, directory, collector)
    return VolumeRows(member, columns)


def build_volumes(rows: VolumeRows, position_of_row: NDArray[np.int32]) -> Orders:
    """Return the volumes sorted by position.

    Parameters
    ----------
    rows : VolumeRows
        Without errors.
    position_of_row : (n,) int32
    """
    position = position_of_row[rows.member]
    order = np.argsort(position, kind="stable")
    member = position[order]
    member.flags.writeable = False
    columns = {name: reordered(column, order) for name, column in rows.columns.items()}
    return Orders(member=member, ids=None, day=None, kind=None, first=None, columns=columns)


def _report_doubles(table: Table, member: NDArray[np.int32], directory: Directory | None, collector: Collector) -> None:
    order = np.argsort(member, kind="stable")
    repeats = np.r_[False, member[order][1:] == member[order][:-1]] & (member[order] >= 0)
    if directory is None or not repeats.any():
        return
    leaders = order[np.maximum.accumulate(np.where(repeats, 0, np.arange(order.size)))]
    later, earlier = order[repeats], leaders[repeats]
    in_table_order = np.argsort(later)
    later, earlier = later[in_table_order], earlier[in_table_order]
    collector.rows(
        "volumes.duplicate_member",
        table,
        "member_id",
        later,
        lambda index: f"the member is in row {table.row(int(earlier[index]))} already.",
        "Give one row per member, with the sum.",
        member=lambda index: directory.ids.text(int(member[later[index]])),
    )
