"""Orders counted, sums multiplied, and less of the orders on which a bonus was paid."""

import numpy as np
import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from mlmcalc.genealogy.network import Column
from mlmcalc.money import Rounding
from mlmcalc.rules.shares import digits_of, scaled
from mlmcalc.volumes.add import Added
from mlmcalc.volumes.count_of_orders import CountOfOrders
from mlmcalc.volumes.orders import Orders
from mlmcalc.volumes.sum_of_orders import SumOfOrders
from tests.bonuses.small import HEAD, lines
from tests.volumes.test_volumes import company, entries_of, network, orders, values, vocabulary


def evaluate(model, word, found, name="pv"):
    return model.model_validate(word).evaluate(found, name)


def test_sales_are_counted_and_returns_only_where_the_condition_speaks_of_kinds():
    volume = evaluate(CountOfOrders, {"count": "orders"}, company())
    assert (volume.total.amounts.tolist(), volume.total.decimals) == ([1, 1, 1, 1], 0)
    assert entries_of(volume) == [(0, 0, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1)]
    returns = evaluate(CountOfOrders, {"count": "orders", "where": {"kind": "return"}}, company())
    assert returns.total.amounts.tolist() == [1, 0, 0, 0]
    both = evaluate(CountOfOrders, {"count": "orders", "where": {"kind": ["sale", "return"]}}, company())
    assert both.total.amounts.tolist() == [2, 1, 1, 1]
    served = evaluate(CountOfOrders, {"count": "orders", "credit": "server"}, company())
    assert served.total.amounts.tolist() == [3, 0, 0, 0]


def test_a_table_of_volumes_has_no_orders_to_count():
    found = values(network({"sponsor": [-1]}))
    column = Column("number", np.array([300], np.int64), decimals=2)
    found.orders = Orders(np.array([0], np.int32), None, None, None, None, {"qv": column})
    with pytest.raises(InputRefused, match=r"volumes\.table"):
        evaluate(CountOfOrders, {"count": "orders"}, found)
    with pytest.raises(InputRefused, match=r"volumes\.table"):
        evaluate(SumOfOrders, {"sum": "qv", "after": {"bonus": "first", "counts": "0%"}}, found)


def test_a_whole_factor_keeps_the_orders_apart():
    found = company(vocabulary=vocabulary())
    volume = evaluate(SumOfOrders, {"sum": "qv", "times": "18"}, found)
    assert volume.total.amounts.tolist() == [12600, 3690, 36, 900]
    assert entries_of(volume)[:2] == [(0, 0, 18000), (0, 1, -5400)]


def test_a_factor_that_the_decimals_hold_keeps_them_too():
    made = vocabulary(order_columns={"qv": ("number", 2)}, volumes={"pv": 4})
    volume = evaluate(SumOfOrders, {"sum": "qv", "times": "0.28", "decimals": "4"}, company(vocabulary=made))
    assert volume.total.amounts.tolist() == [700 * 28, 205 * 28, 2 * 28, 50 * 28]
    assert len(entries_of(volume)) == 5


@pytest.mark.parametrize(("mode", "expected"), [("half_up", 103), ("half_even", 102), ("down", 102), ("up", 103)])
def test_any_other_factor_rounds_once_per_member(mode, expected):
    found = company(rounding=Rounding("line", "source", mode, 1, 2), vocabulary=vocabulary())
    volume = evaluate(SumOfOrders, {"sum": "qv", "times": "0.5"}, found)
    assert volume.total.amounts.tolist()[1] == expected
    assert volume.entries is None
    found.volumes["pv"] = evaluate(SumOfOrders, {"sum": "qv"}, found)
    added = evaluate(Added, {"add": ["pv"], "times": "0.5"}, found, "half")
    assert added.total.amounts.tolist()[1] == expected
    assert added.entries is None
    whole = evaluate(Added, {"add": ["pv"], "times": "3"}, found, "triple")
    assert whole.total.amounts.tolist() == [2100, 615, 6, 150]
    assert entries_of(whole)[0] == (0, 0, 3000)


