from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import mlmcalc
from mlmcalc.tables.source import ColumnMap
from tests.api.small_company import MEMBERS, ORDERS, OVERRIDES, VOLUMES, plan_text

TABLES = ("lines", "statements", "members", "breakage", "transfers", "balance", "state", "findings")


def run(place="line", grain="source", members=MEMBERS, orders=ORDERS, **options) -> mlmcalc.Run:
    return mlmcalc.run(plan_text(place, grain), members, orders, period="2026-10", **options)


def paid(frame: pl.DataFrame) -> dict[int | None, Decimal]:
    return {earner: amount for earner, amount in frame.group_by("earner").agg(pl.col("amount").sum()).rows() if amount}


def test_a_run_by_hand():
    got = run().statements
    by_hand = {(1, "retail"): "10.00", (2, "retail"): "2.78", (4, "retail"): "20.00", (6, "retail"): "3.56"}
    for (earner, bonus), amount in by_hand.items():
        row = got.filter((pl.col("earner") == earner) & (pl.col("bonus") == bonus))
        assert row["amount"].to_list() == [Decimal(amount)]


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
@pytest.mark.parametrize("grain", ["source", "order"])
def test_lines_sum_to_statements_and_members(place, grain):
    got = run(place, grain)
    keys = ["earner", "bonus"]
    lines = got.lines.group_by(keys).agg(lines=pl.len().cast(pl.Int64), amount=pl.col("amount").sum()).sort(keys)
    assert_frame_equal(lines, got.statements.sort(keys), check_column_order=False)
    earned = paid(got.statements)
    members = {member: amount for member, amount in got.members.select("member_id", "paid").iter_rows() if amount}
    assert members == {earner: amount for earner, amount in earned.items() if earner is not None}
    assert Decimal(got.totals["paid"]) == sum(members.values())
    assert Decimal(got.totals["company"]) == earned.get(None, 0)
    assert got.totals["lines"] == got.lines.height
    if place != "line":
        whole = got.lines.filter(pl.col("outcome") == "rounding").height
        assert whole > 0


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
def test_the_equation_and_the_breakage(place):
    got = run(place)
    for row in got.balance.iter_rows(named=True):
        assert row["offered"] == row["paid"] + row["breakage"] + row["cut"] + row["rounding"]
    lost = got.breakage.group_by("bonus").agg(pl.col("amount").sum())
    for bonus, amount in lost.iter_rows():
        assert got.balance.filter(pl.col("bonus") == bonus)["breakage"].item() == amount


def test_shuffled_rows_are_the_same_run():
    first = run()
    second = run(members=MEMBERS.sample(fraction=1, shuffle=True, seed=3), orders=ORDERS.reverse())
    assert first.digest == second.digest
    assert first.id != second.id
    assert_frame_equal(first.lines.drop("run"), second.lines.drop("run"))


def test_text_ids():
    ids = MEMBERS.with_columns(
        pl.format("M{}", "member_id").alias("member_id"), pl.format("M{}", "sponsor_id").alias("sponsor_id")
    )
    orders = ORDERS.with_columns(
        pl.format("M{}", "member_id").alias("member_id"), pl.format("o{}", "order_id").alias("order_id")
    )
    got = run("line", "order", members=ids, orders=orders)
    assert got.lines.schema["earner"] == pl.String
    assert set(got.lines["order"].drop_nulls()) <= set(orders["order_id"])
    assert got.totals["paid"] == run("line", "order").totals["paid"]


def test_volumes_in_place_of_orders():
    by_volume = mlmcalc.run(plan_text(), MEMBERS, volumes=VOLUMES, period="2026-10")
    assert by_volume.digest == run().digest


def test_overrides():
    got = run(overrides=OVERRIDES).members
    row = got.filter(pl.col("member_id") == 3).row(0, named=True)
    assert (row["rank"], row["rank_forced"]) == ("Manager", True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rank": ["Managr"]}, "overrides.unknown_rank"),
        ({"ladder": ["titles"]}, "overrides.unknown_ladder"),
        ({"override": ["waiver"], "metric": ["pvv"]}, "overrides.unknown_metric"),
    ],
)
def test_overrides_that_the_plan_does_not_know(changes, code):
    overrides = OVERRIDES.with_columns(**{name: pl.Series(cells) for name, cells in changes.items()})
    found = mlmcalc.check(plan_text(), MEMBERS, ORDERS, overrides=overrides, period="2026-10")
    assert [finding.code for finding in found if finding.level == "error"] == [code]


