"""``award``: by rank, first time and every period, by event, in a row, in instalments, by structure; by hand."""

from __future__ import annotations

import pytest

from tests.bonuses.small import CHAIN, leaves, left, lines, lost, run

RANKS = """
ranks:
  - {rank: Silver, requires: {pv: 100}}
  - {rank: Gold, requires: {pv: 200}}
  - {rank: Diamond, requires: {pv: 300}}
"""
THREE = [(1, None), (2, 1), (3, 2)]
BOUGHT = [("a", 1, "300"), ("b", 2, "200"), ("c", 3, "100")]


def paid(found):
    """Return earner, paid level and amount of every line."""
    return [(row[0], row[3], row[4]) for row in lines(found)]


def test_every_period_at_a_rank():
    found = run(RANKS + "bonuses: {car: {award: {Gold: 500.00, Diamond: 800.00}}}", THREE, BOUGHT)
    assert paid(found) == [(1, 0, "800.00"), (2, 0, "500.00")]


FIRST = RANKS + "bonuses: {rank: {award: {Silver: 100, Gold: 500, Diamond: 2000}, when: first_time, lower_too: LOWER}}"


@pytest.mark.parametrize(
    ("lower", "amounts"),
    [
        ("false", [(1, 0, "2000.00"), (3, 0, "100.00")]),
        ("true", [(1, 0, "500.00"), (1, 0, "2000.00"), (3, 0, "100.00")]),
    ],
)
def test_a_rank_is_awarded_once_and_a_jump_pays_the_highest_or_all(lower, amounts):
    state = [
        left("achieved", "rank", 1, "1", "Silver"),
        left("achieved", "rank", 2, "1", "Silver"),
        left("achieved", "rank", 2, "1", "Gold", "2026-05"),
    ]
    found = run(FIRST.replace("LOWER", lower), THREE, BOUGHT, state=state)
    assert paid(found) == amounts
    assert sorted(leaves(found)) == [
        ("achieved", 1, "Diamond", "2026-10", "1"),
        ("achieved", 1, "Gold", "2026-10", "1"),
        ("achieved", 1, "Silver", "2026-09", "1"),
        ("achieved", 2, "Gold", "2026-05", "1"),
        ("achieved", 2, "Silver", "2026-09", "1"),
        ("achieved", 3, "Silver", "2026-10", "1"),
    ]


@pytest.mark.parametrize(
    ("lower", "amounts"),
    [("false", [(1, 0, "70.00"), (3, 0, "20.00")]), ("true", [(1, 0, "50.00"), (1, 0, "70.00"), (3, 0, "20.00")])],
)
def test_a_threshold_is_awarded_once(lower, amounts):
    table = "{50.50: 20, 150: 50, 300.00: 70}"
    body = f"bonuses: {{steps: {{award: {table}, tier: pv, when: first_time, lower_too: {lower}}}}}"
    state = [left("achieved", "steps", 1, "1", "50.5"), left("achieved", "steps", 2, "1", "150")]
    state += [left("achieved", "steps", 2, "1", "50.5")]
    found = run(body, THREE, BOUGHT, state=state)
    assert paid(found) == amounts
    assert sorted((row[1], row[2]) for row in leaves(found)) == [
        (1, "150"),
        (1, "300"),
        (1, "50.5"),
        (2, "150"),
        (2, "50.5"),
        (3, "50.5"),
    ]


def test_a_threshold_without_an_amount_ends_the_table():
    body = "bonuses: {some: {award: {100: 20, 200: '-'}, tier: pv, consecutive: 2}}"
    state = [left("consecutive", "some", member, "1", "100") for member in (1, 2, 3)]
    assert paid(run(body, THREE, BOUGHT, state=state)) == [(3, 0, "20.00")]


def test_thresholds_are_those_of_the_own_scheme():
    body = """
schemes: {by: market, names: [EU, US]}
bonuses: {steps: {award: {EU: {100: 20, 200: 50}, US: 5.00}, tier: pv, when: first_time}}
"""
    members = [(1, None, {"market": "EU"}), (2, 1, {"market": "US"}), (3, 2, {"market": "EU"})]
    found = run(body, members, BOUGHT)
    assert paid(found) == [(1, 0, "50.00"), (2, 0, "5.00"), (3, 0, "20.00")]
    assert sorted((row[1], row[2]) for row in leaves(found)) == [(1, "100"), (1, "200"), (2, ""), (3, "100")]


