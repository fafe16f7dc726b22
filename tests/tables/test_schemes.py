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
