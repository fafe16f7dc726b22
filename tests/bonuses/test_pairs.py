"""Pairs of numbers at the ends of 64 bits, and words that cannot be compared."""

import pytest

from mlmcalc.errors import InputRefused
from tests.bonuses.small import lines, run

MOST = "92233720368547758.07"
BODY = """
member_columns: {goal: {decimals: 2}, fine: {decimals: 6}}
metrics:
  gv: {sum: pv, over: subtree}
  capped: {legs: gv, take: {at_most: 50%, of: required}}
ranks: [{rank: A, requires: {capped: 1}}]
bonuses:
  b: {levels: [10%, 10%], base: pv, pairs: ["PAIR"], otherwise: skip}
"""
MEMBERS = [
    (1, None, {"goal": "1.50", "fine": "0"}),
    (2, 1, {"goal": MOST, "fine": "0"}),
    (3, 2, {"goal": "5", "fine": "3.000001"}),
]


@pytest.mark.parametrize(
    ("pair", "earners"),
    [
        ("source.fine > earner.goal", [1]),
        ("source.fine >= earner.goal", [1]),
        ("source.fine < earner.goal", [2]),
        ("source.fine <= earner.goal", [2]),
        ("source.fine = earner.goal", []),
        ("source.goal > earner.goal", [1]),
        ("source.goal < earner.goal", [2]),
    ],
)
def test_a_number_too_large_for_finer_units_is_above_all_of_them(pair, earners):
    found = run(BODY.replace("PAIR", pair), MEMBERS, [(1, 3, "100")])
    assert [line[0] for line in lines(found)] == earners


@pytest.mark.parametrize(
    "change",
    [
        ("PAIR", "source.rank >= earner.goal"),
        ("PAIR", "source.capped >= earner.capped"),
        ('pairs: ["PAIR"]', "tier: capped"),
    ],
)
def test_a_rank_is_no_number_and_what_a_rung_decides_means_nothing_in_a_bonus(change):
    with pytest.raises(InputRefused) as refused:
        run(BODY.replace(*change), MEMBERS, [(1, 3, "100")])
    assert {finding.code for finding in refused.value.findings} <= {"bonuses.pair", "bonuses.tier"}
