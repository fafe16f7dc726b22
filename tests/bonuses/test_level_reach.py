"""How far ``levels`` reaches: generations of the own rank, what lies below, totals, levels to fill; by hand."""

from __future__ import annotations

import pytest

from mlmcalc.api.explanations import Repeatable, explain_member, explain_order
from mlmcalc.errors import InputRefused
from tests.bonuses.small import CHAIN, lines, lost, run

RANKS = """
member_columns: {title: text}
ranks:
  - {rank: Silver, requires: {title: [Silver, Gold]}}
  - {rank: Gold, requires: {title: Gold}}
"""


def titled(*titles):
    return [(who, sponsor, {"title": title}) for (who, sponsor), title in zip(CHAIN, titles, strict=True)]


def explained(found, member):
    assert found.calculated is not None
    return explain_member(Repeatable.of_run(found.calculated, found.id, "2026-10"), member, 5)


def test_a_generation_ends_at_my_rank_or_a_higher_one():
    body = RANKS + "bonuses: {gen: {levels: {Silver: [5%, 3%], Gold: [4%]}, base: pv, generations: mine_or_higher}}"
    found = run(body, titled("Gold", "Silver", "Gold", "Silver", ""), [("a", 5, "100")])
    assert lines(found) == [(2, 5, 2, 2, "3.00", "paid"), (1, 5, 1, 1, "4.00", "paid")]
    assert lost(found) == [], "only what somebody stands ready to take is offered"


def test_who_is_not_eligible_ends_a_generation_all_the_same():
    body = RANKS + (
        "bonuses: {gen: {levels: {Silver: [5%, 3%]}, base: pv, generations: mine_or_higher, count_from: 0,"
        " eligible: {pv: 1}, sources: {pv: 100}}}"
    )
    found = run(body, titled("", "Silver", "Silver", "", ""), [("a", 5, "100"), ("b", 2, "1")])
    assert lines(found) == [(2, 5, 1, 1, "3.00", "paid")]
    assert lost(found) == [(0, "not_eligible", "5")]
    reason = [step.reason for step in explained(found, 3).missed]
    assert reason == ["pv: required at least 1.00, actual 0.00, short by 1.00"]


def test_an_order_tells_who_was_passed_over_and_nothing_of_other_ranks():
    body = RANKS + "bonuses: {gen: {levels: {Silver: [5%], Gold: [4%]}, base: pv, generations: mine_or_higher}}"
    found = run(body, titled("Gold", "Silver", "Gold", "Silver", ""), [("a", 5, "100")])
    assert found.calculated is not None
    again = Repeatable.of_run(found.calculated, found.id, "2026-10")
    order = explain_order(again, "a")
    assert [line.earner for line in order.amounts] == ["1"]
    assert order.passed_over == []
    far = explained(found, 4)
    assert [step.reason for step in far.missed] == ["generations count from 1; this is generation 0"]
    assert [(step.step, step.value) for step in far.workings] == [("generations end at", "Silver or higher")]


def test_another_ladder_may_end_generations():
    body = """
member_columns: {title: text}
ranks: [{rank: Any, requires: {}}]
ladders:
  stars: [{rank: One, requires: {title: [One, Two]}}, {rank: Two, requires: {title: Two}}]
bonuses: {gen: {levels: [5%, 1%], base: pv, generations: {mine_or_higher: stars}, count_from: 0}}
"""
    found = run(body, titled("Two", "One", "Two", "One", ""), [("a", 5, "100")])
    assert [(row[0], row[2]) for row in lines(found)] == [(5, 0), (4, 0), (3, 0), (1, 1)]


def test_below_the_levels_everybody_takes_down_to_the_next_of_the_rank():
    body = RANKS + "bonuses: {uni: {levels: {Gold: [5%]}, base: pv, and_below: {Silver: 1%, Gold: 2%}}}"
    found = run(body, titled("Gold", "Silver", "", "", ""), [("a", 5, "100"), ("b", 2, "100")])
    assert lines(found) == [
        (1, 2, 1, 1, "5.00", "paid"),
        (2, 5, 3, 2, "1.00", "paid"),
        (1, 5, 4, 2, "2.00", "paid"),
    ]


@pytest.mark.parametrize(("leader", "paid"), [("own_group", []), ("upline_group", [(1, 3, 2, 2, "2.00", "paid")])])
def test_whose_the_volume_of_the_next_leader_is(leader, paid):
    body = RANKS + f"bonuses: {{uni: {{levels: ['-'], base: pv, and_below: {{Gold: 2%}}, leader: {leader}}}}}"
    found = run(body, titled("Gold", "", "Gold", "", ""), [("a", 3, "100")])
    assert lines(found) == paid


