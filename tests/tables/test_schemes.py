"""Every member has a scheme of the plan, where the plan has schemes."""

from __future__ import annotations

import pytest

from mlmcalc.errors import InputRefused
from tests.bonuses.small import run

BODY = """
schemes: {by: market, names: [A, B]}
bonuses: {uni: {levels: {A: [10%], B: [20%]}, base: pv}}
"""


def test_members_without_a_scheme_of_the_plan_are_all_named():
    members = [(1, None, {"market": "B"}), (2, 1, {"market": ""}), (3, 1, {"market": "C"})]
    with pytest.raises(InputRefused) as refusal:
        run(BODY, members, [("a", 2, "100")])
    found = [(finding.code, finding.row, finding.column, finding.member) for finding in refusal.value.findings]
    assert found == [("members.scheme", 3, "market", "2"), ("members.scheme", 4, "market", "3")]


def test_a_rank_of_another_scheme_is_not_forced():
    body = """
schemes: {by: market, names: [A, B]}
ranks: {A: [{rank: X, requires: {pv: 1}}], B: [{rank: Y, requires: {pv: 1}}]}
bonuses: {uni: {levels: [10%], base: pv}}
"""
    members = [(1, None, {"market": "A"}), (2, 1, {"market": "B"})]
    forced = [
        {"member_id": 2, "override": "rank", "rank": rank, "reason": "moved", "approver": "board"}
        for rank in ("X", "Y")
    ]
    with pytest.raises(InputRefused, match="X is no rank of scheme B"):
        run(body, members, [("a", 2, "100")], overrides=forced[:1])
    assert run(body, members, [("a", 1, "0")], overrides=forced[1:]).members["rank"].to_list() == [None, "Y"]
