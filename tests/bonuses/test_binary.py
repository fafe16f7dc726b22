"""``binary``: every key by hand, as its page says it; amounts, what is lost, and what is left to the next period."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from tests.bonuses.small_binary import HEAD, left, lost, paid, run, team


def test_a_percentage_of_what_both_legs_have():
    found = run(team("binary: 10%"), ["1000", "1500"])
    assert found.lines.select("base", "rate_ppm", "amount", "source").row(0) == (1000, 100_000, 100, 1)
    assert left(found) == {"2": 500}


def test_a_leg_with_nothing_pays_nothing():
    found = run(team("binary: 10%"), ["0", "6000"])
    assert found.lines.height == 0
    assert left(found) == {"2": 6000}


def test_whole_units_only():
    found = run(team("binary: 10%, unit: 100"), ["1100", "1111"])
    assert (paid(found), left(found)) == (110, {"2": 11})


@pytest.mark.parametrize(
    ("ratio", "amount", "carried"),
    [("1:1", 100, {"2": 500}), ("2:1", 75, {"1": 250}), ("1:2", 100, {"2": 1000}), ("3:2", 100, {})],
)
def test_a_ratio_of_the_strong_leg_to_the_weak_side(ratio, amount, carried):
    found = run(team(f"binary: 10%, ratio: '{ratio}'"), ["1000", "1500"])
    assert (paid(found), left(found)) == (amount, carried)


def test_the_strong_leg_is_decided_before_every_cycle():
    body = team("binary: {cycle: {strong: 200, weak: 100, pays: 14.00}}")
    found = run(body, ["500", "400"])
    assert found.lines.select("base", "rate_ppm", "amount").row(0) == (3, 14_000_000, 42)
    assert left(found) == {}, "300/300 is a tie and goes to leg 1"
    found = run(team("binary: {cycle: {strong: 200, weak: 100, pays: 14.00, decided: once}}"), ["500", "400"])
    assert (paid(found), left(found)) == (28, {"1": 100, "2": 200})


def test_cycles_pay_by_rank_and_others_wait():
    ranks = """
ranks:
  - {rank: Emerald, requires: {title: Emerald}}
  - {rank: Ruby, requires: {title: Ruby}}
