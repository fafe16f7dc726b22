"""Last steps, exclusive bonuses and limits: what no worked case says."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from tests.bonuses.small import CHAIN, HEAD, lines, lost, run

TWO = "bonuses: {a: {levels: [10%, 10%], base: pv}, b: {personal: 10%, base: pv}}\n"


def statement(found):
    return {(row["earner"], row["bonus"]): format(row["amount"], "f") for row in found.statements.iter_rows(named=True)}


def equation(found, bonus):
    (row,) = found.balance.filter(pl.col("bonus") == bonus).to_dicts()
    return {name: str(value.normalize()) for name, value in row.items() if name != "bonus"}


def test_a_multiplier_rounds_once_whatever_the_place():
    body = "bonuses: {b: {personal: 1.5%, base: pv, multiplier: 33.3333%}}\n"
    members, orders = [(1, None), (2, 1)], [(1, 1, "0.99"), (2, 2, "101")]
    # 0.01485 and 1.515, times 0.333333: 0.00494995 and 0.504999495.
    for place, wanted in {
        # Lines are 0.01 and 1.52 before they are multiplied.
        "line": {1: "0.00", 2: "0.51"},
        "bonus": {1: "0.00000000", 2: "0.50000000"},
    }.items():
        found = run(body, members, orders, place=place)
        assert {key[0]: amount for key, amount in statement(found).items()} == wanted
    exact = run(body, members, orders, place="payout")
    assert statement(exact)[2, "b"] == "0.50499900"


def test_what_a_multiplier_adds_is_offered_and_what_it_takes_is_cut():
    body = "bonuses: {b: {personal: 10%%, base: pv, multiplier: %s}}\n"
    more, less = (run(body % factor, [(1, None)], [(1, 1, "100")]) for factor in ("150%", "50%"))
    assert equation(more, "b") == {"offered": "15", "paid": "15", "breakage": "0", "cut": "0", "rounding": "0"}
    assert equation(less, "b") == {"offered": "1E+1", "paid": "5", "breakage": "0", "cut": "5", "rounding": "0"}


def test_a_minimum_takes_no_reversal():
    body = "bonuses: {b: {personal: 10%, base: pv, minimum: 10.00}}\n"
    found = run(body, [(1, None), (2, 1), (3, 1)], [(1, 1, "99.90"), (2, 2, "-50"), (3, 3, "100")])
    assert statement(found) == {(1, "b"): "0.00", (2, "b"): "-5.00", (3, "b"): "10.00"}
    assert lost(found) == [(0, "below_minimum", "9.99")]


def test_a_cap_of_an_empty_cell_is_none_and_of_a_metric_is_rounded_down():
    head = HEAD.replace("volumes:", "member_columns: {most: {decimals: 3}}\nvolumes:")
    body = head.replace("PLACE", "line").replace("GRAIN", "source")
    body += "bonuses: {b: {personal: 10%, base: pv, cap: {per_earner: {column: most}}}}\n"
    members = pl.DataFrame({"member_id": [1, 2, 3], "sponsor_id": [None, 1, 1], "most": ["3.339", None, "0"]})
    orders = pl.DataFrame({"order_id": [1, 2, 3], "member_id": [1, 2, 3], "date": ["2026-10-05"] * 3, "pv": ["50"] * 3})
    found = mlmcalc.run(body, members=members, orders=orders, period="2026-10")
    assert statement(found) == {(1, "b"): "3.33", (2, "b"): "5.00", (3, "b"): "0.00"}


def test_ties_of_a_shared_cut_follow_ids_and_not_the_tree():
    # In the order of the tree 9 comes before 2: 2 hangs below 9.
    members = [(1, None), (9, 1), (2, 9), (3, 1)]
    orders = [(number, member, "10") for number, member in enumerate((9, 2, 3))]
    body = "bonuses: {b: {personal: 10%, base: pv, cap: {total: 2.00}}}\n"
    assert statement(run(body, members, orders)) == {(9, "b"): "0.66", (2, "b"): "0.67", (3, "b"): "0.67"}


def test_a_leg_is_that_of_the_recorded_tree_and_own_volume_has_none():
    body = (
        "  active: {compress: sponsor, keep: {pv: 50}}\n"
        "bonuses: {b: {levels: [10%, 10%], base: pv, tree: active, cap: {per_leg: 12.00}}}\n"
    )
    members = [(1, None), (2, 1), (3, 2), (4, 2)]
    found = run(body, members, [(1, 1, "50"), (2, 3, "100"), (3, 4, "100")])
    # 3 and 4 are two legs of 1 once 2 is compressed; they came through 2.
    assert [line for line in lines(found) if line[5] == "cap_reached"] == [(1, 4, 1, 1, "-8.00", "cap_reached")]


def test_equal_bonuses_leave_the_first_named_and_reversals_their_own():
    body = "bonuses: {a: {personal: 10%, base: pv}, b: {personal: 10%, base: pv}}\n"
    body += "exclusive: [{greater_of: [b, a]}]\n"
    found = run(body, [(1, None), (2, 1)], [(1, 1, "100"), (2, 2, "-40")])
    paid = {key: amount for key, amount in statement(found).items() if Decimal(amount)}
    assert paid == {(1, "b"): "10.00", (2, "b"): "-4.00"}


def test_a_limit_does_not_flow_back_into_matching():
    body = "bonuses: {a: {levels: [10%], base: pv}, m: {levels: [50%], base: {earned: [a]}}}\n"
    body += "limits: {most: {per_earner: 1.00, bonuses: [a]}}\n"
    found = run(body, CHAIN, [(1, 3, "100")])
    assert statement(found) == {(2, "a"): "1.00", (1, "m"): "5.00"}
    assert equation(found, "a") == {"offered": "1E+1", "paid": "1", "breakage": "0", "cut": "9", "rounding": "0"}
    assert found.totals["cut"] == {"most": "9.00"}


def test_limits_are_taken_one_after_the_other():
    body = TWO + "limits: {one: {per_earner: 15.00}, all: {share: 10%, of: pv}}\n"
    found = run(body, [(1, None), (2, 1)], [(1, 1, "100"), (2, 2, "100")])
    # 1 has 10 + 10, cut to 15; 2 has 10; of 25 the company pays 20.
    assert found.totals["cut"] == {"one": "5.00", "all": "5.00"}
    assert statement(found) == {(1, "a"): "6.00", (1, "b"): "6.00", (2, "b"): "8.00"}


def test_what_is_protected_may_exceed_the_ceiling():
    body = TWO + "limits: {all: {share: 1%, of: pv, protect: 4.00}}\n"
    found = run(body, [(1, None), (2, 1)], [(1, 2, "100")])
    assert statement(found) == {(1, "a"): "4.00", (2, "b"): "4.00"}


def test_a_ceiling_where_only_statements_are_rounded_shares_millionths():
    body = TWO + "limits: {all: {share: 3.3333%, of: pv}}\n"
    found = run(body, [(1, None), (2, 1), (3, 2)], [(1, 2, "1"), (2, 3, "1")], place="payout")
    paid = found.statements.filter(pl.col("bonus") != "payout")["amount"].sum()
    assert str(paid) == "0.06666600"


def test_an_explanation_says_what_became_of_a_bonus():
    body = (
        "ranks: [{rank: A, requires: {pv: 50}}]\n"
        "bonuses:\n"
        "  a: {levels: [10%], base: pv, multiplier: {A: 120%}, cap: {per_earner: {A: 11}, per_source: 20}}\n"
        "  b: {personal: 5%, base: pv, minimum: 3}\n"
        "exclusive: [{greater_of: [a, b]}]\n"
        "limits: {all: {per_earner: 9.00}}\n"
        "payout: {minimum: 10.00}\n"
    )
    found = run(body, [(1, None), (2, 1)], [(1, 1, "70"), (2, 2, "100")])
    said = [(step.bonus, step.step, step.value, step.note) for step in found.explain(1).workings]
    assert said == [
        ("a", "by its lines", "10.00", ""),
        ("a", "multiplier", "2.00", "120%"),
        ("a", "cap", "-1.00", "per earner at most 11.00"),
        ("a", "limit all", "-2.00", "all together at most 9.00"),
        ("a", "left", "9.00", ""),
        ("b", "by its lines", "3.50", ""),
        ("b", "excluded", "-3.50", "greater of a, b: a is kept"),
        ("b", "left", "0.00", ""),
        ("payout", "earned", "9.00", ""),
        ("payout", "carried", "9.00", "below the minimum of 10.00"),
    ]


def test_no_members_and_no_orders_are_no_trouble():
    body = TWO + "exclusive: [{greater_of: [a, b]}]\nlimits: {all: {share: 1%, of: pv}}\npayout: {minimum: 1}\n"
    found = run(body, [(1, None)], [(1, 1, "0")])
    assert found.statements.height == 0
    assert found.payout.height == 0


def test_a_multiplied_bonus_that_leaves_64_bits_is_refused():
    body = "bonuses: {b: {personal: 100%, base: pv, multiplier: 200000%}}\n"
    with pytest.raises(InputRefused) as refused:
        run(body, [(1, None)], [(1, 1, "9000000000")], place="payout")
    assert [found.code for found in refused.value.findings] == ["bonuses.overflow"]
