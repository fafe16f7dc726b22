"""Two tables row by row, in pieces that do not end at the same rows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mlmcalc.audit.table_difference import A_ROW, compare_tables
from mlmcalc.tables.folder import StagedFolder
from mlmcalc.tables.stored import StoredTables, schema_text
from mlmcalc.tables.tables_out import write_frame

ROWS = pl.DataFrame(
    {
        "bonus": pl.Series(["a", "b", "b", "a", "a"], dtype=pl.Enum(["a", "b"])),
        "earner": pl.Series([1, 2, None, 4, 4], dtype=pl.Int64),
        "amount": pl.Series(["1.00", "2.00", "-3.00", "4.00", "4.00"]).cast(pl.Decimal(38, 2)),
    }
)


def stored(folder: Path, parts: list[pl.DataFrame]) -> StoredTables:
    with StagedFolder(folder) as staged:
        files = [write_frame(staged, f"lines/part-{number:05d}", part, "parquet") for number, part in enumerate(parts)]
        staged.commit()
    sealed = {file.name: {"sha256": file.sha256} for file in files}
    return StoredTables(folder, {"files": sealed, "columns": {"lines": schema_text(parts[0].schema)}})


def compared(folder: Path, one: list[pl.DataFrame], other: list[pl.DataFrame]):
    return compare_tables(stored(folder / "one", one), stored(folder / "other", other), "lines")


@pytest.mark.parametrize("cut", range(6))
def test_parts_do_not_matter(tmp_path, cut):
    found = compared(tmp_path, [ROWS.head(cut), ROWS.slice(cut)], [ROWS.head(2), ROWS.slice(2, 1), ROWS.slice(3)])
    assert (found.first, found.only_stored, found.only_calculated, found.stored_rows) == (None, 0, 0, 5)


def test_categories_may_be_numbered_otherwise(tmp_path):
    other = ROWS.with_columns(pl.col("bonus").cast(pl.String).cast(pl.Enum(["z", "b", "a"])))
    assert compared(tmp_path, [ROWS], [other]).first is None


@pytest.mark.parametrize("row", range(5))
@pytest.mark.parametrize(("column", "value"), [("bonus", "b"), ("earner", 9), ("amount", Decimal("0.01"))])
def test_the_first_cell_is_found_wherever_it_is(tmp_path, row, column, value):
    cells = ROWS[column].to_list()
    cells[row] = value if cells[row] != value else "a"
    other = ROWS.with_columns(pl.Series(column, cells, dtype=ROWS[column].dtype))
    first = compared(tmp_path, [ROWS.head(3), ROWS.slice(3)], [other.head(1), other.slice(1)]).first
    assert first is not None
    was = ROWS[column][row]
    assert (first.row, first.column, first.stored) == (row + 1, column, None if was is None else str(was))
    assert first.calculated == str(cells[row])
    assert first.of.get("bonus") == ROWS["bonus"][row]


def test_the_lowest_row_comes_before_the_first_column(tmp_path):
    other = ROWS.with_columns(
        bonus=pl.Series(["a", "b", "b", "a", "b"], dtype=ROWS["bonus"].dtype),
        amount=pl.Series(["1.00", "2.50", "-3.00", "4.00", "4.00"]).cast(pl.Decimal(38, 2)),
    )
    found = compared(tmp_path, [ROWS], [other])
    assert found.first is not None
    assert (found.first.row, found.first.column) == (2, "amount")
    assert (found.only_stored, found.only_calculated) == (2, 2)


@pytest.mark.parametrize("shorter", ["one", "other"])
def test_a_row_that_one_does_not_have(tmp_path, shorter):
    parts = {"one": [ROWS.head(3), ROWS.slice(3)], "other": [ROWS]} | {shorter: [ROWS.head(4)]}
    found = compared(tmp_path, parts["one"], parts["other"])
    assert found.first is not None
    assert (found.first.row, found.first.column) == (5, "")
    assert (found.first.stored, found.first.calculated) == ((None, A_ROW) if shorter == "one" else (A_ROW, None))
    # The last two rows are alike, and only one of them is missing.
    assert (found.only_stored, found.only_calculated) == ((0, 1) if shorter == "one" else (1, 0))


def test_nothing_beside_something(tmp_path):
    found = compared(tmp_path, [ROWS.clear()], [ROWS])
    assert (found.stored_rows, found.calculated_rows, found.only_calculated) == (0, 5, 5)


@pytest.mark.parametrize(
    "other",
    [ROWS.drop("earner"), ROWS.with_columns(pl.col("amount").cast(pl.Decimal(38, 3))), ROWS.select(ROWS.columns[::-1])],
)
def test_other_columns_are_said(tmp_path, other):
    assert "columns" in compared(tmp_path, [ROWS], [other]).note
