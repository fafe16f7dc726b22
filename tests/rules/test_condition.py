"""Conditions by hand: every word, every form, every fault."""

from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from mlmcalc.periods import day_number
from mlmcalc.rules.condition import Condition
from mlmcalc.rules.values import ACTIVE, Node, Quantity, Ranking
from tests.words_company import day, flag, network, number, orders, text, values, vocabulary

RANKS = ("Partner", "Manager", "Director")
JOINED = [day_number(date(2026, 1, 31)), None, day_number(date(2026, 10, 31)), day_number(date(2026, 8, 30))]


def company():
    made = network(
        {"sponsor": [-1, 0, 0, 0]},
        joined=JOINED,
        kind=["distributor", "customer", "preferred", "distributor"],
        status=["active", "active", "left", "suspended"],
        columns={
            "market": text(["EU", "", "US", "EU"]),
            "goal": number([500, 0, 20000, 10001], 3),
            "promo": day([day_number(date(2026, 10, 1)), None, day_number(date(2026, 10, 2)), 0]),
            "founder": flag([True, False, False, True]),
        },
    )
    found = values(made, {"pv": [5000, 10000, -100, 1000]})
    found.metrics["recruits"] = Quantity(np.array([0, 1, 2, 3]), 0)
    found.rankings["rank"] = Ranking(np.array([0, 1, 2, 3], np.int16), RANKS, np.zeros(4, bool))
    return found


def words():
    return vocabulary(
        metrics={"recruits": 0, "side": 2},
        ladders={"rank": RANKS},
        trees={"sponsor": "", "compressed": "roll_up", "leaders": "stay"},
        member_columns={"market": ("text", 0), "goal": ("number", 3), "promo": ("day", 0), "founder": ("flag", 0)},
        order_columns={"country": ("text", 0), "qv": ("number", 2)},
        required_metrics=frozenset({"side"}),
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, [1, 1, 1, 1]),
        ({"pv": "50"}, [1, 1, 0, 0]),
        ({"pv": {"min": "10", "max": "50.00"}}, [1, 0, 0, 1]),
        ({"pv": {"above": "10", "below": "100"}}, [1, 0, 0, 0]),
        ({"pv": {"below": "0"}}, [0, 0, 1, 0]),
        ({"pv": {"min": {"column": "goal"}}}, [1, 1, 0, 0]),
        ({"recruits": {"min": {"column": "goal"}}}, [0, 1, 0, 0]),
        ({"goal": "10.001"}, [0, 0, 1, 1]),
        ({"recruits": "2"}, [0, 0, 1, 1]),
        ({"rank": "Manager"}, [0, 0, 1, 1]),
        ({"rank": {"is": "Manager"}}, [0, 0, 1, 0]),
        ({"rank": {"min": "Partner", "max": "Manager"}}, [0, 1, 1, 0]),
        ({"rank": {"max": "Partner"}}, [1, 1, 0, 0]),
        ({"rank": "none"}, [1, 0, 0, 0]),
        ({"active": "true"}, [1, 1, 0, 0]),
        ({"active": "false"}, [0, 0, 1, 1]),
        ({"founder": "true"}, [1, 0, 0, 1]),
        ({"status": "left"}, [0, 0, 1, 0]),
        ({"status": {"not": ["left", "suspended"]}}, [1, 1, 0, 0]),
        ({"kind": ["customer", "preferred"]}, [0, 1, 1, 0]),
        ({"market": "EU"}, [1, 0, 0, 1]),
        ({"market": {"not": "EU"}}, [0, 0, 1, 0]),
        ({"market": {"given": "true"}}, [1, 0, 1, 1]),
        ({"market": {"given": "false"}}, [0, 1, 0, 0]),
        ({"promo": {"min": "2026-10-02"}}, [0, 0, 1, 0]),
        ({"promo": {"max": "2026-10-01"}}, [1, 0, 0, 1]),
        ({"promo": {"given": "false"}}, [0, 1, 0, 0]),
        ({"joined": {"min": "2026-08-30", "max": "2026-10-30"}}, [0, 0, 0, 1]),
        ({"days_since_joined": {"max": "0"}}, [0, 0, 1, 0]),
        ({"days_since_joined": "1"}, [1, 0, 0, 1]),
        ({"months_since_joined": "9"}, [1, 0, 0, 0]),
        ({"periods_since_joined": {"max": "0"}}, [0, 0, 1, 0]),
        ({"periods_since_joined": {"min": "0", "max": "2"}}, [0, 0, 1, 1]),
        ({"periods_since_joined": {"min": "0", "below": "2"}}, [0, 0, 1, 0]),
        ({"months_since_joined": {"max": "2"}}, [0, 0, 1, 1]),
        ([{"pv": "100"}, {"rank": "Director"}], [0, 1, 0, 1]),
        ({"pv": "50", "rank": "Partner"}, [0, 1, 0, 0]),
    ],
)
def test_members_who_meet_a_condition(condition, expected):
    read = Condition.model_validate(condition)
    assert not read.check(words())
    assert read.holds(company()).astype(int).tolist() == expected


