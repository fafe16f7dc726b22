"""Two runs side by side, and what each cause makes of the difference."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.runs.manifest import MANIFEST_FILE, manifest_text
from tests.api.small_company import MEMBERS, ORDERS, OVERRIDES, VOLUMES, plan_text

RATE = {"levels: [5%, 4%, 3%]": "levels: [6%, 4%, 3%]"}
OTHER_ORDERS = ORDERS.with_columns(cv=pl.when(pl.col("order_id") == 4).then(pl.lit("260.00")).otherwise("cv"))
MOVED = MEMBERS.with_columns(sponsor_id=pl.when(pl.col("member_id") == 5).then(3).otherwise("sponsor_id"))
EFFECTS = ("plan", "moves", "orders", "interaction")


def run(
    members: Any = MEMBERS, orders: Any = ORDERS, plan: str = "", period: str = "2026-10", **tables: Any
) -> mlmcalc.Run:
    return mlmcalc.run(plan or plan_text(), members, orders, **tables, period=period)


def paid(one: mlmcalc.Run) -> dict[tuple[str | None, str], Decimal]:
    rows = one.statements.select(pl.col("earner").cast(pl.String), pl.col("bonus").cast(pl.String), "amount")
    found = {(earner, bonus): amount for earner, bonus, amount in rows.iter_rows()}
    steps = one.payout.group_by(pl.col("member").cast(pl.String), pl.col("step").cast(pl.String)).agg(
        pl.col("amount").sum()
    )
    return found | {(member, f"payout {step}"): amount for member, step, amount in steps.iter_rows()}


def named(section: str, name: str) -> str:
    return name if section == "bonus" else f"payout {name}"


def sums_to_the_whole(found: mlmcalc.RunDifference, before: mlmcalc.Run, after: mlmcalc.Run) -> None:
    """Fail where parts and interaction are not the difference, or the difference not that of the statements."""
    old, new = paid(before), paid(after)
    rows = {(row["member"], named(row["section"], row["name"])): row for row in found.rows.iter_rows(named=True)}
    assert len(rows) == found.rows.height
    assert {key for key in old.keys() | new.keys() if old.get(key, 0) != new.get(key, 0)} <= set(rows)
    for key, row in rows.items():
        assert (row["before"], row["after"]) == (old.get(key, 0), new.get(key, 0))
        assert row["difference"] == row["after"] - row["before"]
        assert sum(row[effect.name] for effect in found.effects) == row["difference"]
    for effect in found.effects:
        moved = {key: row[effect.name] for key, row in rows.items()}
        payout = {key: amount for key, amount in moved.items() if key[1].startswith("payout ")}
        assert effect.paid + effect.company == sum(moved.values()) - sum(payout.values())
        assert effect.payments == sum(amount for (_, name), amount in payout.items() if name == "payout paid")


def alone(before: mlmcalc.Run, replaced: mlmcalc.Run) -> dict[tuple[str | None, str], Decimal]:
    old, new = paid(before), paid(replaced)
    moved = {key: new.get(key, Decimal(0)) - old.get(key, Decimal(0)) for key in old.keys() | new.keys()}
    return {key: amount for key, amount in moved.items() if amount}


def effect_of(found: mlmcalc.RunDifference, name: str) -> dict[tuple[str | None, str], Decimal]:
    effect = next(effect for effect in found.effects if effect.name == name)
    return {(member, named(section, name)): amount for member, section, name, amount in effect.amounts.iter_rows()}


def test_one_order_one_move_and_one_rate_are_three_causes():
    before, after = run(), run(MOVED, OTHER_ORDERS, plan_text(**RATE))
    found = mlmcalc.diff(before, after)
    assert tuple(effect.name for effect in found.effects) == EFFECTS
    assert effect_of(found, "plan") == alone(before, run(plan=plan_text(**RATE)))
    assert effect_of(found, "moves") == alone(before, run(MOVED))
    assert effect_of(found, "orders") == alone(before, run(orders=OTHER_ORDERS))
    sums_to_the_whole(found, before, after)
    amounts = {effect.name: (str(effect.paid), str(effect.company), effect.members) for effect in found.effects}
    # By hand, of the order: 60 more of 4 are 6.00 retail of its own, 5% and 4% above it, 10% of the 3.00, 1% twice.
    assert effect_of(found, "orders") == {
        ("4", "retail"): Decimal("6.00"),
        ("2", "unilevel"): Decimal("3.00"),
        ("1", "unilevel"): Decimal("2.40"),
        ("1", "match"): Decimal("0.30"),
        ("2", "pool"): Decimal("0.60"),
        ("1", "pool"): Decimal("0.60"),
    }
    assert amounts == {
        "plan": ("3.64", "0", 3),
        "moves": ("-8.59", "2.00", 3),
        "orders": ("12.90", "0", 3),
        "interaction": ("-0.12", "0.60", 3),
    }
    assert not found.is_equal
    assert found.ranks.rows() == [("2", "rank", "Manager", "Partner")]
    totals = {(pair.section, pair.name): pair.difference for pair in found.pairs}
    assert totals["amounts", "paid"] == "7.83"
    assert totals["volumes", "cv"] == "60.00"
    assert totals["rank", "Manager"] == "-1"


def test_each_order_move_and_rule_says_what_changed():
    before, after = run(), run(MOVED, OTHER_ORDERS, plan_text(**RATE))
    found = mlmcalc.diff(before, after, finer="each")
    assert [(effect.name, effect.what) for effect in found.effects[:-1]] == [
        ("plan: bonus unilevel", "levels, level 1: 5% → 6%"),
        ("move of 5", "sponsor_id 4 → 3"),
        ("order 4", "cv 200 → 260"),
    ]
    sums_to_the_whole(found, before, after)
    assert effect_of(found, "order 4") == effect_of(mlmcalc.diff(before, after), "orders")


def test_more_than_the_limit_are_told_together():
    after = run(orders=ORDERS.with_columns(cv=pl.lit("10")))
    found = mlmcalc.diff(run(), after, finer="each", limit=3)
    assert [(effect.name, effect.what) for effect in found.effects] == [("orders", "7 changed"), ("interaction", "")]
    assert found.effects[-1].paid == 0


def test_orders_by_what_became_of_them():
    kinds = ORDERS.with_columns(kind=pl.lit("sale"))
    late = pl.DataFrame({"order_id": [8, 9], "member_id": [6, 4], "date": ["2026-10-09"] * 2, "qv": ["60", "-80"]})
    late = late.with_columns(cv=pl.Series(["60", "-80"]), kind=pl.Series(["sale", "return"]))
    changed = kinds.filter(pl.col("order_id") != 2).with_columns(
        cv=pl.when(pl.col("order_id") == 1).then(pl.lit("90")).otherwise("cv")
    )
    before, after = run(orders=kinds), run(orders=pl.concat([changed, late]))
    found = mlmcalc.diff(before, after, finer="kinds")
    assert {effect.name for effect in found.effects} == {
        "changed orders",
        "late orders",
        "returns",
        "withdrawn orders",
        "interaction",
    }
    assert effect_of(found, "returns") == alone(before, run(orders=pl.concat([kinds, late.tail(1)])))
    assert effect_of(found, "late orders") == alone(before, run(orders=pl.concat([kinds, late.head(1)])))
    sums_to_the_whole(found, before, after)


def test_equal_runs_have_no_difference():
    found = mlmcalc.diff(run(), run())
    assert found.is_equal
    assert (found.rows.height, found.effects, found.tables, found.findings) == (0, (), [], [])


def test_other_zeros_and_another_order_of_rows_are_no_cause():
    same = ORDERS.with_columns(cv=pl.col("cv") + "0", qv=pl.col("qv") + ".0").reverse()
    plan = plan_text().replace("unilevel: {levels: [5%", "unilevel: {levels: [6%")
    found = mlmcalc.diff(run(), run(orders=same, plan=plan))
    assert [effect.name for effect in found.effects] == ["plan", "interaction"]


def test_an_order_of_a_new_member_comes_after_its_joining():
    joined = pl.concat([MEMBERS, pl.DataFrame({"member_id": [7], "sponsor_id": [5], "joined": ["2025-01-01"]})])
    late = pl.DataFrame({"order_id": [9], "member_id": [7], "date": ["2026-10-02"], "qv": ["80"], "cv": ["80"]})
    before, after = run(), run(joined, pl.concat([ORDERS, late]))
    for found, names in (
        (mlmcalc.diff(before, after), ("joins", "orders")),
        (mlmcalc.diff(before, after, finer="each"), ("joining of 7", "order 9")),
    ):
        effects = {effect.name: effect for effect in found.effects}
        assert tuple(effects) == (*names, "interaction")
        assert (list(effects[names[0]].after), list(effects[names[1]].after)) == ([], [names[0]])
        assert effect_of(found, names[1]) == alone(run(joined), after)
        sums_to_the_whole(found, before, after)
        assert not effects["interaction"].amounts.height


def test_who_leaves_needs_those_below_moved_and_its_orders_gone():
    members = MOVED.filter(pl.col("member_id") != 4)
    before, after = run(), run(members, ORDERS.filter(pl.col("member_id") != 4))
    found = mlmcalc.diff(before, after)
    needs = {effect.name: list(effect.after) for effect in found.effects}
    assert needs == {"moves": [], "leavers": ["moves", "orders"], "orders": [], "interaction": []}
    sums_to_the_whole(found, before, after)


def test_two_that_go_only_together_are_one_cause():
    # Members 5 and 6 change places: neither can move alone, since the other is still below, or above, it.
    swapped = MEMBERS.with_columns(
        sponsor_id=pl.when(pl.col("member_id") == 5)
        .then(6)
        .when(pl.col("member_id") == 6)
        .then(4)
        .otherwise("sponsor_id")
    )
    before, after = run(), run(swapped)
    found = mlmcalc.diff(before, after, finer="each")
    assert [(effect.name, list(effect.after)) for effect in found.effects] == [
        ("move of 5", ["move of 6"]),
        ("move of 6", []),
        ("interaction", []),
    ]
    sums_to_the_whole(found, before, after)


def test_volumes_in_place_of_orders_and_overrides_by_member():
    more = VOLUMES.with_columns(cv=pl.when(pl.col("member_id") == 6).then(pl.lit("90")).otherwise("cv"))
    before = run(orders=None, volumes=VOLUMES)
    after = run(orders=None, volumes=more, overrides=OVERRIDES)
    found = mlmcalc.diff(before, after, finer="each")
    assert [(effect.name, effect.what) for effect in found.effects[:-1]] == [
        ("volumes of 6", "cv 71.23 → 90"),
        ("overrides of 3", "new"),
    ]
    sums_to_the_whole(found, before, after)
    found = mlmcalc.diff(run(), after)
    assert [effect.name for effect in found.effects] == ["orders and volumes", "overrides", "interaction"]
    sums_to_the_whole(found, run(), after)
    assert mlmcalc.diff(run(), before).is_equal


def test_adjustments_and_orders_are_told_apart_in_the_payout():
    plan = plan_text() + "payout: {minimum: 20.00}\n"
    columns = ("member_id", "type", "amount", "reason", "approver")
    adjusted = pl.DataFrame(
        [(3, "manual", "12.00", "wrong rank", "Ann"), (1, "manual", "5.00", "late", "Ann")], columns, orient="row"
    )
    other = adjusted.with_columns(amount=pl.when(pl.col("member_id") == 3).then(pl.lit("25.50")).otherwise(pl.lit("5")))
    before, after = run(plan=plan, adjustments=adjusted), run(orders=OTHER_ORDERS, plan=plan, adjustments=other)
    found = mlmcalc.diff(before, after, finer="each")
    assert [(effect.name, effect.what) for effect in found.effects[:-1]] == [
        ("order 4", "cv 200 → 260"),
        ("adjustments of 3", "amount 12 → 25.5"),
    ]
    # What was carried, below the minimum, is paid now.
    assert effect_of(found, "adjustments of 3") == {
        ("3", "payout adjusted"): Decimal("13.50"),
        ("3", "payout carried"): Decimal("-12.00"),
        ("3", "payout paid"): Decimal("25.50"),
    }
    sums_to_the_whole(found, before, after)
    assert (found.effects[1].paid, found.effects[1].payments) == (0, Decimal("25.50"))


def test_text_ids_and_numbers_go_together():
    names = {"member_id": pl.col("member_id").cast(pl.String), "sponsor_id": pl.col("sponsor_id").cast(pl.String)}
    new = pl.DataFrame({"member_id": ["x7"], "sponsor_id": ["5"], "joined": ["2025-01-01"]})
    late = pl.DataFrame({"order_id": [9], "member_id": ["x7"], "date": ["2026-10-02"], "qv": ["80"], "cv": ["80"]})
    members = pl.concat([MOVED.with_columns(**names), new])
    orders = pl.concat([ORDERS.with_columns(member_id=pl.col("member_id").cast(pl.String)), late])
    before, after = run(), run(members, orders)
    found = mlmcalc.diff(before, after, finer="each")
    assert [effect.name for effect in found.effects] == ["move of 5", "joining of x7", "order 9", "interaction"]
    assert effect_of(found, "move of 5") == alone(before, run(MOVED))
    sums_to_the_whole(found, before, after)


def test_members_data_and_moves_are_told_apart():
    plan = plan_text().replace("active: {pv: 50}", "active: {pv: 50, days_since_joined: 30}")
    data = MOVED.with_columns(joined=pl.when(pl.col("member_id") == 4).then(pl.lit("2026-10-30")).otherwise("joined"))
    before, after = run(plan=plan), run(data, plan=plan)
    found = mlmcalc.diff(before, after)
    assert [effect.name for effect in found.effects] == ["moves", "members", "interaction"]
    assert effect_of(found, "moves") == alone(before, run(MOVED, plan=plan))
    sums_to_the_whole(found, before, after)


def test_runs_of_two_periods_differ_by_period_and_by_members():
    orders = pl.concat([ORDERS, ORDERS.with_columns(order_id=pl.col("order_id") + 10, date=pl.lit("2026-11-05"))])
    before, after = run(orders=orders), run(MOVED, orders, period="2026-11")
    found = mlmcalc.diff(before, after)
    assert [effect.name for effect in found.effects] == ["moves", "period", "interaction"]
    assert found.effects[1].what == "2026-10 to 2026-11, with orders"
    assert effect_of(found, "period") == alone(before, run(orders=orders, period="2026-11"))
    sums_to_the_whole(found, before, after)


def test_a_plan_of_another_calendar_goes_only_with_its_period():
    weekly = plan_text(**RATE).replace("currency: EUR", "currency: EUR\nperiod: week")
    after = run(plan=weekly, period="2026-W40")
    found = mlmcalc.diff(run(), after)
    assert [effect.name for effect in found.effects] == ["plan+period", "interaction"]
    assert not found.effects[-1].amounts.height
    sums_to_the_whole(found, run(), after)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    tables = {"a": (MEMBERS, ORDERS, plan_text()), "b": (MOVED, OTHER_ORDERS, plan_text(**RATE))}
    for name, (members, orders, plan) in tables.items():
        members.write_csv(tmp_path / f"members-{name}.csv")
        orders.write_parquet(tmp_path / f"orders-{name}.parquet")
        files = (tmp_path / f"members-{name}.csv", tmp_path / name, tmp_path / f"orders-{name}.parquet")
        mlmcalc.run_to_folder(plan, *files, period="2026-10")
    return tmp_path / "a", tmp_path / "b"


def test_stored_runs_are_compared_as_runs_in_memory_are(folders):
    found = mlmcalc.diff(*folders)
    here = mlmcalc.diff(run(), run(MOVED, OTHER_ORDERS, plan_text(**RATE)))
    assert found.rows.equals(here.rows)
    assert [effect.paid for effect in found.effects] == [effect.paid for effect in here.effects]


def test_inputs_that_are_gone_leave_totals_and_members(folders):
    (folders[0].parent / "orders-a.parquet").unlink()
    found = mlmcalc.diff(*folders)
    assert [finding.code for finding in found.findings] == ["diff.not_attributed"]
    assert "orders" in found.findings[0].message
    assert found.effects == []
    assert found.rows.columns == ["member", "section", "name", "before", "after", "difference"]
    assert found.rows.height


def test_inputs_that_changed_are_an_integrity_fault(folders):
    OTHER_ORDERS.head(3).write_parquet(folders[0].parent / "orders-a.parquet")
    with pytest.raises(mlmcalc.IntegrityError, match=r"api\.input_changed"):
        mlmcalc.diff(*folders)


def test_an_input_that_changed_under_a_run_in_memory_is_seen(tmp_path: Path):
    ORDERS.write_csv(tmp_path / "orders.csv")
    before = run(orders=tmp_path / "orders.csv")
    OTHER_ORDERS.write_csv(tmp_path / "orders.csv")
    with pytest.raises(mlmcalc.IntegrityError, match="table of orders is no longer"):
        mlmcalc.diff(before, run(MOVED))


def test_statements_that_do_not_come_to_the_totals_are_an_integrity_fault(folders):
    path = folders[0] / MANIFEST_FILE
    manifest = json.loads(path.read_text())
    manifest["totals"]["bonuses"]["match"]["paid"] = "99.00"
    path.write_text(manifest_text({key: part for key, part in manifest.items() if key != "manifest_sha256"}))
    with pytest.raises(mlmcalc.IntegrityError, match=r"diff\.sum"):
        mlmcalc.diff(*folders, causes=False)


def test_another_arithmetic_is_a_cause_of_its_own(folders, monkeypatch):
    for module in ("mlmcalc.api.diff", "mlmcalc.runs.manifest"):
        monkeypatch.setattr(f"{module}.ARITHMETIC_VERSION", 9)
    found = mlmcalc.diff(*folders)
    assert [finding.code for finding in found.findings] == ["diff.arithmetic"]
    assert [effect.name for effect in found.effects] == ["arithmetic", *EFFECTS]
    # Nothing but the number is another one here.
    assert not found.effects[0].amounts.height


def test_runs_of_two_currencies_are_not_compared():
    with pytest.raises(mlmcalc.InputRefused, match=r"diff\.currency"):
        mlmcalc.diff(run(), run(plan=plan_text().replace("EUR", "CHF")))