def test_what_is_no_plan_and_no_map_is_said_at_once():
    with pytest.raises(TypeError, match="a path or a text is wanted"):
        mlmcalc.run(None, MEMBERS, ORDERS, period="2026-10")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="'member' is no table"):
        mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10", maps={"member": ColumnMap()})
    with pytest.raises(TypeError, match="a ColumnMap is wanted"):
        mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10", maps={"members": {}})  # type: ignore[dict-item]


def test_column_maps():
    theirs = MEMBERS.rename({"member_id": "Mitglied"})
    maps = {"members": ColumnMap({"Mitglied": "member_id"})}
    assert mlmcalc.run(plan_text(), theirs, ORDERS, period="2026-10", maps=maps).digest == run().digest


def test_files_and_frames_are_the_same_run(tmp_path):
    MEMBERS.write_parquet(tmp_path / "m.parquet")
    ORDERS.write_csv(tmp_path / "o.csv")
    (tmp_path / "plan.yaml").write_text(plan_text())
    got = mlmcalc.run(tmp_path / "plan.yaml", tmp_path / "m.parquet", tmp_path / "o.csv", period="2026-10")
    assert got.digest == run().digest


def test_every_finding_of_plan_and_tables_at_once():
    members = MEMBERS.with_columns(sponsor_id=pl.Series([None, 1, 1, 2, 99, 98]))
    found = mlmcalc.check(plan_text("line", "order"), members, volumes=VOLUMES, period="2025-10")
    codes = [finding.code for finding in found]
    assert codes.count("genealogy.orphan") == 2
    assert {"volumes.table", "plan.not_in_force"} <= set(codes)
    assert [finding.level for finding in found] == sorted(finding.level for finding in found)
    with pytest.raises(mlmcalc.InputRefused) as refused:
        mlmcalc.run(plan_text("line", "order"), members, volumes=VOLUMES, period="2025-10")
    assert sorted(finding.code for finding in refused.value.findings) == sorted(codes)


def test_check_of_a_plan_alone():
    assert mlmcalc.check(plan_text()) == []
    found = mlmcalc.check(plan_text(currency="curency"))
    assert {finding.code for finding in found} >= {"plan.unknown_key"}


def test_a_period_is_needed():
    found = mlmcalc.check(plan_text(), MEMBERS, ORDERS)
    assert [finding.code for finding in found] == ["periods.label"]


def test_repr_and_notebook():
    got = run()
    assert repr(got).startswith("<Run alpine-2026-01.2026-10.")
    assert "6 members" in repr(got)
    assert got._repr_html_().count("<tr>") > 8


def test_names_in_a_notebook_are_inert():
    got = run()
    got.manifest["totals"]["bonuses"]["<script>alert(1)</script>"] = {"paid": "1.00"}
    got.manifest["run"] = "<img src=x onerror=alert(1)>"
    html = got._repr_html_()
    assert "<script" not in html
    assert "<img" not in html


def test_progress_is_told():
    steps = []
    run(progress=lambda step, number, count: steps.append((step, number, count)))
    told = [step for step, _, count in steps if count]
    assert told[:2] == ["pv", "cv"]
    assert told[-4:] == ["retail", "unilevel", "match", "pool"]


def test_an_empty_month():
    got = run(orders=ORDERS.head(0))
    assert got.totals["paid"] == "0.00"
    assert got.lines.height == got.statements.height == 0
    for name in TABLES:
        assert getattr(got, name).width > 0


def test_qualification_of_a_member():
    got = run().qualification(2)
    rows = got.filter(pl.col("rank") == "Manager").sort("alternative").to_dicts()
    assert [(row["alternative"], row["word"], row["actual"], row["met"]) for row in rows] == [
        (1, "pv", "60.00", True),
        (1, "gv", "340.00", True),
        (2, "heads", "1", False),
    ]
    assert rows[2]["short_by"] == "3"
    assert rows[0]["rung_met"] is True


def test_qualification_of_everybody_and_of_nobody():
    got = run()
    assert got.qualification()["member_id"].n_unique() == 6
    with pytest.raises(mlmcalc.InputRefused, match=r"api\.no_member"):
        got.qualification(99)


def test_a_stored_run_has_no_values(tmp_path):
    got = run()
    got.write(tmp_path / "run")
    with pytest.raises(mlmcalc.InputRefused, match=r"api\.not_calculated"):
        mlmcalc.load_run(tmp_path / "run").qualification(2)