"""
    body = ranks + team("binary: {cycle: {strong: 200, weak: 100, pays: {Emerald: 14, Ruby: 16}}}")
    assert paid(run(body, ["200", "100"], columns={1: {"title": "Ruby"}})) == 16
    none = run(body, ["200", "100"])
    assert (paid(none), left(none), lost(none)) == (0, {"1": 200, "2": 100}, {})


def test_the_highest_step_that_both_sides_reach():
    body = team("binary: {steps: {250: 40, 2000: 400}}")
    found = run(body, ["3500", "2500"])
    assert found.lines.select("base", "amount").row(0) == (2000, 400)
    assert left(found) == {"1": 1500, "2": 500}
    found = run(body, ["400", "600"])
    assert (paid(found), left(found)) == (40, {"1": 150, "2": 350})
    assert paid(run(body, ["249.99", "600"])) == 0


def test_a_first_cycle_that_is_another_one():
    body = team(
        "binary: {cycle: {strong: 1, weak: 1, pays: 200}}, first: {strong: 2, weak: 1, pays: 300}",
    )
    found = run(body, ["4", "3"])
    assert [row[0] for row in found.lines.select("amount").rows()] == [300, 400]
    assert left(found) == {}
    assert left(found, "pairs") == {None: 1}
    again = run(body, ["4", "3"], pairs=[1])
    assert (paid(again), left(again), left(again, "pairs")) == (600, {"1": 1}, {None: 1})
    waits = run(body, ["1", "1"])
    assert (paid(waits), left(waits), left(waits, "pairs")) == (0, {"1": 1, "2": 1}, {})


# more legs


def test_three_legs():
    found = run(team("binary: 10%"), ["100", "90", "80"], width=3)
    assert (paid(found), left(found)) == (10, {"3": 70}), "100 against 90 and 10 of the 80"
    found = run(team("binary: 10%, weaker: second"), ["100", "90", "80"], width=3)
    assert (paid(found), left(found)) == (9, {"1": 10, "3": 80})
    found = run(team("binary: 10%"), ["100", "20", "30"], width=3)
    assert (paid(found), left(found)) == (5, {"1": 50})


def test_a_leg_that_the_tree_does_not_have_is_refused():
    text = HEAD.replace(", width: WIDTH", "").replace("PLACE", "line") + team("binary: 10%")
    members = pl.DataFrame(
        {"member_id": [1, 2], "sponsor_id": [None, 1], "placement_id": [None, 1], "leg": [None, "3"]}
        | {"title": [None, None], "owner": [None, None], "most": [None, None]}
    )
    volumes = pl.DataFrame({"member_id": [2], "cv": ["5"]})
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.run(mlmcalc.load_plan(text), members=members, volumes=volumes, period="2026-10")
    assert [finding.code for finding in refusal.value.findings] == ["bonuses.leg"]


# pay leg, minimum, own volume


def test_the_strong_leg_before_or_with_the_carry():
    cycle = "binary: {cycle: {strong: 200, weak: 100, pays: 10, decided: once}}"
    carry = [(1, "2026-09", "500")]
    found = run(team(cycle), ["0", "300"], carry=carry)
    assert (paid(found), left(found)) == (20, {"1": 100, "2": 100})
    found = run(team(f"{cycle}, pay_leg: before_carry"), ["0", "300"], carry=carry)
    assert (paid(found), left(found)) == (10, {"1": 400, "2": 100})


def test_below_the_minimum_nothing_is_paid_or_used_up():
    found = run(team("binary: 20%, match_minimum: 125"), ["124.99", "600"])
    assert paid(found) == 0
    assert lost(found) == {"below_minimum": Fraction("24.998")}
    assert run(team("binary: 20%, match_minimum: 125"), ["125", "600"]).lines.height == 1


@pytest.mark.parametrize(
    ("into", "carried"),
    [("lesser", {"2": 50}), ("lesser_with_carry", {"1": 50}), ("1", {"1": 50}), ("2", {"2": 50})],
)
def test_own_volume_above_a_floor(into, carried):
    body = team(f"binary: 10%, own: {{above: 100, into: {into}}}")
    found = run(body, ["100", "0"], own="150", carry=[(2, "2026-09", "100")])
    if into == "lesser":
        assert left(found) == {"2": 50}, "leg 2 has nothing this period; with what it carried it has 150"
    assert (paid(found), left(found)) == (10, carried)


# caps


@pytest.mark.parametrize(
    ("then", "carried"),
    [("keep", {"1": 500, "2": 1000}), ("flush_above", {"2": 500}), ("flush_all", {})],
)
@pytest.mark.parametrize("cap", ["money: 50.00", "volume: 500"])
def test_what_a_cap_does_to_the_excess(then, carried, cap):
    found = run(team(f"binary: 10%, match_cap: {{{cap}, then: {then}}}"), ["1000", "1500"])
    assert [row[0] for row in found.lines.select("amount").rows()] == [100, -50]
    assert found.lines["outcome"].to_list() == ["paid", "cap_reached"]
    assert left(found) == carried
    assert str(found.balance["cut"][0]) == "50.00000000"


def test_a_cap_that_is_not_reached_flushes_nothing():
    found = run(team("binary: 10%, match_cap: {money: 100, then: flush_all}"), ["1000", "1500"])
    assert (paid(found), left(found)) == (100, {"2": 500})


def test_a_cap_in_cycles_by_column():
    body = team("binary: {cycle: {strong: 100, weak: 100, pays: 10}}, match_cap: {cycles: {column: most}, then: keep}")
    found = run(body, ["500", "700"], columns={1: {"most": "3"}})
    assert (paid(found), left(found)) == (30, {"1": 200, "2": 400})
    assert paid(run(body, ["500", "700"])) == 50, "no cap where none is given"


def test_a_cap_inside_a_cycle_uses_it_up():
    body = team("binary: {cycle: {strong: 100, weak: 100, pays: 14}}, match_cap: {money: 50, then: keep}")
    found = run(body, ["600", "600"])
    assert (paid(found), left(found)) == (50, {"1": 200, "2": 200}), "four cycles make 56"


def test_all_positions_of_an_owner_share_a_cap():
    more = [(4, 1, 2, 1, "300"), (5, 1, 2, 2, "300")]
    body = team("binary: 10%, match_cap: {money: 50, then: keep, owner: owner}")
    found = run(body, ["0", "400"], more=more, columns={2: {"owner": "1"}})
    assert (paid(found), paid(found, 2)) == (40, 10)
    assert (left(found), left(found, member=2)) == ({"1": 200}, {"1": 200, "2": 200})


# carry


@pytest.mark.parametrize(
    ("carry", "carried"),
    [
        ("both", {"1": 50, "2": 150}),
        ("stronger", {"2": 150}),
        ("none", {}),
        ("{limit: 100}", {"1": 50, "2": 100}),
    ],
)
def test_what_is_carried(carry, carried):
    found = run(team(f"binary: 10%, unit: 100, carry: {carry}"), ["350", "450"])
    assert (paid(found), left(found)) == (30, carried)


def test_where_nothing_is_paid_both_legs_are_carried():
    found = run(team("binary: 10%, unit: 100, carry: stronger"), ["50", "70"])
    assert left(found) == {"1": 50, "2": 70}


def test_carry_expires_by_age_and_the_oldest_is_used_up_first():
    body = team("binary: 10%, carry: {expires: {after: 2}}")
    carry = [(1, "2026-08", "100"), (1, "2026-09", "40")]
    found = run(body, ["5", "30"], carry=carry)
    assert (paid(found), left(found)) == (3, {("1", "2026-09"): 40, "1": 5})
    found = run(body, ["5", "120"], carry=carry)
    assert (paid(found), left(found)) == (12, {("1", "2026-09"): 20, "1": 5})


@pytest.mark.parametrize(("what", "carried"), [("keep", 130), ("lose", 30), ("lose_all", 0)])
@pytest.mark.parametrize(("key", "gate"), [("when_inactive", "{active: true}"), ("when_not_eligible", "{cv: 100}")])
def test_who_fails_may_lose_its_carry(what, carried, key, gate):
    active = "active: {cv: 100}\n" if key == "when_inactive" else ""
    body = active + team(f"binary: 10%, eligible: {gate}, carry: {{{key}: {what}}}")
    found = run(body, ["30", "50"], carry=[(1, "2026-09", "100")])
    outcome = "not_active" if active else "not_eligible"
    assert (paid(found), lost(found)) == (0, {outcome: 5})
    assert left(found).get("1", 0) == carried
    qualified = run(body, ["30", "50"], own="100", carry=[(1, "2026-09", "100")])
    assert (paid(qualified), left(qualified)) == (5, {"1": 80})


def test_returns_are_taken_from_the_carry_and_what_is_missing_is_written_off():
    carry = [(1, "2026-09", "100"), (2, "2026-09", "100")]
    found = run(team("binary: 10%"), ["-40", "-300"], carry=carry)
    assert (paid(found), left(found)) == (0, {"1": 60})


def test_two_periods_one_after_the_other():
    body = team("binary: 10%")
    first = run(body, ["1000", "1500"])
    assert first.calculated is not None
    second = mlmcalc.run(
        first.calculated.plan,
        members=pl.DataFrame(
            {"member_id": [1, 2, 3], "sponsor_id": [None, 1, 1], "placement_id": [None, 1, 1], "leg": [None, "L", "R"]}
            | {"title": [None] * 3, "owner": [None] * 3, "most": [None] * 3}
        ),
        volumes=pl.DataFrame({"member_id": [2], "cv": ["700"]}),
        state=first.state,
        period="2026-11",
    )
    assert (paid(second), left(second)) == (50, {"1": 200})


# gates


def test_one_enrolled_on_each_side():
    body = team("binary: 10%, each_side: {count: 1, where: {cv: 50}, tree: sponsor}")
    assert paid(run(body, ["100", "100"])) == 10
    more = [(4, 3, 3, 1, "60")]
    found = run(body, ["100", "40"], more=more)
    assert (paid(found), lost(found)) == (0, {"not_eligible": 10}), "4 was enrolled by 3"
    assert paid(run(body, ["100", "40"], more=[(4, 1, 3, 1, "60")])) == 10, "at any depth of the leg"


def test_volume_of_a_member_that_is_no_source_counts_nowhere():
    body = "statuses: {left: {source: false}}\n" + team("binary: 10%")
    found = run(body, ["100", "100"], columns={2: {"status": "left"}})
    assert (paid(found), left(found)) == (0, {"2": 100})


# points, matching, rounding


def test_points_are_counted():
    cycle = "binary: {cycle: {strong: 1, weak: 1, pays: 1}}"
    found = run(
        f"points: {{pairs: {{{cycle}, volume: cv, match_cap: {{points: 50, then: flush_above}}}}}}", ["60", "80"]
    )
    assert found.members.filter(pl.col("member_id") == 1)["pairs"].to_list() == [50]
    assert {row[:2]: int(row[2]) for row in found.state.select("name", "key", "value").rows()} == {("pairs", "2"): 20}


def test_matching_reads_what_was_paid_after_the_cap():
    body = """
