"""Every reason not to be paid, in words a member of the company understands."""

from __future__ import annotations

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from tests.audit import zoo


@pytest.fixture(scope="module")
def run() -> mlmcalc.Run:
    return mlmcalc.run(zoo.PLAN, **zoo.frames(), period="2026-10")


def missed(run: mlmcalc.Run, member: str, bonus: str, source: str) -> list[tuple[str, str, str]]:
    return [
        (step.outcome, step.reason, step.offered)
        for step in run.explain(member).missed
        if (step.bonus, step.source) == (bonus, source)
    ]


SHORT = "pv: required at least 50.00, actual {}, short by {}"
LATER = "joined: required 2026-10-31 or before, actual 2026-11-05"
LEFT = "status: required one that may earn, actual left"


@pytest.mark.parametrize(
    ("member", "bonus", "source", "outcome", "reason", "offered"),
    [
        ("cid", "rebate", "cid", "not_active", "active: " + SHORT.format("20.00", "30.00"), "0.00"),
        ("dan", "uni", "fay", "compressed", "not kept in active: " + SHORT.format("0.00", "50.00"), "0.00"),
        ("dan", "pass", "fay", "passed_on", f"{LEFT}; the level went to cid", "0.54"),
        ("dan", "house", "fay", "to_company", f"{LEFT}; paid to the company", "0.27"),
        ("dan", "match", "eve", "not_active", LEFT, "0.05"),
        ("dan", "like", "hal", "blocked_by_rank", "the walk ended at eve, who holds Manager", "0.00"),
        ("ann", "like", "cid", "not_eligible", "source.pv >= earner.pv required, actual 20.00 and 100.00", "0.10"),
        ("gus", "pass", "hal", "passed_on", f"{LATER}; the level went to eve", "0.27"),
    ],
)  # fmt: skip
def test_what_a_member_did_not_get(
    run: mlmcalc.Run, member: str, bonus: str, source: str, outcome: str, reason: str, offered: str
):
    assert (outcome, reason, offered) in missed(run, member, bonus, source)


def test_standing(run: mlmcalc.Run):
    (cid,) = run.explain("cid").ranks
    assert (cid.rank, cid.earned, cid.forced) == ("Manager", "none", "moved from another line, approved by Ann Smith")
    (bob,) = run.explain("bob").ranks
    assert bob.waived == ["gv: required at least 300.00, waived: first year, approved by Ann Smith"]
    assert (bob.source, bob.next_rank) == ("4.2", "")
    (hal,) = run.explain("hal").ranks
    assert (hal.rank, hal.next_rank, hal.next_source) == ("Partner", "Manager", "4.2")
    first, second = hal.next_needs
    assert [(need.word, need.actual, need.short_by, need.met) for need in first] == [
        ("pv", "90.00", "", True),
        ("gv", "90.00", "210.00", False),
    ]
    assert [need.short_by for need in second] == ["4910.00"]
    (fay,) = run.explain("fay").ranks
    assert fay.barred == "kind: required distributor, actual customer"
    (dan,) = run.explain("dan").ranks
    assert dan.barred == LEFT


def test_caps_roundings_and_the_keeper_stand_in_the_lines(run: mlmcalc.Run):
    bob = run.explain("bob")
    like = [(line.order, line.amount, line.outcome) for line in bob.amounts if line.bonus == "like"]
    assert ("4", "-1.27770000", "cap_reached") in like
    assert ("9", "0.17000000", "cap_reached") in like
    assert [line.via for line in bob.amounts if line.source == "fay" and line.bonus == "uni"] == ["eve"]
    rounding = next(line for line in bob.amounts if line.outcome == "rounding" and line.bonus == "rebate")
    assert (rounding.source, rounding.base, rounding.amount) == ("", "", "0.00500000")
    assert bob.total == "14.94000000"
    assert {row.bonus: row.plan_source for row in bob.bonuses}["rebate"] == "5.1"


def test_the_company(run: mlmcalc.Run):
    company = run.explain("company")
    assert (company.member, company.total) == ("company", "1.97000000")
    assert {line.outcome for line in company.amounts} == {"to_company", "rounding"}


def test_an_order(run: mlmcalc.Run):
    found = run.explain_order(5)
    counted = {one.volume: (one.member, one.amount, one.reason) for one in found.counted}
    assert counted["served"] == ("eve", "27.00", "")
    assert counted["total"] == ("fay", "", "through pv, served")
    got = {(line.bonus, line.earner): line.amount for line in found.amounts}
    assert got[("served", "eve")] == "1.89000000"
    assert got[("house", "company")] == "0.27000000"
    assert ("like", "eve") in {(step.bonus, step.member) for step in found.passed_over}
    assert found.nothing_from == {}
    assert found.whole_source == []


def test_an_order_that_a_filter_leaves_out(run: mlmcalc.Run):
    found = run.explain_order(6)
    assert not found.amounts
    assert not found.passed_over
    assert found.nothing_from["uni"] == "it does not count for cv: country: required IT or FR, actual DE"
    assert found.nothing_from["served"] == "it does not count for served: buyer: required customer, actual distributor"


def test_lines_per_source_say_so():
    plan = zoo.PLAN.replace("grain: order", "grain: source")
    run = mlmcalc.run(plan, **zoo.frames(), period="2026-10")
    found = run.explain_order(9)
    assert set(found.whole_source) == {"rebate", "uni", "pass", "house", "like"}
    assert {line.base for line in found.amounts if line.bonus == "uni"} == {"160.77"}


def test_grain_keeper_finds_the_keeper():
    plan = zoo.PLAN.replace("grain: order", "grain: keeper")
    run = mlmcalc.run(plan, **zoo.frames(), period="2026-10")
    found = run.explain_order(5)
    assert {(line.source, line.base) for line in found.amounts if line.bonus == "uni"} == {("eve", "187.77")}


def test_who_is_not_there(run: mlmcalc.Run):
    with pytest.raises(InputRefused, match=r"api.no_member  Bob .* Perhaps bob is meant"):
        run.explain("Bob")
    with pytest.raises(InputRefused, match=r"api\.no_order"):
        run.explain_order(77)
    with pytest.raises(InputRefused, match=r"api\.no_order"):
        run.explain_order(10**30)
    volumes = pl.DataFrame({"member_id": ["ann"], "qv": ["1"], "cv": ["1"]})
    plan = zoo.PLAN.replace("grain: order", "grain: source").replace(", where: {country: [IT, FR]}", "")
    frames = zoo.frames()
    table = mlmcalc.run(plan, frames["members"], volumes=volumes, period="2026-10")
    with pytest.raises(InputRefused, match=r"api\.no_orders"):
        table.explain_order(1)
    assert table.explain("bob").amounts == []