def test_only_after_periods_in_a_row():
    body = RANKS + "bonuses: {car: {award: {Gold: 500, Diamond: 800}, consecutive: 3}}"
    state = [left("consecutive", "car", 1, "2", "Gold"), left("consecutive", "car", 2, "1", "Gold")]
    found = run(body, THREE, BOUGHT, state=state)
    assert paid(found) == [(1, 0, "500.00")], "three periods at Gold or higher, one at Diamond"
    assert sorted(leaves(found)) == [
        ("consecutive", 1, "Diamond", "2026-10", "1"),
        ("consecutive", 1, "Gold", "2026-10", "3"),
        ("consecutive", 2, "Gold", "2026-10", "2"),
    ]


def test_who_misses_a_car_has_the_lower_amount_once():
    body = RANKS + "bonuses: {car: {award: {Gold: 500}, consecutive: 2, otherwise_pays: 250.00}}"
    state = [left("consecutive", "car", 3, "2", "Gold"), left("consecutive", "car", 2, "1", "Gold")]
    found = run(body, THREE, BOUGHT, state=state)
    assert paid(found) == [(2, 0, "500.00"), (3, 0, "250.00")]
    assert [row for row in leaves(found) if row[1] == 3] == []


def test_instalments_go_on_until_nothing_is_left():
    body = RANKS + "bonuses: {rank: {award: {Gold: 100.00}, when: first_time, instalments: 3, keep: KEEP}}"
    state = [
        left("achieved", "rank", 3, "1", "Gold"),
        left("instalments", "rank", 3, "66.67", "2:Gold"),
        left("achieved", "rank", 1, "1", "Gold", "2026-08"),
        left("instalments", "rank", 1, "33.34", "1:Gold", "2026-08"),
    ]
    members = [row for row in BOUGHT if row[0] != "b"]
    found = run(body.replace("KEEP", "false"), THREE, [*members, ("b", 2, "250")], state=state)
    assert paid(found) == [(1, 3, "33.34"), (2, 1, "33.33"), (3, 2, "33.33")]
    assert [row for row in sorted(leaves(found)) if row[0] == "instalments"] == [
        ("instalments", 2, "2:Gold", "2026-10", "66.67"),
        ("instalments", 3, "1:Gold", "2026-09", "33.34"),
    ]
    kept = run(body.replace("KEEP", "true"), THREE, BOUGHT, state=state)
    assert paid(kept) == [(1, 3, "33.34"), (2, 1, "33.33")]
    assert lost(kept) == [(2, "not_eligible", "33.33")]


def test_an_amount_for_every_two_events_and_what_is_left_over():
    body = """
metrics:
  recruits: {count: frontline, tree: sponsor, where: {pv: 100}}
bonuses: {star: {award: 50.00, per: recruits, every: 2, carry: true}}
"""
    members = [(1, None), *[(who, 1) for who in range(2, 7)]]
    found = run(
        body, members, [(str(who), who, "100") for who in range(2, 7)], state=[left("remainder", "star", 1, "1")]
    )
    assert paid(found) == [(1, 0, "150.00")]
    more = run(body, members, [(str(who), who, "100") for who in range(2, 7)])
    assert paid(more) == [(1, 0, "100.00")]
    assert leaves(more) == [("remainder", 1, "", "2026-10", "1")]


def test_a_streak_pays_more_and_breaks_where_nothing_is_due():
    body = "bonuses: {spark: {award: 10.00, eligible: {pv: 100}, streak: {1: 100%, 3: 150%}}}"
    state = [left("streak", "spark", 1, "2"), left("streak", "spark", 2, "1")]
    found = run(body, [(1, None), (2, 1), (3, 2)], [("a", 1, "100"), ("b", 2, "100"), ("c", 3, "1")], state=state)
    assert paid(found) == [(1, 0, "15.00"), (2, 0, "10.00")]
    assert lost(found) == [(0, "not_eligible", "10")]
    assert leaves(found) == [("streak", 1, "", "2026-10", "3"), ("streak", 2, "", "2026-10", "2")]


