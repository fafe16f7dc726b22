"""A plan with some rules of another version."""

from __future__ import annotations

import pytest

import mlmcalc
from mlmcalc.plan.mixed import changed_rules, with_rules
from tests.api.small_company import plan_text


def changed(**changes: str) -> mlmcalc.Plan:
    return mlmcalc.load_plan(plan_text(**changes))


BEFORE = changed()
NEW_POOL = {
    "  pool: {levels: [1%, 1%]": "  extra: {levels: [1%], base: cv, tree: sponsor}\n  pool: {levels: [1%, 2%]",
    "version: 2026-01": "version: 2026-02",
    "{rank: Partner, requires: {pv: 50}}": "{rank: Partner, requires: {pv: 40}}",
    "  match: {levels: [10%], base: {earned: [unilevel]}, tree: sponsor}\n": "",
    "active: {pv: 50}\n": "active: {pv: 40}\n",
}
PATHS = [("active",), ("ranks", "Partner"), ("bonuses", "extra"), ("bonuses", "pool"), ("bonuses", "match")]


def test_rules_that_differ_in_the_order_of_the_second_plan():
    assert changed_rules(BEFORE, changed(**NEW_POOL)) == PATHS
    assert changed_rules(BEFORE, changed(**{"version: 2026-01": "version: 2026-02"})) == []


@pytest.mark.parametrize("path", PATHS)
def test_one_rule_alone(path):
    after = changed(**NEW_POOL)
    mixed = with_rules(BEFORE, after, [path])
    assert changed_rules(BEFORE, mixed) == [path]
    assert path not in changed_rules(mixed, after)


def test_all_rules_are_the_second_plan_but_for_its_version():
    after = changed(**NEW_POOL)
    mixed = with_rules(BEFORE, after, PATHS)
    assert list(mixed.bonuses) == list(after.bonuses) == ["retail", "unilevel", "extra", "pool"]
    assert mixed.document.value == {**after.document.value, "version": "2026-01"}


def test_another_order_of_rules_and_other_ranks_are_one_change():
    text = plan_text()
    first, second = (
        line for line in text.splitlines(keepends=True) if line.strip().startswith(("retail:", "unilevel:"))
    )
    swapped = mlmcalc.load_plan(text.replace(first + second, second + first))
    assert changed_rules(BEFORE, swapped) == [("bonuses",)]
    assert list(with_rules(BEFORE, swapped, [("bonuses",)]).bonuses)[:2] == ["unilevel", "retail"]
    assert changed_rules(BEFORE, changed(**{"rank: Partner": "rank: Friend"})) == [("ranks",)]


def test_a_rule_that_reads_what_is_not_there_is_refused():
    other = {
        "  cv: {sum: cv}\n": "  cv: {sum: cv}\n  bv: {sum: qv}\n",
        "base: cv, tree: sponsor": "base: bv, tree: sponsor",
    }
    after = changed(**other)
    assert changed_rules(BEFORE, after) == [("volumes", "bv"), ("bonuses", "pool")]
    with pytest.raises(mlmcalc.InputRefused, match="bv"):
        with_rules(BEFORE, after, [("bonuses", "pool")])
