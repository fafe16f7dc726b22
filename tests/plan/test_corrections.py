"""What a plan says of corrections: a policy that later steps read, and no run."""

from __future__ import annotations

import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.plan.corrections import Corrections
from mlmcalc.plan.load import load_plan
from mlmcalc.plan.model import Plan
from mlmcalc.plan.page import plan_page
from mlmcalc.plan.schema import plan_schema
from tests.bonuses.small import HEAD

TEXT = HEAD.replace("PLACE", "line").replace("GRAIN", "source") + "bonuses: {a: {personal: 10%, base: pv}}\n"


def plan(corrections: str = "", payout: str = "payout: {}\n") -> Plan:
    return load_plan(TEXT + payout + corrections + "\n")


def refused(corrections: str, payout: str = "payout: {}\n") -> list[tuple[str, int | None]]:
    with pytest.raises(InputRefused) as refusal:
        plan(corrections, payout)
    return [(found.code, found.line) for found in refusal.value.findings]


def test_what_is_not_said_has_its_default():
    assert plan().corrections == Corrections("negative_volume", "pay_and_collect", 0, "period")


def test_all_of_it():
    said = (
        "corrections: {returns: reversal, true_up: {settle: pay_only, write_off_below: 5.00, through: later_periods}}"
    )
    assert plan(said).corrections == Corrections("reversal", "pay_only", 500, "later_periods")


@pytest.mark.parametrize(
    ("settle", "kept"),
    [("pay_and_collect", [-501, -500, 500, 501]), ("pay_only", [500, 501]), ("collect_only", [-501, -500])],
)
def test_which_differences_become_lines(settle: str, kept: list[int]):
    policy = plan(f"corrections: {{true_up: {{settle: {settle}, write_off_below: 5}}}}").corrections
    assert [one for one in (-501, -500, -499, -1, 0, 1, 499, 500, 501) if policy.settles(one)] == kept
    free = plan(f"corrections: {{true_up: {{settle: {settle}}}}}").corrections
    assert not free.settles(0)
    assert free.settles(1) == (settle != "collect_only")
    assert free.settles(-1) == (settle != "pay_only")


def test_a_plan_that_says_nothing_of_it_keeps_its_digest():
    assert plan().digest == load_plan(TEXT + "payout: {}\n").digest != plan("corrections: {}").digest


def test_what_is_wrong_is_told_with_its_line():
    line = len((TEXT + "payout: {}\n").splitlines()) + 1
    assert refused("corrections: {true_up: {write_off_below: 0.001}}") == [("rules.amount", line)]
    assert refused("corrections: {true_up: {write_off_below: -1}}") == [("rules.amount", line)]
    assert refused("corrections: {returns: reversal}", "") == [("plan.corrections", line - 1)]
    assert refused("corrections: {returns: nothing}") == [("plan.choice", line)]
    assert refused("corrections: {trueup: {}}") == [("plan.unknown_key", line)]


def test_it_is_shown_and_in_the_schema():
    (block,) = [
        one for one in plan_page(plan("corrections: {returns: reversal}")).blocks if "orrections" in one.heading
    ]
    assert block.facts == {"returns": "reversal"}
    assert "corrections" in plan_schema()["properties"]
