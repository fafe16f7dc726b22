"""Good input: days, volumes, maps, overrides, blanks, and the largest trees."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from mlmcalc.periods import Period, day_number
from mlmcalc.tables.inputs import frame_digest
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.overrides import OverrideRow
from mlmcalc.tables.source import ColumnMap
from tests.tables.october import NEEDS, ORDERS, SPONSOR, fields, read


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Berlin"])
def test_an_instant_is_dated_in_the_time_zone_of_the_plan(zone: str):
    instants = [
        "2026-10-31T23:59:59Z",
        "2026-11-01T00:30:00+02:00",
        "2026-10-01 03:59:59-0400",
        "2026-10-25T02:30:00.5+01:00",
    ]
    needs = Needs(SPONSOR, {"qv": 2}, time_zone=zone)
    days = [
        datetime.fromisoformat(instant.replace("-0400", "-04:00")).astimezone(ZoneInfo(zone)).date()
        for instant in instants
    ]
    orders = pl.DataFrame({"order_id": [1, 2, 3, 4], "member_id": [50] * 4, "date": instants, "qv": [1] * 4})
    typed = orders.with_columns(
        pl.Series(
            "date",
            [datetime.fromisoformat(instant.replace("-0400", "-04:00")) for instant in instants],
            dtype=pl.Datetime("us", "UTC"),
        )
    )
    period = Period("x", date(2026, 1, 1), date(2026, 12, 31))
    for frame in (orders, typed):
        dated = read(orders=frame, needs=needs, period=period).orders.day
        assert dated is not None
        assert dated.tolist() == [day_number(day) for day in days]


def test_a_time_without_offset_is_local():
    needs = Needs(SPONSOR, {"qv": 2}, time_zone="Pacific/Apia")
    orders = pl.DataFrame(
        {"order_id": [1, 2], "member_id": [50, 50], "date": ["2026-10-31 23:59:59", "2026-10-01T00:00"], "qv": [1, 1]}
    )
    assert read(orders=orders, needs=needs).orders.size == 2


def test_volumes_per_member_take_the_place_of_orders():
    volumes = pl.DataFrame({"member_id": [20, 50, 7], "qv": ["-5", "1.10", "0"], "cv": [1, 2, 3]})
    company = read(orders=None, volumes=volumes)
    assert company.orders.is_table
    assert company.orders.member.tolist() == [2, 4, 5]
    assert company.orders.columns["qv"].values.tolist() == [110, 0, -500]
    assert dict(company.inputs[1].totals) == {"qv": -390, "cv": 6000}


def test_a_map_makes_a_companys_table_ours():
    theirs = pl.DataFrame(
        {
            "Nr": [1, 2, 3],
            "Werber": [None, 1, 2],
            "Punkte": ["5", "6", "7"],
            "bezahlt": ["ja", None, "ja"],
            "kind": ["x", "y", "z"],
        }
    )
    maps = {
        "members": ColumnMap(
            {"Nr": "member_id", "Werber": ("sponsor_id", "placement_id"), "kind": "unused"},
            {"market": "EU", "leg": "1"},
        ),
        "orders": ColumnMap(
            {"Nr": ("order_id", "member_id"), "Punkte": ("qv", "cv")},
            {"date": "2026-10-01", "kind": "sale", "country": "DE"},
            ["bezahlt"],
        ),
    }
    needs = Needs(**{**fields(NEEDS), "member_columns": {"market": ("text", 0)}})
    company = read(theirs, theirs, needs, maps=maps)
    assert company.orders.columns["qv"].values.tolist() == [500, 700]
    assert company.orders.columns["cv"].values.tolist() == [5000, 7000]
    assert company.orders.columns["country"].labels == ["DE"]
    assert company.network.columns["market"].labels == ["EU"]
    assert company.network.kind.tolist() == [0, 0, 0]
    assert company.left_out["rows of orders without bezahlt"] == 1
    assert company.inputs[1].rows == 2


def test_overrides_in_force_on_the_last_day():
    table = {
        "member_id": [7, 7, 20, 50, 11],
        "override": ["rank", "rank", "waiver", "Rank", "waiver"],
        "rank": ["Gold", "Silver", None, "Gold", "Gold"],
        "metric": [None, None, "gv", None, "pv"],
        "ladder": [None, None, None, "title", None],
        "from": ["2026-11-01", "2026-01-01", None, None, None],
        "to": [None, "2026-10-31", None, "2026-10-30", "2026-12-31"],
        "reason": ["r"] * 5,
        "approver": ["a"] * 5,
    }
    assert read(overrides=table).overrides == (
        OverrideRow(0, "waiver", "rank", "Gold", "pv", "r", "a"),
        OverrideRow(4, "rank", "rank", "Silver", "", "r", "a"),
        OverrideRow(5, "waiver", "rank", "", "gv", "r", "a"),
    )


def test_blank_rows_are_skipped_and_counted(tmp_path: Path):
    members = tmp_path / "members.csv"
    members.write_text("member_id,sponsor_id,note\n1,,\n\n,,\n2,1,\n \n", encoding="utf-8")
    company = read(members, None, Needs(SPONSOR))
    assert company.network.size == 2
    assert company.left_out["blank rows of members"] == 3
    assert company.inputs[0].rows == 2


def test_a_quoted_line_break_is_one_row(tmp_path: Path):
    members = tmp_path / "members.csv"
    members.write_text('member_id,note,sponsor_id\n1,"two\nlines, and a comma",\n2,"x",9\n', encoding="utf-8")
    with pytest.raises(Exception, match=r"members.csv row 3, column sponsor_id, member 2"):
        read(members, None, Needs(SPONSOR))


def test_no_orders_at_all_are_no_fault():
    company = read(orders=ORDERS.clear())
    assert company.orders.size == 0
    assert company.orders.first is not None


def test_columns_cannot_be_written_to():
    company = read()
    for column in (
        company.network.status,
        company.network.first_tree.parent,
        company.orders.member,
        company.orders.columns["cv"].values,
    ):
        assert isinstance(column, np.ndarray)
        assert not column.flags.writeable


def test_the_digest_of_a_frame_is_of_its_content():
    digest = frame_digest(ORDERS)
    assert (
        digest
        == frame_digest(pl.concat([ORDERS[:2], ORDERS[2:]], rechunk=False))
        == frame_digest(ORDERS.select(reversed(ORDERS.columns)))
    )
    assert (
        len(
            {
                digest,
                frame_digest(ORDERS.reverse()),
                frame_digest(ORDERS.rename({"cv": "xv"})),
                frame_digest(ORDERS[:5]),
            }
        )
        == 4
    )
    # Known bytes: the same on every machine and with every version.
    known = pl.DataFrame({"a": [1, None], "b": ["x", None], "c": [1.5, 2.5]})
    assert frame_digest(known) == "3526cecb7f63649879119a12056e26ebdf9b18da2cff880ca2da452f6b11d0a1"


@pytest.mark.compiled
@pytest.mark.parametrize("shape", ["chain", "star"])
def test_a_million_members_of_either_extreme(shape: str):
    size = 1_000_000
    above = np.arange(size) if shape == "chain" else np.ones(size, np.int64)
    ids = np.arange(1, size + 1)
    members = pl.DataFrame({"member_id": ids, "sponsor_id": above}).with_columns(
        pl.when(pl.col("member_id") > 1).then("sponsor_id").alias("sponsor_id")
    )
    network = read(members.sample(fraction=1, shuffle=True, seed=1), None, Needs(SPONSOR)).network
    assert network.size == size
    assert int(network.first_tree.depth.max()) == (size - 1 if shape == "chain" else 1)
    assert np.array_equal(np.asarray(network.ids), ids)
