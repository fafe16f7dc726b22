"""``differential``: every form, worked out by hand; who fails in between; starts, reserves and ends."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc import load_plan
from mlmcalc.errors import InputRefused
from tests.bonuses.small import CHAIN, HEAD, lines, lost, run

GROUP = "metrics: {gv: {sum: pv, over: subtree, tree: sponsor}}\n"
STEPS = "{0: 0%, 300: 6%, 1000: 9%, 2000: 12%}"
ORDERS = [("a", 5, "300"), ("b", 4, "200"), ("c", 3, "500"), ("d", 2, "500"), ("e", 1, "500")]


def held(*rates):
    """Return members 1, 2, ... in one line, each with its rate in a column, and the part of the plan that reads it."""
    members = [(who, who - 1 or None, {"held": str(rate), "out": ""}) for who, rate in enumerate(rates, start=1)]
    return members, "member_columns: {held: {decimals: 0}, out: flag}\n"


def paid(found):
    """Return (earner, source, level, amount) of every line."""
    return [(earner, source, level, amount) for earner, source, level, _, amount, _ in lines(found)]


RATES = "{0: 0%, 1: 3%, 2: 6%, 3: 9%, 4: 12%}"


def body(**keys):
    said = "".join(f", {key}: {value}" for key, value in keys.items())
    return f"bonuses: {{diff: {{differential: {RATES}, tier: held, base: pv{said}}}}}\n"


def test_each_takes_what_its_group_has_reached_above_those_below():
    found = run(GROUP + f"bonuses: {{diff: {{differential: {STEPS}, tier: gv, base: pv}}}}", CHAIN, ORDERS)
    # Groups 300, 500, 1000, 1500, 2000: rates 6, 6, 9, 9, 12.
    assert paid(found) == [
        (1, 1, 0, "60.00"),
        (2, 2, 0, "45.00"), (1, 2, 1, "15.00"),
        (3, 3, 0, "45.00"), (1, 3, 2, "15.00"),
        (4, 4, 0, "12.00"), (3, 4, 1, "6.00"), (1, 4, 3, "6.00"),
        (5, 5, 0, "18.00"), (3, 5, 2, "9.00"), (1, 5, 4, "9.00"),
    ]  # fmt: skip
    assert lost(found) == []


def test_by_legs_it_is_the_same_total_with_the_head_of_the_leg_as_source():
    plan = GROUP + f"bonuses: {{diff: {{differential: {STEPS}, tier: gv, base: pv, against: immediate_leg}}}}"
    found = run(plan, CHAIN, ORDERS)
    assert paid(found) == [
        (1, 1, 0, "60.00"),
        (2, 2, 0, "45.00"), (1, 2, 1, "45.00"),
        (3, 3, 0, "45.00"),
        (4, 4, 0, "12.00"), (3, 4, 1, "15.00"),
        (5, 5, 0, "18.00"),
    ]  # fmt: skip


def test_who_fails_in_between_leaves_its_share_to_the_next_or_to_nobody():
    members, columns = held(4, 3, 2, 0)
    members[1][2]["out"] = "true"
    orders = [("a", 4, "100")]
    eligible = "{out: false}"
    against_paid = run(columns + body(eligible=eligible), members, orders)
    assert paid(against_paid) == [(3, 4, 1, "6.00"), (1, 4, 3, "6.00")]
    assert lost(against_paid) == []
    qualified = run(columns + body(eligible=eligible, against="qualified"), members, orders)
    assert paid(qualified) == [(3, 4, 1, "6.00"), (1, 4, 3, "3.00")]
    assert lost(qualified) == [(0, "not_eligible", "3")]


def test_a_leg_counts_with_the_rate_of_its_head_even_if_the_head_fails():
    members, columns = held(4, 3, 2, 0)
    members[1][2]["out"] = "true"
    keys = {"eligible": "{out: false}", "against": "immediate_leg"}
    found = run(columns + body(**keys), members, [("a", 4, "100"), ("b", 2, "100")])
    assert paid(found) == [(1, 2, 1, "6.00"), (3, 4, 1, "6.00")]
    # 2 would have had 9% of its own 100 and 3% of the leg of 100.
    assert lost(found) == [(0, "not_eligible", "12")]


def test_a_leg_whose_head_holds_more_pays_nothing_and_takes_nothing():
    members, columns = held(2, 4, 3)
    found = run(columns + body(against="immediate_leg"), members, [("a", 3, "100"), ("b", 1, "100")])
    assert paid(found) == [(1, 1, 0, "6.00"), (3, 3, 0, "9.00"), (2, 3, 1, "3.00")]
    assert lost(found) == [(0, "nothing_left", "-6")]
    balance = found.balance.row(0, named=True)
    assert (str(balance["offered"]), str(balance["paid"])) == ("12.00000000", "18.00000000")


def test_equal_and_lower_rates_get_nothing():
    members, columns = held(4, 2, 3, 3, 1)
    found = run(columns + body(), members, [("a", 5, "100")])
    assert paid(found) == [(5, 5, 0, "3.00"), (4, 5, 1, "6.00"), (1, 5, 4, "3.00")]


def test_the_source_may_be_left_out_of_its_own_steps():
    members, columns = held(4, 2)
    found = run(columns + body(own="false"), members, [("a", 2, "100")])
    assert paid(found) == [(1, 2, 1, "12.00")]


def test_what_nobody_reaches_has_no_upline():
    members, columns = held(2, 1)
    found = run(columns + body(), members, [("a", 2, "100")])
    assert paid(found) == [(2, 2, 0, "3.00"), (1, 2, 1, "3.00")]
    assert lost(found) == [(0, "no_upline", "6")]


def test_a_top_below_the_highest_rate_is_all_there_is():
    members, columns = held(4, 3, 2)
    found = run(columns + body(top="7%"), members, [("a", 3, "100")])
    assert paid(found) == [(3, 3, 0, "6.00"), (2, 3, 1, "1.00")]
    assert lost(found) == []


def test_a_rate_may_be_taken_before_the_walk():
    members, columns = held(4, 3, 1)
    columns = columns.replace("held:", "already: {decimals: 0}, held:")
    members[2][2]["already"] = "6"
    found = run(columns + body(own="false", start="already"), members, [("a", 3, "100")])
    assert paid(found) == [(2, 3, 1, "3.00"), (1, 3, 2, "3.00")]
    assert lost(found) == []
    balance = found.balance.row(0, named=True)
    assert str(balance["offered"]) == "6.00000000"


def test_a_share_is_reserved_for_a_first_upline_that_has_no_difference():
    members, columns = held(4, 3, 1, 2)
    keys = {"first_upline": "{reserve: 2%}"}
    found = run(columns + body(**keys), members, [("a", 4, "100")])
    assert paid(found) == [(4, 4, 0, "6.00"), (2, 4, 2, "1.00"), (1, 4, 3, "3.00")]
    assert lost(found) == [(0, "reserved", "2")]
    found = run(columns + body(own="false", **keys), members, [("a", 4, "100")])
    assert paid(found) == [(3, 4, 1, "3.00"), (2, 4, 2, "6.00"), (1, 4, 3, "3.00")], "3 has a difference"


def test_each_may_get_its_whole_rate_until_the_top_is_used_up():
    members, columns = held(4, 3, 2, 1, 0)
    found = run(columns + body(pays="own_rate"), members, [("a", 5, "100")])
    assert paid(found) == [(4, 5, 1, "3.00"), (3, 5, 2, "6.00"), (2, 5, 3, "3.00")]
    assert lost(found) == []


@pytest.mark.parametrize(
    ("until", "expected", "breakage"),
    [
        ("{equal: 1}", [(6, 6, 0, "6.00")], "6"),
        ("{equal: 2}", [(6, 6, 0, "6.00"), (2, 6, 4, "3.00"), (1, 6, 5, "3.00")], None),
        ("{equal_or_lower: 2}", [(6, 6, 0, "6.00")], "6"),
        ("{equal_or_lower: 3}", [(6, 6, 0, "6.00"), (2, 6, 4, "3.00"), (1, 6, 5, "3.00")], None),
    ],
)
def test_a_walk_ends_after_so_many_equal_rates(until, expected, breakage):
    members, columns = held(4, 3, 1, 0, 2, 2)
    found = run(columns + body(until=until), members, [("a", 6, "100")])
    assert paid(found) == expected
    assert lost(found) == ([] if breakage is None else [(0, "blocked_by_rank", breakage)])


def test_a_walk_ends_at_a_rank():
    members, columns = held(4, 3, 2, 1)
    columns += "ranks: [{rank: Head, requires: {held: 3}}]\n"
    orders = [("a", 4, "100")]
    found = run(columns + body(until="{rank: Head}"), members, orders)
    assert paid(found) == [(4, 4, 0, "3.00"), (3, 4, 1, "3.00"), (2, 4, 2, "3.00")]
    assert lost(found) == [(0, "blocked_by_rank", "3")]
    found = run(columns + body(until="{rank: Head, paid: false}"), members, orders)
    assert paid(found) == [(4, 4, 0, "3.00"), (3, 4, 1, "3.00")]
    found = run(columns + body(until="{rank: Head, levels_below: 2}"), members, orders)
    assert paid(found)[-1] == (1, 4, 3, "3.00"), "the first Head is near enough"


def test_those_too_near_are_passed_by_or_count_all_the_same():
    members, columns = held(4, 3, 1, 0)
    keys = {"own": "false", "first_level": 2}
    found = run(columns + body(**keys), members, [("a", 4, "100")])
    assert paid(found) == [(2, 4, 2, "9.00"), (1, 4, 3, "3.00")]
    found = run(columns + body(nearer="counted", **keys), members, [("a", 4, "100")])
    assert paid(found) == [(2, 4, 2, "6.00"), (1, 4, 3, "3.00")]
    assert lost(found) == [(0, "reserved", "3")]


def test_the_volume_of_customers_pays_the_whole_rate():
    members, columns = held(4, 3)
    members[1][2]["kind"] = "customer"
    for against in ("paid", "qualified", "immediate_leg"):
        found = run(columns + body(against=against), members, [("a", 2, "100")])
        assert paid(found) == [(1, 2, 1, "12.00")]


def test_in_a_derived_tree_only_those_it_keeps_take_a_step():
    members, columns = held(4, 3, 2)
    tree = "  few: {compress: sponsor, keep: {held: 3}, volume: roll_up}\n"
    keys = {"tree": "few"}
    orders = [("a", 3, "100")]
    found = run(tree + columns + body(**keys), members, orders)
    assert paid(found) == [(2, 3, 1, "9.00"), (1, 3, 2, "3.00")]
    found = run(tree + columns + body(**keys).replace("base: pv", "base: pv@few"), members, orders)
    assert paid(found) == [(2, 3, 0, "9.00"), (1, 3, 1, "3.00")], "it has become the keeper's volume"


def test_rates_by_rank_scheme_and_order_column():
    plan = """