TEAM = [(1, None), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3), (7, 3), (8, 1), (9, 1)]


@pytest.mark.parametrize(
    ("pays", "amounts"),
    [
        ("every_depth", [(1, 1, "100.00"), (1, 2, "75.00"), (2, 1, "50.00"), (3, 1, "50.00")]),
        ("deepest", [(1, 1, "50.00"), (1, 2, "75.00"), (2, 1, "50.00"), (3, 1, "50.00")]),
    ],
)
def test_structures_share_no_leg(pays, amounts):
    body = f"""
bonuses:
  star: {{award: [50, 75, 100], structure: {{width: 2, member: {{pv: 100}}, pays: {pays}}}}}
"""
    found = run(body, TEAM, [(str(row[0]), row[0], "100") for row in TEAM])
    assert paid(found) == amounts


def test_who_is_not_eligible_is_offered_and_not_paid():
    found = run("bonuses: {one: {award: 5.00, eligible: {pv: 100}}}", CHAIN[:2], [("a", 1, "100")])
    assert paid(found) == [(1, 0, "5.00")]
    assert lost(found) == [(0, "not_eligible", "5")]


def test_everything_wrong_is_found_at_once():
    import mlmcalc
    from mlmcalc.errors import InputRefused
    from tests.bonuses.small import HEAD

    body = """
bonuses:
  a: {award: {Gold: 10%}, every: 2, carry: true}
  b: {award: {Gold: 1.005}, streak: {x: 100%}, instalments: 3}
  c: {award: [50, 75], per: pq}
  d: {award: [50], structure: {width: 2, member: {pq: 1}, tree: sponsr}, when: first_time}
  e: {award: 5.00, keep: true, otherwise_pays: 0.001}
"""
    text = HEAD.replace("PLACE", "line").replace("GRAIN", "source") + RANKS + body
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(text)
    found = {(finding.path[1], finding.code) for finding in refusal.value.findings if finding.level == "error"}
    assert sorted(found) == [
        ("a", "bonuses.carry"),
        ("a", "bonuses.every"),
        ("a", "bonuses.number"),
        ("b", "bonuses.amount"),
        ("b", "bonuses.instalments"),
        ("b", "bonuses.streak"),
        ("c", "bonuses.measure"),
        ("c", "rules.rates_form"),
        ("d", "bonuses.structure"),
        ("d", "rules.unknown_word"),
        ("e", "bonuses.keep"),
        ("e", "bonuses.otherwise_pays"),
    ]


def test_amounts_that_leave_64_bits_are_refused():
    from mlmcalc.errors import InputRefused

    with pytest.raises(InputRefused) as refusal:
        run("bonuses: {one: {award: 100000000.00, per: pv}}", CHAIN[:2], [("a", 1, "90000000000000")])
    assert {finding.code for finding in refusal.value.findings} == {"bonuses.overflow"}


def test_an_award_is_explained():
    from mlmcalc.api.explanations import Repeatable, explain_member

    body = RANKS + 'bonuses: {rank: {award: {"Gold+": 100.00}, consecutive: 2, instalments: 3, eligible: {pv: 250}}}'
    state = [left("consecutive", "rank", who, "1", "Gold") for who in (1, 2)]
    found = run(body, THREE, BOUGHT, state=state)
    assert found.calculated is not None
    again = Repeatable.of_run(found.calculated, found.id, "2026-10")
    one = explain_member(again, 1, 3)
    assert [(step.step, step.value, step.note) for step in one.workings] == [
        ("periods in a row at Gold", "2", "2 are wanted"),
        ("award for Gold", "33.33", "instalment 1 of 3"),
    ]
    two = explain_member(again, 2, 3)
    assert [(step.outcome, step.offered, step.reason) for step in two.missed] == [
        ("not_eligible", "33.33", "pv: required at least 250.00, actual 200.00, short by 50.00")
    ]
