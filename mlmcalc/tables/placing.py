"""The table of members as placement reads it: who stands where, and who wants a seat."""

from __future__ import annotations

import re
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.candidates import Candidates
from mlmcalc.genealogy.checks import doubled_legs, legs_beyond_width
from mlmcalc.genealogy.network import NO_DAY, STATUSES, Column
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.money import INT64_MAX
from mlmcalc.periods import Period
from mlmcalc.tables.collector import Collector
from mlmcalc.tables.columns import reordered
from mlmcalc.tables.days import read_days
from mlmcalc.tables.ids import read_ids
from mlmcalc.tables.inputs import Fingerprint
from mlmcalc.tables.members import read_members
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.numbers import read_amounts
from mlmcalc.tables.parents import Rows, leg_number
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table

_PLACEMENT = "placement_id"


@dataclass(frozen=True, slots=True)
class PlacingNeeds:
    """What placement reads of the table of members besides the columns it always may have.

    Attributes
    ----------
    width : int
        Legs of each member; 0 where seats are not read.
    preference, volume : str
        Columns; empty for none.
    decimals : int
        Of the volume.
    volumes_table : bool
        Whether the volume is in a table of its own.
    time_zone : str
    """

    width: int
    preference: str = ""
    volume: str = ""
    decimals: int = 2
    volumes_table: bool = False
    time_zone: str = "UTC"

    def wanted(self) -> Wanted:
        """Return the columns of the table of members."""
        own = [self.preference, "" if self.volumes_table else self.volume]
        optional = ["joined", "held_from", "sequence", "status", "status_from"]
        seats = [_PLACEMENT, "leg"] if self.width else []
        return Wanted("members", ("member_id", "sponsor_id", *filter(None, own)), (*seats, *optional))


@dataclass(frozen=True, slots=True, eq=False)
class Entrants:
    """The members of a placement by row.

    Attributes
    ----------
    rows : Rows
    candidates : Candidates
    status : (n,) int8
        Code into `STATUSES` as it stands on the day.
    status_from : (n,) int32
        Day since when, `NO_DAY` where unknown.
    """

    rows: Rows
    candidates: Candidates
    status: NDArray[np.int8]
    status_from: NDArray[np.int32]


def read_entrants(table: Table, needs: PlacingNeeds, period: Period, collector: Collector) -> Entrants | None:
    """Return the members, with everything that is wrong about them reported.

    Parameters
    ----------
    table : Table
    needs : PlacingNeeds
    period : Period
        Its last day is the day of the placement.
    collector : Collector
        Receives what `read_members` finds about ids, sponsors and placements, ``genealogy.leg``,
        ``genealogy.leg_taken``, ``placement.held_from``, ``placement.sequence``, ``placement.preference``,
        ``placement.volume`` and what the readers of cells find.

    Returns
    -------
    Entrants or None
        None without a single member.
    """
    trees = {"sponsor": ("sponsor_id", "", 0)} | ({"placement": (_PLACEMENT, "", 0)} if needs.width else {})
    texts = {name: ("text", 0) for name in ("leg", needs.preference) if name and table.has(name)}
    own = Needs(trees, member_columns={name: ("text", places) for name, (_, places) in texts.items()})
    members = read_members(table, own, period, collector)
    if members is None or not {"sponsor"} <= members.places.parents.keys():
        return None
    rows, none = members.rows, np.full(members.joined.size, -1, np.int32)
    parent = members.places.parents.get("placement", none)
    leg = _legs(rows, members.columns.get("leg"), parent, needs.width, collector)
    candidates = Candidates(
        sponsor=members.places.parents["sponsor"],
        parent=parent,
        leg=leg,
        rank=_ranks(rows, members.joined, collector),
        joined=members.joined,
        held_from=_held_from(rows, members.joined, needs, collector),
        gone=np.isin(members.status, [STATUSES.index(name) for name in ("left", "suspended", "merged")]),
        preference=_preferences(rows, members.columns.get(needs.preference), needs.preference, collector),
        volume=_volume(rows, needs, collector),
    )
    since = np.full(none.size, NO_DAY, np.int32)
    if table.has("status_from"):
        since = read_days(table, "status_from", needs.time_zone, Collector())[rows.places]
    return Entrants(rows, candidates, members.status, since)


def read_listed(
    source: object,
    label: str,
    needs: PlacingNeeds,
    rows: Rows,
    collector: Collector,
    threads: Executor,
    maps: ColumnMap,
) -> tuple[NDArray[np.int64], NDArray[np.bool_], Fingerprint | None]:
    """Return what a table of members by id says: a volume of each, or only who stands there.

    Parameters
    ----------
    source : path or frame
    label : {"volumes", "remove"}
    needs : PlacingNeeds
    rows : Rows
    collector : Collector
        Receives ``placement.unknown_member``, ``placement.repeated`` and ``placement.volume``.

    Returns
    -------
    volume : (n,) int64
        0 where nothing is said.
    listed : (n,) bool
    fingerprint : Fingerprint or None
    """
    size = rows.places.size
    volume, listed = np.zeros(size, np.int64), np.zeros(size, np.bool_)
    own = (needs.volume,) if label == "volumes" and needs.volume else ()
    table, fingerprint = read_table(source, Wanted(label, ("member_id", *own)), maps, collector, threads)
    if table is None or not table.has("member_id"):
        return volume, listed, fingerprint
    ids = read_ids(table, "member_id", collector)
    found = rows.directory.rows(table, "member_id", ids, collector)
    unknown = np.flatnonzero((found < 0) & ~ids.absent)
    seen, remedy = "nobody among the members has this id.", "Correct it, or add the member."
    collector.rows(
        "placement.unknown_member",
        table,
        "member_id",
        unknown,
        lambda _: seen,
        remedy,
        member=lambda index: ids.text(int(unknown[index])),
    )
    known = np.flatnonzero(found >= 0)
    listed[found[known]] = True
    if own and table.has(needs.volume):
        units, _ = read_amounts(table, needs.volume, needs.decimals, collector, blank_allowed=True)
        _report_volume(table, needs.volume, units, collector)
        repeated = known[np.bincount(found[known], minlength=size)[found[known]] > 1]
        seen = "the member is there more than once."
        collector.rows("placement.repeated", table, "member_id", repeated, lambda _: seen, "Give one row, the sum.")
        volume[found[known]] = units[known]
    return volume, listed, fingerprint


