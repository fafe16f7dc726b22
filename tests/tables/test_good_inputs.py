"""Good input: the same company whatever the format, the order of rows and the type of ids."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from mlmcalc.genealogy.network import NO_DAY
from mlmcalc.periods import day_number
from mlmcalc.tables.needs import Needs
from tests.tables.october import MEMBERS, NEEDS, ORDERS, SPONSOR, facts, fields, read
from tests.tables.shapes import excel, parquet


def test_members_come_in_canonical_order():
    network = read().network
    assert np.asarray(network.ids).tolist() == [11, 12, 50, 3, 7, 20]
    assert network.trees["sponsor"].parent.tolist() == [-1, 0, -1, 2, 2, 4]
    assert network.trees["sponsor"].leg is None
    placement = network.trees["placement"]
    assert placement.order is not None
    assert [np.asarray(network.ids)[place] for place in placement.order] == [50, 3, 7, 20, 11, 12]
    assert placement.leg is not None
    assert placement.leg.tolist() == [0, 2, 1, 2, 1, 1]
    # 7 has left from the first of November on, 11 joins on that day.
    assert network.status.tolist() == [4, 3, 0, 1, 0, 0]
    assert network.kind.tolist() == [0, 0, 0, 2, 0, 1]
    assert network.joined.tolist() == [20758, 17955, 18262, NO_DAY, 18628, 20757]
    assert network.day == day_number(date(2026, 10, 31))
    assert network.columns["goal"].values.tolist() == [0, 1234567890, 10000, 0, 1, 250]
    goal_given = network.columns["goal"].given
    assert goal_given is not None
    assert goal_given.tolist() == [True, True, True, False, True, True]
    assert network.columns["market"].labels == ["DE", "EU", "ÅL"]
    assert network.columns["market"].values.tolist() == [2, 0, 1, 1, 0, -1]
    assert network.columns["founder"].values.tolist() == [True, True, True, False, False, False]
    assert "name" not in network.columns


def test_orders_come_by_buyer_and_order_id():
    company = read()
    orders = company.orders
    assert np.asarray(orders.ids).tolist() == [5, 1, 2, 8, 9]
    assert orders.member.tolist() == [3, 4, 4, 4, 4]
    assert orders.kind is not None
    assert orders.kind.tolist() == [0, 1, 0, 0, 0]
    assert orders.columns["cv"].values.tolist() == [3000, -500, 1, 2000, 1125]
    assert orders.columns["cv"].decimals == 3
    # 8 and 9 are of one day; a return is nobody's first order.
    assert orders.first is not None
    assert orders.first.tolist() == [True, False, False, True, False]
    assert company.left_out == {"columns of members not read": 1, "orders outside the period": 1}
    assert [finding.code for finding in company.findings] == [
        "members.not_joined",
        "genealogy.joined_after_recruit",
        "orders.outside_period",
    ]


def test_an_order_before_the_period_may_be_the_first():
    earlier = ORDERS.with_columns(
        pl.when(pl.col("order_id") == 9).then(date(2025, 1, 1)).otherwise("date").alias("date")
    )
    first = read(orders=earlier).orders.first
    assert first is not None
    assert first.tolist() == [True, False, False, False]
    assert read(needs=Needs(**{**fields(NEEDS), "first_order": False})).orders.first is None


@pytest.mark.parametrize(
    "suffix", ["csv", "parquet", "xlsx", "semicolons", "tabs", "carriage returns", "old Mac", "quoted"]
)
def test_every_format_reads_the_same(suffix: str, tmp_path: Path):
    paths = {}
    for label, frame in (("members", MEMBERS), ("orders", ORDERS)):
        path = tmp_path / (f"{label}.{suffix}" if suffix in ("parquet", "xlsx") else f"{label}.csv")
        text = frame.write_csv()
        content = {
            "parquet": lambda frame=frame: parquet(frame),
            "xlsx": lambda frame=frame: excel(frame),
            "semicolons": lambda frame=frame: frame.write_csv(separator=";").encode(),
            "tabs": lambda frame=frame: frame.write_csv(separator="\t").encode(),
            "old Mac": lambda text=text: text.replace("\n", "\r").encode(),
            "carriage returns": lambda text=text: text.replace("\n", "\r\n").encode(),
            "quoted": lambda frame=frame: frame.write_csv(quote_style="always").encode(),
        }.get(suffix, lambda text=text: text.encode())()
        path.write_bytes(content)
        paths[label] = path
    company = read(paths["members"], paths["orders"])
    assert facts(company) == facts(read())
    record = company.inputs[1]
    content = paths["orders"].read_bytes()
    assert (record.name, record.path, record.bytes) == ("orders", str(paths["orders"]), len(content))
    assert record.sha256 == hashlib.sha256(content).hexdigest()
    assert (record.rows, dict(record.totals)) == (6, {"qv": 10935, "cv": 9626})


def test_every_kind_of_frame_reads_the_same():
    expected = facts(read())
    assert facts(read(MEMBERS.lazy(), ORDERS.lazy())) == expected
    assert facts(read(MEMBERS.to_dict(as_series=False), ORDERS.to_dict(as_series=False))) == expected
    pytest.importorskip("pyarrow")
    assert facts(read(MEMBERS.to_arrow(), ORDERS.to_arrow())) == expected


def test_amounts_of_every_type_read_the_same():
    expected = facts(read())
    for kind in (pl.Decimal(38, 3), pl.Decimal(12, 6), pl.String, pl.Float64):
        typed = ORDERS.with_columns(
            pl.col("qv", "cv").cast(pl.Decimal(20, 6) if kind == pl.String else kind).cast(kind)
        )
        assert facts(read(orders=typed)) == expected
    single = ORDERS.with_columns(pl.col("qv", "cv").cast(pl.Float32))
    assert facts(read(orders=single)) == expected
    plain = ORDERS.with_columns(pl.lit(3).alias("qv"), pl.lit(0).alias("cv")).filter(pl.col("kind") != "return")
    assert read(orders=plain).orders.columns["qv"].values.tolist() == [300] * 3


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_rows_does_not_matter(seed: int):
    members, orders = (frame.sample(fraction=1, shuffle=True, seed=seed) for frame in (MEMBERS, ORDERS))
    assert facts(read(members, orders)) == facts(read())


def test_a_file_handed_over_twice_counts_once():
    company = read(orders=pl.concat([ORDERS, ORDERS.reverse()]))
    assert facts(company) == facts(read())
    assert company.left_out["orders given twice"] == 6
    assert [finding.code for finding in company.findings].count("orders.duplicate") == 6


def test_ids_as_text_keep_their_order():
    def texts(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
        return frame.with_columns(("m" + pl.col(name).cast(pl.String).str.zfill(3)).alias(name) for name in names)

    company = read(texts(MEMBERS, "member_id", "sponsor_id", "placement_id"), texts(ORDERS, "order_id", "member_id"))
    numbers = read()
    assert list(company.network.ids) == [f"m{number:03d}" for number in np.asarray(numbers.network.ids)]
    assert list(company.orders.ids or ()) == [f"m{number:03d}" for number in np.asarray(numbers.orders.ids)]
    got, expected = facts(company), facts(numbers)
    assert {**got[0], "ids": 0} == {**expected[0], "ids": 0}
    assert {**got[1], "ids": 0} == {**expected[1], "ids": 0}


@pytest.mark.parametrize(
    "types", [(pl.Float64, pl.String), (pl.String, pl.Float64), (pl.UInt64, pl.Int16), (pl.Categorical, pl.Int32)]
)
def test_ids_of_unlike_types_meet(types: tuple[Any, Any]):
    members = MEMBERS.with_columns(
        pl.col("member_id").cast(pl.Int64).cast(pl.String).cast(pl.Categorical)
        if types[0] == pl.Categorical
        else pl.col("member_id").cast(types[0]),
        pl.col("sponsor_id").cast(types[1]),
    )
    assert facts(read(members, ORDERS.with_columns(pl.col("member_id").cast(types[1])))) == facts(read())


def test_numbers_may_refer_to_texts():
    members = pl.DataFrame({"member_id": ["1", "2", "x"], "sponsor_id": [None, "1", "2"]})
    orders = pl.DataFrame({"order_id": [1], "member_id": [2], "date": ["2026-10-01"], "qv": [1]})
    company = read(members, orders, Needs(SPONSOR, {"qv": 2}))
    assert list(company.network.ids) == ["1", "2", "x"]
    assert company.orders.member.tolist() == [1]


def test_spelling_is_forgiven_where_one_member_is_meant(tmp_path: Path):
    members = tmp_path / "members.csv"
    members.write_text("member_id,sponsor_id\nAnn,\n Bob ,ANN\nCy,bob\n", encoding="utf-8")
    company = read(members, None, Needs(SPONSOR))
    assert list(company.network.ids) == ["Ann", "Bob", "Cy"]
    assert company.network.first_tree.parent.tolist() == [-1, 0, 1]
    assert [(finding.code, finding.row, finding.member) for finding in company.findings] == [
        ("tables.stray_space", 3, "Bob"),
        ("tables.id_spelling", 3, "Ann"),
        ("tables.id_spelling", 4, "Bob"),
    ]
