"""``pool``: funds, shares, points, places, maximums, what is left; by hand."""

from __future__ import annotations

import pytest

from tests.bonuses.small import leaves, left, lines, lost, run

RANKS = """
ranks:
  - {rank: Director, requires: {pv: 100}}
  - {rank: Diamond, requires: {pv: 300}}
"""
THREE = [(1, None), (2, 1), (3, 2)]
BOUGHT = [("a", 1, "300"), ("b", 2, "100"), ("c", 3, "100")]


def paid(found):
    """Return earner and amount of every line."""
    return [(row[0], row[4]) for row in lines(found)]


def test_equal_parts_add_up_to_the_fund_and_the_lowest_ids_have_the_odd_cents():
    found = run("bonuses: {pool: {pool: 10.01, shares: equal}}", THREE, BOUGHT)
    assert paid(found) == [(1, "3.34"), (2, "3.34"), (3, "3.33")]


def test_shares_by_rank():
    body = RANKS + "bonuses: {pool: {pool: 1%, of: pv, shares: {Director: 1, Diamond: 3}}}"
    found = run(body, THREE, BOUGHT)
    assert paid(found) == [(1, "3.00"), (2, "1.00"), (3, "1.00")]
    assert found.lines["base"].cast(float).to_list() == [3, 1, 1]


def test_by_points():
    found = run("bonuses: {pool: {pool: 10%, of: pv, by: pv}}", THREE, BOUGHT)
    assert paid(found) == [(1, "30.00"), (2, "10.00"), (3, "10.00")]


def test_odd_cents_go_to_the_largest_remainders_and_of_equal_ones_to_the_lowest_ids():
    found = run("bonuses: {pool: {pool: 1.00, by: pv}}", THREE, [("a", 1, "1"), ("b", 2, "1"), ("c", 3, "4")])
    assert paid(found) == [(1, "0.17"), (2, "0.17"), (3, "0.66")], "all three remainders are two thirds of a cent"
    two = run("bonuses: {pool: {pool: 1.00, by: pv}}", THREE, [("a", 1, "1"), ("b", 2, "2"), ("c", 3, "3")])
    assert paid(two) == [(1, "0.17"), (2, "0.33"), (3, "0.50")]


def test_texts_are_ordered_by_code_point():
    found = run(
        "bonuses: {pool: {pool: 0.02, shares: equal}}", [("a", None), ("B", "a"), ("c", "B")], [("o", "a", "1")]
    )
    assert paid(found) == [("a", "0.01"), ("B", "0.01"), ("c", "0.00")]


MAXIMUM = "bonuses: {pool: {pool: 10%, of: pv, by: pv, maximum: MOST, rest: REST}}"


@pytest.mark.parametrize(
    ("most", "rest", "amounts", "why"),
    [
        ("40%", "others", [(1, "24.00"), (2, "24.00"), (3, "12.00")], []),
        ("20.00", "others", [(1, "20.00"), (2, "20.00"), (3, "20.00")], []),
        ("15.00", "others", [(1, "15.00"), (2, "15.00"), (3, "15.00")], [(0, "cap_reached", "15")]),
        ("40%", "company", [(1, "24.00"), (2, "20.00"), (3, "10.00"), (None, "6.00")], [(0, "to_company", "6")]),
        ("40%", "lose", [(1, "24.00"), (2, "20.00"), (3, "10.00")], [(0, "cap_reached", "6")]),
    ],
)
def test_what_a_maximum_leaves(most, rest, amounts, why):
    found = run(
        MAXIMUM.replace("MOST", most).replace("REST", rest), THREE, [("a", 1, "300"), ("b", 2, "200"), ("c", 3, "100")]
    )
    assert paid(found) == amounts
    assert lost(found) == why


def test_fixed_amounts_are_paid_in_full_or_scaled_down():
    body = RANKS + "bonuses: {pool: {pool: FUND, amounts: {Director: 100.00, Diamond: 400.00}, rest: company}}"
    enough = run(body.replace("FUND", "700.00"), THREE, BOUGHT)
    assert paid(enough) == [(1, "400.00"), (2, "100.00"), (3, "100.00"), (None, "100.00")]
    short = run(body.replace("FUND", "100.00"), THREE, BOUGHT)
    assert paid(short) == [(1, "66.67"), (2, "16.67"), (3, "16.66")]


