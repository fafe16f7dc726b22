"""``personal``: own volume at the rate of its tier, whole or in slices; by hand."""

from __future__ import annotations

import pytest

from tests.bonuses.small import lines, lost, run

ONE = [(1, None)]
TIERS = "{0: 0%, 50: 5%, 100: 10%}"


@pytest.mark.parametrize(("pv", "amount"), [("49.99", None), ("50", "2.50"), ("99.99", "5.00"), ("100", "10.00")])
def test_the_whole_volume_has_the_rate_of_its_tier(pv, amount):
    found = run(f"bonuses: {{rebate: {{personal: {TIERS}, base: pv}}}}", ONE, [("a", 1, pv)])
    assert lines(found) == ([] if amount is None else [(1, 1, 0, 0, amount, "paid")])


def test_marginal_tiers_pay_each_slice_at_its_own_rate():
    found = run(f"bonuses: {{rebate: {{personal: {TIERS}, base: pv, marginal: true}}}}", ONE, [("a", 1, "130")])
    assert [(str(base), str(amount)) for base, amount in found.lines.select("base", "amount").rows()] == [
        ("50.00", "2.50"),
        ("30.00", "3.00"),
    ]


def test_a_return_has_the_tier_of_nothing():
    body = "bonuses: {rebate: {personal: {0: 5%, 100: 10%}, base: pv}}"
    found = run(body, ONE, [("a", 1, "-200")])
    assert lines(found) == [(1, 1, 0, 0, "-10.00", "paid")]


def test_who_is_not_eligible_loses_the_own_entitlement():
    body = "bonuses: {rebate: {personal: 10%, base: pv, eligible: {pv: 100}}}"
    found = run(body, [(1, None), (2, 1)], [("a", 1, "100"), ("b", 2, "50")])
    assert lines(found) == [(1, 1, 0, 0, "10.00", "paid")]
    assert lost(found) == [(0, "not_eligible", "5")]


def test_another_volume_may_choose_the_tier():
    body = """
metrics: {gv: {sum: pv, over: subtree, tree: sponsor}}
bonuses: {rebate: {personal: {100: 10%}, tier: gv, base: pv}}
"""
    found = run(body, [(1, None), (2, 1)], [("a", 1, "20"), ("b", 2, "90")])
    assert lines(found) == [(1, 1, 0, 0, "2.00", "paid")]
