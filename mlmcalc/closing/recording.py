"""Recording events of members with days of their own: a move entered late, a status that began weeks ago."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from mlmcalc.api.needs import needs_of
from mlmcalc.closing.told import Told, refuse_meanwhile
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.history.members import fold_members
from mlmcalc.history.parts import MEMBER, PRESENT, TRUE_FROM, Part, alike, stacked
from mlmcalc.history.union import union_of_needs
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.store.batches import BatchSource, add_batch
from mlmcalc.store.store import Store
from mlmcalc.tables.collector import Collector, shown
from mlmcalc.tables.company import check_company
from mlmcalc.tables.days import read_days
from mlmcalc.tables.headings import near_misses
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.snapshot import id_columns, kept_columns, read_kept
from mlmcalc.tables.source import ColumnMap, Table, Wanted, read_table
from mlmcalc.tables.words import read_texts

WANTED = Wanted("events", (MEMBER, "column", "value", "from"))
_STATUS, _SINCE = "status", "status_from"
_FINDINGS_SHOWN = 20
_LAST = 2**62
"""Number of a batch that is none yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """What became of a table of events.

    Attributes
    ----------
    new : dict of str to int
        Events by column.
    unchanged : int
        Rows that say what is known.
    batch : int or None
        Number of the batch; None where nothing is new, or nothing was to be written.
    known_at : int or None
        Microseconds since 1970 in UTC.
    """

    new: dict[str, int]
    unchanged: int
    batch: int | None = None
    known_at: int | None = None


def record_events(
    store: Store,
    source: Path,
    every_plan: Sequence[Plan],
    by: str,
    known_at: int | None = None,
    reason: str = "",
    dry_run: bool = False,
) -> Recorded:
    """Take in a table of events, each with the day from which it is true, as one batch.

    Parameters
    ----------
    store : Store
    source : Path
        Columns ``member_id``, ``column`` (of the table of members), ``value`` (blank: none), ``from``.
    every_plan : sequence of Plan
        All versions of all programs.
    by : str
        Who acts.
    known_at : int, optional
        Microseconds since 1970 in UTC; by default now.
    reason : str
    dry_run : bool
        Only say what would be new.

    Raises
    ------
    InputRefused
        ``history.column``, ``history.value``, ``history.unknown_member``, ``history.event_twice``, what is wrong with
        cells, and what would be wrong with the members on the day of an event, or on a later day on which somebody
        moves: ``genealogy.cycle``, ``genealogy.orphan`` and the others. Nothing was taken in.
    ConflictError
        ``history.meanwhile``.
    IntegrityError, EnvironmentRefused
        As the store.
    """
    needs = union_of_needs([needs_of(plan) for plan in every_plan])
    table, sha256 = _read(source)
    events = _events(table, needs)
    with store.read() as tx:
        told = Told(tx)
        parts = told.parts("members")
        frames, unchanged = _new(parts, events, needs, table)
        after = [*parts, *(Part.of(_LAST, frame) for frame in frames)]
        _refuse_wrong_trees(parts, after, frames, needs, table)
    new = {_told_column(frame): frame.height for frame in frames}
    if dry_run or not frames:
        return Recorded(new, unchanged)
    put = [store.objects.put(frame, "events") for frame in frames]
    with store.write(by) as tx:
        refuse_meanwhile(tx, told)
        first = min(day for frame in frames for day in frame.get_column(TRUE_FROM).to_list())
        about = BatchSource(reason=reason, file=str(source), sha256=sha256, true_from=first.isoformat())
        batch = add_batch(tx, "members", put, about, known_at)
    return Recorded(new, unchanged, batch.number, batch.known_at)


def _told_column(frame: pl.DataFrame) -> str:
    return next(name for name in frame.columns if name not in (MEMBER, TRUE_FROM))


def _read(source: Path) -> tuple[Table, str]:
    collector = Collector()
    with ThreadPoolExecutor(1, thread_name_prefix="digest") as threads:
        table, fingerprint = read_table(source, WANTED, ColumnMap(), collector, threads)
        if table is None or fingerprint is None or collector.has_errors():
            raise InputRefused(collector.findings())
        return table, fingerprint.sha256.result()


def _events(table: Table, needs: Needs) -> dict[str, pl.DataFrame]:
    """Return the events by column: member, day, value as it is kept, and the place in the table.

    Raises
    ------
    InputRefused
        With everything that is wrong with the cells.
    """
    collector = Collector()
    days = read_days(table, "from", needs.time_zone, collector, blank_allowed=False)
    codes, labels = read_texts(table, "column", collector)
    members = read_kept(table, "members", MEMBER, needs, collector)
    empty = members.is_null().to_numpy()
    collector.rows("tables.blank_id", table, MEMBER, np.flatnonzero(empty), lambda _: "the id is blank.", "Fill it in.")
    wanted = kept_columns(needs, "members")
    known = [name for name in (*wanted.required, *wanted.optional) if name not in (MEMBER, _SINCE)]
    _report_columns(table, codes, labels, known, collector)
    if collector.has_errors():
        raise InputRefused(collector.findings())
    found = {}
    for code, name in enumerate(labels):
        places = np.flatnonzero(codes == code)
        rows = [table.row(int(place)) for place in places]
        cells = pl.DataFrame({name: table.series("value").gather(places)})
        part = replace(table, frame=cells, headings={name: "value"}, numbers=np.array(rows, np.int64))
        found[name] = pl.DataFrame(
            {
                MEMBER: members.gather(places),
                TRUE_FROM: pl.Series(days[places]).cast(pl.Date),
                name: read_kept(part, "members", name, needs, collector),
                "#row": places,
            }
        )
    if collector.has_errors():
        raise InputRefused(collector.findings())
    return found