bonuses:
  team: {binary: 10%, volume: cv, match_cap: {money: 50, then: keep}}
  match: {levels: [10%], base: {earned: [team]}}
"""
    more = [(4, 1, 2, 1, "1000"), (5, 1, 2, 2, "1000")]
    assert paid(run(body, ["0", "0"], more=more)) == 5


@pytest.mark.parametrize("place", ["line", "bonus", "payout"])
def test_amounts_are_rounded_at_their_place(place):
    found = run(team("binary: 33.3333%, match_cap: {volume: 0.05, then: flush_above}"), ["0.07", "0.09"], place=place)
    assert found.statements.filter(pl.col("earner") == 1)["amount"].sum() == Fraction("0.02")
    assert found.balance.height >= 1


# what is refused


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ("binary: 10%, tree: sponsor", "bonuses.tree"),
        ("binary: 10%, legs: 3", "bonuses.legs"),
        ("binary: 14.00", "rules.rates_sign"),
        ("binary: {cycle: {strong: 200, weak: 100, pays: 5%}}", "bonuses.cycle_pays"),
        ("binary: {cycle: {strong: 0, weak: 100, pays: 5}}", "bonuses.size"),
        ("binary: {cycle: {strong: 0.001, weak: 100, pays: 5}}", "bonuses.size"),
        ("binary: {cycle: {strong: 1, weak: 1, pays: 5}}, unit: 5", "bonuses.unit"),
        ("binary: {cycle: {strong: 1, weak: 1, pays: 5}}, ratio: '2:1'", "bonuses.ratio"),
        ("binary: {steps: 40}", "bonuses.steps"),
        ("binary: 10%, first: {strong: 1, weak: 1, pays: 5}", "bonuses.first"),
        ("binary: 10%, match_cap: {cycles: 5, then: keep}", "bonuses.match_cap"),
        ("binary: {steps: {5: 1}}, match_cap: {volume: 5, then: keep}", "bonuses.match_cap"),
        ("binary: 10%, match_cap: {volume: 5%, then: keep}", "rules.amount"),
        ("binary: 10%, match_cap: {volume: 0.005, then: keep}", "rules.amount"),
        ("binary: 10%, match_cap: {volume: {column: title}, then: keep}", "rules.amount_column"),
        ("binary: 10%, match_cap: {volume: 5, then: keep, owner: most}", "bonuses.owner"),
        ("binary: 10%, match_cap: {volume: 5}", "plan.missing"),
        ("binary: 10%, match_cap: {then: keep}", "plan.value"),
        ("binary: 10%, own: {above: 5, into: 3}", "bonuses.own"),
        ("binary: 10%, own: {above: 5, into: weak}", "plan.value"),
        ("binary: 10%, each_side: {count: 1, tree: nowhere}", "bonuses.tree"),
        ("binary: 10%, each_side: {count: 1, legs: 3}", "bonuses.each_side"),
        ("binary: 10%, tier: nothing", "bonuses.tier"),
        ("binary: 10%, ratio: two to one", "plan.value"),
    ],
)
def test_what_a_plan_may_not_say(keys, code):
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(HEAD.replace("PLACE", "line").replace("WIDTH", "2") + team(keys))
    assert [finding.code for finding in refusal.value.findings] == [code]
