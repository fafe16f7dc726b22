"""True-up through later periods: each closed one again, with what the one before leaves now."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

import mlmcalc
from mlmcalc.audit.verify import verify
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.exporting import export
from mlmcalc.closing.trueup import waiting
from mlmcalc.released.replay import replay
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.periods import period_of
from mlmcalc.store.runs import runs
from mlmcalc.store.store import Store
from tests.api.small_company import MEMBERS, plan_text
from tests.closing.corrections import (
    DECEMBER,
    IN_NOVEMBER,
    NOVEMBER,
    OCTOBER,
    SALES,
    Company,
    added_up,
    earned,
    founded,
    lines_of,
    orders,
)

# The rebate goes by what a member has bought in all: 1 passes 180 in November only with the late order of October.
LIFETIME = plan_text(
    **{"  heads: {count": "  total: {lifetime: pv}\n  heads: {count", "100: 10%}, tier: pv": "180: 10%}, tier: total"}
)
# Nobody reaches the minimum, so that what is carried is all that was ever earned.
PAYOUT = "payout: {minimum: 1000.00}\n"
THROUGH = LIFETIME + PAYOUT + "corrections: {true_up: {through: later_periods}}\n"
LATE = (20, 1, "2026-10-20", "sale", "40", "40.00", None)
LATER = (21, 4, "2026-11-20", "sale", "50", "50.00", None)
IN_DECEMBER = (80, 1, "2026-12-03", "sale", "60", "61.00", None)


def worlds(*rows: tuple) -> dict[str, mlmcalc.Run]:
    """The three months one after the other, in a world where these orders are all there ever were."""
    found, state = {}, None
    for label in (OCTOBER, NOVEMBER, DECEMBER):
        found[label] = mlmcalc.run(THROUGH, MEMBERS, orders(*rows), period=label, state=state)
        state = found[label].state
    return found


def carried(run: mlmcalc.Run) -> dict[int, object]:
    """What every member has at the end."""
    left = run.payout.filter(pl.col("step").cast(pl.String) == "carried")
    return {row["member"]: row["amount"] for row in left.iter_rows(named=True)}


def closed(store: Store, plan: str = THROUGH) -> Company:
    """A company that has closed October and November."""
    company = founded(store, plan)
    company.close(NOVEMBER)
    company.tell(DECEMBER, IN_DECEMBER)
    open_period(company.desk, "alpine", DECEMBER)
    return company


def test_the_later_period_is_corrected_by_what_the_earlier_one_leaves_now(store: Store):
    company = closed(store)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER)
    assert [period.label for period in done.periods] == [OCTOBER, NOVEMBER]
    was, now = worlds(*SALES, *IN_NOVEMBER, IN_DECEMBER), worlds(*SALES, LATE, *IN_NOVEMBER, IN_DECEMBER)
    for label in (OCTOBER, NOVEMBER):
        assert added_up(earned(was[label]), lines_of(done, label)) == earned(now[label])
    assert {(line.bonus, line.cause) for line in done.periods[1].lines} == {("retail", "state")}
    with store.read() as tx:
        assert {one.origin for one in adjustments(tx)} == {OCTOBER, NOVEMBER}
    # The open period begins with it as well, and in the end everybody has what that world gave.
    december = calculate(company.desk, "alpine", DECEMBER)
    assert earned(december.result) == earned(now[DECEMBER])
    assert carried(december.result) == carried(now[DECEMBER])
    assert replay(store.run_folder(december.run.id)).same


def test_twice_is_once_and_the_later_one_alone_brings_nothing(store: Store):
    company = closed(store)
    company.tell(OCTOBER, LATE)
    company.trueup(OCTOBER)
    assert company.trueup(OCTOBER).lines == 0
    assert company.trueup(NOVEMBER).lines == 0


@pytest.mark.parametrize("first", [OCTOBER, NOVEMBER])
def test_whatever_is_trued_up_first_the_end_is_the_same(store: Store, first: str):
    company = closed(store)
    company.tell(OCTOBER, LATE)
    company.tell(NOVEMBER, LATER)
    for label in (first, OCTOBER):
        company.trueup(label)
    now = worlds(*SALES, LATE, *IN_NOVEMBER, LATER, IN_DECEMBER)
    december = calculate(company.desk, "alpine", DECEMBER)
    assert earned(december.result) == earned(now[DECEMBER])
    assert carried(december.result) == carried(now[DECEMBER])


def test_a_period_by_itself_leaves_the_later_ones_as_they_were(store: Store):
    company = closed(store, LIFETIME + PAYOUT)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER)
    assert [period.label for period in done.periods] == [OCTOBER]
    assert company.trueup(NOVEMBER).lines == 0
    was = worlds(*SALES, *IN_NOVEMBER, IN_DECEMBER)
    assert earned(calculate(company.desk, "alpine", DECEMBER).result) == earned(was[DECEMBER])


def test_a_dry_run_says_the_same_of_every_period(store: Store):
    company = closed(store)
    company.tell(OCTOBER, LATE)
    tried = company.trueup(OCTOBER, dry_run=True)
    assert [period.lines for period in tried.periods] == [period.lines for period in company.trueup(OCTOBER).periods]


def test_an_outsider_sees_that_the_open_period_began_with_what_the_true_up_left(store: Store, tmp_path: Path):
    company = closed(store)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER)
    company.close(DECEMBER)
    export(store, tmp_path / "out")
    found = verify(tmp_path / "out")
    assert [finding.text() for finding in found.findings] == []
    file = next((tmp_path / "out" / "documents").glob("0003-commit-*.json"))
    body = json.loads(file.read_text())
    assert body["corrected"]["id"] == done.periods[1].now
    # Whoever names another run, and seals it all again, is found out all the same.
    with store.read() as tx:
        committed = next(run for run in runs(tx, "alpine", NOVEMBER) if run.purpose == "calculated")
    body["corrected"] = {"id": committed.id, "digest": committed.digest, "manifest_sha256": committed.manifest_sha256}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    file.write_text(text)
    listed = json.loads((tmp_path / "out" / "archive.json").read_text())
    listed["documents"][2]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (tmp_path / "out" / "archive.json").write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    assert {finding.code for finding in verify(tmp_path / "out").findings} == {"verify.state"}


POINTS = (22, 1, "2026-10-20", "sale", "40", "0.00", None)


def test_what_changes_no_amount_is_carried_on_all_the_same(store: Store):
    # Points without money: October pays as before, and November reaches the next tier by them.
    company = founded(store, THROUGH)
    calculate(company.desk, "alpine", NOVEMBER)
    company.tell(OCTOBER, POINTS)
    done = company.trueup(OCTOBER)
    assert done.lines == 0
    with store.read() as tx:
        assert period_of(tx, "alpine", NOVEMBER).status == "open"
    november = calculate(company.desk, "alpine", NOVEMBER)
    was, now = (worlds(*rows, *IN_NOVEMBER)[NOVEMBER] for rows in (SALES, [*SALES, POINTS]))
    assert earned(was) != earned(now)
    assert earned(november.result) == earned(now)
    assert waiting(company.desk, "alpine") == []
    calculate(company.desk, "alpine", NOVEMBER)
    assert company.trueup(OCTOBER).lines == 0
    with store.read() as tx:
        assert period_of(tx, "alpine", NOVEMBER).status == "calculated"


def test_nothing_waits_once_it_is_known_that_no_amount_changes(store: Store):
    company = founded(store, LIFETIME + PAYOUT)
    calculate(company.desk, "alpine", NOVEMBER)
    company.tell(OCTOBER, POINTS)
    assert waiting(company.desk, "alpine") == [(OCTOBER, ["orders"])]
    assert company.trueup(OCTOBER).lines == 0
    assert waiting(company.desk, "alpine") == []
    with store.read() as tx:
        assert period_of(tx, "alpine", NOVEMBER).status == "calculated"