order_columns: {country: text}
member_columns: {held: {decimals: 0}}
ranks: [{rank: Low, requires: {held: 1}}, {rank: High, requires: {held: 2}}]
bonuses: {diff: {differential: {IT: {Low: 5%, High: 8%}, other: {Low: 1%, High: 3%}}, by: country, base: pv}}
"""
    members, _ = held(2, 1, 0)
    orders = [("a", 3, "100", {"country": "IT"}), ("b", 3, "100", {"country": "DE"})]
    assert paid(run(plan, members, orders)) == [
        (2, 3, 1, "5.00"),
        (1, 3, 2, "3.00"),
        (2, 3, 1, "1.00"),
        (1, 3, 2, "2.00"),
    ]


def test_returns_reverse_exactly():
    members, columns = held(4, 3, 2)
    orders = [("a", 3, "33.33"), ("b", 3, "-33.33"), ("c", 3, "1")]
    for against in ("paid", "qualified"):
        found = run(columns + body(against=against), members, orders, grain="order")
        total = sum(Fraction(amount) for *_, amount in paid(found))
        assert total == Fraction("0.12"), against


def test_grain_of_orders_keeps_own_volume_by_order_and_legs_whole():
    members, columns = held(4, 3)
    orders = [("a", 2, "100"), ("b", 2, "50")]
    found = run(columns + body(against="immediate_leg"), members, orders, grain="order")
    rows = found.lines.select("earner", "order", "base", "level").rows()
    assert [(earner, order, str(base), level) for earner, order, base, level in rows] == [
        (2, "a", "100.00", 0),
        (2, "b", "50.00", 0),
        (1, None, "150.00", 1),
    ]


@pytest.mark.parametrize("against", ["paid", "immediate_leg"])
def test_a_volume_too_large_is_refused_by_name(against):
    members, columns = held(4, 3)
    with pytest.raises(InputRefused) as refusal:
        run(columns + body(against=against), members, [("a", 2, "90000000000000000")])
    assert {finding.code for finding in refusal.value.findings} == {"bonuses.overflow"}
    assert refusal.value.findings[0].member == "2"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("tier: held, tree: nowhere", "bonuses.tree"),
        ("tier: pvv", "bonuses.tier"),
        ("tier: held, start: pvv", "bonuses.start"),
        ("tier: held, start: exact", "bonuses.start"),
        ("tier: held, until: {rank: Nobody}", "bonuses.until"),
        ("tier: held, until: {paid: true}", "bonuses.until"),
        ("tier: held, until: {equal: 0}", "bonuses.until"),
        ("tier: held, until: {equal: 1, equal_or_lower: 1}", "bonuses.until"),
        ("tier: held, first_level: 0", "bonuses.first_level"),
        ("tier: held, nearer: counted, first_level: 2, first_upline: {reserve: 5%}", "bonuses.first_upline"),
        ("tier: held, against: immediate_leg, top: 20%", "bonuses.immediate_leg"),
        ("tier: held, against: immediate_leg, until: {equal: 1}", "bonuses.immediate_leg"),
        ("base: {earned: [diff]}", "plan.circle"),
    ],
)
def test_what_makes_no_sense_is_refused(keys, code):
    columns = "member_columns: {held: {decimals: 0}, exact: {decimals: 6}}\n"
    said = keys if keys.startswith("base") else f"base: pv, {keys}"
    text = HEAD.replace("PLACE", "line").replace("GRAIN", "source") + columns
    text += f"bonuses: {{diff: {{differential: {{0: 1%, 1: 5%}}, {said}}}}}\n"
    if "tier" not in keys:
        text = text.replace("{0: 1%, 1: 5%}", "5%")
    with pytest.raises(InputRefused) as refusal:
        load_plan(text)
    assert code in {finding.code for finding in refusal.value.findings}


PAGE = Path(mlmcalc.__file__).parent / "bonuses" / "differential.md"
EXAMPLES = [
    [cell.strip() for cell in row.strip("|").split("|")]
    for row in PAGE.read_text(encoding="utf-8").partition("\n| keys | Eve")[2].partition("\n\n")[0].splitlines()[2:]
]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda row: row[0])
def test_the_examples_of_the_page(row):
    keys, *amounts, breakage = row
    percents = {"Ann": 12, "Bob": 9, "Cid": 6, "Dan": 6, "Eve": 3}
    members = []
    for who, percent in percents.items():
        above = members[-1][0] if members else None
        members.append((who, above, {"held": str(percent), "six": "6", "out": "true" if who == "Bob" else ""}))
    said = "" if keys == "none of these" else ", " + keys.strip("`")
    plan = "member_columns: {held: {decimals: 0}, six: {decimals: 0}, out: flag}\n"
    plan += "ranks: [{rank: Head, requires: {held: 9}}]\n"
    plan += (
        f"bonuses: {{diff: {{differential: {{0: 0%, 3: 3%, 6: 6%, 9: 9%, 12: 12%}}, tier: held, base: pv{said}}}}}\n"
    )
    found = run(plan, members, [("a", "Eve", "100")])
    of_member = {earner: amount for earner, _, _, amount in paid(found)}
    assert [of_member.get(who, "-") for who in reversed(percents)] == amounts
    assert lost(found) == (
        [] if breakage == "-" else [(0, breakage.split()[1], breakage.split()[0].removesuffix(".00"))]
    )