def test_shares_times_a_number_of_each():
    body = """
member_columns: {multiplier: {decimals: 0}}
bonuses: {pool: {pool: 70.00, by: pv, each: multiplier}}
"""
    members = [(1, None, {"multiplier": "2"}), (2, 1, {"multiplier": "1"}), (3, 2, {"multiplier": ""})]
    assert paid(run(body, members, BOUGHT)) == [(1, "60.00"), (2, "10.00")]


FOUR = [(1, None), (2, 1), (3, 2), (4, 3)]
SCORES = [("a", 1, "10"), ("b", 2, "30"), ("c", 3, "20"), ("d", 4, "20")]


@pytest.mark.parametrize(
    ("ties", "amounts"),
    [
        ("lowest_id", [(2, "60.00"), (3, "40.00")]),
        ("{most: hired}", [(2, "60.00"), (4, "40.00")]),
        ("{least: hired}", [(2, "60.00"), (3, "40.00")]),
        ("share", [(2, "42.86"), (3, "28.57"), (4, "28.57")]),
    ],
)
def test_the_first_share_and_ties_are_decided(ties, amounts):
    body = f"""
member_columns: {{hired: day}}
bonuses: {{top: {{pool: 100.00, by: pv, top: {{places: 2, by: pv, ties: {ties}}}}}}}
"""
    hired = ["2026-01-01", "2026-01-01", "2026-02-01", "2026-03-01"]
    members = [(*row, {"hired": day}) for row, day in zip(FOUR, hired, strict=True)]
    assert paid(run(body, members, SCORES)) == amounts


def test_places_are_worth_parts_of_the_fund_and_equals_share_theirs():
    body = "bonuses: {top: {pool: 100.00, positions: POSITIONS, top: {places: PLACES, by: pv, ties: TIES}}}"

    def found(positions, places="3", ties="lowest_id"):
        return paid(
            run(body.replace("POSITIONS", positions).replace("PLACES", places).replace("TIES", ties), FOUR, SCORES)
        )

    assert found("[50%, 30%, 20%]") == [(2, "50.00"), (3, "30.00"), (4, "20.00")]
    assert found("[50%, 30%, 20%]", ties="share") == [(2, "50.00"), (3, "25.00"), (4, "25.00")]
    assert found("[60.00, 20.00, 10.00]") == [(2, "60.00"), (3, "20.00"), (4, "10.00")]
    assert found("[10%, 5%]", places="3-4") == [(1, "5.00"), (4, "10.00")]


def test_growth_counts_from_the_period_before_and_a_fall_is_nothing():
    body = "bonuses: {growth: {pool: 100.00, by: {growth: pv}}}"
    state = [left("growth", "growth", 1, "310", "pv"), left("growth", "growth", 2, "70", "pv")]
    found = run(body, THREE, BOUGHT, state=state)
    assert paid(found) == [(2, "23.08"), (3, "76.92")]
    assert sorted(leaves(found)) == [
        ("growth", 1, "pv", "2026-10", "300"),
        ("growth", 2, "pv", "2026-10", "100"),
        ("growth", 3, "pv", "2026-10", "100"),
    ]


@pytest.mark.parametrize(
    ("empty", "rows", "why", "kept"),
    [
        ("lose", [], [(0, "not_eligible", "5")], []),
        ("company", [(None, "5.00")], [(0, "to_company", "5")], []),
        ("carry", [], [], [("pool", 1, "", "2026-10", "5")]),
    ],
)
def test_a_pool_without_holders_follows_the_plan(empty, rows, why, kept):
    body = f"bonuses: {{pool: {{pool: 1%, of: pv, shares: equal, eligible: {{pv: 1000}}, empty: {empty}}}}}"
    found = run(body, THREE, BOUGHT)
    assert paid(found) == rows
    assert lost(found) == why
    assert leaves(found) == kept


def test_what_was_carried_is_shared_with_the_fund_of_the_next_period():
    body = "bonuses: {pool: {pool: 1%, of: pv, shares: equal, empty: carry}}"
    found = run(body, THREE, BOUGHT, state=[left("pool", "pool", 1, "7.00")])
    assert paid(found) == [(1, "4.00"), (2, "4.00"), (3, "4.00")]
    assert leaves(found) == []


