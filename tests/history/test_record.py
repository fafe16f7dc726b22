"""Events with days of their own: backdated moves, statuses; what they would break is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from mlmcalc.closing.member_events import member_events
from mlmcalc.closing.recording import Recorded, record_events
from mlmcalc.closing.told import Told, inputs_at
from mlmcalc.errors import InputRefused
from mlmcalc.store.store import Store
from tests.api.small_company import MEMBERS
from tests.history.test_import import NOVEMBER, OCTOBER, PLAN, TABLES, take
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]


def record(store: Store, folder: Path, *rows: str, **more: Any) -> Recorded:
    """Record rows as Ann."""
    file = folder / "moves.csv"
    file.write_text("\n".join(["member_id,column,value,from", *rows]) + "\n")
    return record_events(store, file, [PLAN], "Ann", **more)


def sponsors(store: Store, as_of: date, known_at: int | None = None) -> dict[int, int | None]:
    """Who sponsors whom."""
    with store.read() as tx:
        known = inputs_at(tx, PLAN, OCTOBER, as_of, known_at)
    return dict(pl.read_parquet(known.inputs.tables["members"]).select("member_id", "sponsor_id").iter_rows())


def codes(refusal: pytest.ExceptionInfo[InputRefused]) -> list[tuple[str, int | None]]:
    """Codes and rows."""
    return [(one.code, one.row) for one in refusal.value.findings]


def test_a_backdated_move_leaves_later_moves_alone(store: Store, tmp_path: Path) -> None:
    take(store, TABLES)
    later = MEMBERS.with_columns(pl.when(pl.col("member_id") == 6).then(3).otherwise("sponsor_id").alias("sponsor_id"))
    take(store, {"members": later}, NOVEMBER)
    before = record(store, tmp_path, "6,sponsor_id,2,2026-10-10", reason="form of the 10th")
    assert (before.new, before.unchanged, before.batch) == ({"sponsor_id": 1}, 0, 5)
    assert before.known_at is not None
    days = [date(2026, 10, 9), date(2026, 10, 10), date(2026, 11, 29), date(2026, 11, 30)]
    assert [sponsors(store, day)[6] for day in days] == [5, 2, 2, 3]
    assert sponsors(store, date(2026, 10, 31), before.known_at - 1)[6] == 5
    assert sponsors(store, date(2026, 10, 31), before.known_at)[6] == 2


def test_what_is_known_already_is_no_event(store: Store, tmp_path: Path) -> None:
    take(store, TABLES)
    done = record(store, tmp_path, "6,sponsor_id,5,2026-10-10", "1,sponsor_id,,2026-10-10")
    assert (done.new, done.unchanged, done.batch) == ({}, 2, None)
    assert record(store, tmp_path, "6,sponsor_id,1,2026-10-10", dry_run=True).batch is None
    with store.read() as tx:
        assert Told(tx).last == 3


def test_a_status_is_true_from_its_day(store: Store, tmp_path: Path) -> None:
    announced = MEMBERS.with_columns(
        status=pl.lit("active"), status_from=pl.Series([None] * 5 + ["2026-12-24"], dtype=pl.String)
    )
    take(store, {**TABLES, "members": announced})
    record(store, tmp_path, "6,status,Left,2026-10-15")
    with store.read() as tx:
        told = [inputs_at(tx, PLAN, OCTOBER, date(2026, 10, day)).inputs.tables["members"] for day in (14, 15)]
    (before, after) = (pl.read_parquet(path).filter(pl.col("member_id") == 6) for path in told)
    assert before.select("status", "status_from").row(0) == ("active", date(2026, 12, 24))
    assert after.select("status", "status_from").row(0) == ("left", date(2026, 10, 15))


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        (["2,sponsor_id,6,2026-10-10"], [("genealogy.cycle", None)]),
        (["2,sponsor_id,77,2026-10-10"], [("genealogy.orphan", None)]),
        (["2,sponsor_id,2,2026-10-10"], [("genealogy.self_sponsor", None)]),
        (["99,sponsor_id,2,2026-10-10"], [("history.unknown_member", 2)]),
        (["2,sponsor_id,1,2024-10-10"], [("history.unknown_member", 2)]),
        (["2,sponsor,1,2026-10-10", "2,,1,2026-10-10"], [("history.column", 2), ("history.column", 3)]),
        (["2,sponsor_id,1,2026-10-32"], [("tables.bad_day", 2)]),
        (["2,sponsor_id,1,"], [("tables.bad_day", 2)]),
        ([",sponsor_id,1,2026-10-10"], [("tables.blank_id", 2)]),
        (["3,joined,soon,2026-10-10"], [("tables.bad_day", 2)]),
        (["3,status,gone,2026-10-10"], [("members.status", 2)]),
        (["6,sponsor_id,2,2026-10-10", "6,sponsor_id,3,2026-10-10"], [("history.event_twice", 3)]),
    ],
)
def test_what_is_wrong_is_refused_as_a_whole(
    store: Store, tmp_path: Path, rows: list[str], wanted: list[tuple[str, int | None]]
) -> None:
    take(store, TABLES)
    with pytest.raises(InputRefused) as refusal:
        record(store, tmp_path, "6,sponsor_id,1,2026-10-20", *rows)
    assert codes(refusal) == [(code, row and row + 1) for code, row in wanted]
    with store.read() as tx:
        assert Told(tx).last == 3


def test_a_circle_on_a_later_day_is_refused_with_its_members(store: Store, tmp_path: Path) -> None:
    take(store, TABLES)
    # From November on 3 stands below 6; to put 6 below 3 in October is possible in October only.
    later = MEMBERS.with_columns(pl.when(pl.col("member_id") == 3).then(6).otherwise("sponsor_id").alias("sponsor_id"))
    take(store, {"members": later}, NOVEMBER)
    with pytest.raises(InputRefused) as refusal:
        record(store, tmp_path, "6,sponsor_id,3,2026-10-10")
    (finding,) = refusal.value.findings
    assert finding.code == "genealogy.cycle"
    assert finding.message.startswith("on 2026-11-30: members 3 → 6 → 3")
    done = record(store, tmp_path, "6,sponsor_id,3,2026-10-10", "6,sponsor_id,5,2026-11-30")
    assert done.new == {"sponsor_id": 2}


def test_what_was_wrong_before_is_not_held_against_an_event(store: Store, tmp_path: Path) -> None:
    # 3 joined before its sponsor, so that on that day nobody knows who stands above it.
    joined = MEMBERS.with_columns(joined=pl.Series(["2025-01-01", "2025-01-01", "2024-06-01", *["2025-02-01"] * 3]))
    take(store, {**TABLES, "members": joined})
    assert record(store, tmp_path, "3,status,left,2024-07-01").batch == 4


def test_a_member_has_a_list_of_events_with_both_times(store: Store, tmp_path: Path) -> None:
    take(store, TABLES)
    done = record(store, tmp_path, "3,sponsor_id,2,2026-10-10", reason="form")
    take(store, {"members": MEMBERS.head(2)}, NOVEMBER)
    moved = MEMBERS.with_columns(pl.when(pl.col("member_id") == 3).then(2).otherwise("sponsor_id").alias("sponsor_id"))
    take(store, {"members": moved, "orders": TABLES["orders"].filter(pl.col("order_id") != 3)})
    with store.read() as tx:
        events = member_events(Told(tx), "3", ["members", "orders", "overrides"])
        earlier = member_events(Told(tx, done.known_at), "3", ["members"])
    told = [(event.batch, event.kind, str(event.true_from), event.column, event.value) for event in events]
    assert told == [
        (1, "members", "2025-01-01", "member", "there"),
        (1, "members", "2025-01-01", "sponsor_id", "1"),
        (1, "members", "2025-01-01", "joined", "2025-01-01"),
        (2, "orders", "2026-10-01", "order 3", "qv 20.00, cv 22.22"),
        (3, "overrides", "None", "override rank Manager", "reason moved, approver Ann"),
        (4, "members", "2026-10-10", "sponsor_id", "2"),
        (5, "members", "2026-11-30", "member", "gone"),
        (6, "orders", "2026-10-01", "order 3", "withdrawn"),
    ]
    assert [(event.batch, event.reason) for event in earlier][-1] == (4, "form")
    with store.read() as tx, pytest.raises(InputRefused) as refusal:
        member_events(Told(tx), "33", ["members"])
    assert refusal.value.findings[0].code == "history.no_member"
