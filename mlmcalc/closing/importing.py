"""Taking in a company's tables: checked as a run checks them, and only what is new beside what is known is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import polars as pl

from mlmcalc.api.inputs import Inputs, column_map, findings_of
from mlmcalc.api.needs import needs_of
from mlmcalc.closing.told import Told, refuse_meanwhile
from mlmcalc.errors import Finding, InputRefused, errors_of
from mlmcalc.history.changes import Changes, member_changes
from mlmcalc.history.facts import Scope, fact_changes
from mlmcalc.history.instants import local_day
from mlmcalc.history.parts import touched_days
from mlmcalc.history.union import union_of_needs
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.store.batches import BatchSource, add_batch
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.store import Store
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.snapshot import Snapshot, id_columns, kept_columns, read_snapshot
from mlmcalc.tables.source import ColumnMap
from mlmcalc.workspace.expectations import Expectations
from mlmcalc.workspace.load import Workspace

KINDS = ("members", "orders", "volumes", "overrides")
_OF_RUNS = ("state.", "closed.", "rates.", "adjustments.", "tables.no_orders")
"""Beginnings of findings about what only a run reads: a table may be taken in without the others."""
_REMOVED_AT_LEAST, _REMOVED_OF = 10, 10
"""A table that lacks this many rows, and more than one in this many, may be a wrong export."""


@dataclass(frozen=True, slots=True)
class Given:
    """The tables of a period as a company hands them over.

    Attributes
    ----------
    period : Period
    tables : mapping of str to (path or frame)
        Of the kinds in `KINDS`; those that are missing are not looked at.
    maps : mapping of str to ColumnMap
    expect : Expectations
    as_of : datetime.date or None
        The day of the snapshot of members; by default the last day of the period, or today before it.
    reason : str
        Kept with what is new.
    """

    period: Period
    tables: Mapping[str, Any]
    maps: Mapping[str, ColumnMap] = field(default_factory=dict)
    expect: Expectations = field(default_factory=Expectations)
    as_of: date | None = None
    reason: str = ""

    @classmethod
    def of(cls, workspace: Workspace, period: Period) -> Given:
        """Return the tables that a workspace names for a period; its paths are resolved already."""
        described = {kind: table for kind in KINDS if (table := getattr(workspace, kind)) is not None}
        stated = {name: one for name, one in workspace.expect.tables.items() if name in KINDS}
        return cls(
            period,
            {kind: table.path for kind, table in described.items()},
            {kind: column_map(table.columns, table.constants, table.only_where) for kind, table in described.items()},
            Expectations(stated, workspace.expect.document),
        )


@dataclass(frozen=True, slots=True, eq=False)
class TakenIn:
    """What became of one table.

    Attributes
    ----------
    kind : {"members", "orders", "volumes", "overrides"}
    file : str
    changes : Changes
    batch : int or None
        Number of the batch; None where nothing is new, or nothing was to be written.
    """

    kind: str
    file: str
    changes: Changes
    batch: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Import:
    """What became of the tables of a period.

    Attributes
    ----------
    as_of : datetime.date
    tables : list of TakenIn
    warnings : list of Finding
    known_at : int or None
        Microseconds since 1970 in UTC; None where nothing was written.
    """

    as_of: date
    tables: list[TakenIn]
    warnings: list[Finding]
    known_at: int | None = None


def import_tables(
    store: Store,
    given: Given,
    plans: Sequence[Plan],
    every_plan: Sequence[Plan],
    by: str,
    known_at: int | None = None,
    dry_run: bool = False,
    allow_removals: bool = False,
) -> Import:
    """Take in the tables of a period: one batch for each in which something is new, all in one transaction.

    Parameters
    ----------
    store : Store
    given : Given
    plans : sequence of Plan
        In force in the period: the tables are checked for each.
    every_plan : sequence of Plan
        All versions of all programs: what one of them reads is kept.
    by : str
        Who acts.
    known_at : int, optional
        Microseconds since 1970 in UTC, later than that of every batch there is, and not after now; by default now.
    dry_run : bool
        Only say what would be new.
    allow_removals : bool
        Take in also a table that lacks more than a tenth of what is known.

    Raises
    ------
    InputRefused
        With every finding about the tables; ``history.*``, ``history.removals`` among them: a table lacks so much of
        what is known that it may be the wrong one; ``store.known_at``. Nothing was taken in.
    ConflictError
        ``history.meanwhile``: somebody else took something in at the same time.
    IntegrityError, EnvironmentRefused
        As the store.
    """
    warnings = _checked(given, plans)
    needs = union_of_needs([needs_of(plan) for plan in every_plan])
    snapshots = {
        kind: read_snapshot(source, kind, needs, given.maps.get(kind, ColumnMap()))
        for kind, source in given.tables.items()
    }
    as_of = given.as_of or min(given.period.last, _today(known_at, needs.time_zone))
    with store.read() as tx:
        told = Told(tx)
        found = [
            TakenIn(kind, snapshot.file, _changes(told, kind, snapshot, given.period, as_of, needs))
            for kind, snapshot in snapshots.items()
        ]
    new = [table for table in found if table.changes.rows]
    removals = [] if allow_removals else _removals(found, snapshots, "warning" if dry_run else "error")
    if errors_of(removals):
        raise InputRefused(removals)
    if dry_run or not new:
        return Import(as_of, found, [*warnings, *removals])
    put = {table.kind: [store.objects.put(frame, "events") for frame in table.changes.frames] for table in new}
    with store.write(by) as tx:
        refuse_meanwhile(tx, told)
        numbers, instant = {}, known_at
        for place, table in enumerate(new):
            # Each batch has an instant of its own, and the last one that which was named.
            instant = None if known_at is None else known_at - (len(new) - 1 - place)
            source = _source(table, snapshots[table.kind], given, as_of)
            batch = add_batch(tx, table.kind, put[table.kind], source, instant)
            numbers[table.kind], instant = batch.number, batch.known_at
    done = [replace(table, batch=numbers.get(table.kind)) for table in found]
    return Import(as_of, done, warnings, instant)


def _removals(
    found: Iterable[TakenIn], snapshots: Mapping[str, Snapshot], level: Literal["error", "warning"]
) -> list[Finding]:
    """Return a finding for every table that lacks so much of what is known that it may be the wrong one."""
    findings = []
    for table in found:
        removed = table.changes.removed
        known = snapshots[table.kind].frame.height - table.changes.new + removed
        if removed < _REMOVED_AT_LEAST or removed * _REMOVED_OF <= known:
            continue
        message = f"{removed:,} of {known:,} {table.kind} that are known are missing."
        remedy = "Is this the whole table, and the right one? If it is, repeat with --allow-removals."
        findings.append(Finding("history.removals", message, remedy, level=level, file=table.file))
    return findings


def _checked(given: Given, plans: Sequence[Plan]) -> list[Finding]:
    """Refuse what a run would refuse, and return the warnings."""
    findings: dict[Finding, None] = {}
    for plan in plans:
        inputs = Inputs(plan, given.tables, given.period.label, given.maps, given.expect)
        findings |= dict.fromkeys(findings_of(inputs))
    found = [finding for finding in findings if not finding.code.startswith(_OF_RUNS)]
    if errors_of(found):
        raise InputRefused(sorted(found, key=lambda finding: finding.level != "error"))
    return found


def _today(known_at: int | None, time_zone: str) -> date:
    instant = now_microseconds() if known_at is None else known_at
    return local_day(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant), time_zone)


def _changes(told: Told, kind: str, snapshot: Snapshot, period: Period, as_of: date, needs: Needs) -> Changes:
    scope = Scope(period.first, period.last)
    parts, wanted = told.parts(kind, scope), kept_columns(needs, kind)
    names = (*wanted.required, *wanted.optional)
    if kind != "members":
        return fact_changes(kind, parts, snapshot.frame, scope, names, snapshot.file)
    days = (batch.source.true_from for batch in told.of_kind(kind) if batch.source.scope_to)
    following = min((day for text in days if text and (day := date.fromisoformat(text)) > as_of), default=None)
    ids = id_columns(needs, kind)
    return member_changes(parts, snapshot.frame, as_of, ids, following, names, snapshot.file)


def _source(table: TakenIn, snapshot: Snapshot, given: Given, as_of: date) -> BatchSource:
    first, last = given.period.first, given.period.last
    if table.kind == "orders":
        first, last = _days(table.changes.frames, first, last)
    return BatchSource(
        reason=given.reason,
        file=snapshot.file,
        sha256=snapshot.sha256,
        scope_from=first.isoformat(),
        scope_to=last.isoformat(),
        true_from=as_of.isoformat() if table.kind == "members" else None,
    )


def _days(frames: Iterable[pl.DataFrame], first: date, last: date) -> tuple[date, date]:
    """Return the days that orders touch, those of their period among them."""
    found = [day for frame in frames for day in touched_days(frame) if day is not None]
    return min([first, *found]), max([last, *found])


__all__ = ["KINDS", "Given", "Import", "TakenIn", "import_tables"]
