"""From two snapshots of the members to the events between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.history.meeting import meet
from mlmcalc.history.members import fold_members
from mlmcalc.history.parts import MEMBER, PRESENT, TRUE_FROM, Part, alike, stacked
from mlmcalc.tables.snapshot import DEFAULT_WORDS

_STATUS = ("status", "status_from")


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """What a new snapshot says otherwise than what is known.

    Attributes
    ----------
    frames : list of polars.DataFrame
        Events, ready to be parts of one batch.
    new, removed, unchanged : int
        Rows.
    changed : mapping of str to int
        Rows by the column that changed; a row may count in several.
    """

    frames: list[pl.DataFrame] = field(default_factory=list)
    new: int = 0
    removed: int = 0
    unchanged: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """Number of events."""
        return sum(frame.height for frame in self.frames)


def member_changes(
    parts: Sequence[Part],
    snapshot: pl.DataFrame,
    as_of: date,
    ids: Sequence[str],
    next_snapshot: date | None = None,
    wanted: Sequence[str] = (),
    file: str = "members",
) -> Changes:
    """Return the events by which what is known becomes a snapshot of the members.

    A member nobody has heard of is there since it joined, one that comes back since the snapshot's day; a status is
    true since its ``status_from``; every other change since the snapshot's day. Where one of these days lies after
    the snapshot's, it is the snapshot's.

    Parameters
    ----------
    parts : sequence of Part
        Every event of members.
    snapshot : polars.DataFrame
        One row per member, as `mlmcalc.tables.snapshot.read_snapshot` returns it.
    as_of : datetime.date
        The day of the snapshot.
    ids : sequence of str
        Columns of ids.
    next_snapshot : datetime.date, optional
        The day of the first snapshot after this one: from then on everything is as it was known to be.
    wanted : sequence of str
        Columns that must not be missing where something is known of them.
    file : str
        For the finding.

    Raises
    ------
    InputRefused
        ``history.column_gone``.
    """
    known = fold_members(parts, as_of, ids)
    refuse_lost_columns(known, snapshot, wanted, file)
    changes = _compared(parts, known, snapshot, as_of)
    if next_snapshot is None or not changes.rows:
        return changes
    number = max((part.number for part in parts), default=0) + 1
    after = [*parts, *(Part.of(number, frame) for frame in changes.frames)]
    before, now = (fold_members(some, next_snapshot, ids) for some in (parts, after))
    assert now is not None, "what was told is told still"
    again = _compared(after, now, now.clear() if before is None else before, next_snapshot, since_status=False)
    return Changes([*changes.frames, *again.frames], changes.new, changes.removed, changes.unchanged, changes.changed)


def refuse_lost_columns(known: pl.DataFrame | None, snapshot: pl.DataFrame, wanted: Sequence[str], file: str) -> None:
    """Refuse a snapshot without a column of which something is known.

    Parameters
    ----------
    known, snapshot : polars.DataFrame
    wanted : sequence of str
        Columns that are looked for; of others nothing is expected.
    file : str
        For the finding.

    Raises
    ------
    InputRefused
        ``history.column_gone``.
    """
    if known is None:
        return
    lost = [
        name
        for name in wanted
        if name in known.columns and name not in snapshot.columns and known.get_column(name).null_count() < known.height
    ]
    if lost:
        raise InputRefused(
            Finding(
                "history.column_gone",
                f"the column is missing, and what it held of {known.height - known.get_column(name).null_count():,} "
                "rows is known.",
                "Give it as before; to empty it, name a constant for it in the column map.",
                file=file,
                column=name,
            )
            for name in lost
        )


def _compared(
    parts: Sequence[Part], known: pl.DataFrame | None, snapshot: pl.DataFrame, as_of: date, since_status: bool = True
) -> Changes:
    known, snapshot = alike([snapshot.clear() if known is None else known, snapshot])
    met = meet(known, snapshot, [MEMBER])
    frames = []
    if met.new.height:
        frames.append(_arrivals(parts, met.new, as_of))
    if met.gone.height:
        frames.append(met.gone.select(MEMBER, pl.lit(as_of).alias(TRUE_FROM), pl.lit(False).alias(PRESENT)))
    found = {name: met.differs(name, DEFAULT_WORDS.get(name)) for name in snapshot.columns if name != MEMBER}
    differs = {name: where for name, where in found.items() if where.any()}
    frames += [
        met.now.filter(where).select(MEMBER, pl.lit(as_of).alias(TRUE_FROM), name)
        for name, where in differs.items()
        if name not in _STATUS
    ]
    moved = [differs[name] for name in _STATUS if name in differs]
    if moved:
        frames.append(_statuses(parts, met.now.filter(moved[0] | moved[-1]), as_of, since_status))
    touched = int(reduce(or_, differs.values()).sum()) if differs else 0
    changed = {name: int(where.sum()) for name, where in differs.items()}
    return Changes(frames, met.new.height, met.gone.height, met.now.height - touched, changed)


def _arrivals(parts: Sequence[Part], new: pl.DataFrame, as_of: date) -> pl.DataFrame:
    since = pl.lit(as_of)
    if "joined" in new.columns:
        heard = [part.load().select(MEMBER) for part in parts]
        if heard:
            ids = stacked([new.select(MEMBER).clear(), *heard]).unique()
            one, other = alike([new, ids])
            back = one.select(MEMBER).join(other, on=MEMBER, how="semi")
            since = pl.when(pl.col(MEMBER).is_in(back.get_column(MEMBER).implode())).then(since)
            since = since.otherwise(pl.min_horizontal(pl.col("joined"), pl.lit(as_of)))
            new = one
        else:
            since = pl.min_horizontal(pl.col("joined"), since)
    others = [name for name in new.columns if name != MEMBER]
    return new.select(MEMBER, since.alias(TRUE_FROM), pl.lit(True).alias(PRESENT), *others)


def _statuses(parts: Sequence[Part], rows: pl.DataFrame, as_of: date, since_status: bool) -> pl.DataFrame:
    """Return what is said of a status, since its day, and on every later day on which something else was said."""
    names = [name for name in _STATUS if name in rows.columns]
    day = pl.lit(as_of)
    if since_status and "status_from" in names:
        day = pl.min_horizontal(pl.col("status_from"), day)
    events = rows.select(MEMBER, day.alias(TRUE_FROM), *names)
    earlier = events.filter(pl.col(TRUE_FROM) < as_of).select(MEMBER, pl.col(TRUE_FROM).alias("since"))
    told = [part.load() for part in parts if earlier.height and set(part.columns) & set(_STATUS)]
    if not told:
        return events
    said = stacked([frame.select(MEMBER, TRUE_FROM) for frame in told])
    said, earlier = alike([said, earlier])
    later = said.join(earlier, on=MEMBER).filter(pl.col(TRUE_FROM).is_between("since", as_of, closed="right"))
    events, later = alike([events, later.select(MEMBER, TRUE_FROM).unique()])
    again = later.join(events.drop(TRUE_FROM), on=MEMBER).select(events.columns)
    return pl.concat([events, again])
