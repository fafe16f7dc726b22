"""Returns of orders of periods that are committed: what the order caused is taken back, with the full knock-on."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.changes import CLAWBACK, WRITTEN_OFF
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.importing import Given, import_tables
from mlmcalc.closing.trueup import waiting
from mlmcalc.closing.trueup_lines import NOT_COLLECTED
from mlmcalc.errors import InputRefused
from mlmcalc.plan.load import load_plan
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.store import Store
from tests.closing.corrections import (
    DECEMBER,
    NOVEMBER,
    OCTOBER,
    PLAN,
    SALES,
    Company,
    added_up,
    earned,
    founded,
    lines_of,
    orders,
    world,
)

REVERSAL = PLAN + "corrections: {returns: reversal}\n"
# Order 4, of 200.00, comes back in December: wholly, or 50.00 of its money and 20 of its points.
WHOLE = (90, 4, "2026-12-02", "return", "-200", "-200.00", 4)
PART = (91, 4, "2026-12-05", "return", "-20", "-50.00", 4)
IN_DECEMBER = (80, 1, "2026-12-03", "sale", "60", "61.00", None)


def returned(store: Store, *rows: tuple, plan: str = REVERSAL) -> Company:
    """A company that has closed October and November, and is told of returns in December."""
    company = founded(store, plan)
    company.close(NOVEMBER)
    company.tell(DECEMBER, IN_DECEMBER, *rows)
    open_period(company.desk, "alpine", DECEMBER)
    return company


def test_an_order_that_came_back_leaves_a_world_in_which_it_never_was(store: Store):
    company = returned(store, WHOLE)
    done = company.trueup(OCTOBER)
    never = [row for row in SALES if row[0] != 4]
    paid = earned(world(REVERSAL, OCTOBER, *SALES))
    assert added_up(paid, lines_of(done)) == earned(world(REVERSAL, OCTOBER, *never))
    lines = done.periods[0].lines
    assert {(line.type, line.cause) for line in lines} == {(CLAWBACK, "returns")}
    # The full knock-on: 4 has no longer its own rebate, 2 no longer its rank, 1 less of what it matches.
    assert {("4", "retail"), ("2", "pool"), ("1", "match")} <= set(lines_of(done))
    # December has its own order, and no negative volume.
    december = calculate(company.desk, "alpine", DECEMBER)
    assert earned(december.result) == earned(world(REVERSAL, DECEMBER, IN_DECEMBER))
    assert december.result.totals["volumes"]["cv"] == "61.00"
    assert Decimal(december.result.totals["payout"]["adjusted"]) == sum(lines_of(done).values())
    assert company.trueup(OCTOBER).lines == 0
    assert company.trueup(NOVEMBER).lines == 0


def test_a_partial_refund_takes_money_and_points_apart(store: Store):
    company = returned(store, PART)
    done = company.trueup(OCTOBER)
    left = [row if row[0] != 4 else (4, 4, "2026-10-01", "sale", "180", "150.00", None) for row in SALES]
    parts = (earned(world(REVERSAL, OCTOBER, *SALES)), lines_of(done))
    assert added_up(*parts) == earned(world(REVERSAL, OCTOBER, *left))
    # The rest comes back later: both together are the whole order.
    company.close(DECEMBER)
    january = "2027-01"
    company.tell(january, (92, 4, "2027-01-02", "return", "-180", "-150.00", 4))
    open_period(company.desk, "alpine", january)
    second = company.trueup(OCTOBER)
    never = [row for row in SALES if row[0] != 4]
    assert added_up(*parts, lines_of(second)) == earned(world(REVERSAL, OCTOBER, *never))


def test_a_return_is_negative_volume_where_the_plan_says_so(store: Store):
    company = returned(store, PART, plan=PLAN)
    assert company.trueup(OCTOBER).lines == 0
    december = calculate(company.desk, "alpine", DECEMBER).result
    assert december.totals["volumes"]["cv"] == "11.00"
    assert earned(december) == earned(world(PLAN, DECEMBER, IN_DECEMBER, PART))


def test_a_return_within_its_period_needs_no_correction(store: Store):
    company = returned(store, plan=REVERSAL)
    company.tell(DECEMBER, (93, 1, "2026-12-20", "return", "-60", "-61.00", 80))
    assert calculate(company.desk, "alpine", DECEMBER).result.totals["volumes"]["cv"] == "0.00"
    assert company.trueup(OCTOBER).lines == company.trueup(NOVEMBER).lines == 0


def test_returns_count_as_the_plan_says_that_holds_when_they_come(store: Store):
    company = returned(store, WHOLE, plan=PLAN)
    company.plan = REVERSAL.replace("version: 2026-01", "version: 2026-12").replace(
        "effective: 2026-01-01", "effective: 2026-12-01"
    )
    done = company.trueup(OCTOBER)
    never = [row for row in SALES if row[0] != 4]
    assert added_up(earned(world(PLAN, OCTOBER, *SALES)), lines_of(done)) == earned(world(PLAN, OCTOBER, *never))


def test_what_is_not_collected_is_recorded_and_not_asked_for_again(store: Store):
    plan = PLAN + "corrections: {returns: reversal, true_up: {settle: pay_only}}\n"
    company = returned(store, WHOLE, plan=plan)
    done = company.trueup(OCTOBER)
    assert {(line.type, line.cause) for line in done.periods[0].lines if line.amount < 0} >= {
        (WRITTEN_OFF, NOT_COLLECTED)
    }
    assert done.periods[0].total("collected") == 0
    never = [row for row in SALES if row[0] != 4]
    assert added_up(earned(world(plan, OCTOBER, *SALES)), lines_of(done)) == earned(world(plan, OCTOBER, *never))
    assert company.trueup(OCTOBER).lines == 0
    with store.read() as tx:
        assert {one.type for one in adjustments(tx)} == {WRITTEN_OFF}
    assert "adjusted" not in calculate(company.desk, "alpine", DECEMBER).result.totals["payout"]


@pytest.mark.parametrize("limit", ["1.00", "12.00"])
def test_small_differences_are_written_off(store: Store, limit: str):
    plan = PLAN + f"corrections: {{returns: reversal, true_up: {{write_off_below: {limit}}}}}\n"
    company = returned(store, WHOLE, plan=plan)
    (period,) = company.trueup(OCTOBER).periods
    for member in {line.member for line in period.lines}:
        lines = [line for line in period.lines if line.member == member]
        small = abs(sum(line.amount for line in lines)) < Decimal(limit)
        assert {line.type for line in lines} == {WRITTEN_OFF if small else CLAWBACK}


def test_a_return_of_an_order_that_nobody_was_told_of_changes_nothing(store: Store):
    company = returned(store, (94, 4, "2026-12-02", "return", "-200", "-200.00", 4711))
    assert company.trueup(OCTOBER).lines == 0


def test_the_periods_that_wait_for_a_correction_are_known(store: Store):
    company = returned(store, WHOLE)
    assert waiting(company.desk, "alpine") == [(OCTOBER, ["orders"])]
    company.trueup(OCTOBER)
    assert waiting(company.desk, "alpine") == []


def test_nothing_waits_where_a_return_is_negative_volume(store: Store):
    company = returned(store, WHOLE, plan=PLAN)
    assert waiting(company.desk, "alpine") == []


def test_a_return_finds_its_order_though_no_table_had_named_any_before(store: Store):
    company = Company(store, REVERSAL)
    period = load_plan(REVERSAL).calendar(OCTOBER)
    sales = orders(*SALES).drop("of_order")
    given = Given(period, {"members": company.members, "orders": sales}, as_of=period.last)
    import_tables(store, given, [load_plan(REVERSAL)], [load_plan(REVERSAL)], "Ann")
    company.close(OCTOBER)
    company.tell(NOVEMBER, (92, 1, "2026-11-02", "sale", "60", "61.00", None))
    open_period(company.desk, "alpine", NOVEMBER)
    assert waiting(company.desk, "alpine") == []
    company.tell(NOVEMBER, (90, 4, "2026-11-03", "return", "-200", "-200.00", 4))
    assert waiting(company.desk, "alpine") == [(OCTOBER, ["orders"])]
    done = company.trueup(OCTOBER)
    never = [row for row in SALES if row[0] != 4]
    paid = earned(world(REVERSAL, OCTOBER, *SALES))
    assert added_up(paid, lines_of(done)) == earned(world(REVERSAL, OCTOBER, *never))
    assert waiting(company.desk, "alpine") == []


def test_more_than_was_sold_does_not_come_back(store: Store):
    company = returned(store, WHOLE, PART)
    for tried in (True, False):
        with pytest.raises(InputRefused) as refusal:
            company.trueup(OCTOBER, dry_run=tried)
        found = [finding for finding in refusal.value.findings if finding.level == "error"]
        assert {(finding.code, finding.file) for finding in found} == {
            ("orders.return_exceeds", "orders, as known and entered")
        }
    with store.read() as tx:
        assert adjustments(tx, "alpine") == []
