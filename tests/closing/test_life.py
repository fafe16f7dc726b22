"""The life of a period, from its opening to its payment, and what is refused on the way."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from mlmcalc.closing import changes
from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.committing import commit
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.paying import pay
from mlmcalc.closing.projecting import project
from mlmcalc.closing.reopening import reopen
from mlmcalc.errors import ConflictError, InputRefused, IntegrityError, MlmcalcError
from mlmcalc.store.closings import closings
from mlmcalc.store.documents import documents, verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.payments import balances_of, payments_of
from mlmcalc.store.periods import find_period, period_of
from mlmcalc.store.runs import runs
from mlmcalc.store.store import Store
from tests.api.small_company import plan_text
from tests.closing.company import PEOPLE
from tests.closing.life import EVERY_ORDER, at, committed, desk_of, reviewed

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"
PROGRAM = "alpine"


def codes(refused: pytest.ExceptionInfo[MlmcalcError]) -> set[str]:
    return {finding.code for finding in refused.value.findings}


def status(store: Store, label: str = OCTOBER) -> str:
    with store.read() as tx:
        return period_of(tx, PROGRAM, label).status


def test_a_period_lives_from_calculation_to_payment(store: Store, tmp_path: Path):
    desk = desk_of(store)
    first = calculate(desk, PROGRAM, OCTOBER)
    assert (first.period.status, first.period.run) == ("calculated", first.run.id)
    approved = approve(at(desk, "Ben"), PROGRAM, OCTOBER, digest=first.run.digest[:12])
    assert (approved.period.status, approved.run.id) == ("reviewed", first.run.id)
    sealed = commit(desk, PROGRAM, OCTOBER)
    assert sealed.period.status == "committed"
    body = sealed.document.content
    assert (body["made_by"], body["approved_by"], body["number"]) == ("Ann", "Ben", 1)
    assert body["run"] == {
        "id": first.run.id,
        "digest": first.run.digest,
        "manifest_sha256": first.run.manifest_sha256,
    }
    file = tmp_path / "out" / "bank.csv"
    paid = pay(desk, PROGRAM, OCTOBER, file)
    assert (paid.sealed.period.status, paid.sealed.document.number) == ("paid", 2)
    rows = list(csv.DictReader(file.read_text().splitlines()))
    assert sum(Decimal(row["amount"]) for row in rows) == Decimal(body["totals"]["payments"]["EUR"])
    with store.read() as tx:
        payments = payments_of(tx, PROGRAM, OCTOBER)
        assert [(one.member_id, one.amount) for one in payments] == [(row["member_id"], row["amount"]) for row in rows]
        assert {one.state for one in payments} == {"paid"}
        kept = {(one.member_id, one.kind): one.amount for one in balances_of(tx, PROGRAM, OCTOBER)}
        assert kept == {("1", "deferred"): "2.78", ("2", "deferred"): "2.10", ("6", "held"): "2.85"}
        assert not verify_documents(tx)
        assert not verify_log(tx)


def test_the_next_period_begins_with_what_the_last_one_left(store: Store, tmp_path: Path):
    desk = desk_of(store)
    committed(desk)
    second = calculate(desk, PROGRAM, NOVEMBER)
    steps = second.result.payout.cast({"step": pl.String})
    assert set(steps.filter(pl.col("step").is_in(["released", "opening_balance"]))["member"]) == {1, 2, 6}
    assert json.loads(second.run.details)["opening"] == calculate(desk, PROGRAM, NOVEMBER).result.manifest["locations"][
        "state"
    ].removeprefix("../")


def test_a_second_calculation_of_the_same_is_the_same_run(store: Store):
    desk = desk_of(store)
    first, again = calculate(desk, PROGRAM, OCTOBER), calculate(desk, PROGRAM, OCTOBER)
    assert (first.there_already, again.there_already) == (False, True)
    assert first.run == again.run
    approve(at(desk, "Ben"), PROGRAM, OCTOBER)
    assert calculate(desk, PROGRAM, OCTOBER).period.status == "reviewed"


def test_previews_stand_side_by_side_and_change_nothing(store: Store):
    desk = desk_of(store)
    calculate(desk, PROGRAM, OCTOBER)
    for orders in (6, 7):
        few = desk_of(store, "Cid", orders=EVERY_ORDER.head(orders - 3))
        preview = calculate(few, PROGRAM, OCTOBER, "preview")
        assert preview.period.status == "calculated"
    with store.read() as tx:
        assert len(runs(tx, PROGRAM, OCTOBER, "preview")) == 2
        assert len(runs(tx, PROGRAM, OCTOBER, "calculated")) == 1


def test_a_preview_of_the_next_period_may_begin_with_what_is_not_committed(store: Store):
    desk = desk_of(store)
    calculate(desk, PROGRAM, OCTOBER)
    assert calculate(desk, PROGRAM, NOVEMBER, "preview").provisional
    with pytest.raises(InputRefused) as refused:
        calculate(desk, PROGRAM, NOVEMBER)
    assert codes(refused) == {"closing.state"}


def test_what_was_a_preview_may_be_calculated(store: Store):
    desk = desk_of(store)
    preview = calculate(desk, PROGRAM, OCTOBER, "preview")
    made = calculate(at(desk, "Cid"), PROGRAM, OCTOBER)
    assert (made.run.id, made.run.purpose, made.there_already) == (preview.run.id, "calculated", True)
    for name in ("Cid", "Ann"):
        with pytest.raises(InputRefused) as refused:
            approve(at(desk, name), PROGRAM, OCTOBER)
        assert codes(refused) == {"closing.same_person"}


def test_a_gap_is_refused(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)
    for label in (DECEMBER, "2026-09"):
        with pytest.raises(InputRefused) as refused:
            calculate(desk, PROGRAM, label)
        assert codes(refused) == {"closing.gap"}
    assert "Open 2026-11 first" in refused.value.findings[0].remedy
    assert open_period(desk, PROGRAM, NOVEMBER).status == "open"
    with store.read() as tx:
        assert find_period(tx, PROGRAM, DECEMBER) is None


def test_a_period_is_opened_once(store: Store):
    desk = desk_of(store)
    assert open_period(desk, PROGRAM, OCTOBER) == open_period(desk, PROGRAM, OCTOBER)
    with store.read() as tx:
        assert [record.action for record in log_records(tx, "alpine 2026-10")] == ["period.open"]


def test_nothing_is_committed_that_was_not_approved(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)
    for _ in range(2):
        with pytest.raises(InputRefused) as refused:
            commit(desk, PROGRAM, OCTOBER)
        assert codes(refused) == {"closing.not_approved"}
        calculate(desk, PROGRAM, OCTOBER)
    with pytest.raises(InputRefused) as refused:
        pay(desk, PROGRAM, OCTOBER, Path("never.csv"))
    assert codes(refused) == {"closing.not_committed"}


@pytest.mark.parametrize("name", ["Ann", "ann", " ANN "])
def test_who_calculated_does_not_approve(store: Store, name: str):
    desk = desk_of(store)
    calculate(desk, PROGRAM, OCTOBER)
    with pytest.raises(InputRefused) as refused:
        approve(at(desk, name), PROGRAM, OCTOBER)
    assert codes(refused) == {"closing.same_person"}
    assert status(store) == "calculated"


def test_who_entered_something_does_not_approve(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)
    changes.force_rank(at(desk, "Ben"), PROGRAM, "3", "Manager", "moved from another team")
    changes.adjust(at(desk, "Cid"), PROGRAM, "2", "manual", "5.00", "shipping was late")
    calculate(desk, PROGRAM, OCTOBER)
    for name in ("Ben", "Cid"):
        with pytest.raises(InputRefused) as refused:
            approve(at(desk, name), PROGRAM, OCTOBER)
        assert codes(refused) == {"closing.same_person"}
    assert approve(at(desk, "Dee"), PROGRAM, OCTOBER).period.status == "reviewed"


def test_another_digest_is_not_approved(store: Store):
    desk = desk_of(store)
    calculate(desk, PROGRAM, OCTOBER)
    with pytest.raises(InputRefused) as refused:
        approve(at(desk, "Ben"), PROGRAM, OCTOBER, digest="00ff")
    assert codes(refused) == {"closing.digest"}


def test_an_approval_twice_is_one_and_by_another_a_conflict(store: Store):
    desk = desk_of(store)
    reviewed(desk)
    assert approve(at(desk, "Ben"), PROGRAM, OCTOBER).before
    with pytest.raises(ConflictError) as refused:
        approve(at(desk, "Cid"), PROGRAM, OCTOBER)
    assert codes(refused) == {"closing.approved"}


def test_a_commit_twice_is_one(store: Store):
    desk = desk_of(store)
    first = committed(desk)
    again = commit(desk, PROGRAM, OCTOBER)
    assert (again.before, again.document) == (True, first.document)
    with store.read() as tx:
        assert len(documents(tx)) == len(closings(tx)) == 1


def test_somebody_else_who_commits_learns_who_was_first(store: Store):
    desk = desk_of(store)
    run = committed(desk).document.content["run"]
    with pytest.raises(ConflictError) as refused:
        commit(at(desk, "Cid"), PROGRAM, OCTOBER)
    finding = refused.value.findings[0]
    assert finding.code == "closing.committed_before"
    assert "by Ann at 20" in finding.message
    assert run["digest"] in finding.message


def test_another_run_than_the_approved_one_is_not_committed(store: Store):
    desk = desk_of(store)
    reviewed(desk)
    other = calculate(desk_of(store, "Ann", orders=EVERY_ORDER.head(3)), PROGRAM, OCTOBER, "preview")
    with pytest.raises(InputRefused) as refused:
        commit(desk, PROGRAM, OCTOBER, run=other.run.id)
    assert codes(refused) == {"closing.other_run"}
    commit(desk, PROGRAM, OCTOBER)
    with pytest.raises(ConflictError):
        commit(desk, PROGRAM, OCTOBER, run=other.run.id)


def test_a_committed_period_does_not_change(store: Store, tmp_path: Path):
    desk = desk_of(store)
    committed(desk)
    for act in (
        lambda: calculate(desk, PROGRAM, OCTOBER),
        lambda: approve(at(desk, "Dee"), PROGRAM, OCTOBER),
        lambda: changes.force_rank(desk, PROGRAM, "3", "Manager", "late", label=OCTOBER),
        lambda: changes.set_rates(desk, PROGRAM, OCTOBER, {"USD": "0.9"}),
    ):
        with pytest.raises(InputRefused) as refused:
            act()
        assert codes(refused) == {"closing.committed"}
    assert status(store) == "committed"


@pytest.mark.parametrize("file", ["statements.parquet", "manifest.json", "payout.parquet"])
def test_an_altered_run_is_not_committed(store: Store, file: str):
    desk = desk_of(store)
    made = reviewed(desk)
    path = store.run_folder(made.run.id) / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(IntegrityError):
        commit(desk, PROGRAM, OCTOBER)
    with pytest.raises(IntegrityError):
        calculate(desk, PROGRAM, OCTOBER)
    assert status(store) == "reviewed"


def test_a_run_whose_inputs_were_altered_is_not_committed(store: Store):
    desk = desk_of(store)
    made = reviewed(desk)
    place = store.run_folder(made.run.id) / made.result.manifest["locations"]["orders"]
    place.write_bytes(place.read_bytes() + b" ")
    with pytest.raises(IntegrityError) as refused:
        commit(desk, PROGRAM, OCTOBER)
    assert codes(refused) == {"closing.input_changed"}


def test_another_run_in_the_folder_is_not_committed(store: Store):
    desk = desk_of(store)
    made = reviewed(desk)
    other = calculate(desk_of(store, "Ann", orders=EVERY_ORDER.head(3)), PROGRAM, OCTOBER, "preview")
    folder, theirs = store.run_folder(made.run.id), store.run_folder(other.run.id)
    folder.rename(folder.with_name("away"))
    theirs.rename(folder)
    with pytest.raises(IntegrityError) as refused:
        commit(desk, PROGRAM, OCTOBER)
    assert codes(refused) == {"closing.run_changed"}


def test_paying_twice_is_once_and_gives_the_same_file(store: Store, tmp_path: Path):
    desk = desk_of(store)
    committed(desk)
    file = tmp_path / "bank.csv"
    pay(desk, PROGRAM, OCTOBER, file)
    content = file.read_bytes()
    file.unlink()
    assert pay(desk, PROGRAM, OCTOBER, file).sealed.before
    assert file.read_bytes() == content
    with pytest.raises(ConflictError) as refused:
        pay(at(desk, "Cid"), PROGRAM, OCTOBER, tmp_path / "other.csv")
    assert codes(refused) == {"closing.paid_before"}
    assert not (tmp_path / "other.csv").exists()
    file.write_text("something else")
    with pytest.raises(ConflictError) as refused:
        pay(desk, PROGRAM, OCTOBER, file)
    assert codes(refused) == {"closing.file_exists"}


def test_reopening_takes_a_commit_back_and_deletes_nothing(store: Store):
    desk = desk_of(store)
    first = committed(desk)
    back = reopen(at(desk, "Cid"), PROGRAM, OCTOBER, "an order was missing")
    assert (back.was, back.period.status, back.period.generation) == ("committed", "open", 2)
    assert back.document is not None
    body = back.document.content
    assert (body["kind"], body["reason"], body["previous"]) == (
        "reopening",
        "an order was missing",
        first.document.digest,
    )
    journals = [store.objects.read(one["tables"]["journal"]["sha256"]) for one in (body, first.document.content)]
    sums = pl.concat(journals).group_by("account", "member_id").agg(pl.col("debit").sum() - pl.col("credit").sum())
    assert set(sums["debit"]) == {Decimal(0)}
    with store.read() as tx:
        assert {one.state for one in payments_of(tx, PROGRAM, OCTOBER)} == {"void"}
    again = committed(desk)
    assert again.document.number == 3
    with store.read() as tx:
        assert [one.generation for one in closings(tx, PROGRAM, OCTOBER)] == [1, 2]
        assert {one.state for one in payments_of(tx, PROGRAM, OCTOBER, 2)} == {"due"}


def test_the_newest_is_reopened_first(store: Store):
    desk = desk_of(store)
    committed(desk)
    calculate(desk, PROGRAM, NOVEMBER)
    with pytest.raises(InputRefused) as refused:
        reopen(desk, PROGRAM, OCTOBER, "an order was missing")
    assert codes(refused) == {"closing.newest_first"}
    assert reopen(desk, PROGRAM, NOVEMBER, "so that October can be").document is None
    assert reopen(desk, PROGRAM, OCTOBER, "an order was missing").period.status == "open"


def test_what_is_paid_stands_and_a_reopening_needs_a_reason(store: Store, tmp_path: Path):
    desk = desk_of(store)
    committed(desk)
    with pytest.raises(InputRefused) as refused:
        reopen(desk, PROGRAM, OCTOBER, "  ")
    assert codes(refused) == {"closing.reason"}
    pay(desk, PROGRAM, OCTOBER, tmp_path / "bank.csv")
    with pytest.raises(InputRefused) as refused:
        reopen(desk, PROGRAM, OCTOBER, "an order was missing")
    assert codes(refused) == {"closing.paid"}
    assert "mlmcalc trueup 2026-10" in refused.value.findings[0].remedy


def test_a_statement_below_zero_is_not_committed_without_a_payout(store: Store):
    desk = desk_of(store, plan=plan_text())
    committed(desk)
    with pytest.raises(InputRefused) as refused:
        committed(desk, NOVEMBER)
    assert codes(refused) == {"closing.negative"}
    assert status(store, NOVEMBER) == "reviewed"


def test_a_change_while_it_is_calculated_is_a_conflict(store: Store):
    desk = desk_of(store)
    open_period(desk, PROGRAM, OCTOBER)

    def meddling(*about):
        changes.force_rank(at(desk, "Cid"), PROGRAM, "3", "Manager", "meanwhile")

    steps = iter([meddling])
    with pytest.raises(ConflictError) as refused:
        calculate(desk, PROGRAM, OCTOBER, progress=lambda *about: next(steps, lambda: None)())
    assert codes(refused) == {"closing.changed_meanwhile"}
    assert status(store) == "open"


def test_changes_put_a_period_back_to_open(store: Store):
    desk = desk_of(store)
    reviewed(desk)
    changed = changes.hold(at(desk, "Cid"), PROGRAM, "1", "account is being checked")
    with pytest.raises(InputRefused) as refused:
        changes.hold(at(desk, "Dee"), PROGRAM, "1", "account is being checked")
    assert codes(refused) == {"closing.twice"}
    assert (changed.was, changed.period.status, changed.run_fell) == ("reviewed", "open", True)
    with pytest.raises(InputRefused):
        commit(desk, PROGRAM, OCTOBER)
    made = calculate(desk, PROGRAM, OCTOBER)
    held = made.result.payout.cast({"step": pl.String, "name": pl.String}).filter(pl.col("step") == "held")
    assert (1, "account is being checked") in list(held.select("member", "name").iter_rows())
    released = changes.release(at(desk, "Cid"), PROGRAM, "1", "it is in order")
    assert released.numbers == changed.numbers
    with pytest.raises(InputRefused) as refused:
        changes.release(at(desk, "Cid"), PROGRAM, "1", "again")
    assert codes(refused) == {"closing.no_hold"}


def test_a_calculation_of_what_was_approved_after_a_change_was_taken_back(store: Store):
    desk = desk_of(store)
    first = reviewed(desk)
    changed = changes.force_rank(at(desk, "Cid"), PROGRAM, "3", "Manager", "moved")
    changes.take_back_override(at(desk, "Cid"), changed.numbers[0])
    again = calculate(desk, PROGRAM, OCTOBER)
    assert (again.run.id, again.period.status) == (first.run.id, "calculated"), "it has to be approved again"


def test_operators_need_names(store: Store):
    with pytest.raises(InputRefused) as refused:
        open_period(replace(desk_of(store), by=" "), PROGRAM, OCTOBER)
    assert codes(refused) == {"store.by"}


def test_members_are_paid_in_their_currency_with_its_digits(store: Store, tmp_path: Path):
    people = PEOPLE.with_columns(pl.Series("currency", ["JPY", "KWD", None, "EUR", "JPY", "KWD"]))
    desk = desk_of(store, members=people)
    changes.set_rates(desk, PROGRAM, OCTOBER, {"JPY": "161.205", "KWD": "0.3351"})
    sealed = committed(desk)
    assert sealed.totals["payments"] == {"JPY": "3497.000", "KWD": "4.252"}
    with store.read() as tx:
        found = [(one.member_id, one.currency, one.amount) for one in payments_of(tx, PROGRAM, OCTOBER)]
    assert found == [("1", "JPY", "3497"), ("2", "KWD", "4.252")]
    pay(desk, PROGRAM, OCTOBER, tmp_path / "bank.csv")
    rows = list(csv.DictReader((tmp_path / "bank.csv").read_text().splitlines()))
    assert [(row["currency"], row["amount"]) for row in rows] == [("JPY", "3497"), ("KWD", "4.252")]
    with pytest.raises(InputRefused) as refused:
        changes.set_rates(desk, PROGRAM, OCTOBER, {"JPY": "160"})
    assert codes(refused) == {"closing.committed"}


def test_a_rate_that_changes_takes_the_calculated_run_down(store: Store):
    desk = desk_of(store, members=PEOPLE.with_columns(pl.lit("JPY").alias("currency")))
    changes.set_rates(desk, PROGRAM, OCTOBER, {"USD": "0.9"})
    with pytest.raises(InputRefused) as refused:
        calculate(desk, PROGRAM, OCTOBER)
    assert "rates.missing" in codes(refused)
    changes.set_rates(desk, PROGRAM, OCTOBER, {"JPY": "161.205"})
    first = calculate(desk, PROGRAM, OCTOBER)
    assert changes.set_rates(desk, PROGRAM, OCTOBER, {"JPY": "161.3"}).was == "calculated"
    assert calculate(desk, PROGRAM, OCTOBER).run.id != first.run.id


def test_a_projection_keeps_nothing_and_opens_nothing(store: Store):
    desk = desk_of(store)
    made = project(desk, PROGRAM, OCTOBER, "2026-10-20")
    assert (made.as_of, made.provisional, made.period.status) == ("2026-10-20", False, "open")
    assert set(made.lacking()["next_rank"]) == {"Partner", "Manager"}
    assert made.lacking(3).rows()[0][:4] == (3, "rank", None, "Partner")
    calculate(desk, PROGRAM, OCTOBER)
    with pytest.raises(InputRefused, match=r"closing\.gap"):
        project(desk, PROGRAM, DECEMBER, "2026-12-20")
    assert project(desk, PROGRAM, NOVEMBER, "2026-11-20").provisional
    with store.read() as tx:
        assert find_period(tx, PROGRAM, NOVEMBER) is None
        assert [one.purpose for one in runs(tx)] == ["calculated"]


@pytest.mark.parametrize("fault", ["gone", "altered"])
def test_a_period_does_not_begin_with_a_state_that_is_not_what_was_left(store: Store, fault: str):
    desk = desk_of(store)
    folder = store.run_folder(committed(desk).document.content["run"]["id"])
    if fault == "gone":
        folder.rename(folder.with_name("away"))
    else:
        (folder / "state.parquet").write_bytes((folder / "state.parquet").read_bytes()[::-1])
    with pytest.raises(IntegrityError) as refused:
        calculate(desk, PROGRAM, NOVEMBER)
    assert codes(refused) == {"closing.run_missing" if fault == "gone" else "tables.digest"}
    assert status(store, NOVEMBER) == "open"
