"""What a preview takes in: checked as a run checks it, held against the orders that are there, and never a guess."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.api.order_book import OrderBook
from tests.api.small_company import MEMBERS, ORDERS, VOLUMES, plan_text
from tests.api.test_preview_drawn import outcome, same

PERIOD = "2026-10"
NEW = {"order_id": [8], "member_id": [4], "date": ["2026-10-09"], "qv": ["40"], "cv": ["40.00"]}


def table(**columns: Any) -> pl.DataFrame:
    """Return one new order, with some cells otherwise."""
    return pl.DataFrame(NEW | {name: [value] for name, value in columns.items()})


def preview(orders: pl.DataFrame = ORDERS, **options: Any) -> mlmcalc.Preview:
    return mlmcalc.preview(plan_text(), members=MEMBERS, orders=orders, period=PERIOD, **options)


def whole(orders: pl.DataFrame) -> mlmcalc.Run:
    return mlmcalc.run(plan_text(), members=MEMBERS, orders=orders, period=PERIOD)


def findings(make: Any) -> list[tuple[Any, ...]]:
    with pytest.raises(mlmcalc.InputRefused) as refused:
        make()
    return [(one.code, one.message, one.remedy, one.column, one.member) for one in refused.value.findings]


@pytest.mark.parametrize(
    "wrong",
    [
        {"member_id": 77},
        {"member_id": None},
        {"order_id": None},
        {"qv": "-5"},
        {"qv": "1.234"},
        {"qv": ""},
        {"date": "2026-13-01"},
        {"kind": "gift"},
        {"kind": "return"},
    ],
)
def test_a_wrong_row_is_refused_as_a_run_refuses_it(wrong):
    rows = table(**wrong)
    there = ORDERS.head(6)
    together = pl.concat([there, rows.cast({"order_id": pl.Int64, "member_id": pl.Int64})], how="diagonal")
    if "kind" in rows.columns:
        together = together.with_columns(pl.col("kind").fill_null("sale"))
    assert findings(lambda: preview(there).with_orders(rows)) == findings(lambda: whole(together))


def test_a_missing_column_is_refused():
    codes = [code for code, *_ in findings(lambda: preview().with_orders(table().drop("qv")))]
    assert codes == ["tables.missing_column"]


def test_an_order_that_is_there_counts_once_and_says_so():
    before = preview()
    after = before.with_orders(ORDERS.head(2))
    assert after.digest == before.digest
    assert [one.code for one in after.findings[len(before.findings) :]] == ["orders.duplicate"] * 2
    assert after.changes().height == 0


def test_another_order_under_an_id_that_is_there_is_refused():
    found = findings(lambda: preview().with_orders(table(order_id=6)))
    assert found == [
        (
            "orders.conflict",
            "order 6 is in the run already, with another member_id, date, qv, cv.",
            "Give it another order id, or withdraw the one that is there first.",
            "order_id",
            "",
        )
    ]


def test_an_order_outside_of_the_period_has_an_id_too():
    """Order 7 is of September: it counts for nothing, and nobody else may have its id."""
    assert [code for code, *_ in findings(lambda: preview().with_orders(table(order_id=7)))] == ["orders.conflict"]
    after = preview().without_orders([7]).with_orders(table(order_id=7))
    same(after, whole(pl.concat([ORDERS.head(6), table(order_id=7)])))


def test_an_order_that_comes_outside_of_the_period_is_left_out():
    before = preview()
    after = before.with_orders(table(date="2026-11-01"))
    assert after.digest == before.digest
    assert after.findings[-1].code == "orders.outside_period"
    assert [code for code, *_ in findings(lambda: after.with_orders(table()))] == ["orders.conflict"]


def test_an_order_that_changes_is_withdrawn_and_added():
    after = preview().without_orders([4]).with_orders(table(order_id=4))
    same(after, whole(pl.concat([ORDERS.filter(pl.col("order_id") != 4), table(order_id=4)])))


def test_what_is_withdrawn_must_be_there():
    before = preview()
    assert [one[:2] for one in findings(lambda: before.without_orders([4, 99, "x"]))] == [
        ("preview.no_order", "order 99 is not among the orders."),
        ("preview.no_order", "order x is not among the orders."),
    ]
    assert findings(lambda: before.without_orders([4]).without_orders([4]))[0][0] == "preview.no_order"


def test_what_is_added_can_be_withdrawn():
    before = preview()
    assert before.with_orders(table()).without_orders(["8"]).digest == before.digest


def test_a_preview_stays_as_it_is():
    before = preview()
    one, other = before.with_orders(table()), before.without_orders([6])
    same(before, whole(ORDERS))
    same(one, whole(pl.concat([ORDERS, table()])))
    same(other, whole(ORDERS.filter(pl.col("order_id") != 6)))
    assert repr(one) == f"Preview({before.run_id}, 1 orders added, 0 withdrawn)"


def test_who_is_paid_otherwise():
    changes = preview().with_orders(table()).changes()
    assert changes.columns == ["member_id", "before", "after", "difference", "rank_before", "rank_after"]
    old, new = whole(ORDERS), whole(pl.concat([ORDERS, table()]))
    joined = old.members.join(new.members, on="member_id", maintain_order="left")
    expected = joined.filter((pl.col("paid") != pl.col("paid_right")) | (pl.col("rank") != pl.col("rank_right")))
    assert expected.height > 1
    members = changes.filter(pl.col("member_id").is_not_null())
    assert members["member_id"].to_list() == expected["member_id"].to_list()
    assert members["difference"].to_list() == (expected["paid_right"] - expected["paid"]).to_list()
    assert members["rank_after"].to_list() == expected["rank_right"].to_list()


def test_ids_that_become_texts_and_numbers_again():
    texts = ORDERS.with_columns(pl.col("order_id").cast(pl.String))
    after = preview().with_orders(table(order_id="A8"))
    same(after, whole(pl.concat([texts, table(order_id="A8")])))
    back = after.without_orders(["A8", "3"])
    same(back, whole(ORDERS.filter(pl.col("order_id") != 3)))
    odd = texts.with_columns(pl.col("order_id").replace("3", "A3"))
    plain = preview(odd).without_orders(["A3", 4])
    same(plain, whole(ORDERS.filter(~pl.col("order_id").is_in([3, 4]))))
    again = plain.with_orders(table(order_id="A3")).with_orders(table(order_id=4, member_id=5))
    rows = [table(order_id="A3"), table(order_id="4", member_id=5)]
    same(again, whole(pl.concat([odd.filter(~pl.col("order_id").is_in(["A3", "4"])), *rows])))
    same(again.without_orders(["A3"]), whole(pl.concat([ORDERS.filter(~pl.col("order_id").is_in([3, 4])),
                                                        table(order_id=4, member_id=5)])))  # fmt: skip
    paid = [one.members.select("member_id", "paid") for one in (preview(odd), plain)]
    joined = paid[0].join(paid[1], on="member_id", maintain_order="left")
    changed = joined.filter(pl.col("paid") != pl.col("paid_right"))
    assert plain.changes().drop_nulls("member_id")["difference"].to_list() == (
        changed["paid_right"] - changed["paid"]
    ).to_list()  # fmt: skip
    same(preview(odd).without_orders(["4"]), whole(odd.filter(pl.col("order_id") != "4")))


def test_a_table_of_volumes_has_no_orders():
    with pytest.raises(mlmcalc.InputRefused) as refused:
        mlmcalc.preview(plan_text(), members=MEMBERS, orders=None, period=PERIOD)
    assert [one.code for one in refused.value.findings] == ["preview.no_orders"]
    assert VOLUMES.height == 6


def test_what_would_overflow_is_refused_as_a_run_refuses_it():
    large = table(qv="92233720368547758", cv="92233720368547758.00")
    expected = outcome(lambda: whole(pl.concat([ORDERS, large])))
    assert isinstance(expected, list)
    assert outcome(lambda: preview().with_orders(large).digest) == expected


def test_maps_hold_for_what_comes_later():
    theirs = {"order_id": "invoice", "qv": "points"}
    maps = {"orders": mlmcalc.ColumnMap({new: old for old, new in theirs.items()})}
    before = preview(ORDERS.rename(theirs), maps=maps)
    same(before.with_orders(table().rename(theirs)), whole(pl.concat([ORDERS, table()])))


def test_the_first_order_of_a_buyer():
    """Earlier orders decide which is the first; so do those that come, and those that go."""
    text = plan_text().replace("  cv: {sum: cv}\n", "  cv: {sum: cv, where: {first_order: true}}\n")
    rows = {
        "an earlier sale": table(order_id=9, member_id=1, date="2026-08-01"),
        "the same day, a lower id": table(order_id=0, member_id=2, date="2026-10-01"),
        "a later one": table(order_id=9, member_id=2, date="2026-10-02"),
        "after an order of September": table(order_id=9, member_id=6, date="2026-10-01"),
    }

    def run(orders: pl.DataFrame) -> mlmcalc.Run:
        return mlmcalc.run(text, members=MEMBERS, orders=orders, period=PERIOD)

    before = mlmcalc.preview(text, members=MEMBERS, orders=ORDERS, period=PERIOD)
    for new in rows.values():
        same(before.with_orders(new), run(pl.concat([ORDERS, new])))
    for gone in (2, 6, 7):
        same(before.without_orders([gone]), run(ORDERS.filter(pl.col("order_id") != gone)))
    both = before.with_orders(rows["an earlier sale"]).without_orders([9, 7])
    same(both, run(ORDERS.filter(pl.col("order_id") != 7)))
    assert isinstance(both._book, OrderBook)


@pytest.mark.parametrize("digits", range(9, 18))
@pytest.mark.parametrize("grain", ["source", "order"])
def test_sums_near_the_end_of_64_bits(digits, grain):
    """What fits by itself may not fit together with what is there."""
    text = plan_text(grain=grain)
    some, more = f"5{'0' * digits}", f"4{'1' * digits}"
    there = pl.concat([ORDERS.head(6), table(order_id=9, member_id=6, qv=some, cv=some)])
    new = table(order_id=10, member_id=5, qv=more, cv=more)

    def run(orders: pl.DataFrame) -> Any:
        return outcome(lambda: mlmcalc.run(text, members=MEMBERS, orders=orders, period=PERIOD))

    before = outcome(lambda: mlmcalc.preview(text, members=MEMBERS, orders=there, period=PERIOD))
    if not isinstance(before, mlmcalc.Preview):
        assert before == run(there)
        before = mlmcalc.preview(text, members=MEMBERS, orders=ORDERS.head(6), period=PERIOD)
        there = ORDERS.head(6)
    expected = run(pl.concat([there, new]))
    if isinstance(expected, mlmcalc.Run):
        same(before.with_orders(new), expected)
    else:
        assert outcome(lambda: before.with_orders(new).digest) == expected
