"""Tables are taken into a store, and come out as of any day and as known at any instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from mlmcalc.api.calculate import run_in_memory, run_into_folder, silent
from mlmcalc.api.inputs import Inputs
from mlmcalc.api.recalculate import prepare_again
from mlmcalc.closing.importing import Given, Import, import_tables
from mlmcalc.closing.told import Told, inputs_at, tables_at
from mlmcalc.errors import ConflictError, InputRefused
from mlmcalc.periods import Period, parse_period
from mlmcalc.plan.load import load_plan
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.log import log_records
from mlmcalc.store.store import Store
from tests.api.small_company import MEMBERS, ORDERS, OVERRIDES, VOLUMES, plan_text
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]

PLAN = load_plan(plan_text())
OCTOBER, NOVEMBER = parse_period("2026-10"), parse_period("2026-11")
TABLES = {"members": MEMBERS, "orders": ORDERS, "overrides": OVERRIDES}


def take(
    store: Store, tables: Mapping[str, Any], period: Period = OCTOBER, as_of: date | None = None, **more: Any
) -> Import:
    """Take tables in as Ann."""
    return import_tables(store, Given(period, tables, as_of=as_of or period.last), [PLAN], [PLAN], "Ann", **more)


def tables_of(store: Store, known_at: int | None = None, **more: Any) -> dict[str, pl.DataFrame]:
    """The tables of October."""
    with store.read() as tx:
        found = inputs_at(tx, PLAN, OCTOBER, known_at=known_at, **more)
    return {name: pl.read_parquet(path) for name, path in found.inputs.tables.items()}


def counts(done: Import) -> dict[str, tuple[int, dict[str, int], int, int]]:
    """New, changed, removed, unchanged by table."""
    return {
        one.kind: (one.changes.new, dict(one.changes.changed), one.changes.removed, one.changes.unchanged)
        for one in done.tables
    }


def test_a_run_on_what_was_taken_in_is_the_run_on_the_tables(store: Store) -> None:
    done = take(store, TABLES)
    assert [one.batch for one in done.tables] == [1, 2, 3]
    with store.read() as tx:
        known = inputs_at(tx, PLAN, OCTOBER)
    plain = run_in_memory(Inputs(PLAN, TABLES, "2026-10"), silent)
    again = run_in_memory(known.inputs, silent)
    assert again.digest == plain.digest
    clocks = again.manifest["clocks"]
    assert (clocks["as_of"], clocks["batches"]) == ("2026-10-31", 3)
    assert "clocks" not in plain.manifest


def test_the_clocks_are_sealed_and_make_no_other_run(store: Store, tmp_path: Any) -> None:
    first = take(store, TABLES)
    take(
        store,
        {"orders": ORDERS.with_columns(pl.col("order_id") + 100, date=pl.lit("2026-11-02")), "members": MEMBERS},
        NOVEMBER,
    )
    with store.read() as tx:
        now = inputs_at(tx, PLAN, OCTOBER)
        then = inputs_at(tx, PLAN, OCTOBER, known_at=first.known_at)
    one = run_into_folder(now.inputs, tmp_path / "one", "parquet", 1, silent)
    other = run_into_folder(then.inputs, tmp_path / "other", "parquet", 1, silent)
    assert one.manifest["clocks"] != other.manifest["clocks"]
    assert (one.id, one.digest) == (other.id, other.digest)
    again = prepare_again(tmp_path / "one")
    assert again.manifest["clocks"] == one.manifest["clocks"]
    assert again.prepared.identity.run_id == one.id


def test_the_same_tables_again_add_nothing(store: Store) -> None:
    take(store, TABLES)
    with store.read() as tx:
        before = (Told(tx).batches, len(list(log_records(tx))))
    again = take(store, TABLES)
    assert again.known_at is None
    assert counts(again) == {"members": (0, {}, 0, 6), "orders": (0, {}, 0, 7), "overrides": (0, {}, 0, 1)}
    with store.read() as tx:
        assert (Told(tx).batches, len(list(log_records(tx)))) == before


def test_a_dry_run_writes_nothing(store: Store) -> None:
    done = take(store, TABLES, dry_run=True)
    assert counts(done)["members"] == (6, {}, 0, 0)
    with store.read() as tx:
        assert Told(tx).last == 0
    assert not list(store.objects.folder.rglob("*.parquet"))


def test_what_was_known_before_a_correction_is_what_was_paid_on(store: Store) -> None:
    first = take(store, TABLES)
    moved = MEMBERS.with_columns(pl.when(pl.col("member_id") == 6).then(1).otherwise("sponsor_id").alias("sponsor_id"))
    late = pl.concat([ORDERS, ORDERS.head(1).with_columns(order_id=pl.lit(99, dtype=pl.Int64), cv=pl.lit("5.00"))])
    done = take(store, {"members": moved, "orders": late.filter(pl.col("order_id") != 2)})
    assert counts(done) == {"members": (0, {"sponsor_id": 1}, 0, 5), "orders": (1, {}, 1, 6)}
    before, after = tables_of(store, first.known_at), tables_of(store)
    assert before["members"]["sponsor_id"].to_list() == [None, 1, 1, 2, 4, 5]
    assert after["members"]["sponsor_id"].to_list() == [None, 1, 1, 2, 4, 1]
    assert before["orders"]["order_id"].to_list() == [1, 2, 3, 4, 5, 6]
    assert after["orders"]["order_id"].to_list() == [1, 3, 4, 5, 6, 99]


def test_a_member_stands_where_it_stood_on_the_day(store: Store) -> None:
    take(store, TABLES)
    take(store, {"members": MEMBERS.head(5)}, NOVEMBER)
    with store.read() as tx:
        october = inputs_at(tx, PLAN, OCTOBER)
        november = inputs_at(tx, PLAN, NOVEMBER)
        earlier = tables_at(tx, PLAN, OCTOBER, "2025-01-01", now_microseconds())
    assert pl.read_parquet(october.inputs.tables["members"]).height == 6
    assert pl.read_parquet(november.inputs.tables["members"]).height == 5
    # Who joined before is there since then; orders of later days are not there yet.
    assert store.objects.read(earlier["members"].sha256).height == 6
    assert store.objects.read(earlier["orders"].sha256).height == 0


def test_the_same_content_is_the_same_object(store: Store) -> None:
    take(store, TABLES)
    with store.read() as tx:
        one = tables_at(tx, PLAN, OCTOBER, "2026-10-31", now_microseconds())
    back = MEMBERS.with_columns(joined=pl.lit("2025-01-02"))
    take(store, {"members": back})
    take(store, {"members": MEMBERS})
    with store.read() as tx:
        other = tables_at(tx, PLAN, OCTOBER, "2026-10-31", now_microseconds())
        assert Told(tx).last == 5
    assert one == other


def test_instants_are_named_within_limits(store: Store) -> None:
    take(store, TABLES, known_at=1000)
    with store.read() as tx:
        assert [batch.known_at for batch in Told(tx).batches] == [998, 999, 1000]
    with pytest.raises(InputRefused) as refusal:
        take(store, {"members": MEMBERS.head(5)}, known_at=1000)
    assert refusal.value.findings[0].code == "store.known_at"
    take(store, {"members": MEMBERS.head(5)}, known_at=1001)
    assert tables_of(store, 1000)["members"].height == 6


def test_volumes_belong_to_their_period(store: Store) -> None:
    take(store, {"members": MEMBERS, "volumes": VOLUMES})
    with store.read() as tx:
        known = inputs_at(tx, PLAN, OCTOBER)
        assert set(inputs_at(tx, PLAN, NOVEMBER).inputs.tables) == {"members"}
    plain = run_in_memory(Inputs(PLAN, {"members": MEMBERS, "volumes": VOLUMES}, "2026-10"), silent)
    assert run_in_memory(known.inputs, silent).digest == plain.digest
    take(store, {"orders": ORDERS, "members": MEMBERS})
    with pytest.raises(InputRefused) as refusal:
        tables_of(store)
    assert refusal.value.findings[0].code == "history.orders_and_volumes"


def test_what_a_run_refuses_is_not_taken_in(store: Store) -> None:
    circle = MEMBERS.with_columns(sponsor_id=pl.Series([6, 1, 1, 2, 4, 5]))
    with pytest.raises(InputRefused) as refusal:
        take(store, {"members": circle, "orders": ORDERS})
    assert [one.code for one in refusal.value.findings if one.level == "error"] == ["genealogy.cycle"]
    with store.read() as tx:
        assert Told(tx).last == 0


def test_what_only_a_run_lacks_refuses_no_table(store: Store) -> None:
    text = plan_text(**{"cv: {sum: cv}": "cv: {sum: cv}\n  week: {closed: weekly}"})
    plan = load_plan(text)
    done = import_tables(store, Given(OCTOBER, TABLES), [plan], [plan], "Ann")
    assert [one.batch for one in done.tables] == [1, 2, 3]


def test_nothing_known_is_said(store: Store) -> None:
    with pytest.raises(InputRefused) as refusal:
        tables_of(store)
    assert refusal.value.findings[0].code == "history.nothing_known"


def test_a_column_that_nothing_brought_is_named(store: Store) -> None:
    take(store, TABLES)
    text = plan_text().replace("volumes:", "member_columns: {market: text}\nvolumes:")
    with store.read() as tx, pytest.raises(InputRefused) as refusal:
        inputs_at(tx, load_plan(text), OCTOBER)
    assert [(one.code, one.column) for one in refusal.value.findings] == [("history.column_unknown", "market")]


def test_another_plan_keeps_its_columns_and_this_one_does_not_see_them(store: Store) -> None:
    text = plan_text().replace("volumes:", "member_columns: {market: text}\nvolumes:").replace("alpine", "other")
    with_market = MEMBERS.with_columns(pl.lit("AT").alias("market"), pl.lit("Ann").alias("name"))
    other = load_plan(text)
    import_tables(store, Given(OCTOBER, {**TABLES, "members": with_market}), [PLAN], [PLAN, other], "Ann")
    with store.read() as tx:
        mine, theirs = (
            pl.read_parquet(inputs_at(tx, plan, OCTOBER).inputs.tables["members"]) for plan in (PLAN, other)
        )
    assert mine.columns == ["member_id", "joined", "sponsor_id"]
    assert theirs.columns == ["member_id", "joined", "market", "sponsor_id"]


def test_two_imports_at_once_are_one_after_the_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put = store.objects.put

    def slowly(frame: pl.DataFrame, kind: str) -> Any:
        # Somebody else is faster while these rows are written.
        monkeypatch.setattr(store.objects, "put", put)
        take(store, {"members": MEMBERS})
        return put(frame, kind)

    monkeypatch.setattr(store.objects, "put", slowly)
    with pytest.raises(ConflictError) as refusal:
        take(store, TABLES)
    assert refusal.value.findings[0].code == "history.meanwhile"
    assert counts(take(store, TABLES))["members"] == (0, {}, 0, 6)


RETURNED = pl.DataFrame(
    {
        "order_id": [1, 2, 10, 11, 12, 13],
        "member_id": [1, 2, 1, 2, 3, 3],
        "date": ["2026-10-01", "2026-09-30", "2026-11-05", "2026-10-20", "2026-10-21", "2026-11-06"],
        "kind": ["sale", "sale", "return", "return", "return", "return"],
        "of_order": [None, None, 1, 2, None, 77],
        "qv": ["100", "60", "-50", "-60", "-1", "-2"],
        "cv": ["100", "60", "-50", "-60", "-1", "-2"],
    }
)


def test_a_return_counts_on_its_own_day_or_with_the_order_it_returns(store: Store) -> None:
    take(store, {"members": MEMBERS, "orders": RETURNED})
    own, original = (tables_of(store, returns=policy)["orders"] for policy in ("own_date", "original"))
    assert own["order_id"].to_list() == [1, 11, 12]
    assert original.select("order_id", "date").rows() == [
        (1, date(2026, 10, 1)),
        (10, date(2026, 10, 1)),
        (12, date(2026, 10, 21)),
    ]
    with store.read() as tx:
        later = inputs_at(tx, PLAN, NOVEMBER, returns="original").inputs.tables["orders"]
    assert pl.read_parquet(later).height == 0


def test_a_table_that_lacks_a_tenth_of_what_is_known_may_be_the_wrong_one(store: Store) -> None:
    first = MEMBERS["member_id"][0]
    many = pl.concat(
        [MEMBERS, *(MEMBERS.filter(pl.col("member_id") == 6).with_columns(member_id=100 + n) for n in range(40))],
        how="vertical_relaxed",
    )
    take(store, {"members": many, "orders": ORDERS})
    nine, ten = (many.filter(~pl.col("member_id").is_in(range(100, 100 + n))) for n in (9, 10))
    assert first in ten["member_id"]
    with pytest.raises(InputRefused) as refusal:
        take(store, {"members": ten, "orders": ORDERS})
    assert [finding.code for finding in refusal.value.findings] == ["history.removals"]
    assert tables_of(store)["members"].height == many.height
    tried = take(store, {"members": ten, "orders": ORDERS}, dry_run=True)
    assert ("history.removals", "warning") in {(finding.code, finding.level) for finding in tried.warnings}
    assert counts(take(store, {"members": nine, "orders": ORDERS}))["members"][2] == 9
    done = take(store, {"members": many.filter(pl.col("member_id") < 100), "orders": ORDERS}, allow_removals=True)
    assert counts(done)["members"][2] == 31
    assert tables_of(store)["members"].height == MEMBERS.height
