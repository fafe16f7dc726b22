from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmcalc.tables import tables_out
from mlmcalc.tables.decimals_out import decimal_series
from mlmcalc.tables.folder import StagedFolder
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.tables_out import OutColumn, OutTable, Pieces, write_frame

INT64 = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(INT64, max_size=20), st.integers(0, 10), st.integers(0, 8))
def test_units_become_decimals_exactly(units, decimals, more):
    wanted = [Decimal(unit).scaleb(-decimals) for unit in units]
    assert decimal_series("x", np.array(units, np.int64), decimals, decimals + more).to_list() == wanted
    assert decimal_series("x", units, decimals, decimals + more).to_list() == wanted


def test_python_integers_beyond_64_bits_stay_exact():
    assert decimal_series("x", [2**80], 8).to_list() == [Decimal(2**80).scaleb(-8)]


def table(order, text=False, **changes):
    columns = {
        "member": OutColumn("member", "member", np.array([0, 1, 3, -1], np.int32)[order]),
        "rank": OutColumn("rank", "category", np.array([-1, 0, 1, 1], np.int16)[order], labels=("A", "B")),
        "pv": OutColumn("pv", "decimal", np.array([5, -5, 0, 2**62])[order], decimals=2),
        "offered": OutColumn("offered", "decimal", [[2**70, 0, -1, 3][k] for k in order], decimals=8),
        "count": OutColumn("count", "integer", [[1, None, 3, 0][k] for k in order]),
        "active": OutColumn("active", "flag", np.array([True, False, True, True])[order]),
        "note": OutColumn("note", "text", [["a", None, "", "b"][k] for k in order]),
    }
    columns.update(changes)
    return OutTable("members", list(columns.values()))


IDS = IdColumn(np.array([7, 8, 9]))
ORDER = [0, 1, 2, 3]


def test_frame_of_a_table():
    frame = table(ORDER).frame(IDS)
    assert frame.row(0) == (7, None, Decimal("0.05"), Decimal(2**70).scaleb(-8), 1, True, "a")
    assert frame["member"].to_list() == [7, 8, None, None]
    assert frame["note"].to_list() == ["a", None, "", "b"]
    assert frame.schema["rank"] == pl.Enum(["A", "B"])


def test_the_order_of_rows_does_not_show_in_the_digest():
    digest = table(ORDER).content_digest(IDS)
    assert digest == table([2, 0, 3, 1]).content_digest(IDS)
    assert digest.endswith("-4")


@pytest.mark.parametrize(
    "change",
    [
        {"member": OutColumn("member", "member", np.array([0, 1, 1, -1], np.int32))},
        {"member": OutColumn("earner", "member", np.array([0, 1, 3, -1], np.int32))},
        {"rank": OutColumn("rank", "category", np.array([-1, 0, 0, 1]), labels=("A", "B"))},
        {"rank": OutColumn("rank", "category", np.array([-1, 0, 1, 1]), labels=("A", "C"))},
        {"pv": OutColumn("pv", "decimal", np.array([5, -5, 0, 2**62]), decimals=3)},
        {"pv": OutColumn("pv", "decimal", np.array([5, -5, 0, 2**62 + 1]), decimals=2)},
        {"offered": OutColumn("offered", "decimal", [2**70 + 1, 0, -1, 3], decimals=8)},
        {"count": OutColumn("count", "integer", [1, 0, 3, 0])},
        {"active": OutColumn("active", "flag", np.array([True, True, True, True]))},
        {"note": OutColumn("note", "text", ["a", "", "", "b"])},
    ],
)
def test_every_change_shows_in_the_digest(change):
    assert table(ORDER).content_digest(IDS) != table(ORDER, **change).content_digest(IDS)


def test_more_labels_than_used_do_not_show_in_the_digest():
    more = OutColumn("rank", "category", np.array([0, 1, 2, 2]) - 1, labels=("A", "B", "C"))
    assert table(ORDER).content_digest(IDS) == table(ORDER, rank=more).content_digest(IDS)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_files(tmp_path, format):
    with StagedFolder(tmp_path / "run") as folder:
        frame = table(ORDER).frame(IDS)
        assert write_frame(folder, "members", frame, format).name == f"members.{format}"
        folder.commit()
    path = tmp_path / "run" / f"members.{format}"
    got = pl.read_parquet(path) if format == "parquet" else pl.read_csv(path, schema=frame.schema)
    assert got["pv"].to_list() == frame["pv"].to_list()
    assert got["offered"].to_list() == frame["offered"].to_list()


def test_an_empty_table_has_columns():
    columns = [OutColumn("member", "member", np.empty(0, np.int32)), OutColumn("a", "decimal", [], 2)]
    empty = OutTable("transfers", columns)
    assert empty.frame(IDS).schema == {"member": pl.Int64, "a": pl.Decimal(38, 2)}
    assert empty.content_digest(IDS).endswith("-0")


@pytest.mark.parametrize("format", ["parquet", "csv"])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_large_table_is_written_and_counted_in_pieces(tmp_path, monkeypatch, format, rows):
    whole = table(ORDER)
    frame, digest = whole.frame(IDS), whole.content_digest(IDS)
    monkeypatch.setattr(tables_out, "ROWS_AT_ONCE", rows)
    pieces = whole.in_pieces(IDS)
    assert isinstance(pieces, Pieces)
    assert [piece.height for piece in pieces.frames()] == [min(rows, 4 - start) for start in range(0, 4, rows)]
    assert pieces.schema == frame.schema
    assert whole.content_digest(IDS) == digest
    with StagedFolder(tmp_path / "run") as folder:
        name = write_frame(folder, "members", pieces, format).name
        folder.commit()
    path = tmp_path / "run" / name
    got = pl.read_parquet(path) if format == "parquet" else pl.read_csv(path, schema=frame.schema)
    assert got.drop("note").equals(frame.drop("note"))


def test_a_small_table_is_written_as_one_frame():
    whole = table(ORDER).in_pieces(IDS)
    assert isinstance(whole, pl.DataFrame)
    assert whole.equals(table(ORDER).frame(IDS))
