"""``tier``: the rate a quantity reaches."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mlmcalc.metrics.tier import TierOf
from mlmcalc.rules.feeds import Unsettled
from mlmcalc.rules.values import Node, Vocabulary
from tests.words_company import flag, network, values

STEPS = {"50": "5%", "100": "10%", "750.00": "20.5%"}


def vocabulary(**changes) -> Vocabulary:
    base = {
        "volumes": {"pv": 2},
        "metrics": {"capped": 2},
        "trees": {"sponsor": ""},
        "ladders": {"rank": ["A"]},
        "member_columns": {"founder": ("flag", 0)},
        "order_columns": {},
        "bonuses": [],
        "schemes": [],
        "first_tree": "sponsor",
    }
    return Vocabulary(**{**base, **changes})


def reached(word: TierOf, amounts: list[int], founder: list[bool] | None = None) -> list[int]:
    made = network({"sponsor": [-1] * len(amounts)}, columns={"founder": flag(founder or [False] * len(amounts))})
    quantity = word.evaluate(values(made, {"pv": amounts}), "reached")
    assert quantity.decimals == word.decimals(vocabulary()) == 4
    return quantity.amounts.tolist()


def test_the_highest_step_reached_as_percent_with_four_decimals():
    word = TierOf.model_validate({"tier": "pv", "steps": STEPS})
    assert reached(word, [0, 4999, 5000, 9999, 10000, 74999, 75000, 10**15]) == [
        *(0, 0, 50000, 50000, 100000, 100000, 205000, 205000)
    ]


def test_a_negative_value_has_the_step_of_0():
    word = TierOf.model_validate({"tier": "pv", "steps": {"0": "1%", **STEPS}})
    assert reached(word, [-100, 0, 4999]) == [10000, 10000, 10000]


def test_steps_need_not_rise():
    word = TierOf.model_validate({"tier": "pv", "steps": {"100": "1%", "0": "3%"}})
    assert reached(word, [0, 10000]) == [30000, 10000]


def test_a_floor_lifts_those_who_meet_its_condition():
    word = TierOf.model_validate(
        {"tier": "pv", "steps": STEPS, "at_least": [{"when": {"founder": "true"}, "value": "100"}]}
    )
    assert reached(word, [0, 0, 80000], [False, True, True]) == [0, 100000, 205000]


def test_what_it_reads():
    word = TierOf.model_validate({"tier": "pv", "steps": STEPS, "at_least": [{"when": {"rank": "A"}, "value": "1"}]})
    assert word.reads(vocabulary()) == {Node("volume", "pv"), Node("ladder", "rank")}
    assert isinstance(word.feed(vocabulary(), "rank"), Unsettled)
    assert word.feed(vocabulary(), "other") is None


@pytest.mark.parametrize(
    ("word", "code", "path"),
    [
        ({"tier": "vp", "steps": STEPS}, "metrics.unknown", ("tier",)),
        ({"tier": "capped", "steps": STEPS}, "metrics.required", ("tier",)),
        ({"tier": "pv", "steps": {"50": "5%", "50.0": "6%"}}, "metrics.steps", ("steps", "50.0")),
        ({"tier": "pv", "steps": {"-1": "5%"}}, "metrics.steps", ("steps", "-1")),
        ({"tier": "pv", "steps": {"0.001": "5%"}}, "metrics.steps", ("steps", "0.001")),
        (
            {"tier": "pv", "steps": STEPS, "at_least": [{"when": {"fonder": "true"}, "value": "50"}]},
            "rules.unknown_word",
            ("at_least", 0, "when", "fonder"),
        ),
        (
            {"tier": "pv", "steps": STEPS, "at_least": [{"when": {}, "value": "0.001"}]},
            "metrics.steps",
            ("at_least", 0, "value"),
        ),
    ],
)
def test_what_is_wrong(word, code, path):
    findings = TierOf.model_validate(word).check(vocabulary(required_metrics=frozenset({"capped"})))
    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]


@pytest.mark.parametrize("word", [{"tier": "pv", "steps": {}}, {"tier": "pv", "steps": {"50": "0.05"}}])
def test_what_cannot_be_read(word):
    with pytest.raises(ValidationError):
        TierOf.model_validate(word)


def test_a_floor_that_is_no_step_is_a_warning_since_it_may_have_been_meant_as_a_rate():
    word = TierOf.model_validate({"tier": "pv", "steps": STEPS, "at_least": [{"when": {}, "value": "10"}]})
    (found,) = word.check(vocabulary())
    assert (found.code, found.level, found.path) == ("metrics.floor", "warning", ("at_least", 0, "value"))
    assert "50, 100, 750.00" in found.remedy
    exact = TierOf.model_validate({"tier": "pv", "steps": STEPS, "at_least": [{"when": {}, "value": "750"}]})
    assert exact.check(vocabulary()) == []
