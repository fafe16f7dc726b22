"""``pool``: funds, shares, points, places, maximums, what is left; by hand."""

from __future__ import annotations

from tests.bonuses.small import lines, run

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