def test_the_total_is_handed_out_from_below():
    body = "bonuses: {uni: {levels: [10%, 5%, 3%], base: pv, total: 12%}}"
    found = run(body, CHAIN, [("a", 5, "100")])
    assert lines(found) == [(4, 5, 1, 1, "10.00", "paid"), (3, 5, 2, 2, "2.00", "paid")]
    assert lost(found) == [(2, "nothing_left", "3"), (3, "nothing_left", "3")]
    reason = [step.reason for step in explained(found, 2).missed]
    assert reason == ["those below took 12%, all that one source gives"]


def test_what_goes_to_the_company_is_outside_the_total():
    body = "bonuses: {uni: {levels: [10%, 5%], base: pv, total: 10%, otherwise: company, eligible: {pv: 1}}}"
    found = run(body, CHAIN[:3], [("a", 3, "100"), ("b", 1, "1")])
    assert lines(found) == [(None, 3, 1, 1, "10.00", "to_company"), (1, 3, 2, 2, "5.00", "paid")]


@pytest.mark.parametrize(
    ("otherwise", "expected"),
    [
        ("lose", [(2, 4, 2, 2, "5.00", "paid")]),
        ("skip", [(1, 4, 3, 1, "10.00", "paid")]),
        ("pass_to", [(2, 4, 2, 2, "5.00", "paid"), (1, 4, 3, 1, "10.00", "paid")]),
    ],
)
def test_a_level_that_is_not_full_has_no_rate(otherwise, expected):
    members = [(1, None), (2, 1), (3, 2), (4, 3), (5, 1)]
    body = f"bonuses: {{uni: {{levels: [10%, 5%], base: pv, complete: {{2: 1, 1: 2}}, otherwise: {otherwise}}}}}"
    assert sorted(lines(run(body, members, [("a", 4, "100")]))) == sorted(expected)


def test_how_full_levels_are_is_explained():
    body = "bonuses: {uni: {levels: [10%], base: pv, complete: {1: 2}}}"
    found = run(body, CHAIN[:2], [("a", 2, "100")])
    assert lost(found) == [(1, "no_rate", "10")]
    member = explained(found, 1)
    assert [step.reason for step in member.missed] == ["level 1 is not complete: 2 members wanted, 1 there"]
    assert [(step.step, step.value, step.note) for step in member.workings] == [
        ("members on level 1", "1", "2 wanted: not complete")
    ]


def test_a_number_column_may_be_a_base():
    body = "member_columns: {fee: {decimals: 2}}\nbonuses: {uni: {levels: [10%], base: fee}}"
    found = run(body, [(1, None, {"fee": "5"}), (2, 1, {"fee": "19.90"})], [("a", 2, "1")])
    assert lines(found) == [(1, 2, 1, 1, "1.99", "paid")]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("levels: [1%], generations: {mine_or_higher: stars}", "bonuses.generations"),
        ("levels: [1%], generations: mine_or_higher, total: 5%", "bonuses.generations"),
        ("levels: [1%], generations: mine_or_higher, otherwise: skip", "bonuses.generations"),
        ("levels: [1%], and_below: {Gold: 1%}, until: {rank: Gold}", "bonuses.and_below"),
        ("levels: [1%], and_below: [1%]", "rules.rates_form"),
        ("levels: [1%], total: {Gold: 1%}", "bonuses.total"),
        ("levels: [1%], total: 5.00", "rules.rates_sign"),
        ("levels: [1%], complete: {2: 3}", "bonuses.complete"),
        ("levels: [1%], guarantee: {threshold: 1, group: no, rate: 1%}", "bonuses.guarantee"),
        ("levels: [1%], guarantee: {threshold: 0.005, group: pv, rate: 1%}", "bonuses.guarantee"),
        ("levels: [1%], guarantee: {threshold: 1, group: pv, rate: 1%}, until: {rank: Gold}", "bonuses.guarantee"),
    ],
)
def test_what_cannot_be_meant_is_refused(word, code):
    with pytest.raises(InputRefused) as refusal:
        run(RANKS + f"bonuses: {{uni: {{{word}, base: pv}}}}", titled("", "", "", "", ""), [("a", 5, "1")])
    assert {finding.code for finding in refusal.value.findings} == {code}


def test_ranks_are_needed_for_what_ends_at_a_rank():
    with pytest.raises(InputRefused) as refusal:
        run("bonuses: {uni: {levels: [1%], and_below: 1%, base: pv}}", CHAIN, [("a", 5, "1")])
    assert [finding.code for finding in refusal.value.findings] == ["bonuses.and_below"]
