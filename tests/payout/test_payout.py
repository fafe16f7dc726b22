"""Payout over several periods: balances, debts, what is paid later."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from mlmcalc.errors import InputRefused
from mlmcalc.rules.state import Closing, Kept, Opening, StateRows
from mlmcalc.runs.commission_run import CommissionRun, run_commissions
from tests.bonuses.small import leaves, left, run

BODY = "bonuses: {{a: {{personal: 10%, base: pv}}, late: {{personal: 5%, base: pv}}}}\n{}\n"
Rows = list[tuple[str, str, int, int]]


def of(calculated: CommissionRun) -> Rows:
    """Return (step, name, position, cents) of every row."""
    assert calculated.settlement is not None
    steps = calculated.settlement.steps
    return [
        (step.step, step.name, int(at), int(step.amounts[at])) for step in steps for at in np.flatnonzero(step.amounts)
    ]


def periods(payout: str, *volumes: Mapping[int, str]) -> list[CommissionRun]:
    """Return the runs of several periods, each on the closing state of the one before."""
    found: list[CommissionRun] = []
    for number, volume in enumerate(volumes):
        orders = [(f"o{member}", member, pv) for member, pv in volume.items()]
        calculated = run(BODY.format(payout), [(1, None), (2, 1)], orders or [("x", 1, "0")]).calculated
        assert calculated is not None
        values = calculated.values
        opening = found[-1].values.closing.opening() if found else Opening()
        label = f"2026-{10 + number}"
        found.append(run_commissions(calculated.plan, values.network, values.orders, period=label, opening=opening))
    return found


def test_what_is_below_the_minimum_is_carried_until_it_is_reached():
    first, second = periods("payout: {minimum: 25.00}", {1: "100"}, {1: "80"})
    assert of(first) == [("earned", "", 0, 1500), ("carried", "below the minimum", 0, 1500)]
    assert of(second) == [("opening_balance", "", 0, 1500), ("earned", "", 0, 1200), ("paid", "", 0, 2700)]
    assert not second.values.closing.sections


def test_a_debt_is_carried_as_far_as_the_plan_says():
    for negative, carried, forgiven in (("carry", -1500, 0), ("{carry: 10.00}", -1000, 500), ("forgive", 0, 1500)):
        first, second = periods(f"payout: {{negative: {negative}}}", {1: "-100"}, {1: "200"})
        rows = {step: amount for step, _, _, amount in of(first)}
        assert rows.get("carried", 0) == carried
        assert rows.get("forgiven", 0) == forgiven
        assert {step: amount for step, _, _, amount in of(second)}["paid"] == 3000 + carried


def test_a_bonus_is_paid_so_many_periods_later():
    runs = periods("payout: {later: {late: 2}, withhold: [{name: tax, rate: 10%}]}", {1: "100"}, {1: "200"}, {}, {})
    paid = [{(step, name): amount for step, name, _, amount in of(one)} for one in runs]
    assert paid[0] == {("earned", ""): 1500, ("deferred", "late"): 500, ("withheld", "tax"): 100, ("paid", ""): 900}
    assert paid[1] == {("earned", ""): 3000, ("deferred", "late"): 1000, ("withheld", "tax"): 200, ("paid", ""): 1800}
    assert paid[2] == {("released", "late"): 500, ("withheld", "tax"): 50, ("paid", ""): 450}
    assert paid[3] == {("released", "late"): 1000, ("withheld", "tax"): 100, ("paid", ""): 900}
    (rows,) = runs[1].values.closing.opening().sections.values()
    waiting = zip([rows.keys[key] for key in rows.key], [rows.periods[age] for age in rows.since], strict=True)
    assert sorted(waiting) == [
        ("1", "2026-10"),
        ("2", "2026-11"),
    ]  # fmt: skip


def test_what_is_held_is_paid_when_nothing_holds_it():
    first, second = periods("payout: {hold: [{when: {pv: {below: 150}}, reason: low}]}", {1: "100"}, {1: "200"})
    assert of(first) == [("earned", "", 0, 1500), ("held", "low", 0, 1500)]
    assert of(second)[-1] == ("paid", "", 0, 4500)


def test_nothing_is_taken_beyond_the_balance():
    payout = "payout: {withhold: [{name: tax, rate: 90%}, {name: more, rate: 90%}], fees: [{name: bank, amount: 9.00}]}"
    (first,) = periods(payout, {1: "100"})
    assert of(first) == [
        ("earned", "", 0, 1500),
        ("withheld", "tax", 0, 1350),
        ("withheld", "more", 0, 150),
    ]
    (second,) = periods("payout: {fees: [{name: bank, amount: 9.00}]}", {1: "40"})
    assert of(second) == [("earned", "", 0, 600), ("fee", "bank", 0, 600)]


def test_an_open_balance_needs_a_payout():
    calculated = run(BODY.format(""), [(1, None), (2, 1)], [("o", 1, "10")]).calculated
    assert calculated is not None
    values, closing = calculated.values, Closing("2026-09")
    closing.leave("balance", "payout", np.array([100, 0]), 2)
    with pytest.raises(InputRefused) as refused:
        run_commissions(calculated.plan, values.network, values.orders, opening=closing.opening())
    assert [found.code for found in refused.value.findings] == ["payout.open_balance"]


def test_what_is_deferred_says_until_when():
    calculated = run(BODY.format("payout: {}"), [(1, None), (2, 1)], [("o", 1, "10")]).calculated
    assert calculated is not None
    values, zero = calculated.values, np.zeros(1, np.int32)
    rows = StateRows(zero, zero, zero, np.array([5]), ("soon",), ("2026-09",), 2)
    opening = Opening("2026-09", {Kept("deferred", "late"): rows})
    with pytest.raises(InputRefused) as refused:
        run_commissions(calculated.plan, values.network, values.orders, opening=opening)
    assert [found.code for found in refused.value.findings] == ["payout.deferred"]


def test_percentages_by_column_and_of_a_bonus():
    body = BODY.format(
        "payout: {withhold: [{name: tax, of: [late], rate: {tier: pv, steps: {0: 10%, 150: 20%}}, when: {pv: 50}}]}"
    )
    found = run(body, [(1, None), (2, 1), (3, 1)], [("a", 1, "100"), ("b", 2, "200"), ("c", 3, "40")])
    rows = [
        (row["member"], str(row["amount"])) for row in found.payout.iter_rows(named=True) if row["step"] == "withheld"
    ]
    assert rows == [(1, "0.50"), (2, "2.00")]
    assert found.totals["payout"] == {"earned": "51.00", "withheld": "2.50", "paid": "48.50"}


def test_what_is_deferred_stands_beside_balances_that_are_held():
    kept = [left("balance", "payout", 2, "5", "held"), left("deferred", "late", 1, "7", "1")]
    kept.append(left("deferred", "late", 2, "9", "2"))
    found = run(BODY.format("payout: {later: {late: 2}}"), [(1, None), (2, 1)], [("o1", 1, "100")], state=kept)
    steps = [
        (step, member, str(amount)) for member, step, amount in found.payout.select("member", "step", "amount").rows()
    ]
    assert {("released", 1, "7.00"), ("opening_balance", 2, "5.00"), ("paid", 1, "17.00")} <= set(steps)
    assert [row for row in leaves(found) if row[1] == 2] == [("deferred", 2, "1", "2026-09", "9")]