def test_the_value_of_a_point_is_rounded_down_or_capped():
    rounded = run(
        "bonuses: {pool: {pool: 100.00, by: pv, point_value: {round_down: 0.01}, rest: company}}",
        THREE,
        [("a", 1, "200"), ("b", 2, "96")],
    )
    assert paid(rounded) == [(1, "66.00"), (2, "31.68"), (None, "2.32")]
    capped = run(
        "bonuses: {pool: {pool: 100.00, by: pv, point_value: {at_most: 0.25}}}",
        THREE,
        [("a", 1, "200"), ("b", 2, "96")],
    )
    assert paid(capped) == [(1, "50.00"), (2, "24.00")]
    assert lost(capped) == [(0, "no_rate", "26")]


def test_shares_out_of_a_stated_number():
    found = run("bonuses: {pool: {pool: 100.00, by: pv, out_of: 1000, rest: company}}", THREE, BOUGHT)
    assert paid(found) == [(1, "30.00"), (2, "10.00"), (3, "10.00"), (None, "50.00")]


def test_a_part_of_a_fund():
    found = run("bonuses: {income: {pool: 1%, of: pv, part: 30/45, by: pv}}", THREE, BOUGHT)
    assert paid(found) == [(1, "2.00"), (2, "0.67"), (3, "0.66")]


def test_points_may_be_counted_by_another_word():
    body = """
points: {score: {levels: [5%, 2%], base: pv}}
bonuses: {leaders: {pool: 10%, of: pv, by: score}}
"""
    found = run(body, THREE, [("a", 1, "0"), ("b", 2, "1000"), ("c", 3, "1000")])
    assert paid(found) == [(1, "116.67"), (2, "83.33")], "70 and 50 points of 120"


def test_who_is_not_eligible_has_no_part():
    found = run("bonuses: {pool: {pool: 1%, of: pv, shares: equal, eligible: {pv: 200}}}", THREE, BOUGHT)
    assert paid(found) == [(1, "5.00")]
    assert lost(found) == []


def test_everything_wrong_is_found_at_once():
    import mlmcalc
    from mlmcalc.errors import InputRefused
    from tests.bonuses.small import HEAD

    body = """
bonuses:
  a: {pool: 1%, shares: equal, by: pv}
  b: {pool: 5.00, of: pv, amounts: {Director: 1.001}, rest: others}
  c: {pool: 5.00, positions: [60%, 50%], top: {places: 3, by: pq}}
  d: {pool: 5.00, by: pv, point_value: {}, maximum: {0: 5%, 10: 5.00}, tier: pv}
"""
    text = HEAD.replace("PLACE", "line").replace("GRAIN", "source") + RANKS + body
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(text)
    found = [(finding.path[1], finding.code) for finding in refusal.value.findings if finding.level == "error"]
    assert sorted(set(found)) == [
        ("a", "bonuses.by"),
        ("a", "bonuses.pool"),
        ("b", "bonuses.amount"),
        ("b", "bonuses.pool"),
        ("b", "bonuses.rest"),
        ("c", "bonuses.measure"),
        ("c", "bonuses.positions"),
        ("d", "bonuses.maximum"),
        ("d", "bonuses.point_value"),
    ]


def test_a_fund_that_leaves_64_bits_is_refused():
    from mlmcalc.errors import InputRefused

    with pytest.raises(InputRefused) as refusal:
        run("bonuses: {pool: {pool: 2000%, of: pv, shares: equal}}", THREE, [("a", 1, "40000000000000000")])
    assert {finding.code for finding in refusal.value.findings} == {"bonuses.overflow"}


def test_a_division_is_explained():
    from mlmcalc.api.explanations import Repeatable, explain_member

    body = "bonuses: {pool: {pool: 10%, of: pv, by: pv, maximum: 40%, eligible: {pv: 100}}}"
    found = run(body, [*THREE, (4, 3)], [("a", 1, "300"), ("b", 2, "200"), ("c", 3, "100"), ("d", 4, "1")])
    assert found.calculated is not None
    again = Repeatable.of_run(found.calculated, found.id, "2026-10")
    steps = [(step.step, step.value) for step in explain_member(again, 2, 3).workings]
    assert steps == [
        ("pv of the company", "601.00"),
        ("fund", "60.10"),
        ("own pv", "200.00"),
        ("pv of all", "600.00"),
        ("fund x own / all", "20.03"),
        ("at most", "24.04"),
        ("part", "24.04"),
    ]
    assert [step.outcome for step in explain_member(again, 4, 3).missed] == ["not_eligible"]