def _report_columns(
    table: Table, codes: NDArray[np.int32], labels: Sequence[str], known: Sequence[str], collector: Collector
) -> None:
    wrong = np.flatnonzero(np.array([label not in known for label in labels] + [True])[codes])

    def named(index: int) -> str:
        code = int(codes[wrong[index]])
        return labels[code] if code >= 0 else ""

    def remedy(index: int) -> str:
        near = near_misses(named(index), known)
        return f"Is {near[0]!r} meant?" if near else f"These are: {', '.join(known[:20])}."

    def seen(index: int) -> str:
        name = named(index)
        return f"{shown(name)} is no column of members that is kept." if name else "no column is named."

    collector.rows("history.column", table, "column", wrong, seen, remedy)


def _new(
    parts: Sequence[Part], events: dict[str, pl.DataFrame], needs: Needs, table: Table
) -> tuple[list[pl.DataFrame], int]:
    """Return the events that say something new, and how many do not.

    Raises
    ------
    InputRefused
        ``history.unknown_member``, ``history.event_twice``.
    """
    collector = Collector()
    frames, unchanged = [], 0
    ids = id_columns(needs, "members")
    for name, frame in events.items():
        twice = frame.filter(~frame.select(pl.struct(MEMBER, TRUE_FROM).is_first_distinct()).to_series())
        _report_rows("history.event_twice", table, twice, name, "is told twice of this day.", "Keep one.", collector)
        kept: list[pl.DataFrame] = []
        for (day,), rows in frame.sort(TRUE_FROM, maintain_order=True).group_by(TRUE_FROM, maintain_order=True):
            assert isinstance(day, date), "the days were read"
            # What this table tells of earlier days counts already.
            there = fold_members([*parts, *(Part.of(_LAST, told) for told in kept)], day, ids)
            rows, there = alike([rows, rows.select(MEMBER).clear() if there is None else there])
            missing = rows.join(there, on=MEMBER, how="anti", maintain_order="left")
            seen = "is no member on this day."
            _report_rows("history.unknown_member", table, missing, MEMBER, seen, "Correct id or day.", collector)
            kept.append(_unlike(rows, there, name))
        if kept:
            told = stacked(kept)
            unchanged += frame.height - told.height
            if told.height:
                frames.append(told)
    if collector.has_errors():
        raise InputRefused(collector.findings())
    return frames, unchanged


def _unlike(rows: pl.DataFrame, there: pl.DataFrame, name: str) -> pl.DataFrame:
    names = [MEMBER, TRUE_FROM, name]
    if name in there.columns:
        known = rows.join(there.select(MEMBER, pl.col(name).alias("#known")), on=MEMBER, how="inner")
        rows = known.filter(pl.col(name).ne_missing(pl.col("#known")))
    if name != _STATUS:
        return rows.select(names)
    # What was said of the day of an earlier status is no longer so.
    return rows.select(*names, pl.col(TRUE_FROM).alias(_SINCE))


def _report_rows(
    code: str, table: Table, rows: pl.DataFrame, name: str, seen: str, remedy: str, collector: Collector
) -> None:
    ids, days = rows.get_column(MEMBER).cast(pl.String).to_list(), rows.get_column(TRUE_FROM).to_list()
    places = rows.get_column("#row").to_list()
    what = "" if name == MEMBER else f"{name} of "
    collector.rows(
        code, table, MEMBER, places, lambda index: f"{what}{ids[index]} {seen[:-1]} ({days[index]}).", remedy
    )


def _refuse_wrong_trees(
    before: Sequence[Part], after: Sequence[Part], frames: Iterable[pl.DataFrame], needs: Needs, table: Table
) -> None:
    """Refuse events that make something wrong on their day, or on a later one on which somebody moves.

    Raises
    ------
    InputRefused
        With what is wrong and was not before.
    """
    placed = [name for parent, leg, _ in needs.trees.values() for name in (parent, leg) if name]
    moves = [frame for frame in frames if set(frame.columns) & set(placed)]
    if not moves:
        return
    days = sorted({day for frame in moves for day in frame.get_column(TRUE_FROM).to_list()})
    later = [day for day in _days_of_moves(after, placed) if day > days[0]]
    found: dict[Finding, date] = {}
    for day in sorted({*days, *later}):
        wrong = _wrong(after, day, needs)
        if wrong:
            known = set(_wrong(before, day, needs))
            # What is wrong from a day on is said of that day.
            for one in wrong:
                if one not in known:
                    found.setdefault(one, day)
        if len(found) >= _FINDINGS_SHOWN:
            break
    if found:
        raise InputRefused(
            replace(one, message=f"on {day}: {one.message}", file=table.file) for one, day in found.items()
        )


def _wrong(parts: Sequence[Part], day: date, needs: Needs) -> list[Finding]:
    trees = Needs(needs.trees)
    members = fold_members(parts, day, id_columns(trees, "members"), trees.wanted_of_members()[0])
    if members is None:
        return []
    found = check_company(trees, members, Period("", day, day))
    return [replace(finding, row=None) for finding in found if finding.level == "error"]


def _days_of_moves(parts: Sequence[Part], placed: Sequence[str]) -> list[date]:
    """Return the days on which members that were there already moved, went or came back."""
    columns = {*placed, PRESENT}
    told = [part.load().select(MEMBER, TRUE_FROM) for part in parts if columns & set(part.columns)]
    events = stacked(told)
    moves = events.filter(pl.col(TRUE_FROM) > pl.col(TRUE_FROM).min().over(MEMBER))
    return moves.get_column(TRUE_FROM).unique().to_list()
