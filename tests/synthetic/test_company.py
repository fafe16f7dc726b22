"""The synthetic company: the same everywhere, legal, and shaped like real ones."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mlmcalc.errors import ConflictError, InputRefused
from mlmcalc.synthetic.company import SyntheticCompany, generate_company
from mlmcalc.synthetic.draws import Draws
from mlmcalc.tables.company import read_company
from mlmcalc.tables.needs import Needs

FILES = ["company.yaml", "members.csv", "orders.csv", "overrides.csv", "plan.yaml"]


@pytest.fixture(scope="module")
def bush() -> SyntheticCompany:
    return generate_company(20_000, 5)


def depths(company: SyntheticCompany) -> list[int]:
    depth: dict[object, int] = {}
    for member, sponsor in company.members.select("member_id", "sponsor_id").iter_rows():
        depth[member] = 0 if sponsor is None else depth[sponsor] + 1
    return list(depth.values())


def digest_of(folder: Path) -> str:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    data = b"".join((folder / name).read_bytes() for name in ("members.csv", "orders.csv", "overrides.csv"))
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("shape", "ids", "digest"),
    [
        ("bush", "integer", "f77c460d5d1e5a8738771059335821a85f7b08781480581f49e156419341a5e2"),
        ("deep", "text", "c31bfcd5aea0bcec4d9ae105af81857f089df0e9ce8d7bb5cc9913f2ad766092"),
    ],
)
def test_the_same_seed_gives_the_same_bytes_for_ever(tmp_path: Path, shape, ids, digest) -> None:
    generate_company(2_000, 42, shape=shape, ids=ids).write(tmp_path / "one", "csv")
    assert digest_of(tmp_path / "one") == digest


def test_parquet_is_the_same_twice_and_another_seed_is_another_company(tmp_path: Path) -> None:
    one = generate_company(3_000, 1)
    first, second = one.write(tmp_path / "one"), generate_company(3_000, 1).write(tmp_path / "two")
    for name in ("members.parquet", "orders.parquet", "overrides.csv", "plan.yaml", "company.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    assert pl.read_parquet(first / "members.parquet").equals(one.members)
    assert not generate_company(3_000, 2).members.equals(one.members)


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ConflictError):
        generate_company(10, 1).write(tmp_path)


def test_draws_are_those_of_splitmix64() -> None:
    words = Draws(0).words("x", 3)
    key = int.from_bytes(hashlib.sha256(b"0/x").digest()[:8], "little")
    mask = 2**64 - 1
    for counter in range(3):
        state = (key + (counter + 1) * 0x9E3779B97F4A7C15) & mask
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 & mask
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB & mask
        assert int(words[counter]) == state ^ (state >> 31)
    assert np.bincount(Draws(1).below("y", 7, 70_000), minlength=7).min() > 9_500


@pytest.mark.parametrize("shape", ["bush", "deep", "chain", "star"])
@pytest.mark.parametrize("size", [1, 2, 3, 50, 5_000])
def test_every_reference_is_to_somebody_who_came_before(shape, size) -> None:
    company = generate_company(size, 3, shape=shape)
    members = company.members.with_row_index("row")
    assert members["member_id"].is_sorted()
    assert members["member_id"].n_unique() == size
    for parent in ("sponsor_id", "placement_id"):
        found = members.join(
            members.select("member_id", above="row", since="joined"), left_on=parent, right_on="member_id"
        )
        assert found.height == size - members[parent].null_count()
        assert (found["above"] < found["row"]).all()
        assert (found["since"] <= found["joined"]).all()
    assert members["sponsor_id"].null_count() <= 3
    placed = members.filter(pl.col("placement_id").is_not_null())
    assert placed.select("placement_id", "placement_leg").is_duplicated().sum() == 0
    assert (placed["kind"] == "distributor").all()
    assert placed["placement_leg"].null_count() == 0
    sponsors = members.filter(pl.col("member_id").is_in(members["sponsor_id"].drop_nulls().implode()))
    assert (sponsors["kind"] == "distributor").all()
    assert company.orders.height == 3 * size
    assert company.orders["order_id"].n_unique() == 3 * size
    assert company.orders["member_id"].is_in(members["member_id"].implode()).all()


def test_shapes() -> None:
    chain = generate_company(4_000, 9, shape="chain")
    assert depths(chain) == list(range(4_000))
    star = generate_company(4_000, 9, shape="star")
    assert depths(star) == [0] + [1] * 3_999
    assert max(depths(generate_company(20_000, 9, shape="deep"))) > 1_000
    assert 10 < max(depths(generate_company(20_000, 9))) < 60


def test_sponsoring_and_volume_have_a_heavy_tail(bush: SyntheticCompany) -> None:
    recruits = bush.members["sponsor_id"].drop_nulls().value_counts()["count"].sort(descending=True).to_numpy()
    assert recruits[0] > 60
    assert np.median(recruits) <= 2
    volume = (
        bush.orders.group_by("member_id")
        .agg(pl.col("qv").cast(pl.Float64).sum())["qv"]
        .sort(descending=True)
        .to_numpy()
    )
    assert volume[: volume.size // 10].sum() > 0.35 * volume.sum()


def test_churn_customers_and_markets(bush: SyntheticCompany) -> None:
    members = bush.members
    share = {kind: count / members.height for kind, count in members["kind"].value_counts().iter_rows()}
    assert 0.3 < share["customer"] < 0.4
    assert set(members["status"]) == {"active", "left", "suspended", "merged"}
    assert 0.2 < members["status"].eq("left").sum() / members.height < 0.4
    assert (members["status_from"].is_null() == (members["status"] == "active")).all()
    assert members["market"].n_unique() == 6
    assert (members["status_from"] > members["joined"]).all()


def test_orders_lie_in_the_period_or_the_year_before_and_returns_are_negative(bush: SyntheticCompany) -> None:
    orders = bush.orders.join(bush.members.select("member_id", "joined"), on="member_id")
    assert (orders["date"] >= orders["joined"]).all()
    assert (orders["date"] <= bush.period.last).all()
    assert (orders["date"] >= bush.period.first.replace(year=bush.period.first.year - 1)).all()
    earlier = orders.filter(pl.col("date") < bush.period.first).height / orders.height
    assert 0.01 < earlier < 0.2
    returned = orders["kind"] == "return"
    assert 0.005 < returned.sum() / orders.height < 0.05
    for amount in ("qv", "cv"):
        assert (orders.filter(returned)[amount] < 0).all()
        assert (orders.filter(~returned)[amount] > 0).all()
        assert orders[amount].dtype == pl.Decimal(12, 2)
    back = orders.filter(returned).select("member_id", -pl.col("qv"), "date")
    sales = orders.filter(~returned)
    matched = back.join(sales, on=["member_id", "qv"], suffix="_sale")
    assert (
        matched.filter(pl.col("date") >= pl.col("date_sale")).select("member_id", "qv").n_unique()
        == back.select("member_id", "qv").n_unique()
    )


def test_ids_as_text_and_other_months() -> None:
    company = generate_company(500, 4, ids="text", period="2025-02", orders_per_member=1)
    assert company.members["member_id"].dtype == pl.String
    assert company.orders["order_id"].str.starts_with("A").all()
    assert str(company.members["joined"].max()) <= "2025-02-28"
    assert "effective: 2024-01-01" in company.plan
    assert "members.csv" in company.workspace("csv")
    assert "500 members" in repr(company)


def test_no_orders_at_all_and_very_many() -> None:
    none = generate_company(30, 1, orders_per_member=0)
    assert none.orders.height == 0
    assert "rows: 0, sums: {qv: 0.00, cv: 0.00}" in none.workspace()
    assert generate_company(30, 1, orders_per_member=40).orders.height == 1_200


def test_what_cannot_be_is_refused_all_at_once() -> None:
    with pytest.raises(InputRefused) as refused:
        generate_company(0, -1, period="1975-01", shape="ring", orders_per_member=99)  # type: ignore[arg-type]
    assert [finding.code for finding in refused.value.findings] == ["synthetic.range"] * 5


@pytest.mark.parametrize("shape", ["bush", "deep", "chain", "star"])
@pytest.mark.parametrize("ids", ["integer", "text"])
def test_the_loader_finds_no_fault(shape, ids) -> None:
    company = generate_company(3_000, 6, shape=shape, ids=ids)
    trees = {"sponsor": ("sponsor_id", "", 0), "placement": ("placement_id", "placement_leg", 2)}
    needs = Needs(
        trees, {"qv": 2, "cv": 2}, order_columns={"country": ("text", 0)}, member_columns={"market": ("text", 0)}
    )
    read = read_company(
        needs,
        company.members,
        company.period,
        orders=company.orders,
        overrides=company.overrides,
    )
    assert read.network.size == 3_000
    assert len(read.overrides) == 5
    # All there is to say: some orders are older than the period.
    assert {finding.code for finding in read.findings} == {"orders.outside_period"}
