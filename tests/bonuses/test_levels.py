"""``levels``: ends of walks, caps, pairs, parts of the rate table, generations, matching; by hand."""

from __future__ import annotations

import pytest

from tests.bonuses.small import CHAIN, lines, lost, run

RANKED = """
metrics:
  own: {sum: pv, over: subtree, tree: sponsor, levels: [0, 0]}
ranks:
  - {rank: Low, requires: {pv: 1}}
  - {rank: High, requires: {pv: 100}}
"""


def test_a_level_pays_its_rate_and_the_rest_is_no_upline():
    found = run("bonuses: {uni: {levels: [10%, 5%, 1%], base: pv}}", CHAIN, [("a", 3, "100")])
    assert lines(found) == [(2, 3, 1, 1, "10.00", "paid"), (1, 3, 2, 2, "5.00", "paid")]
    assert lost(found) == [(3, "no_upline", "1")]


def test_a_walk_ends_at_a_rank_who_is_paid_or_not():
    body = (
        RANKED
        + "bonuses: {uni: {levels: [10%, 5%, 1%], base: pv, until: {rank: High, paid: PAID}, sources: {pv: 500}}}"
    )
    orders = [("a", 5, "500"), ("b", 4, "10"), ("c", 3, "100"), ("d", 2, "10")]
    paid = run(body.replace("PAID", "true"), CHAIN, orders)
    assert lines(paid) == [(4, 5, 1, 1, "50.00", "paid"), (3, 5, 2, 2, "25.00", "paid")]
    assert lost(paid) == [(3, "blocked_by_rank", "5")]
    unpaid = run(body.replace("PAID", "false"), CHAIN, orders)
    assert lines(unpaid) == [(4, 5, 1, 1, "50.00", "paid")]
    assert lost(unpaid) == [(2, "blocked_by_rank", "25"), (3, "blocked_by_rank", "5")]


def test_a_walk_ends_so_many_levels_below_a_rank():
    body = RANKED + (
        "bonuses: {uni: {levels: [10%, 5%, 1%], base: pv, until: {rank: High, paid: false, levels_below: 2},"
        " sources: {pv: 500}}}"
    )
    found = run(body, CHAIN, [("a", 5, "500"), ("b", 4, "100"), ("c", 2, "100")])
    assert lines(found) == [(4, 5, 1, 1, "50.00", "paid"), (3, 5, 2, 2, "25.00", "paid")], "4 is near, 2 is not"
    assert lost(found) == [(3, "blocked_by_rank", "5")]


def test_a_cap_fills_from_the_nearest_earner_up_and_says_what_it_cut():
    found = run("bonuses: {uni: {levels: [10%, 5%, 1%], base: pv, cap: {per_source: 12.00}}}", CHAIN, [("a", 4, "100")])
    assert lines(found) == [
        (3, 4, 1, 1, "10.00", "paid"),
        (2, 4, 2, 2, "5.00", "paid"),
        (2, 4, 2, 2, "-3.00", "cap_reached"),
        (1, 4, 3, 3, "1.00", "paid"),
        (1, 4, 3, 3, "-1.00", "cap_reached"),
    ]
    balance = found.balance.row(0, named=True)
    assert (str(balance["paid"]), str(balance["cut"])) == ("12.00000000", "4.00000000")


def test_a_cap_counts_all_orders_of_a_source():
    body = "bonuses: {uni: {levels: [10%, 5%], base: pv, cap: {per_source: 25.00}}}"
    found = run(body, CHAIN, [("a", 3, "100"), ("b", 3, "100")], grain="order")
    assert [(row[0], row[4], row[5]) for row in lines(found)] == [
        (2, "10.00", "paid"),
        (1, "5.00", "paid"),
        (2, "10.00", "paid"),
        (1, "5.00", "paid"),
        (1, "-5.00", "cap_reached"),
    ]


def test_pairs_compare_source_and_earner():
    body = "bonuses: {courtesy: {levels: [5%], base: pv, pairs: [source.pv >= earner.pv]}}"
    found = run(body, [(1, None), (2, 1), (3, 1)], [("a", 1, "100"), ("b", 2, "100"), ("c", 3, "99")])
    assert lines(found) == [(1, 2, 1, 1, "5.00", "paid")]
    assert lost(found) == [(1, "no_upline", "5"), (1, "not_eligible", "4.95")][::-1]


def test_rates_by_an_order_column():
    body = """
order_columns: {country: text}
bonuses: {uni: {levels: {IT: [10%], other: [1%]}, by: country, base: pv}}
"""
    orders = [("a", 2, "100", {"country": "IT"}), ("b", 2, "50", {"country": "DE"}), ("c", 2, "50", {"country": ""})]
    found = run(body, CHAIN, orders)
    assert lines(found) == [(1, 2, 1, 1, "10.00", "paid"), (1, 2, 1, 1, "1.00", "paid")]


