"""True-up: an older period with what is known now; the difference goes into the open period."""

from __future__ import annotations

import json
from decimal import Decimal

import polars as pl
import pytest

from mlmcalc.closing import changes
from mlmcalc.closing import trueup as module
from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.changes import WRITTEN_OFF
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.reopening import reopen
from mlmcalc.closing.trueup import trueup
from mlmcalc.closing.trueup_lines import EARLIER, GONE
from mlmcalc.errors import ConflictError, InputRefused, IntegrityError
from mlmcalc.released.replay import replay
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.log import log_records
from mlmcalc.store.payments import payments_of
from mlmcalc.store.runs import runs
from mlmcalc.store.store import Store
from tests.api.small_company import MEMBERS, plan_text
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
    world,
)
from tests.closing.life import at

LATE = (20, 6, "2026-10-20", "sale", "40", "40.00", None)
LATER = (21, 4, "2026-10-21", "sale", "30", "35.50", None)
MOVED = MEMBERS.with_columns(sponsor_id=pl.when(pl.col("member_id") == 5).then(3).otherwise("sponsor_id"))


def kept(store: Store) -> tuple[int, int, int]:
    """How many adjustments, runs and records of the log there are."""
    with store.read() as tx:
        return len(adjustments(tx, withdrawn=True)), len(runs(tx)), len(list(log_records(tx)))


def test_a_late_order_is_paid_in_the_open_period_as_if_it_had_been_there(store: Store):
    company = founded(store)
    committed = world(PLAN, OCTOBER, *SALES)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER)
    assert (done.takes.label, done.was) == (NOVEMBER, "open")
    now = world(PLAN, OCTOBER, *SALES, LATE)
    assert added_up(earned(committed), lines_of(done)) == earned(now)
    assert {(line.type, line.cause) for line in done.periods[0].lines} == {("trueup", "late orders")}
    with store.read() as tx:
        written = adjustments(tx)
        assert [one.number for one in written] == list(done.numbers)
        assert {(one.origin, one.period, one.made_by, one.approved_by) for one in written} == {
            (OCTOBER, NOVEMBER, "Ann", None)
        }
        assert {tuple(json.loads(one.source_runs)) for one in written} == {
            (done.periods[0].committed, done.periods[0].now)
        }
        # What was paid stands.
        assert {one.amount for one in payments_of(tx, "alpine", OCTOBER)} <= set(
            map(str, added_up(*({(m, ""): a} for (m, _), a in earned(committed).items())).values())
        )
    paid = calculate(company.desk, "alpine", NOVEMBER).result.payout.filter(pl.col("step").cast(str) == "adjusted")
    assert {str(row["member"]): row["amount"] for row in paid.iter_rows(named=True)} == {
        member: amount
        for (member, _), amount in added_up(*({(m, ""): a} for (m, _), a in lines_of(done).items())).items()
    }


