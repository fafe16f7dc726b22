"""Explanations of drawn companies: nothing is said that the run did not pay, nothing paid is left unsaid."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from fractions import Fraction

from hypothesis import given, settings

from mlmcalc.api.explanations import Repeatable, explain_member, explain_order
from mlmcalc.ledger.lines import OUTCOMES
from tests.engine import run_engine
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case, cases


@settings(max_examples=30)
@given(cases())
def test_members_are_explained_to_the_line(case: Case):
    run = run_engine(case)
    assert run.calculated is not None
    stated = Counter(
        (str(row["earner"] if row["earner"] is not None else "company"), row["bonus"], Fraction(row["amount"]))
        for row in run.lines.iter_rows(named=True)
    )
    again = Repeatable.of_run(run.calculated, run.id, PERIOD)
    explained: Counter = Counter()
    for member in [*run.calculated.values.network.ids, "company"]:
        found = explain_member(again, member, 3)
        json.dumps(asdict(found))
        assert found.member == str(member)
        assert sum(Fraction(line.amount) for line in found.amounts) == Fraction(found.total)
        assert sum(Fraction(row.amount) for row in found.bonuses) == Fraction(found.total)
        explained.update((line.earner, line.bonus, Fraction(line.amount)) for line in found.amounts)
        paid = {(line.bonus, line.source, line.order, line.base, line.paid_level) for line in found.amounts}
        for step in found.missed:
            assert step.member == str(member)
            assert step.outcome in OUTCOMES
            assert step.reason, step
            assert (step.bonus, step.source, step.order, step.base, step.paid_level) not in paid
    assert explained == stated


@settings(max_examples=30)
@given(cases())
def test_orders_are_explained_to_the_line(case: Case):
    run = run_engine(case)
    assert run.calculated is not None
    orders = run.calculated.values.orders
    if orders.ids is None:
        return
    again = Repeatable.of_run(run.calculated, run.id, PERIOD)
    bonuses = run.calculated.plan.bonuses
    about: Counter = Counter()
    for order in orders.ids:
        found = explain_order(again, order)
        json.dumps(asdict(found))
        assert [counted.volume for counted in found.counted] == list(run.calculated.plan.volumes)
        explained = {step.bonus for step in [*found.amounts, *found.passed_over]} | set(found.nothing_from)
        volumes = run.calculated.values.volumes
        assert explained == {name for name, word in bonuses.items() if word.base_volume in volumes}
        assert all(step.reason for step in found.passed_over)
        about.update(line_key(asdict(line)) for line in found.amounts if line.order)
        for line in found.amounts:
            assert line.order or line.bonus in found.whole_source
    stated = Counter(
        line_key({name: "" if value is None else value for name, value in row.items()})
        for row in run.lines.iter_rows(named=True)
        if row["order"] is not None
    )
    assert about == stated


def line_key(row: dict) -> tuple:
    earner = "company" if row["earner"] == "" else str(row["earner"])
    return earner, row["bonus"], str(row["order"]), row["paid_level"], Fraction(row["amount"]), row["outcome"]
