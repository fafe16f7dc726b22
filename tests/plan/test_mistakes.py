"""What is said to mistakes that people make who write a plan from a company's document."""

from __future__ import annotations

import pytest

import mlmcalc
from tests.bonuses.small import HEAD

PLAN = HEAD.replace("PLACE", "line").replace("GRAIN", "source") + (
    "  team: {parent: placement_id, leg: leg}\nranks: [{rank: Gold, requires: {pv: 100}}]\n"
)


@pytest.mark.parametrize(
    ("word", "code", "remedy"),
    [
        ("{binary: {strong: 2, weak: 1, pays: 30}, volume: pv}", "plan.value", "binary: {cycle: {strong: 200"),
        ("{binary: 10%, volume: pv, cap: 500}", "plan.value", "{per_earner: 500}"),
        ("{binary: 10%, volume: pv, each_side: 1}", "plan.type", "with keys of count, where, tree, legs"),
        ("{binary: 10%, volume: pv, match_cap: {money: 5}}", "plan.missing", "as keep or flush_above or flush_all"),
        ("{levels: [10%], base: paid}", "bonuses.base", "{earned: [paid]} for what it paid"),
        ("{award: {Gold: $500}}", "plan.value", "without a currency: 500"),
        ("{award: {Gold: 500.00 EUR}}", "plan.value", "without a currency: 500.00"),
    ],
)
def test_the_remedy_says_what_to_write(word, code, remedy):
    with pytest.raises(mlmcalc.InputRefused) as refusal:
        mlmcalc.load_plan(PLAN + f"bonuses: {{paid: {{personal: 5%, base: pv}}, one: {word}}}\n")
    (found,) = refusal.value.findings
    assert found.code == code
    assert remedy in found.remedy
