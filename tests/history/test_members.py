"""Snapshots of members become events, and events the table of any two times."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.errors import InputRefused
from mlmcalc.history.changes import member_changes, refuse_lost_columns
from mlmcalc.history.members import fold_members
from mlmcalc.history.parts import Part, alike
from tests.history.drawn import DAYS, FIRST, members, rows_of
from tests.oracle.history_twin import events_of, folded

IDS = ("member_id", "sponsor_id")
LATER = st.lists(st.tuples(DAYS, members()), min_size=1, max_size=5)


def _import(
    parts: list[Part], snapshot: pl.DataFrame, as_of: date, imported: list[date], number: int = 0
) -> list[Part]:
    following = min((day for day in imported if day > as_of), default=None)
    changes = member_changes(parts, snapshot, as_of, IDS, following)
    number = number or max((part.number for part in parts), default=0) + 1
    return [*parts, *(Part.of(number, frame) for frame in changes.frames)]


def _texts(table: dict[str, dict[str, object]]) -> dict[str, dict[str, object]]:
    return {
        member: {name: str(cell) if name.endswith("_id") else cell for name, cell in row.items()}
        for member, row in table.items()
    }


@given(LATER)
def test_a_fold_gives_every_snapshot_that_was_imported_in_any_order(drawn: list[tuple[date, pl.DataFrame]]) -> None:
    parts: list[Part] = []
    imported: dict[date, pl.DataFrame] = {}
    for as_of, snapshot in drawn:
        parts = _import(parts, snapshot, as_of, list(imported))
        imported = {day: table for day, table in imported.items() if day > as_of} | {as_of: snapshot}
        for day, table in imported.items():
            assert rows_of(fold_members(parts, day, IDS), "member_id") == rows_of(table, "member_id")


@given(LATER, DAYS, st.integers(0, 5))
def test_a_fold_is_the_last_event_of_every_attribute(
    drawn: list[tuple[date, pl.DataFrame]], as_of: date, known: int
) -> None:
    parts: list[Part] = []
    imported: list[date] = []
    for day, snapshot in drawn:
        parts = _import(parts, snapshot, day, imported)
        imported.append(day)
    table = fold_members([part for part in parts if part.number <= known], as_of, IDS)
    assert rows_of(table, "member_id") == _texts(folded(events_of(parts), as_of, known))


@given(members(), members(), DAYS)
def test_what_was_known_before_a_correction_stays_known(old: pl.DataFrame, new: pl.DataFrame, as_of: date) -> None:
    before = _import([], old, as_of, [], 1)
    after = _import(before, new, as_of, [as_of], 2)
    then = [part for part in after if part.number <= 1]
    assert rows_of(fold_members(then, as_of, IDS), "member_id") == rows_of(old, "member_id")
    assert rows_of(fold_members(after, as_of, IDS), "member_id") == rows_of(new, "member_id")


@given(members(), DAYS)
def test_the_same_snapshot_again_says_nothing_new(snapshot: pl.DataFrame, as_of: date) -> None:
    parts = _import([], snapshot, as_of, [])
    again = member_changes(parts, snapshot.reverse(), as_of, IDS)
    assert not again.frames
    assert again.unchanged == snapshot.height


def _one(sponsor: int | None, joined: date | None = None, **more: object) -> pl.DataFrame:
    row = {"member_id": 7, "sponsor_id": sponsor, "joined": joined, **more}
    types = {"member_id": pl.Int64, "sponsor_id": pl.Int64, "joined": pl.Date, "status_from": pl.Date}
    return pl.DataFrame([row], schema_overrides={name: types[name] for name in types if name in row})


def test_a_new_member_is_there_since_it_joined() -> None:
    leap = date(2028, 2, 29)
    parts = _import([], _one(None, leap), date(2028, 3, 5), [])
    assert fold_members(parts, leap - timedelta(days=1), IDS) is None
    there = fold_members(parts, leap, IDS)
    assert there is not None
    assert there.height == 1


def test_a_member_that_was_removed_comes_back_on_the_day_it_is_seen_again() -> None:
    days = [FIRST + timedelta(days=days) for days in (0, 2, 4)]
    table = _one(None, FIRST)
    parts: list[Part] = []
    for day, snapshot in zip(days, (table, table.clear(), table), strict=True):
        parts = _import(parts, snapshot, day, [])
    heights = [len(rows_of(fold_members(parts, FIRST + timedelta(days=day), IDS), "member_id")) for day in range(6)]
    assert heights == [1, 1, 0, 0, 1, 1]


def test_a_status_is_true_since_its_day_and_a_later_one_gives_way() -> None:
    parts = _import([], _one(None, FIRST, status="active", status_from=None), FIRST, [])
    left = _one(None, FIRST, status="left", status_from=FIRST + timedelta(days=6))
    parts = _import(parts, left, FIRST + timedelta(days=7), [])
    suspended = _one(None, FIRST, status="suspended", status_from=FIRST + timedelta(days=3))
    parts = _import(parts, suspended, FIRST + timedelta(days=8), [])
    found = [fold_members(parts, FIRST + timedelta(days=day), IDS) for day in range(9)]
    assert [table["status"][0] for table in found if table is not None] == ["active"] * 3 + ["suspended"] * 6


def test_one_text_among_the_ids_makes_texts_of_all_from_then_on() -> None:
    numbers = pl.DataFrame({"member_id": [9, 10], "sponsor_id": [None, 9]})
    texts = pl.DataFrame({"member_id": ["9", "10", "A1"], "sponsor_id": [None, "9", "10"]})
    parts = _import([], numbers, FIRST, [])
    parts = _import(parts, texts, FIRST + timedelta(days=1), [])
    before, after = (fold_members(parts, FIRST + timedelta(days=days), IDS) for days in (0, 1))
    assert before is not None
    assert before["member_id"].to_list() == [9, 10]
    assert after is not None
    assert after["member_id"].to_list() == ["10", "9", "A1"]
    assert after["sponsor_id"].to_list() == [9, None, 10]


def test_a_member_without_a_status_is_active_already() -> None:
    parts = _import([], _one(None), FIRST, [])
    assert not member_changes(parts, _one(None, status="active"), FIRST, IDS).frames


def test_a_column_that_is_gone_is_refused_where_something_is_known_of_it() -> None:
    known = fold_members(_import([], _one(None, FIRST), FIRST, []), FIRST, IDS)
    without = _one(None).drop("joined")
    with pytest.raises(InputRefused) as refusal:
        refuse_lost_columns(known, without, ["sponsor_id", "joined"], "members.csv")
    assert [(one.code, one.column) for one in refusal.value.findings] == [("history.column_gone", "joined")]
    refuse_lost_columns(known, without, ["sponsor_id"], "members.csv")


def test_a_fold_of_some_columns_reads_no_others() -> None:
    parts = _import([], _one(None, FIRST, status="active", points="1"), FIRST, [])
    parts = _import(parts, _one(None, FIRST, status="left", points="2"), FIRST, [])
    some = fold_members(parts, FIRST, IDS, ["status"])
    assert some is not None
    assert some.rows() == [(7, "left")]


def test_amounts_of_different_places_are_compared_exactly() -> None:
    coarse = pl.DataFrame({"member_id": [1], "points": ["1.5"]}).cast({"points": pl.Decimal(38, 1)})
    fine = pl.DataFrame({"member_id": [1], "points": ["1.500"]}).cast({"points": pl.Decimal(38, 3)})
    parts = _import([], coarse, FIRST, [])
    assert not member_changes(parts, fine, FIRST, IDS).frames
    one, other = alike([coarse, fine])
    assert one.schema == other.schema