def test_twice_is_once(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    company.trueup(OCTOBER)
    before = kept(store)
    again = company.trueup(OCTOBER)
    assert (again.lines, again.numbers) == (0, ())
    assert kept(store) == before


def test_where_nothing_changed_nothing_is_written(store: Store):
    company = founded(store)
    before = kept(store)
    assert company.trueup(OCTOBER).lines == 0
    assert kept(store) == before


def test_a_dry_run_writes_nothing_and_says_the_same(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    before = kept(store)
    folders = sorted(store.runs.iterdir())
    tried = company.trueup(OCTOBER, dry_run=True)
    assert (kept(store), sorted(store.runs.iterdir())) == (before, folders)
    done = company.trueup(OCTOBER)
    assert tried.numbers == ()
    assert [period.lines for period in tried.periods] == [period.lines for period in done.periods]


def test_any_depth_each_true_up_brings_only_what_is_new(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    first = company.trueup(OCTOBER)
    company.close(NOVEMBER)
    company.tell(OCTOBER, LATER)
    company.tell(DECEMBER)
    open_period(company.desk, "alpine", DECEMBER)
    second = company.trueup(OCTOBER)
    assert second.takes.label == DECEMBER
    assert lines_of(first)
    assert lines_of(second)
    parts = (earned(world(PLAN, OCTOBER, *SALES)), lines_of(first), lines_of(second))
    assert added_up(*parts) == earned(world(PLAN, OCTOBER, *SALES, LATE, LATER))
    assert company.trueup(OCTOBER).lines == 0


def test_each_line_says_what_brought_it_about(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE, members=MOVED)
    done = company.trueup(OCTOBER)
    assert {line.cause for line in done.periods[0].lines} == {"late orders", "moves", "interaction"}
    now = world(PLAN, OCTOBER, *SALES, LATE, members=MOVED)
    assert added_up(earned(world(PLAN, OCTOBER, *SALES)), lines_of(done)) == earned(now)


def test_lines_that_were_withdrawn_come_again(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    first = company.trueup(OCTOBER)
    changes.take_back_adjustment(company.desk, first.numbers[0])
    again = company.trueup(OCTOBER)
    assert [(line.amount, line.cause) for line in again.periods[0].lines] == [
        (first.periods[0].lines[0].amount, EARLIER)
    ]


def test_the_old_plan_holds_whatever_the_plan_says_now(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    company.plan = PLAN.replace("version: 2026-01", "version: 2026-11").replace(
        "effective: 2026-01", "effective: 2026-11"
    )
    company.plan = company.plan.replace("levels: [5%, 4%, 3%]", "levels: [9%, 4%, 3%]")
    done = company.trueup(OCTOBER)
    assert added_up(earned(world(PLAN, OCTOBER, *SALES)), lines_of(done)) == earned(world(PLAN, OCTOBER, *SALES, LATE))


def test_who_made_the_lines_does_not_approve_them(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    company.trueup(OCTOBER)
    calculate(at(company.desk, "Cid"), "alpine", NOVEMBER)
    with pytest.raises(InputRefused, match=r"closing\.same_person"):
        approve(company.desk, "alpine", NOVEMBER)
    approve(at(company.desk, "Ben"), "alpine", NOVEMBER)
    with store.read() as tx:
        assert {one.approved_by for one in adjustments(tx)} == {"Ben"}


def test_a_period_that_was_calculated_is_open_again(store: Store):
    company = founded(store)
    calculate(company.desk, "alpine", NOVEMBER)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER)
    assert (done.was, done.takes.status) == ("calculated", "open")


def test_the_run_is_kept_and_can_be_replayed(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    done = company.trueup(OCTOBER, reason="the late sheet of Ohio")
    with store.read() as tx:
        (run,) = runs(tx, "alpine", OCTOBER, "trueup")
        (record,) = [one for one in log_records(tx) if one.action == "trueup"]
        assert "the late sheet of Ohio" in adjustments(tx)[0].reason
    assert run.id == done.periods[0].now
    assert json.loads(record.details)["run"] == run.id
    assert replay(store.run_folder(run.id)).same


def test_who_is_no_member_any_more_is_written_off(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    # In November 6, whose order came late, is no member.
    company.tell(NOVEMBER, members=MEMBERS.filter(pl.col("member_id") != 6))
    done = company.trueup(OCTOBER)
    gone = [line for line in done.periods[0].lines if line.member == "6"]
    assert {(line.type, line.cause) for line in gone} == {(WRITTEN_OFF, GONE)}
    assert done.periods[0].total(WRITTEN_OFF) == sum((line.amount for line in gone), Decimal(0)) != 0
    adjusted = calculate(company.desk, "alpine", NOVEMBER).result.manifest["totals"]["payout"]["adjusted"]
    assert Decimal(adjusted) == done.periods[0].total("paid") + done.periods[0].total("collected")


def test_what_cannot_be_trued_up(store: Store):
    company = Company(store)
    company.tell(OCTOBER, *SALES)
    calculate(company.desk, "alpine", OCTOBER)
    with pytest.raises(InputRefused, match=r"closing\.not_committed"):
        company.trueup(OCTOBER)
    company.close(OCTOBER)
    with pytest.raises(InputRefused, match=r"closing\.none_open"):
        company.trueup(OCTOBER)


def test_of_two_at_once_one_is_told(store: Store, monkeypatch: pytest.MonkeyPatch):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    members = module._members

    def meanwhile(*given):
        monkeypatch.undo()
        assert trueup(at(company.desk, "Cid"), "alpine", OCTOBER).numbers
        return members(*given)

    monkeypatch.setattr(module, "_members", meanwhile)
    with pytest.raises(ConflictError, match=r"closing\.changed_meanwhile"):
        company.trueup(OCTOBER)
    assert company.trueup(OCTOBER).lines == 0
    with store.read() as tx:
        assert {one.made_by for one in adjustments(tx)} == {"Cid"}


def test_a_period_that_is_reopened_takes_what_is_new_by_itself(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    assert company.trueup(OCTOBER).lines
    reopen(company.desk, "alpine", OCTOBER, "the sheet of Ohio was forgotten")
    with store.read() as tx:
        assert adjustments(tx) == []
        assert all(one.withdrawn_by == "Ann" for one in adjustments(tx, withdrawn=True))
    again = company.close(OCTOBER).result
    assert earned(again) == earned(world(PLAN, OCTOBER, *SALES, LATE))
    assert company.trueup(OCTOBER).lines == 0


def test_what_was_known_before_the_last_correction_is_no_reason_for_another(store: Store):
    company = founded(store)
    with store.read() as tx:
        before = runs(tx, "alpine", OCTOBER)[0].known_at
    company.tell(OCTOBER, LATE)
    assert company.trueup(OCTOBER, known_at=before).lines == 0
    done = company.trueup(OCTOBER)
    assert done.lines
    with pytest.raises(InputRefused, match=r"closing\.known_before"):
        company.trueup(OCTOBER, known_at=before)


def test_a_plan_without_payout_takes_no_lines(store: Store):
    company = founded(store, plan_text())
    company.tell(OCTOBER, LATE)
    with pytest.raises(InputRefused, match=r"closing\.no_payout"):
        company.trueup(OCTOBER)


def test_a_committed_run_that_was_altered_is_an_integrity_fault(store: Store):
    company = founded(store)
    company.tell(OCTOBER, LATE)
    with store.read() as tx:
        (run,) = runs(tx, "alpine", OCTOBER)
    statements = store.run_folder(run.id) / "statements.parquet"
    statements.write_bytes(statements.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match=r"tables\.digest"):
        company.trueup(OCTOBER)
