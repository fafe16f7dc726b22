"""Facts of their own day: orders, volumes of a period, overrides. Of each the version that was known last counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.history.changes import Changes, refuse_lost_columns
from mlmcalc.history.meeting import meet
from mlmcalc.history.parts import GONE, NUMBER, WAS, Part, alike, canonical, stacked

KEYS = {
    "orders": ("order_id",),
    "volumes": ("member_id",),
    "overrides": ("member_id", "override", "ladder", "rank", "metric", "from"),
}
"""What tells the facts of a kind apart."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The days that a snapshot is complete for: what it lacks of them is withdrawn.

    Attributes
    ----------
    first, last : datetime.date
    """

    first: date
    last: date

    def covers(self, kind: str, schema: pl.Schema) -> pl.Expr:
        """Return whether a fact is of these days."""
        if kind == "orders":
            return pl.col("date").is_between(self.first, self.last)
        if kind == "overrides":
            begins = pl.col("from").is_null() | (pl.col("from") <= self.last) if "from" in schema else pl.lit(True)
            ends = pl.col("to").is_null() | (pl.col("to") >= self.first) if "to" in schema else pl.lit(True)
            return begins & ends
        return pl.lit(True)


def fold_facts(kind: str, parts: Sequence[Part], ids: Sequence[str]) -> pl.DataFrame | None:
    """Return the facts of a kind as they are known.

    Parameters
    ----------
    kind : {"orders", "volumes", "overrides"}
    parts : sequence of Part
        Every event that counts as known; of volumes those of one period.
    ids : sequence of str
        Columns of ids.

    Returns
    -------
    polars.DataFrame or None
        Sorted by what tells the facts apart; None where nothing was ever told.
    """
    frame = _latest(kind, [(part.number, part.load()) for part in parts])
    return None if frame is None else canonical(frame, _keys(kind, frame), ids)


def fold_orders(parts: Sequence[Part], first: date, last: date, ids: Sequence[str]) -> pl.DataFrame | None:
    """Return the orders of some days as they are known; the parameters are those of `fold_facts`.

    Parts that touch none of these days are not read, but for one if no order is of them: so that no orders are a table
    all the same.
    """
    of_days = [part for part in parts if part.touches(first, last)]
    if not any("date" in part.columns for part in of_days):
        of_days = [part for part in parts if "date" in part.columns][:1]
    within = pl.col("date").is_between(first, last)
    pieces = []
    for part in of_days:
        frame = part.load()
        # Who has left these days is among the pieces by the day that it had.
        pieces.append((part.number, frame.filter(_touches(frame, first, last))))
    frame = _latest("orders", pieces)
    return None if frame is None else canonical(frame.filter(within), KEYS["orders"], ids)


def fact_changes(
    kind: str,
    parts: Sequence[Part],
    snapshot: pl.DataFrame,
    scope: Scope,
    wanted: Sequence[str] = (),
    file: str = "",
) -> Changes:
    """Return the events by which what is known becomes a snapshot of facts.

    What the snapshot lacks of its scope is withdrawn; facts outside its scope are added or changed, never withdrawn.

    Parameters
    ----------
    kind : {"orders", "volumes", "overrides"}
    parts : sequence of Part
        Every event of the kind; of volumes those of the period.
    snapshot : polars.DataFrame
        As `mlmcalc.tables.snapshot.read_snapshot` returns it. A fact that is there several times counts once.
    scope : Scope
    wanted : sequence of str
        Columns that must not be missing where something is known of them.
    file : str
        For findings.

    Raises
    ------
    InputRefused
        ``history.fact_twice``: one fact is there with two contents; ``history.column_gone``.
    """
    snapshot = _once(kind, snapshot, file or kind)
    known = _known(kind, parts, snapshot, scope)
    refuse_lost_columns(known, snapshot, wanted, file or kind)
    if known is None:
        known = snapshot.clear()
    known, snapshot = alike([known, snapshot])
    keys = list(KEYS[kind])
    missing = [pl.lit(None).alias(name) for name in keys]
    known, snapshot = (
        frame.with_columns(null for null, name in zip(missing, keys, strict=True) if name not in frame.columns)
        for frame in (known, snapshot)
    )
    known, snapshot = alike([known, snapshot])
    met = meet(known, snapshot, keys)
    gone = met.gone.filter(scope.covers(kind, met.gone.schema))
    others = [name for name in snapshot.columns if name not in keys]
    differs = {name: where for name in others if (where := met.differs(name)).any()}
    rows = met.now.clear()
    if differs:
        touched = reduce(or_, differs.values())
        rows = met.now.filter(touched)
        if kind == "orders":
            rows = rows.with_columns(met.then.filter(touched).get_column("date").alias(WAS))
    was = [pl.col("date").alias(WAS)] if kind == "orders" else []
    frames = [met.new, rows, gone.select(*keys, *was, pl.lit(True).alias(GONE))]
    told = [_told(frame, keys) for frame in frames if frame.height]
    changed = {name: int(where.sum()) for name, where in differs.items()}
    return Changes(told, met.new.height, gone.height, met.now.height - rows.height, changed)


def _told(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    # A column that no table has ever had is not invented here.
    return frame.drop(name for name in keys if frame.schema[name] == pl.Null)


def _keys(kind: str, frame: pl.DataFrame) -> list[str]:
    return [name for name in KEYS[kind] if name in frame.columns]


def _touches(frame: pl.DataFrame, first: date, last: date) -> pl.Expr:
    return pl.any_horizontal(
        pl.col(name).is_between(first, last).fill_null(False) for name in ("date", WAS) if name in frame.columns
    )


def _latest(kind: str, pieces: Sequence[tuple[int, pl.DataFrame]]) -> pl.DataFrame | None:
    """Return the last version of every fact, those withdrawn left out."""
    if not pieces:
        return None
    base_number, base = max(pieces, key=lambda piece: (GONE not in piece[1].columns, piece[1].height))
    later = [piece for piece in pieces if piece[1] is not base]
    if not later:
        return _kept(base)
    frames = alike([base, *(frame for _, frame in later)])
    keys = [name for name in KEYS[kind] if any(name in frame.columns for frame in frames)]
    frames = [
        frame.with_columns(pl.lit(None).alias(name) for name in keys if name not in frame.columns) for frame in frames
    ]
    frames = alike(frames)
    touched = pl.concat([frame.select(keys) for frame in frames[1:]]).unique()
    still = frames[0].join(touched, on=keys, how="anti", nulls_equal=True, maintain_order="left")
    moved = [(base_number, frames[0].join(touched, on=keys, how="semi", nulls_equal=True))]
    moved += [(number, frame) for (number, _), frame in zip(later, frames[1:], strict=True)]
    events = stacked(frame.with_columns(pl.lit(number, dtype=pl.Int64).alias(NUMBER)) for number, frame in moved)
    last = events.sort(NUMBER, maintain_order=True).unique(keys, keep="last").drop(NUMBER)
    return _kept(stacked([_kept(still), last]))


def _kept(frame: pl.DataFrame) -> pl.DataFrame:
    if GONE in frame.columns:
        frame = frame.filter(pl.col(GONE).is_null())
    return frame.drop(GONE, WAS, strict=False)


def _known(kind: str, parts: Sequence[Part], snapshot: pl.DataFrame, scope: Scope) -> pl.DataFrame | None:
    """Return what is known of the facts of a snapshot, and of its scope."""
    if kind != "orders":
        return _latest(kind, [(part.number, part.load()) for part in parts])
    days = snapshot.get_column("date")
    first, last = min([scope.first, *_day(days.min())]), max([scope.last, *_day(days.max())])
    near = [(part.number, part.load()) for part in parts if part.touches(first, last)]
    # An order that was of other days may be among these now.
    wanted = snapshot.select("order_id")
    for part in parts:
        if not part.touches(first, last):
            frame, ids = alike([part.load(), wanted])
            found = frame.join(ids, on="order_id", how="semi")
            if found.height:
                near.append((part.number, found))
    return _latest(kind, sorted(near, key=lambda piece: piece[0]))


def _day(day: object) -> list[date]:
    return [day] if isinstance(day, date) else []


def _once(kind: str, snapshot: pl.DataFrame, file: str) -> pl.DataFrame:
    keys = _keys(kind, snapshot)
    if snapshot.select(keys).is_unique().all():
        return snapshot
    snapshot = snapshot.unique(maintain_order=True)
    twice = snapshot.filter(snapshot.select(keys).is_duplicated()).select(keys).unique(maintain_order=True)
    if twice.height:
        raise InputRefused(
            Finding(
                "history.fact_twice",
                f"{', '.join(f'{name} {value}' for name, value in row.items() if value is not None)} is there twice, "
                "with two contents.",
                "Keep one of the rows.",
                file=file,
            )
            for row in twice.head(100).iter_rows(named=True)
        )
    return snapshot