def test_products_that_leave_64_bits_are_refused_with_the_member():
    found = values(network({"sponsor": [-1, 0]}), vocabulary=vocabulary())
    found.orders = orders([{"member": 0, "qv": 2**50}, {"member": 1, "qv": 2**60}], ["qv"])
    with pytest.raises(InputRefused) as refused:
        evaluate(SumOfOrders, {"sum": "qv", "times": "18"}, found)
    assert [(finding.code, finding.member) for finding in refused.value.findings] == [("volumes.overflow", "2")]
    found.volumes["pv"] = evaluate(SumOfOrders, {"sum": "qv"}, found)
    with pytest.raises(InputRefused, match=r"volumes\.overflow"):
        evaluate(Added, {"add": ["pv"], "times": "18"}, found, "many")


def test_less_of_paid_orders_is_rounded_as_one_sum():
    found = company(vocabulary=vocabulary(bonuses=["first"]))
    found.paid_orders["first"] = np.array([True, False, False, True, True])
    volume = evaluate(SumOfOrders, {"sum": "qv", "after": {"bonus": "first", "counts": "33.3333%"}}, found)
    # 1000 x 0.333333 - 300 = 33.333; 2 x 0.333333 = 0.667; 50 x 0.333333 = 16.667.
    assert volume.total.amounts.tolist() == [33, 205, 1, 17]
    assert volume.entries is None
    nothing = evaluate(SumOfOrders, {"sum": "qv", "after": {"bonus": "first", "counts": "0%"}}, found)
    assert nothing.total.amounts.tolist() == [-300, 205, 0, 0]
    assert entries_of(nothing) == [(0, 0, 0), (0, 1, -300), (1, 2, 205), (2, 3, 0), (3, 4, 0)]


def test_multiples_act_on_the_magnitude_of_the_sum():
    rest = np.array([-1, 1, -3, 0], np.int64)
    full = np.array([10, -10, 1, 0], np.int64)
    assert scaled(rest, 500000, "half_up", full).tolist() == [10, -10, -1, 0]
    assert scaled(rest, 500000, "down", full).tolist() == [9, -9, 0, 0]
    assert scaled(rest, 500000, "up", full).tolist() == [10, -10, -1, 0]
    assert scaled(rest, 500000, "half_even", full).tolist() == [10, -10, 0, 0]
    assert [digits_of(factor) for factor in (18_000_000, 280_000, 333_333, 0)] == [0, 2, 6, 0]


VOLUMES = """
  first_orders: {sum: pv, where: {first_order: true}}
  half: {sum: pv, share: 50%}
  twice_half: {add: [half, pv]}
  rest: {sum: pv, after: {bonus: first, counts: 30%}}
"""


def plan(first, counts="30%"):
    """Return a plan whose volume `rest` asks about the bonus `first`."""
    head = (
        HEAD.replace("PLACE", "line")
        .replace("GRAIN", "source")
        .replace("trees:", VOLUMES.strip("\n").replace("30%", counts) + "\ntrees:")
    )
    return mlmcalc.load_plan(head + f"bonuses:\n  first: {first}\n  next: {{levels: [5%], base: rest}}\n")


def paid(first, *orders):
    """Return the run of a plan on two members: 1 buys for 50, 2 for 200, then for 100."""
    bought = [("a", 1, "50"), ("b", 2, "200"), ("c", 2, "100"), *orders]
    rows = {"order_id": [], "member_id": [], "pv": [], "date": []}
    for number, (order, member, pv) in enumerate(bought):
        for name, cell in zip(rows, (order, member, pv, f"2026-10-{number + 5:02}"), strict=True):
            rows[name].append(cell)
    members = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})
    return mlmcalc.run(plan(first), members=members, orders=pl.DataFrame(rows), period="2026-10")


def test_the_rest_of_an_order_counts_in_the_next_bonus():
    found = paid("{levels: [20%], base: first_orders}")
    assert lines(found) == [(1, 2, 1, 1, "40.00", "paid"), (1, 2, 1, 1, "8.00", "paid")]
    # Lines of the bonus that is asked about are kept per order whatever the grain.
    assert found.lines["order"].to_list() == ["b", None]


def test_an_order_of_which_a_cap_left_nothing_counts_in_full():
    found = paid("{levels: [20%], base: first_orders, cap: {per_source: 0}}")
    assert lines(found)[-1] == (1, 2, 1, 1, "15.00", "paid")


