"""Members at two times: of every attribute the latest event that was true by a day, among those known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from mlmcalc.history.parts import MEMBER, NUMBER, PRESENT, TRUE_FROM, Part, alike, canonical, stacked

_NO_ATTRIBUTES = (MEMBER, TRUE_FROM)
_WITHOUT_ATTRIBUTES = len((MEMBER, TRUE_FROM, PRESENT))


@dataclass(frozen=True, slots=True, eq=False)
class _Piece:
    number: int
    frame: pl.DataFrame


def fold_members(
    parts: Sequence[Part], as_of: date, ids: Sequence[str] = (), columns: Sequence[str] | None = None
) -> pl.DataFrame | None:
    """Return the table of members as it was on a day, by what is known.

    Parameters
    ----------
    parts : sequence of Part
        Every event of members that counts as known.
    as_of : datetime.date
        Events that are true from a later day are left out.
    ids : sequence of str
        Columns of ids.
    columns : sequence of str, optional
        The attributes that are wanted; all by default.

    Returns
    -------
    polars.DataFrame or None
        Sorted by member, ids as whole numbers where all of a column are; None if nothing is known of that day.
    """
    pieces = _pieces(parts, as_of, columns)
    whole = [piece for piece in pieces if PRESENT in piece.frame.columns]
    if not whole:
        return None
    base = max(whole, key=lambda piece: (piece.frame.width > _WITHOUT_ATTRIBUTES, piece.frame.height))
    later = [piece for piece in pieces if piece is not base]
    names = sorted({name for piece in pieces for name in piece.frame.columns} - {TRUE_FROM})
    ids = list(dict.fromkeys([MEMBER, *ids]))
    if not later:
        return canonical(_present(base.frame).select(names), [MEMBER], ids).drop(PRESENT)
    # The many of whom nothing else was ever told are taken as they are; only the others are compared.
    frames = alike([base.frame, *(piece.frame for piece in later)])
    touched = pl.concat([frame.select(MEMBER) for frame in frames[1:]]).unique()
    still = _present(frames[0].join(touched, on=MEMBER, how="anti", maintain_order="left"))
    moved = [_Piece(base.number, frames[0].join(touched, on=MEMBER, how="semi"))]
    moved += [_Piece(piece.number, frame) for piece, frame in zip(later, frames[1:], strict=True)]
    table = stacked([still.drop(TRUE_FROM), _present(_latest(moved))]).select(names)
    return canonical(table, [MEMBER], ids).drop(PRESENT)


def _pieces(parts: Sequence[Part], as_of: date, columns: Sequence[str] | None) -> list[_Piece]:
    found = []
    for part in parts:
        wanted = [name for name in part.columns if columns is None or name in (*columns, PRESENT)]
        if set(wanted) - {*_NO_ATTRIBUTES}:
            names = dict.fromkeys([*_NO_ATTRIBUTES, *wanted])
            frame = part.load().select(*names).filter(pl.col(TRUE_FROM) <= as_of)
            if frame.height:
                found.append(_Piece(part.number, frame))
    return found


def _present(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(PRESENT)


def _latest(pieces: Sequence[_Piece]) -> pl.DataFrame:
    """Return the last event of every attribute of every member."""
    # Attributes that the same pieces tell of are looked up together.
    told: dict[str, list[int]] = {}
    for place, piece in enumerate(pieces):
        for name in piece.frame.columns:
            if name not in _NO_ATTRIBUTES:
                told.setdefault(name, []).append(place)
    together: dict[tuple[int, ...], list[str]] = {}
    for name, places in told.items():
        together.setdefault(tuple(places), []).append(name)
    found = None
    for places, names in together.items():
        events = pl.concat(
            pieces[place]
            .frame.select(MEMBER, TRUE_FROM, *names)
            .with_columns(pl.lit(pieces[place].number, dtype=pl.Int64).alias(NUMBER))
            for place in places
        )
        last = events.sort(TRUE_FROM, NUMBER).unique(MEMBER, keep="last").drop(TRUE_FROM, NUMBER)
        found = last if found is None else found.join(last, on=MEMBER, how="full", coalesce=True)
    assert found is not None, "every event tells of an attribute"
    return found