def row_of_id(rows: Rows, text: str) -> int:
    """Return the row of a member named by its id, -1 if there is none."""
    ids = rows.directory.ids
    if ids.numbers is None:
        found = np.flatnonzero((ids.as_texts() == text).fill_null(False).to_numpy())
    elif re.fullmatch(r"-?[0-9]{1,19}", text) and abs(int(text)) <= INT64_MAX:
        found = np.flatnonzero(ids.numbers == int(text))
    else:
        return -1
    return int(found[0]) if found.size else -1


def _legs(rows: Rows, column: Column | None, parent: NDArray[np.int32], width: int, collector: Collector) -> NDArray:
    if column is None:
        return np.zeros(parent.size, np.int32)
    numbers = np.array([*(leg_number(label) for label in column.labels), 0], np.int32)
    leg = np.where(parent >= 0, numbers[column.values], 0).astype(np.int32)
    beyond = legs_beyond_width(parent, leg.astype(np.int16), width)
    message = f"this is no leg of a tree that is {width} wide."
    rows.report("genealogy.leg", "leg", beyond, message, f"Write left, right, or a number: 1 to {width}.", collector)
    leg[beyond] = 0
    for group in doubled_legs(parent, leg.astype(np.int16)):
        others = np.array(group[1:])
        seen = f"leg {leg[group[0]]} of {rows.member(int(parent[group[0]]))} has {rows.member(group[0])} already."
        rows.report("genealogy.leg_taken", "leg", others, seen, "Give one of them another leg.", collector)
        leg[others] = 0
    return leg


def _held_from(rows: Rows, joined: NDArray[np.int32], needs: PlacingNeeds, collector: Collector) -> NDArray[np.int32]:
    if not rows.table.has("held_from"):
        return joined
    days = read_days(rows.table, "held_from", needs.time_zone, collector)[rows.places]
    early = np.flatnonzero((days != NO_DAY) & (days < joined))
    seen, remedy = "the member would be held from before the day of joining.", "Check both days."
    rows.report("placement.held_from", "held_from", early, seen, remedy, collector)
    return np.where(days == NO_DAY, joined, days)


def _ranks(rows: Rows, joined: NDArray[np.int32], collector: Collector) -> NDArray[np.int32]:
    order = np.argsort(joined, kind="stable")
    table = rows.table
    if table.has("sequence"):
        number, given = read_amounts(table, "sequence", 0, collector, blank_allowed=True)
        number = number[rows.places]
        blank = np.zeros(number.size, np.bool_) if given is None else ~given[rows.places]
        seen, remedy = "the member has no place in the order.", "Number every member, or leave the column out."
        rows.report("placement.sequence", "sequence", np.flatnonzero(blank), seen, remedy, collector)
        order = np.argsort(number, kind="stable")
        same = np.flatnonzero(np.r_[False, number[order][1:] == number[order][:-1]])
        twice = order[same[~blank[order[same]]]]
        seen, remedy = "another member has this place in the order, too.", "Give each its own."
        rows.report("placement.sequence", "sequence", twice, seen, remedy, collector)
    rank = np.empty(order.size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    return rank


def _preferences(rows: Rows, column: Column | None, name: str, collector: Collector) -> NDArray[np.int32]:
    if column is None:
        return np.full(rows.places.size, -1, np.int32)
    numbers = np.array([*(leg_number(label) for label in column.labels), 0], np.int32)[column.values]
    wrong = np.flatnonzero((numbers < 0) | (numbers > 2))
    rows.report("placement.preference", name, wrong, "this is no leg.", "Write left or right.", collector)
    return np.where((numbers == 1) | (numbers == 2), numbers - 1, -1).astype(np.int32)


def _volume(rows: Rows, needs: PlacingNeeds, collector: Collector) -> NDArray[np.int64]:
    if not needs.volume or needs.volumes_table or not rows.table.has(needs.volume):
        return np.zeros(rows.places.size, np.int64)
    units, given = read_amounts(rows.table, needs.volume, needs.decimals, collector, blank_allowed=True)
    _report_volume(rows.table, needs.volume, units, collector)
    return reordered(Column("number", units, given=given), rows.places).values


def _report_volume(table: Table, name: str, units: NDArray[np.int64], collector: Collector) -> None:
    below = np.flatnonzero(units < 0)
    remedy = "Write 0 or more: weaker is less."
    collector.rows("placement.volume", table, name, below, lambda _: "the volume is negative.", remedy)
    if exact_sum(np.maximum(units, 0)) > INT64_MAX:
        seen = "all volumes together are too large to be added."
        collector.add(Finding("placement.volume", seen, "Declare fewer decimals.", file=table.file, column=name))