def test_what_went_to_the_company_was_paid_to_nobody():
    found = paid("{levels: [20%], base: first_orders, eligible: {pv: 1000}, otherwise: company}")
    assert [(row[4], row[5]) for row in lines(found)] == [("40.00", "to_company"), ("15.00", "paid")]


def test_an_explained_order_says_how_much_of_it_counts():
    found = paid("{levels: [20%], base: first_orders}")
    reasons = {
        order: next(one for one in found.explain_order(order).counted if one.volume == "rest").reason
        for order in ("b", "c")
    }
    assert reasons == {
        "b": "30% of it, rounded once per member: first was paid on it",
        "c": "in full: first was not paid on it",
    }


def test_an_explained_order_says_why_it_is_counted_or_multiplied():
    head = HEAD.replace("PLACE", "line").replace("GRAIN", "source")
    more = "  sales: {count: orders}\n  money: {sum: pv, times: 0.28}\n  many: {add: [pv, money], times: 3}\n"
    text = head.replace("trees:", more + "trees:") + "bonuses:\n  one: {levels: [10%], base: money}\n"
    members = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})
    rows = {"order_id": [1, 2], "member_id": [2, 2], "date": ["2026-10-05"] * 2, "pv": ["10", "-10"]}
    orders = pl.DataFrame(rows | {"kind": ["sale", "return"]})
    found = mlmcalc.run(mlmcalc.load_plan(text), members=members, orders=orders, period="2026-10")
    told = [{one.volume: one.reason for one in found.explain_order(order).counted} for order in (1, 2)]
    times, through = "times 0.28, rounded once per member", "through pv, money, times 3.00"
    assert told[0] == {"pv": "", "sales": "counts as one order", "money": times, "many": through}
    assert told[1] == {"pv": "", "sales": "a return; sales are counted", "money": times, "many": through}


def test_decimals_of_a_declared_column_let_products_be_told_by_order():
    head = HEAD.replace("PLACE", "line").replace("GRAIN", "order")
    head = head.replace("volumes:", "order_columns: {points: {decimals: 0}, cv: {decimals: 2}}\nvolumes:")
    money = "  money: {sum: points, times: 0.283, decimals: 3}\n"
    rest = "  rest: {sum: cv, after: {bonus: one, counts: 12.5%}, decimals: 5}\n"
    text = head.replace("trees:", money + rest + "trees:")
    text += "bonuses:\n  one: {levels: [10%], base: money}\n  two: {levels: [10%], base: rest}\n"
    members = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})
    rows = {"order_id": [1, 2], "member_id": [2, 2], "date": ["2026-10-05"] * 2, "pv": ["0", "0"]}
    orders = pl.DataFrame(rows | {"points": ["15", "0"], "cv": ["10.01", "3.00"]})
    found = mlmcalc.run(mlmcalc.load_plan(text), members=members, orders=orders, period="2026-10")
    told = [(row["bonus"], row["order"], str(row["base"].normalize())) for row in found.lines.iter_rows(named=True)]
    assert told == [("one", 1, "4.245"), ("two", 1, "1.25125"), ("two", 2, "3")]
    for volumes in (money.replace("decimals: 3", "decimals: 2"), rest.replace("decimals: 5", "decimals: 4")):
        with pytest.raises(InputRefused, match=r"volumes\.share"):
            mlmcalc.load_plan(
                head.replace("trees:", volumes + "trees:") + "bonuses:\n  one: {levels: [1%], base: pv}\n"
            )


def test_a_circle_through_a_bonus_is_named():
    with pytest.raises(InputRefused, match=r"plan\.circle.*rest"):
        plan("{levels: [20%], base: rest}", counts="0%")


@pytest.mark.parametrize(
    "first",
    [
        "{levels: [20%], base: half}",
        "{levels: [20%], base: twice_half}",
        "{levels: [20%], base: {earned: [next]}}",
        "{personal: {0: 5%}, base: pv, marginal: true}",
    ],
)
def test_a_bonus_that_is_not_paid_on_single_orders_cannot_be_asked(first):
    with pytest.raises(InputRefused, match=r"volumes\.after"):
        plan(first)
