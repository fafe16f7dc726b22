"""What should be known beside a run: closed periods that wait, returns that count nowhere, plans that changed."""

from __future__ import annotations

import pytest

from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.changes import adjust
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.notices import notices
from mlmcalc.closing.status import status_of
from mlmcalc.closing.trueup import trueup
from mlmcalc.errors import InputRefused
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.store import Store
from tests.closing.corrections import DECEMBER, NOVEMBER, OCTOBER, PLAN, Company, founded

REVERSAL = PLAN + "corrections: {returns: reversal}\n"
LATE = (20, 1, "2026-10-20", "sale", "40", "40.00", None)
IN_NOVEMBER = (30, 1, "2026-11-03", "sale", "60", "61.00", None)
BACK = (90, 4, "2026-11-04", "return", "-20", "-20.00", 4)


def codes(company: Company, label: str = NOVEMBER) -> list[str]:
    """The codes of what should be known."""
    found = notices(company.desk, "alpine", label)
    assert {finding.level for finding in found} <= {"warning"}
    return [finding.code for finding in found]


@pytest.mark.parametrize(("label", "row"), [(OCTOBER, LATE), (NOVEMBER, BACK)], ids=["late", "return"])
def test_a_closed_period_waits_until_it_is_trued_up(store: Store, label: str, row: tuple):
    company = founded(store, REVERSAL)
    assert codes(company) == []
    company.tell(label, row)
    (found,) = notices(company.desk, "alpine", NOVEMBER)
    assert found.code == "closing.waiting"
    assert OCTOBER in found.message
    assert f"mlmcalc trueup {OCTOBER}" in found.remedy
    calculate(company.desk, "alpine", NOVEMBER)
    assert codes(company) == ["closing.waiting"]
    company.trueup(OCTOBER)
    assert codes(company) == []
    assert codes(company, OCTOBER) == []


def test_a_return_in_the_open_period_makes_nothing_wait_where_it_is_negative_volume(store: Store):
    company = founded(store)
    company.tell(NOVEMBER, BACK, IN_NOVEMBER)
    assert codes(company) == []


def test_a_move_of_then_makes_the_period_wait(store: Store):
    company = founded(store, REVERSAL)
    company.tell(OCTOBER, members=company.members.with_columns(sponsor_id=company.members["sponsor_id"].replace(4, 1)))
    assert codes(company) == ["closing.waiting"]


@pytest.mark.parametrize("of", [4711, 50], ids=["unknown", "older"])
def test_a_return_that_counts_in_no_period_is_named(store: Store, of: int):
    company = founded(store, REVERSAL)
    company.tell(NOVEMBER, (91, 4, "2026-11-05", "return", "-20", "-20.00", of))
    company.told["2026-09"] = []
    company.tell("2026-09", (50, 4, "2026-09-20", "sale", "60", "60.00", None))
    (found,) = notices(company.desk, "alpine", NOVEMBER)
    assert found.code == "closing.returns_nowhere"
    assert "(91)" in found.message


def test_a_plan_that_changed_under_its_version_is_named(store: Store):
    company = founded(store)
    calculate(company.desk, "alpine", NOVEMBER)
    company.plan = PLAN.replace("active: {pv: 50}", "active: {pv: 60}")
    assert company.plan != PLAN
    first, *others = notices(company.desk, "alpine", NOVEMBER)
    assert (first.code, others) == ("closing.plan_changed", [])
    assert f"when {NOVEMBER} was calculated" in first.message
    company.plan = PLAN
    assert codes(company) == []


def test_what_changes_nothing_of_a_run_is_in_it_when_it_is_calculated_again(store: Store):
    company = founded(store)
    calculate(company.desk, "alpine", NOVEMBER)
    company.tell(DECEMBER, (80, 1, "2026-12-03", "sale", "60", "61.00", None))
    assert status_of(company.desk, "alpine", NOVEMBER).news == 1
    assert calculate(company.desk, "alpine", NOVEMBER).there_already
    assert status_of(company.desk, "alpine", NOVEMBER).news == 0
    assert open_period(company.desk, "alpine", NOVEMBER).status == "calculated"


def test_nobody_knows_what_will_be_known(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    later = now_microseconds() + 3_600_000_000
    for act in (calculate, trueup):
        with pytest.raises(InputRefused) as refusal:
            act(company.desk, "alpine", NOVEMBER if act is calculate else OCTOBER, known_at=later)
        assert [finding.code for finding in refusal.value.findings] == ["closing.known_at"]
    assert company.trueup(OCTOBER).lines


@pytest.mark.parametrize("kind", ["trueup", "clawback", " written_off"])
def test_only_a_true_up_writes_its_lines(store: Store, kind: str):
    company = founded(store)
    with pytest.raises(InputRefused) as refusal:
        adjust(company.desk, "alpine", "4", kind, "5.00", "by hand", label=OCTOBER)
    assert [finding.code for finding in refusal.value.findings] == ["closing.type"]
    assert company.trueup(OCTOBER).lines == 0
    adjust(company.desk, "alpine", "4", "manual", "5.00", "by hand", label=OCTOBER)
    # An amount that people entered about a period is no line of a true-up of it: the next one does not take it back.
    assert company.trueup(OCTOBER).lines == 0