def test_orders_that_meet_a_condition():
    found = company()
    rows = [
        {"member": 0, "day": day_number(date(2026, 3, 1)), "first": True, "country": "DE", "qv": 100},
        {"member": 1, "day": day_number(date(2026, 10, 1)), "country": "", "qv": 200},
        {"member": 2, "day": day_number(date(2026, 10, 30)), "kind": "return", "country": "FR", "qv": -300},
        {"member": 3, "day": day_number(date(2026, 9, 29)), "country": "DE", "qv": 400},
        {"member": 3, "day": day_number(date(2026, 9, 30)), "country": "DE", "qv": 400},
    ]
    found.orders = orders(rows, ["qv"], ["country"])
    cases = [
        ({"country": ["DE", "FR"]}, [1, 0, 1, 1, 1]),
        ({"qv": {"above": "1", "max": "4"}}, [0, 1, 0, 1, 1]),
        ({"kind": "sale"}, [1, 1, 0, 1, 1]),
        ({"buyer": "distributor"}, [1, 0, 0, 1, 1]),
        ({"buyer": ["customer", "preferred"]}, [0, 1, 1, 0, 0]),
        ({"first_order": "true"}, [1, 0, 0, 0, 0]),
        # From 31 January the first month is complete on 1 March; before joining days are negative.
        ({"months_since_joined": "1"}, [1, 0, 0, 0, 1]),
        ({"days_since_joined": {"max": "30"}}, [1, 0, 1, 1, 0]),
        ({"days_since_joined": {"min": "0", "max": "30"}}, [1, 0, 0, 1, 0]),
        ({"member.market": "EU"}, [1, 0, 0, 1, 1]),
        ({"member.status": "left"}, [0, 0, 1, 0, 0]),
        ({"member.joined": {"min": "2026-08-01"}}, [0, 0, 1, 1, 1]),
        ({"member.founder": "false", "kind": "sale"}, [0, 1, 0, 0, 0]),
    ]
    for condition, expected in cases:
        read = Condition.model_validate(condition)
        assert not read.check(words(), "order"), condition
        assert read.holds_orders(found).astype(int).tolist() == expected, condition


def test_what_a_condition_reads():
    read = Condition.model_validate(
        [{"pv": "1", "pv@compressed": "1"}, {"rank": "Partner", "active": "true", "goal": "1"}]
    )
    assert read.reads(words()) == {
        Node("volume", "pv"),
        Node("rolled", "pv@compressed"),
        Node("ladder", "rank"),
        ACTIVE,
    }


