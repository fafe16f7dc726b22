"""What explain says of differentials: who held which rate below, what was left, why nothing came."""

from __future__ import annotations

import pytest

from mlmcalc.api.explanations import Repeatable, explain_member, explain_order
from tests.bonuses.small import run

HELD = {"Ann": "12", "Bob": "9", "Cid": "6", "Dan": "6", "Eve": "3"}
STEPS = "{0: 0%, 3: 3%, 6: 6%, 9: 9%, 12: 12%}"


def repeatable(keys):
    """Return a run of five in one line, Bob not eligible where `out` is asked; Eve buys for 100."""
    members, above = [], None
    for who, percent in HELD.items():
        members.append((who, above, {"held": percent, "out": "true" if who == "Bob" else ""}))
        above = who
    plan = "  few: {compress: sponsor, keep: {held: 7}}\n"
    plan += "member_columns: {held: {decimals: 0}, out: flag}\n"
    plan += f"bonuses: {{diff: {{differential: {STEPS}, tier: held, base: pv, {keys}}}}}\n"
    found = run(plan, members, [("a", "Eve", "100")])
    assert found.calculated is not None
    return Repeatable.of_run(found.calculated, found.id, "2026-10")


@pytest.mark.parametrize(
    ("keys", "member", "outcome", "reason"),
    [
        ("own: true", "Cid", "nothing_left", "6% is no more than the 6% taken below by Dan"),
        ("eligible: {out: false}", "Bob", "not_eligible", "its share goes to the next who qualifies"),
        ("eligible: {out: false}, against: qualified", "Bob", "not_eligible", "actual true; its 3% is lost"),
        ("top: 6%", "Bob", "nothing_left", "all of 6% was taken below by Dan"),
        ("own: false, top: 6%, eligible: {out: false}", "Bob", "not_eligible", "nothing was left"),
        ("until: {equal: 1}", "Cid", "nothing_left", "6% is no more than the 6%"),
        ("until: {equal: 1}", "Ann", "blocked_by_rank", "the walk had ended; Cid was the last it came to"),
        ("first_level: 2", "Dan", "no_rate", "who is paid is on level 2 or higher; this is level 1"),
        ("first_level: 2, nearer: counted", "Dan", "reserved", "this is level 1; its 3% counts as taken"),
        (
            "against: immediate_leg",
            "Cid",
            "nothing_left",
            "own rate 6% is no more than the 6% of Dan, who heads the leg",
        ),
        ("against: immediate_leg, eligible: {out: false}", "Bob", "not_eligible", "out: required false, actual true"),
    ],
)
def test_why_nothing_came(keys, member, outcome, reason):
    (missed,) = explain_member(repeatable(keys), member, 10).missed
    assert missed.outcome == outcome
    assert reason in missed.reason


@pytest.mark.parametrize(
    ("keys", "member", "workings"),
    [
        (
            "own: true",
            "Bob",
            [("100.00 of Eve, level 3: own rate 9%", "3%", "6% taken below by Dan; 3% of 12% left")],
        ),
        (
            "own: false, first_upline: {reserve: 2%}, start: held",
            "Dan",
            [("100.00 of Eve, level 1: own rate 6%", "3%", "3% taken below; 6% of 9% left")],
        ),
        (
            "against: immediate_leg",
            "Bob",
            [("own group", "100.00", "at 9%"), ("leg of Cid", "100.00", "less 6% of 9%")],
        ),
    ],
)
def test_how_it_came_about(keys, member, workings):
    found = explain_member(repeatable(keys), member, 10).workings
    assert [(step.step, step.value, step.note) for step in found] == workings


def test_those_out_of_the_tree_are_named():
    found = explain_order(repeatable("tree: few"), "a").passed_over
    assert [(step.member, step.outcome) for step in found] == [("Dan", "compressed"), ("Cid", "compressed")]
    assert all("not kept in few" in step.reason for step in found)


def test_what_nobody_took_of_an_order():
    found = explain_order(repeatable("top: 15%"), "a")
    last = found.passed_over[-1]
    assert (last.member, last.outcome) == ("", "no_upline")
    assert last.reason == "3% of 15% is left; nobody above in sponsor holds more than 12%"
