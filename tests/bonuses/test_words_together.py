"""Bonus words beside one another: what one leaves, reads or counts for another."""

from __future__ import annotations

import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from tests.bonuses.small import HEAD, leaves, left, lines, lost, run

SCHEMES = """
member_columns: {market: text}
schemes: {by: market, names: [A, B]}
ranks: {A: [{rank: Star, requires: {pv: 0}}], B: [{rank: Gold, requires: {pv: 1000}}]}
"""
PLACED = [(1, None, {"market": "A"}), (2, 1, {"market": "B"})]


def plan(body):
    return mlmcalc.load_plan(HEAD.replace("PLACE", "line").replace("GRAIN", "source") + body)


@pytest.mark.parametrize("word", ["levels: {Star: [10%], Gold: [5%]}", "differential: {Star: 10%, Gold: 5%}"])
def test_a_rank_that_the_sources_scheme_lacks_has_no_rate(word):
    """Member 1 is a Star, which scheme B of the source does not know: nobody has more than B offers."""
    found = run(SCHEMES + f"bonuses: {{b: {{{word}, base: pv, scheme: source}}}}\n", PLACED, [(1, 2, "100")])
    assert lines(found) == []
    assert [amount for _, _, amount in lost(found)] == ["5"]


def test_a_pool_shared_by_earnings_sees_what_a_choice_leaves():
    body = """
bonuses:
  a: {personal: 10%, base: pv}
  b: {personal: 20%, base: pv}
  fund: {pool: 100.00, by: {earned: [a]}, empty: lose}
exclusive: [{greater_of: [a, b]}]
"""
    found = run(body, [(1, None)], [(1, 1, "100")])
    assert [line for line in lines(found) if line[5] == "excluded"] == [(1, 1, 0, 0, "-10.00", "excluded")]
    assert lost(found) == [(0, "excluded", "10"), (0, "not_eligible", "100")]


@pytest.mark.parametrize(
    "word",
    ["award: 20.00", "award: 20.00, per: pv", "pool: 50.00, amounts: 20", "pool: 40.00, shares: equal"],
)
def test_points_count_what_is_written_whatever_the_decimals_of_the_plan(word):
    """Money has two decimals, the points of this plan none."""
    body = f"decimals: 0\npoints: {{score: {{{word}}}}}\nbonuses: {{b: {{levels: [1.00], base: score}}}}\n"
    found = run(body, [(1, None), (2, 1, {})], [(1, 2, "1")])
    counted = {row["member_id"]: int(row["score"]) for row in found.members.iter_rows(named=True)}
    assert counted[2] == 20


def test_points_of_the_name_of_a_bonus_are_refused():
    word = "{pool: 10%, of: pv, by: pv, empty: carry}"
    with pytest.raises(InputRefused) as refusal:
        plan(f"points: {{fund: {word}}}\nbonuses: {{fund: {word}}}\n")
    assert [found.code for found in refusal.value.findings] == ["plan.same_name"]


def test_a_balance_is_kept_by_a_plan_with_payout():
    body = "bonuses: {a: {personal: 10%, base: pv}}\npayout: {minimum: 25.00}\n"
    assert [(kept.section, kept.name) for kept in plan(body).keeps] == [("balance", "payout"), ("deferred", "a")]
    before = [left("balance", "payout", 1, "20.00", "carried")]
    found = run(body, [(1, None)], [(1, 1, "10")], state=before)
    assert leaves(found) == [("balance", 1, "carried", "2026-10", "21")]
    assert not [one for one in found.findings.to_dicts() if one["code"] == "state.unread"]


def test_what_a_leg_pays_is_paid_on_no_order():
    body = "bonuses: {b: {differential: 10%, base: pv, against: immediate_leg}}\n"
    text = HEAD.replace("volumes:", "volumes:\n  rest: {sum: pv, after: {bonus: b, counts: 0%}}")
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.load_plan(text.replace("PLACE", "line").replace("GRAIN", "source") + body)
    assert [found.code for found in refusal.value.findings] == ["volumes.after"]


def test_a_rung_without_a_source_has_that_of_its_ladder():
    rungs = "[{rank: Silver, requires: {pv: 1}}, {rank: Gold, requires: {pv: 500}, source: '4.2'}]"
    body = f"ranks: {{source: chapter 4, ladder: {rungs}}}\nbonuses: {{b: {{personal: 10%, base: pv}}}}\n"
    (standing,) = run(body, [(1, None)], [(1, 1, "100")]).explain(1).ranks
    assert (standing.source, standing.next_source) == ("chapter 4", "4.2")


def test_the_balance_of_who_left_stays_and_never_vanishes():
    """A leaver earns nothing, but what is owed is carried; who is no member any more is refused with it."""
    body = "bonuses: {a: {personal: 10%, base: pv}}\npayout: {minimum: 25.00}\n"
    members = [(1, None, {"status": "active"}), (2, 1, {"status": "left"})]
    before = [left("balance", "payout", 2, "20.00", "carried"), left("deferred", "a", 2, "3.00", "2")]
    found = run(body, members, [(1, 2, "100")], state=before)
    assert leaves(found) == [("balance", 2, "carried", "2026-10", "20"), ("deferred", 2, "1", "2026-09", "3")]
    with pytest.raises(InputRefused) as refusal:
        run(body, members[:1], [(1, 1, "100")], state=before)
    assert {one.code for one in refusal.value.findings if one.level == "error"} == {"state.left_network"}
