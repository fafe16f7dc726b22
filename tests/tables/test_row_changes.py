"""Two versions of a table."""

from __future__ import annotations

import polars as pl

from mlmcalc.tables.row_changes import Versions, id_order, read_versions
from mlmcalc.tables.source import ColumnMap, Wanted

WANTED = Wanted("orders", ("order_id",), ("member_id", "cv", "note"))
BEFORE = pl.DataFrame({"order_id": [10, 2, 3, 3], "member_id": [1, 1, 2, 2], "cv": ["1.50", "2", "7", "7"]})
AFTER = pl.DataFrame(
    {
        "Nr": ["2", "10", "3", "4"],
        "member_id": ["1", "1", "2", "1"],
        "cv": ["2.00", "1.5", "7", "9"],
        "secret": ["x"] * 4,
    }
)
MAPS = (ColumnMap(), ColumnMap({"Nr": "order_id"}))


def versions(after: pl.DataFrame | None = AFTER) -> Versions:
    return read_versions((BEFORE, after), MAPS, WANTED, "order_id", {"cv"})


def test_keys_with_other_rows():
    # Other zeros are the same amount; a row that stands there once less is a change.
    assert versions().changed_keys() == {"3": "changed", "4": "new"}
    assert versions(after=AFTER.with_columns(cv=pl.lit("1.50"))).changed_keys() == {
        "2": "changed",
        "3": "changed",
        "4": "new",
    }
    assert versions(after=None).changed_keys() == {"2": "gone", "3": "gone", "10": "gone"}


def test_keys_that_may_differ():
    found = versions().narrowed()
    # Which rows say the same in other words is found of these few only.
    assert sorted(found.before["order_id"]) == ["10", "2", "3", "3"]
    assert found.changed_keys() == versions().changed_keys()
    same = AFTER.with_columns(cv=pl.Series(["2", "1.50", "7", "9"]))
    found = versions(same).narrowed()
    assert (found.before["order_id"].to_list(), found.after["order_id"].to_list()) == (["3", "3"], ["3", "4"])


def test_other_zeros_in_texts_are_another_text():
    found = read_versions((BEFORE, AFTER), MAPS, WANTED, "order_id")
    assert found.changed_keys() == {"2": "changed", "3": "changed", "4": "new", "10": "changed"}


def test_rows_of_some_keys_as_they_are_after():
    mixed = versions().mixed(["3", "4"])
    assert mixed.columns == ["order_id", "member_id", "cv"]
    assert mixed.rows() == [("10", "1", "1.50"), ("2", "1", "2"), ("3", "2", "7"), ("4", "1", "9")]


def test_cells_of_some_columns_and_keys():
    after = AFTER.with_columns(cv=pl.lit("8"), member_id=pl.lit("5"))
    found = versions(after=after)
    assert found.changed_cells(["member_id"]) == ["2", "3", "10"]
    assert found.changed_cells([]) == []
    assert found.with_cells(["member_id"], ["2"]).before.rows() == [
        ("10", "1", "1.50"),
        ("2", "5", "2"),
        ("3", "2", "7"),
        ("3", "2", "7"),
    ]
    assert found.with_cells(["cv"], None).before["cv"].to_list() == ["8", "8", "8", "8"]
    assert found.with_cells(["cv"], None).before["member_id"].to_list() == ["1", "1", "2", "2"]


def test_what_changed_in_words():
    found = versions(after=AFTER.with_columns(cv=pl.lit("8")))
    assert found.told("2") == "cv 2 → 8"
    assert found.told("4") == "new"
    assert found.told("3") == "2 rows, now 1"


def test_ids_in_canonical_order():
    assert sorted(["b", "10", "-1", "9", "B"], key=id_order) == ["-1", "9", "10", "B", "b"]
