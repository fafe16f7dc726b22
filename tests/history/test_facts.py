"""Orders, volumes and overrides: the version known last counts, and what a snapshot lacks of its days is withdrawn."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.errors import InputRefused
from mlmcalc.history.facts import Scope, fact_changes, fold_facts, fold_orders
from mlmcalc.history.parts import Part
from tests.history.drawn import DAYS, FIRST, orders, rows_of
from tests.oracle.history_twin import Fact, orders_of_days

IDS = ("order_id", "member_id")
SCOPES = st.tuples(DAYS, DAYS).map(lambda days: Scope(min(days), max(days)))


def _tell(parts: list[Part], kind: str, snapshot: pl.DataFrame, scope: Scope) -> list[Part]:
    number = max((part.number for part in parts), default=0) + 1
    changes = fact_changes(kind, parts, snapshot, scope)
    return [*parts, *(Part.of(number, frame) for frame in changes.frames)]


def _versions(known: list[Fact], snapshot: pl.DataFrame, scope: Scope, batch: int) -> list[Fact]:
    """What a snapshot says, one order after the other."""
    told = rows_of(snapshot, "order_id")
    there = orders_of_days(known, date.min, date.max, batch)
    gone = [
        Fact(order, None, batch)
        for order, content in there.items()
        if order not in told and scope.first <= content["date"] <= scope.last
    ]
    return [*(Fact(order, content, batch) for order, content in told.items()), *gone]


@given(st.lists(st.tuples(SCOPES, orders()), min_size=1, max_size=5), SCOPES, st.integers(1, 5))
def test_orders_of_any_days_are_those_known_last(
    drawn: list[tuple[Scope, pl.DataFrame]], wanted: Scope, known: int
) -> None:
    parts: list[Part] = []
    versions: list[Fact] = []
    for batch, (scope, snapshot) in enumerate(drawn, 1):
        changes = fact_changes("orders", parts, snapshot, scope)
        parts = [*parts, *(Part.of(batch, frame) for frame in changes.frames)]
        versions += _versions(versions, snapshot, scope, batch)
        again = fact_changes("orders", parts, snapshot, scope)
        assert not again.frames
    some = [part for part in parts if part.number <= known]
    found = rows_of(fold_orders(some, wanted.first, wanted.last, IDS), "order_id")
    assert found == orders_of_days(versions, wanted.first, wanted.last, known)


def _order(order: int, day: date, cv: int = 1) -> pl.DataFrame:
    return pl.DataFrame({"order_id": [order], "member_id": [1], "date": [day], "cv": [cv]})


def test_an_order_whose_day_moves_to_another_month_is_of_that_month_only() -> None:
    october, november = Scope(date(2026, 10, 1), date(2026, 10, 31)), Scope(date(2026, 11, 1), date(2026, 11, 30))
    parts = _tell([], "orders", _order(5, date(2026, 10, 31)), october)
    parts = _tell(parts, "orders", _order(6, date(2026, 11, 2)), november)
    parts = _tell(parts, "orders", pl.concat([_order(5, date(2026, 11, 1)), _order(6, date(2026, 11, 2))]), november)
    assert rows_of(fold_orders(parts, october.first, october.last, IDS), "order_id") == {}
    assert list(rows_of(fold_orders(parts, november.first, november.last, IDS), "order_id")) == ["5", "6"]


def test_a_late_order_is_of_its_own_day() -> None:
    october = Scope(date(2026, 10, 1), date(2026, 10, 31))
    parts = _tell([], "orders", _order(5, date(2026, 10, 3)), october)
    late = pl.concat([_order(9, date(2026, 10, 30)), _order(10, date(2026, 11, 2))])
    after = _tell(parts, "orders", late, Scope(date(2026, 11, 1), date(2026, 11, 30)))
    assert list(rows_of(fold_orders(parts, october.first, october.last, IDS), "order_id")) == ["5"]
    assert list(rows_of(fold_orders(after, october.first, october.last, IDS), "order_id")) == ["5", "9"]


def test_parts_of_other_days_are_not_read() -> None:
    def unreadable() -> pl.DataFrame:
        raise AssertionError("nobody asked for these days")

    october = Scope(date(2026, 10, 1), date(2026, 10, 31))
    parts = _tell([], "orders", _order(5, date(2026, 10, 3)), october)
    parts.append(Part(2, ("order_id", "member_id", "date", "cv"), unreadable, date(2026, 11, 1), date(2026, 11, 9)))
    assert list(rows_of(fold_orders(parts, october.first, october.last, IDS), "order_id")) == ["5"]


def test_no_orders_are_a_table_all_the_same() -> None:
    october = Scope(date(2026, 10, 1), date(2026, 10, 31))
    parts = _tell([], "orders", _order(5, date(2026, 10, 3)), october)
    gone = _tell(parts, "orders", _order(5, date(2026, 10, 3)).clear(), october)
    for days in (october, Scope(FIRST, FIRST)):
        none = fold_orders(gone, days.first, days.last, IDS)
        assert none is not None
        assert (none.height, none.columns) == (0, ["order_id", "cv", "date", "member_id"])
    assert fold_orders([], FIRST, FIRST, IDS) is None


def test_one_order_in_two_rows_counts_once_and_with_two_contents_is_refused() -> None:
    scope = Scope(FIRST, FIRST)
    twice = pl.concat([_order(5, FIRST), _order(5, FIRST)])
    assert fact_changes("orders", [], twice, scope).new == 1
    with pytest.raises(InputRefused) as refusal:
        fact_changes("orders", [], pl.concat([_order(5, FIRST), _order(5, FIRST, 2)]), scope)
    assert [one.code for one in refusal.value.findings] == ["history.fact_twice"]


def _override(rank: str, start: date | None, end: date | None, reason: str = "moved") -> pl.DataFrame:
    schema = {
        "member_id": pl.Int64,
        "override": pl.String,
        "rank": pl.String,
        "reason": pl.String,
        "from": pl.Date,
        "to": pl.Date,
    }
    return pl.DataFrame([[3, "rank", rank, reason, start, end]], schema=schema, orient="row")


def test_an_override_of_other_days_outlives_a_table_without_it() -> None:
    october = Scope(date(2026, 10, 1), date(2026, 10, 31))
    old = _override("Gold", None, date(2026, 9, 30))
    now = _override("Silver", date(2026, 10, 1), None)
    parts = _tell([], "overrides", pl.concat([old, now]), october)
    parts = _tell(parts, "overrides", now.clear(), october)
    found = fold_facts("overrides", parts, ("member_id",))
    assert found is not None
    assert found["rank"].to_list() == ["Gold"]


def test_the_end_of_an_override_changes_and_its_key_without_days_is_found_again() -> None:
    october = Scope(date(2026, 10, 1), date(2026, 10, 31))
    parts = _tell([], "overrides", _override("Gold", None, None), october)
    changes = fact_changes("overrides", parts, _override("Gold", None, FIRST), october)
    assert (changes.new, changes.removed, dict(changes.changed)) == (0, 0, {"to": 1})
    parts = [*parts, *(Part.of(2, frame) for frame in changes.frames)]
    found = fold_facts("overrides", parts, ("member_id",))
    assert found is not None
    assert found["to"].to_list() == [FIRST]


def test_volumes_of_a_period_are_replaced_row_by_row() -> None:
    scope = Scope(FIRST, FIRST + timedelta(days=1))
    first = pl.DataFrame({"member_id": [1, 2, 3], "cv": [10, 20, 30]})
    second = pl.DataFrame({"member_id": ["1", "2", "x"], "cv": [10, 21, 5]})
    parts = _tell([], "volumes", first, scope)
    changes = fact_changes("volumes", parts, second, scope)
    assert (changes.new, changes.removed, changes.unchanged, dict(changes.changed)) == (1, 1, 1, {"cv": 1})
    parts = _tell(parts, "volumes", second, scope)
    found = fold_facts("volumes", parts, ("member_id",))
    assert found is not None
    assert found.rows() == [("1", 10), ("2", 21), ("x", 5)]
