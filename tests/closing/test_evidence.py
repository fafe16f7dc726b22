"""What the store adds to an auditor's pack and to a timeline, on every database."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import mlmcalc
from mlmcalc.api.pack.gather import gather_pack
from mlmcalc.audit.pack.model import Pack
from mlmcalc.cli.main import run_command
from mlmcalc.closing import changes
from mlmcalc.closing.approving import approve
from mlmcalc.closing.calculating import calculate
from mlmcalc.closing.committing import commit
from mlmcalc.closing.evidence import archive_evidence, committed_runs, evidence_of, stored_run
from mlmcalc.closing.exporting import export
from mlmcalc.closing.importing import Given, import_tables
from mlmcalc.closing.paying import pay
from mlmcalc.closing.told import tables_at
from mlmcalc.errors import InputRefused, IntegrityError
from mlmcalc.plan.load import load_plan
from mlmcalc.store.clock import parse_instant
from mlmcalc.store.runs import StoredRun
from mlmcalc.store.store import Store
from tests.api.small_company import ORDERS, plan_text
from tests.closing.company import PAYOUT, PEOPLE
from tests.closing.life import at, committed, desk_of
from tests.forging import forge, set_cell
from tests.store_fixture import Place

OCTOBER, NOVEMBER, PROGRAM = "2026-10", "2026-11", "alpine"


def packed(store: Store, run: StoredRun) -> Pack:
    return gather_pack(store.run_folder(run.id), evidence_of(store, run), seed=1)


def rows(pack: Pack, name: str) -> list[dict]:
    listing = next(one for section in pack.sections for one in section.listings if one.name == name)
    return [dict(zip([column.name for column in listing.columns], row, strict=True)) for row in listing.rows]


def mark(pack: Pack, key: str) -> str:
    return next(section.mark for section in pack.sections if section.key == key)


def test_a_paid_period_ties_from_lines_to_journal(store: Store, tmp_path: Path):
    desk = desk_of(store)
    committed(desk)
    pay(desk, PROGRAM, OCTOBER, tmp_path / "bank.csv")
    run = stored_run(store, OCTOBER)
    pack = packed(store, run)
    assert pack.differences == []
    chain = {row["this"]: row for row in rows(pack, "tie-out-chain")}
    paid = mlmcalc.load_run(store.run_folder(run.id)).totals["payout"]["paid"]
    assert chain["payout, paid"]["right"] == Decimal(paid)
    assert chain["members whose payment in document 1 is another"]["left"] == 0
    assert [row["kind"] for row in rows(pack, "tie-out-documents")] == ["commit", "payment"]
    assert {row["mark"] for row in rows(pack, "tie-out-journal")} == {"listed", "ties"}
    assert [(row["by"], row["withdrawn"]) for row in rows(pack, "decisions-approvals")] == [("Ben", "")]
    log = [row["what"] for row in rows(pack, "decisions-log")]
    assert log == ["period.open", "period.calculate", "period.approve", "period.commit", "period.pay"]


def test_what_people_entered_is_listed_withdrawn_or_not(store: Store):
    desk = desk_of(store)
    calculate(desk, PROGRAM, OCTOBER)
    kept = changes.hold(desk, PROGRAM, "2", "address unknown", OCTOBER)
    gone = changes.force_rank(desk, PROGRAM, "3", "Manager", "by mistake", label=OCTOBER)
    changes.take_back_override(desk, gone.numbers[0])
    made = calculate(desk, PROGRAM, OCTOBER)
    approve(at(desk, "Ben"), PROGRAM, OCTOBER, reason="looked through")
    pack = packed(store, made.run)
    entered = {row["number"]: row for row in rows(pack, "decisions-entered")}
    assert (entered[kept.numbers[0]]["kind"], entered[kept.numbers[0]]["withdrawn by"]) == ("hold", "")
    assert (entered[gone.numbers[0]]["kind"], entered[gone.numbers[0]]["withdrawn by"]) == ("rank", "Ann")
    assert [row["kind"] for row in rows(pack, "decisions-overrides")] == ["hold"]
    assert rows(pack, "decisions-approvals")[0]["reason"] == "looked through"
    assert "Calculated by Ann, approved by Ben." in pack.sections[5].conclusion
    assert mark(pack, "tie-out") == "ties"
    assert "not closed" in pack.sections[2].conclusion


def test_a_run_that_was_changed_after_its_payment_does_not_tie(store: Store):
    committed(desk_of(store))
    run = stored_run(store, OCTOBER)
    folder = store.run_folder(run.id)
    payout = mlmcalc.load_run(folder).payout
    row = payout["step"].cast(str).to_list().index("paid")
    forge(folder, "payout", set_cell(row, "amount", payout["amount"][row] + 1))
    pack = packed(store, run)
    assert mark(pack, "tie-out") == "differs"
    chain = {row["this"]: row for row in rows(pack, "tie-out-chain")}
    assert chain["payout, paid"]["difference"] == Decimal(1)
    assert chain["members whose payment in document 1 is another"]["left"] == 1


def test_the_period_before_is_found_through_the_state(store: Store):
    desk = desk_of(store)
    committed(desk)
    calculate(desk, PROGRAM, NOVEMBER)
    pack = packed(store, stored_run(store, NOVEMBER))
    assert mark(pack, "flux") == "listed"
    assert {row["what"] for row in rows(pack, "flux-totals")} >= {"paid", "members", "volume pv"}


def test_a_timeline_of_what_was_committed(store: Store):
    desk = desk_of(store)
    for label in (OCTOBER, NOVEMBER):
        calculate(desk, PROGRAM, label)
        approve(at(desk, "Ben"), PROGRAM, label)
        commit(desk, PROGRAM, label)
    calculate(desk, PROGRAM, "2026-12")
    found = mlmcalc.timeline(committed_runs(store, PROGRAM), 6)
    assert [moment.seen.period for moment in found.moments] == [OCTOBER, NOVEMBER]
    assert found.breaks == []
    assert committed_runs(store, "other") == []


def test_runs_are_found_by_period_and_id(store: Store):
    made = calculate(desk_of(store), PROGRAM, OCTOBER)
    assert stored_run(store, OCTOBER).id == made.run.id
    assert stored_run(store, made.run.id[-6:]).id == made.run.id
    with pytest.raises(InputRefused):
        stored_run(store, "2027-01")


def test_orders_that_became_known_after_the_period_ended(store: Store):
    desk, plan = desk_of(store), load_plan(plan_text() + PAYOUT)
    given = {"members": PEOPLE, "orders": ORDERS.with_columns(pl.lit("sale").alias("kind"))}
    period = plan.calendar(OCTOBER)
    late = (
        given["orders"].head(1).with_columns(pl.lit(77, pl.Int64).alias("order_id"), pl.lit("2026-10-30").alias("date"))
    )
    for orders, known in (
        (given["orders"], "2026-10-31T20:00:00Z"),
        (pl.concat([given["orders"], late]), "2026-11-02T08:00:00Z"),
    ):
        tables = Given(period, given | {"orders": orders}, as_of=period.last)
        import_tables(store, tables, [plan], [plan], "Ann", known_at=parse_instant(known))
    desk = replace(desk, tables=tables_at)
    for known, used in (("2026-11-01T00:00:00Z", "no"), ("2026-11-03T00:00:00Z", "yes")):
        made = calculate(desk, PROGRAM, OCTOBER, known_at=parse_instant(known))
        found = rows(packed(store, made.run), "cut-off-late")
        assert [(row["order"], row["day"], row["used"]) for row in found] == [("77", "2026-10-30", used)]
        assert found[0]["known"].startswith("2026-11-02T08:00:00")


def test_the_commands_find_what_is_in_the_store(place: Place, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    store_words = "{folder: store}" if place.url is None else f"{{folder: store, url: {place.url!r}}}"
    (tmp_path / "company.yaml").write_text(
        f"company: Alpine\nplan: plan.yaml\nmembers: members.csv\norders: orders.csv\nstore: {store_words}\n"
    )
    with place.open(create=True, company="Alpine") as store:
        committed(desk_of(store))
        run = stored_run(store, OCTOBER)
    for wanted in (OCTOBER, run.id, f"store/runs/{run.id}"):
        out = f"pack-{len(wanted)}"
        assert run_command(["audit-pack", wanted, "--out", out, "--format", "json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["run"] == run.id
        assert "Calculated by Ann, approved by Ben." in said["sections"]["decisions"]["conclusion"]
        assert (tmp_path / out / "lists/tie-out-journal.csv").exists()
    assert run_command(["timeline", "1"]) == 0
    assert "1 period, 2026-10" in capsys.readouterr().out


def test_an_archive_is_enough_for_the_auditor(store: Store, tmp_path: Path, capsys):
    desk = desk_of(store)
    committed(desk)
    pay(desk, PROGRAM, OCTOBER, tmp_path / "bank.csv")
    run = stored_run(store, OCTOBER)
    export(store, tmp_path / "with", inputs=True)
    export(store, tmp_path / "without")
    shutil.rmtree(store.folder / "objects")
    folder = tmp_path / "with/runs" / run.id
    assert run_command(["audit-pack", str(folder), "--out", str(tmp_path / "pack"), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)["sections"]
    assert {key for key, section in said.items() if section["result"] == "ties"} == {
        "completeness",
        "tie-out",
        "sample",
    }
    assert (tmp_path / "pack/lists/tie-out-documents.csv").read_text().count("\n") == 3
    pack = gather_pack(tmp_path / "without/runs" / run.id, archive_evidence(tmp_path / "without/runs" / run.id))
    assert mark(pack, "completeness") == "absent"
    assert mark(pack, "tie-out") == "ties"
    assert mlmcalc.load_run(folder).explain(1).total


def test_an_altered_archive_is_an_integrity_fault(store: Store, tmp_path: Path):
    committed(desk_of(store))
    run = stored_run(store, OCTOBER)
    export(store, tmp_path / "archive")
    folder = tmp_path / "archive/runs" / run.id
    document = next((tmp_path / "archive/documents").iterdir())
    content = document.read_bytes()
    document.write_bytes(content.replace(b'"made_by":"Ann"', b'"made_by":"Eve"'))
    with pytest.raises(IntegrityError):
        archive_evidence(folder)
    document.write_bytes(content)
    beside = archive_evidence(folder)
    assert beside is not None
    assert beside.booked is not None
    listed = tmp_path / "archive/archive.json"
    whole = listed.read_text()
    for broken in ("[]", "{", '{"documents": [{}]}'):
        listed.write_text(broken)
        with pytest.raises(IntegrityError):
            archive_evidence(folder)
    listed.write_text(whole)
    for table in (tmp_path / "archive/tables").iterdir():
        table.write_bytes(table.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        archive_evidence(folder)


def test_orders_of_other_periods_stand_beside_those_of_the_period(store: Store):
    desk, plan = desk_of(store), load_plan(plan_text() + PAYOUT)
    dated = ["2026-09-27", "2026-09-28", "2026-09-30", "2026-10-01", "2026-10-31", "2026-11-01", "2026-11-03"]
    orders = ORDERS.with_columns(pl.lit("sale").alias("kind"), pl.Series("date", dated))
    period = plan.calendar(OCTOBER)
    given = Given(period, {"members": PEOPLE, "orders": orders}, as_of=period.last)
    import_tables(store, given, [plan], [plan], "Ann", known_at=parse_instant("2026-11-04T08:00:00Z"))
    made = calculate(replace(desk, tables=tables_at), PROGRAM, OCTOBER)
    pack = gather_pack(store.run_folder(made.run.id), evidence_of(store, made.run), days=3)
    outside = rows(pack, "cut-off-left-out")
    assert [(row["day"], row["became"]) for row in outside] == [
        (day, "of another period") for day in dated[1:3] + dated[5:]
    ]
    days = {row["day"]: row for row in rows(pack, "cut-off-days")}
    assert [days["2026-09-28"][name] for name in ("period", "used", "left out", "cv left out")] == [
        "outside", 0, 1, Decimal("55.50"),
    ]  # fmt: skip
    assert days["2026-10-01"]["used"] == 1
    assert next(one for one in pack.sections if one.key == "completeness").mark == "ties"


def test_payments_in_other_currencies_tie_in_that_of_the_plan(store: Store):
    people = PEOPLE.with_columns(pl.Series("currency", ["JPY", "KWD", None, "EUR", "JPY", "KWD"]))
    desk = desk_of(store, members=people)
    changes.set_rates(desk, PROGRAM, OCTOBER, {"JPY": "161.205", "KWD": "0.3351"})
    committed(desk)
    pack = packed(store, stored_run(store, OCTOBER))
    assert pack.differences == []
    whole = {row["currency"]: row["mark"] for row in rows(pack, "tie-out-journal") if row["entry"] == "all entries"}
    assert whole == {"EUR": "ties", "JPY": "ties", "KWD": "ties"}
