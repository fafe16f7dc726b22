"""Laws of caps, limits, choices and payouts: of the engine and of the slow reference alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings

from tests.engine import Stated, of_engine, of_oracle, run_engine
from tests.oracle import changes
from tests.oracle.commission import earned_from, run
from tests.oracle.plans import Case, cases

Calculate = Callable[[Case], Stated]
ZERO = Fraction(0)


def by_engine(case: Case) -> Stated:
    return of_engine(run_engine(case), [])


def by_reference(case: Case) -> Stated:
    return of_oracle(run(case.plan, case.company))


few = settings(max_examples=25)
both = pytest.mark.parametrize("calculate", [by_engine, by_reference])


def bounded(case: Case, place: str, **sections: Any) -> Case:
    """Return a case that rounds at a place, without bounds but these."""
    plan = {key: value for key, value in case.plan.items() if key not in ("limits", "exclusive", "payout")}
    state = [row for row in case.company.state if row["section"] not in ("balance", "deferred")]
    company = changes.without_adjustments(replace(case.company, state=state))
    case = replace(case, company=company)
    return replace(changes.with_plan(case), plan={**plan, "rounding": {**plan["rounding"], "place": place}, **sections})


def paid(stated: Stated) -> Fraction:
    """Return what members get of all bonuses."""
    return sum((amount for (earner, _), amount in stated.statements.items() if earner != "company"), ZERO)


def by_bonus(stated: Stated, member: str) -> dict[str, Fraction]:
    return {bonus: amount for (earner, bonus), amount in stated.statements.items() if earner == member}


@both
@few
@given(cases())
def test_a_total_cap_pays_no_more_and_all_of_it(calculate: Calculate, case: Case):
    """M8: the payout is at most the cap, and equal to it where more was earned."""
    free = bounded(case, "line")
    name = next(iter(free.plan["bonuses"]))
    word = {key: part for key, part in free.plan["bonuses"][name].items() if key != "cap"}
    uncapped = changes.with_plan(free, bonuses={name: word})
    if "base" in word and isinstance(word["base"], dict):
        return
    before = paid(calculate(uncapped))
    for most in ("1", "7", "1000000"):
        after = paid(calculate(changes.with_plan(uncapped, bonuses={name: {**word, "cap": {"total": most}}})))
        assert after == min(before, Fraction(most))


@both
@few
@given(cases())
def test_a_ceiling_is_never_exceeded(calculate: Calculate, case: Case):
    """M8: and reached to the unit where more was earned."""
    for place in ("line", "bonus"):
        limits = {"all": {"share": "1%", "of": "pv"}}
        stated, free = calculate(bounded(case, place, limits=limits)), calculate(bounded(case, place))
        volume = run(case.plan, case.company).volumes["pv"]
        unit = Fraction(case.plan["rounding"]["unit"])
        most = max(sum(volume.values(), ZERO), ZERO) / 100 // unit * unit
        assert paid(stated) == min(paid(free), most)


@both
@few
@given(cases())
def test_of_exclusive_bonuses_the_largest_is_paid(calculate: Calculate, case: Case):
    names = [name for name, word in case.plan["bonuses"].items() if not earned_from(word)][:2]
    if len(names) < 2:
        return
    bonuses = {name: case.plan["bonuses"][name] for name in names}
    free = changes.with_plan(bounded(case, "line"), bonuses=bonuses)
    chosen = changes.with_plan(free, exclusive=[{"greater_of": names}])
    before, after = calculate(free), calculate(chosen)
    for member in {earner for earner, _ in before.statements if earner != "company"}:
        had, has = by_bonus(before, member), by_bonus(after, member)
        assert sum(has.values(), ZERO) == max(had.values())
        assert len(has) == 1


@both
@few
@given(cases())
def test_what_comes_in_goes_out(calculate: Calculate, case: Case):
    """Of every member: what was earned, released, adjusted and forgiven was all paid, kept back or carried."""
    stated = calculate(case)
    rest: defaultdict[str, Fraction] = defaultdict(Fraction)
    earned: defaultdict[str, Fraction] = defaultdict(Fraction)
    for member, step, _, amount in stated.payout:
        incoming = step in ("opening_balance", "earned", "released", "adjusted", "forgiven")
        rest[member] += amount if incoming else -amount
        if step == "earned":
            earned[member] += amount
        assert amount > 0 or step in ("opening_balance", "earned", "released", "deferred", "adjusted", "carried")
    assert not any(rest.values())
    if "payout" in case.plan:
        for member in {earner for earner, _ in stated.statements if earner != "company"}:
            assert earned[member] == sum(by_bonus(stated, member).values(), ZERO)