@pytest.mark.parametrize(("whose", "amount"), [("earner", "20.00"), ("source", "10.00")])
def test_whose_scheme_decides(whose, amount):
    body = f"""
schemes: {{by: market, names: [A, B]}}
bonuses: {{uni: {{levels: {{A: [10%], B: [20%]}}, base: pv, scheme: {whose}}}}}
"""
    found = run(body, [(1, None, {"market": "B"}), (2, 1, {"market": "A"})], [("a", 2, "100")])
    assert lines(found) == [(1, 2, 1, 1, amount, "paid")]


@pytest.mark.parametrize(
    ("leader", "expected"),
    [
        ("own_group", [(3, 3, 0, "10.00"), (1, 3, 1, "1.00"), (3, 5, 0, "10.00"), (1, 5, 1, "1.00")]),
        ("upline_group", [(1, 3, 0, "10.00"), (3, 5, 0, "10.00"), (1, 5, 1, "1.00")]),
    ],
)
def test_generations_count_leaders(leader, expected):
    body = f"""
  leaders: {{compress: sponsor, keep: {{leads: true}}}}
member_columns: {{leads: flag}}
bonuses: {{gen: {{levels: [10%, 1%], base: pv, tree: leaders, count_from: 0, leader: {leader}}}}}
"""
    members = [
        (1, None, {"leads": "true"}),
        *[(who, who - 1, {"leads": str(who == 3).lower()}) for who in (2, 3, 4, 5)],
    ]
    found = run(body, members, [("a", 3, "100"), ("b", 5, "100")])
    assert [(row[0], row[1], row[3], row[4]) for row in lines(found)] == expected


def test_matching_reads_the_rounded_bonus():
    body = """
bonuses:
  uni: {levels: [33.33%], base: pv}
  match: {levels: [50%], base: {earned: [uni]}}
"""
    found = run(body, CHAIN[:3], [("a", 3, "0.07")])
    assert [(row[0], row[1], row[4]) for row in lines(found)] == [(2, 3, "0.02"), (1, 2, "0.01")]


@pytest.mark.parametrize("place", ["bonus", "payout"])
def test_lines_are_exact_until_the_place_of_rounding(place):
    found = run(
        "bonuses: {uni: {levels: [5%], base: pv}}",
        [(1, None), (2, 1), (3, 1)],
        [("a", 2, "0.11"), ("b", 3, "0.11")],
        place,
    )
    assert lines(found) == [
        (1, 2, 1, 1, "0.00550000", "paid"),
        (1, 3, 1, 1, "0.00550000", "paid"),
        (1, 1, 0, 0, "-0.00100000", "rounding"),
    ]
    assert found.lines["bonus"].to_list()[-1] == ("payout" if place == "payout" else "uni")


def test_a_return_cancels_its_order():
    body = "bonuses: {uni: {levels: [5%], base: pv}}"
    found = run(body, CHAIN[:2], [("a", 2, "0.11"), ("b", 2, "-0.11")], grain="order")
    assert [row[4] for row in lines(found)] == ["0.01", "-0.01"]


def test_the_company_is_paid_what_members_miss():
    body = RANKED + "bonuses: {uni: {levels: [10%, 5%], base: pv, eligible: {pv: 50}, otherwise: company}}"
    found = run(body, CHAIN[:3], [("a", 3, "100"), ("b", 1, "100")])
    assert lines(found) == [(None, 3, 1, 1, "10.00", "to_company"), (1, 3, 2, 2, "5.00", "paid")]
    assert ("to_company", "10") in {row[1:] for row in lost(found)}


def test_a_volume_too_large_is_refused_by_name():
    from mlmcalc.errors import InputRefused

    with pytest.raises(InputRefused) as refusal:
        run("bonuses: {uni: {levels: [100%], base: pv}}", CHAIN[:2], [("a", 2, "90000000000000000")])
    assert {finding.code for finding in refusal.value.findings} & {"bonuses.overflow", "metrics.overflow"}
    assert any(finding.member == "2" for finding in refusal.value.findings)


def test_what_cancels_leaves_no_row_of_breakage():
    found = run("bonuses: {uni: {levels: [5%], base: pv}}", [(1, None)], [("a", 1, "5"), ("b", 1, "-5")], grain="order")
    assert lost(found) == []


def test_a_rank_that_the_scheme_lacks_offers_nothing():
    body = """
schemes: {by: market, names: [A, B]}
ranks: {A: [{rank: X, requires: {pv: 1}}], B: [{rank: X, requires: {pv: 1}}, {rank: Y, requires: {pv: 500}}]}
bonuses: {uni: {levels: {X: [10%], Y: [20%]}, base: pv}}
"""
    members = [(1, None, {"market": "A"}), (2, None, {"market": "B"}), (3, 1, {"market": "A"}), (4, 2, {"market": "A"})]
    found = run(body, members, [("a", 1, "1"), ("b", 2, "1"), ("c", 3, "100"), ("d", 4, "100")])
    assert lost(found) == [(1, "no_rate", "10"), (1, "no_upline", "0.3")]
