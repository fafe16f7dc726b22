"""Explain shows a binary period in the order in which it is calculated, and why a match is not paid."""

from __future__ import annotations

from mlmcalc.api.explanations import Repeatable, explain_member
from tests.bonuses.test_binary import run, team


def explained(found, member=1):
    return explain_member(Repeatable.of_run(found.calculated, found.id, "2026-10"), member, 3)


def test_the_steps_of_a_period():
    keys = "binary: 10%, own: {above: 100}, match_cap: {money: 50.00, then: flush_above}, carry: {limit: 400}"
    found = explained(run(team(keys), ["900", "1500"], own="150", carry=[(1, "2026-09", "50")]))
    assert [(step.step, step.value) for step in found.workings][:16] == [
        ("volume, leg 1", "900.00"),
        ("volume, leg 2", "1500.00"),
        ("own overflow, leg 1", "50.00"),
        ("carry in, leg 1", "50.00"),
        ("strong leg", "2"),
        ("matched volume", "1000.00"),
        ("match is worth", "100.00"),
        ("cap in money", "50.00"),
        ("paid", "50.00"),
        ("used up, leg 1", "500.00"),
        ("used up, leg 2", "500.00"),
        ("flushed, leg 1", "500.00"),
        ("flushed, leg 2", "500.00"),
        ("flushed, leg 2", "100.00"),
        ("carry out, leg 1", "0.00"),
        ("carry out, leg 2", "400.00"),
    ]
    assert [step.note for step in found.workings if step.step.startswith("flushed")] == [
        "above the cap",
        "above the cap",
        "above the limit",
    ]


def test_cycles_with_a_first_one():
    keys = "binary: {cycle: {strong: 1, weak: 1, pays: 200}}, first: {strong: 2, weak: 1, pays: 300}"
    found = explained(run(team(keys), ["4", "3"]))
    steps = {step.step: step.value for step in found.workings}
    assert (steps["first cycle"], steps["cycles"], steps["paid"]) == ("300.00", "2", "700.00")


def test_why_a_match_is_not_paid():
    low = explained(run(team("binary: 20%, match_minimum: 125"), ["100", "600"]))
    assert [(step.outcome, step.reason, step.offered) for step in low.missed] == [
        ("below_minimum", "matched volume: required at least 125, actual 100.00", "20.00")
    ]
    gate = explained(run(team("binary: 20%, eligible: {cv: 50}"), ["100", "600"]))
    assert [step.reason for step in gate.missed] == ["cv: required at least 50.00, actual 0.00, short by 50.00"]
    sides = explained(run(team("binary: 20%, each_side: {count: 2}"), ["100", "600"]))
    assert [step.reason for step in sides.missed] == ["own enrolment on each leg: required at least 2, actual 1 and 1"]


def test_somebody_without_legs_has_no_steps():
    assert explained(run(team("binary: 10%"), ["100", "600"]), 2).workings == []