def test_who_fails_for_want_of_being_active():
    found = company()

    def failing(said):
        condition = Condition.model_validate(said)
        return condition.needs_active(found, condition.holds(found)).tolist()

    assert failing({"active": "true", "pv": "60"}) == [0, 0, 1, 1]
    assert failing([{"active": "true"}, {"pv": "10"}]) == [0, 0, 0, 0]
    assert failing([{"active": "true", "pv": "1"}, {"active": "true", "rank": "Partner"}]) == [0, 0, 1, 1]
    assert failing({"active": "false"}) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("condition", "position", "expected"),
    [
        ({"pv": "100"}, 0, ("at least 100.00", "50.00", "50.00", False)),
        ({"pv": "50"}, 0, ("at least 50.00", "50.00", "", True)),
        ({"pv": {"above": "50"}}, 0, ("more than 50.00", "50.00", "0.01", False)),
        ({"pv": {"min": {"column": "goal"}}}, 3, ("at least 10.001 (goal)", "10.00", "0.001", False)),
        ({"rank": "Manager"}, 1, ("Manager or higher", "Partner", "", False)),
        ({"rank": "none"}, 1, ("no rank", "Partner", "", False)),
        ({"market": ["EU", "US"]}, 1, ("EU or US", "not given", "", False)),
        ({"status": {"not": "left"}}, 2, ("not left", "left", "", False)),
        ({"active": "true"}, 2, ("true", "false", "", False)),
        ({"days_since_joined": {"max": "60"}}, 1, ("at most 60", "not given", "", False)),
        ({"promo": {"min": "2026-10-02"}}, 0, ("at least 2026-10-02", "2026-10-01", "", False)),
    ],
)
def test_requirements_of_one_member(condition, position, expected):
    ((found,),) = Condition.model_validate(condition).requirements(company(), position)
    assert (found.required, found.actual, found.short_by, found.met) == expected


@pytest.mark.parametrize(
    ("condition", "place", "code", "path"),
    [
        ({"pvv": "1"}, "member", "rules.unknown_word", ("pvv",)),
        ({"pv@leaders": "1"}, "member", "rules.unknown_word", ("pv@leaders",)),
        ({"country": "DE"}, "member", "rules.unknown_word", ("country",)),
        ({"pv": "1"}, "order", "rules.unknown_word", ("pv",)),
        ({"side": "1"}, "member", "rules.required", ("side",)),
        ({"pv": "1.001"}, "member", "rules.number", ("pv",)),
        ({"pv": "5%"}, "member", "rules.number", ("pv",)),
        ({"pv": {"min": "2", "max": "1"}}, "member", "rules.number", ("pv",)),
        ({"pv": ["1", "2"]}, "member", "rules.form", ("pv",)),
        ({"pv": {"given": "true"}}, "member", "rules.form", ("pv",)),
        ({"rank": "Partnr"}, "member", "rules.rank", ("rank",)),
        ({"rank": {"min": "Director", "max": "Partner"}}, "member", "rules.rank", ("rank",)),
        ({"rank": {"not": "Partner"}}, "member", "rules.form", ("rank",)),
        ({"active": "yes"}, "member", "rules.flag", ("active",)),
        ({"status": "gone"}, "member", "rules.text", ("status",)),
        ({"buyer": "shop"}, "order", "rules.text", ("buyer",)),
        ({"promo": {"min": "2026-13-01"}}, "member", "rules.day", ("promo",)),
        ({"promo": {"min": "2026-02-02", "max": "2026-02-01"}}, "member", "rules.day", ("promo",)),
        ({"promo": "2026-01-01"}, "member", "rules.form", ("promo",)),
        ({"pv": {"min": {"column": "market"}}}, "member", "rules.goal", ("pv",)),
        ({"joined": {"min": {"column": "goal"}}}, "member", "rules.goal", ("joined",)),
        ([{"pv": "1"}, {"pvv": "1"}], "member", "rules.unknown_word", (1, "pvv")),
    ],
)
def test_faults_are_findings(condition, place, code, path):
    findings = Condition.model_validate(condition).check(words(), place)
    assert [(finding.code, finding.path) for finding in findings] == [(code, path)]
    assert findings[0].remedy


def test_a_required_metric_belongs_in_a_rung():
    assert not Condition.model_validate({"side": "1"}).check(words(), "rung")


@pytest.mark.parametrize(
    ("condition", "path"),
    [
        ("pv", ()),
        ([], ()),
        ({"pv": ""}, ("pv",)),
        ({"pv": {}}, ("pv",)),
        ({"pv": {"mim": "1"}}, ("pv", "mim")),
        ({"pv": {"min": {"colum": "goal"}}}, ("pv", "min")),
        ([{"pv": "1"}, {"pv": []}], (1, "pv")),
    ],
)
def test_what_cannot_be_read_says_where(condition, path):
    with pytest.raises(ValidationError) as refused:
        Condition.model_validate(condition)
    assert [error["loc"] for error in refused.value.errors()] == [path]
