"""Replay: the same content from the stored inputs, or the first line that differs."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

import mlmcalc
from mlmcalc.api.run_folders import every_run, run_folders
from mlmcalc.cli.main import run_command
from mlmcalc.tables.stored import StoredTables
from mlmcalc.tables.stored_digest import stored_digest
from tests.api.small_company import MEMBERS, ORDERS, plan_text, write_company
from tests.closing.life import committed, desk_of
from tests.forging import forge, read, reseal, set_cell
from tests.store_fixture import Place


def a_run(folder: Path, **options) -> Path:
    write_company(folder)
    files = {"members": folder / "members.csv", "orders": folder / "orders.csv"}
    mlmcalc.run_to_folder(folder / "plan.yaml", folder=folder / "run", period="2026-10", **files, **options)
    return folder / "run"


@pytest.fixture
def run(tmp_path) -> Path:
    return a_run(tmp_path)


def codes(found: mlmcalc.Replay) -> set[str]:
    return {finding.code for finding in found.findings}


@pytest.mark.parametrize("format", ["parquet", "csv"])
@pytest.mark.parametrize("detail", ["all", "none"])
def test_a_run_is_the_same(tmp_path, format, detail):
    folder = a_run(tmp_path, format=format, detail=detail)
    found = mlmcalc.replay(folder)
    assert found.same
    assert found.calculated == found.digest == read(folder)["digest"]
    assert (found.engine, found.tables) == ("this version", [])


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_stored_tables_have_the_digests_that_the_run_added_up(tmp_path, format):
    folder = a_run(tmp_path, format=format)
    manifest = read(folder)
    stored = StoredTables(folder, manifest)
    assert {table: stored_digest(stored, table) for table in manifest["digests"]} == manifest["digests"]


def test_rows_in_another_order_have_the_same_digest(run):
    before = read(run)["digests"]["lines"]
    forge(run, "lines", lambda lines: lines.reverse())
    assert stored_digest(StoredTables(run, read(run)), "lines") == before


def test_an_amount_that_was_changed_is_named(run):
    lines = pl.read_parquet(run / "lines/part-00000.parquet")
    forge(run, "lines", set_cell(3, "amount", Decimal("99.99")))
    found = mlmcalc.replay(run)
    assert codes(found) == {"replay.content", "replay.differs"}
    (table,) = found.tables
    first = table.first
    assert first is not None
    assert (table.table, table.only_stored, table.only_calculated) == ("lines", 1, 1)
    assert (first.row, first.column, first.stored) == (4, "amount", "99.99")
    assert first.calculated == str(lines["amount"][3])
    for name in ("bonus", "earner", "source"):
        assert first.of[name] == str(lines[name][3])
    assert found.calculated == found.digest, "what was calculated is what the manifest says; the table is not"


def test_a_digest_that_fits_the_forged_table_does_not_help(run):
    forge(run, "statements", set_cell(0, "amount", Decimal("12345.67")))
    forged = stored_digest(StoredTables(run, read(run)), "statements")
    reseal(run, lambda manifest: manifest["digests"].update(statements=forged))
    found = mlmcalc.replay(run)
    assert [table.table for table in found.tables] == ["statements"]
    assert found.tables[0].first is not None
    assert found.tables[0].first.column == "amount"


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda lines: lines.slice(1), (0, 1)),
        (lambda lines: lines.head(-1), (0, 1)),
        (lambda lines: pl.concat([lines, lines.tail(1)]), (1, 0)),
        (lambda lines: pl.concat([lines.head(2), lines.head(2), lines.slice(2)]), (2, 0)),
    ],
)
def test_lines_taken_away_or_added_are_counted(run, change, counts):
    forge(run, "lines", change)
    (table,) = mlmcalc.replay(run).tables
    assert (table.only_stored, table.only_calculated) == counts
    assert table.first is not None


def test_a_table_with_other_columns_is_said(run):
    forge(run, "breakage", lambda table: table.with_columns(more=1))

    def widen(manifest):
        manifest["columns"]["breakage"]["more"] = "int32"

    reseal(run, widen)
    (table,) = mlmcalc.replay(run).tables
    assert "more" in table.note


def test_where_no_lines_are_kept_other_tables_say_what_differs(tmp_path):
    folder = a_run(tmp_path, detail="none")
    reseal(folder, lambda manifest: manifest["digests"].update(lines="0" * 32 + "-1"))
    found = mlmcalc.replay(folder)
    assert [(table.table, table.note) for table in found.tables] == [("lines", "the run keeps none")]


@pytest.mark.parametrize("file", ["statements.parquet", "plan.yaml", "kept/values.bin", "lines/part-00000.parquet"])
def test_an_altered_file_is_named(run, file):
    content = bytearray((run / file).read_bytes())
    content[len(content) // 2] ^= 1
    (run / file).write_bytes(content)
    found = mlmcalc.replay(run)
    assert "tables.digest" in codes(found)
    assert any(file in finding.file for finding in found.findings)
    assert found.calculated == ""


def test_a_missing_file_is_named(run):
    (run / "members.parquet").unlink()
    assert codes(mlmcalc.replay(run)) == {"tables.missing"}


@pytest.mark.parametrize("text", ["no plan\n", "mlmcalc: [1\n", ""])
def test_a_plan_that_no_longer_parses_is_an_integrity_fault(run, capsys, text):
    (run / "plan.yaml").write_text(text)
    assert {"tables.digest", "api.input_changed"} <= codes(mlmcalc.replay(run))
    assert run_command(["explain", "1", "--run", str(run)]) == 5
    assert "api.input_changed" in capsys.readouterr().err


def test_a_plan_that_is_gone_is_an_integrity_fault(run, capsys):
    (run / "plan.yaml").unlink()
    assert "tables.missing" in codes(mlmcalc.replay(run))
    assert run_command(["explain", "1", "--run", str(run)]) == 5
    assert "api.input_changed" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, "nonsense", "order_id,member_id,date,qv,cv\n1,1,2026-10-01,1,1.00\n"])
def test_an_input_that_is_gone_or_altered_is_named(run, tmp_path, content):
    if content is None:
        (tmp_path / "orders.csv").unlink()
    else:
        (tmp_path / "orders.csv").write_text(content)
    found = mlmcalc.replay(run)
    assert codes(found) == {"replay.input_gone" if content is None else "api.input_changed"}
    assert "orders" in found.findings[0].message


def test_an_altered_manifest_is_said(run):
    manifest = run / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"2026-10"', '"2026-11"'))
    found = mlmcalc.replay(run)
    assert (codes(found), found.digest) == ({"tables.manifest"}, "")


def test_frames_cannot_be_replayed(tmp_path):
    mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10").write(tmp_path / "run")
    with pytest.raises(mlmcalc.InputRefused, match=r"api\.inputs_gone"):
        mlmcalc.replay(tmp_path / "run")


def test_no_run_is_refused(tmp_path):
    with pytest.raises(mlmcalc.InputRefused, match=r"tables\.no_run"):
        mlmcalc.replay(tmp_path)


def test_an_arithmetic_that_is_not_here_names_the_version_that_has_it(run):
    def later(manifest):
        manifest["versions"] |= {"arithmetic": 999, "mlmcalc": "77.1"}

    reseal(run, later)
    with pytest.raises(mlmcalc.InputRefused, match=r"released\.unknown.*arithmetic 999 by mlmcalc 77\.1"):
        mlmcalc.replay(run)


@pytest.fixture
def store(tmp_path) -> Path:
    folder = a_run(tmp_path)
    runs = tmp_path / "store" / "runs"
    runs.mkdir(parents=True)
    folder.rename(runs / read(folder)["run"])
    (folder,) = runs.iterdir()
    # Seen from there, the inputs lie one folder further away.
    reseal(folder, lambda manifest: manifest.update(locations={
        name: f"../../{place}" for name, place in manifest["locations"].items()
    }))  # fmt: skip
    return tmp_path / "store"


def test_runs_of_a_store_are_found_by_id_and_period(store):
    (folder,) = every_run(store)
    assert run_folders(folder.name, store) == run_folders("2026-10", store) == run_folders(folder, store) == [folder]
    with pytest.raises(mlmcalc.InputRefused, match=r"api\.no_such_run.*2026-10"):
        run_folders("2026-01", store)
    assert mlmcalc.replay(folder).same


def test_a_store_keeps_what_its_runs_are_made_of(tmp_path, capsys):
    with Place(tmp_path / "elsewhere", None).open(create=True, company="Alpine") as opened:
        desk = desk_of(opened)
        run = committed(desk, "2026-10")
        committed(desk, "2026-11")
    store = str(tmp_path / "elsewhere")
    assert run_command(["replay", "--all", "--store", store]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 runs, 2 same, 0 different, 0 refused"
    assert run_command(["replay", str(run.period.run), "2026-11", "--store", store]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 runs, 2 same, 0 different, 0 refused"
    folder = every_run(Path(store))[0]
    orders = next(seal["sha256"] for seal in read(folder)["inputs"] if seal["name"] == "orders")
    (kept,) = Path(store).rglob(f"{orders}.parquet")
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes()[:-1])
    assert run_command(["replay", "--all", "--store", store]) == 5
    assert "api.input_changed" in capsys.readouterr().err


def test_the_command_finds_the_store_that_the_workspace_names(store, capsys, monkeypatch):
    monkeypatch.chdir(store.parent)
    store.rename(store.parent / "books")
    (store.parent / "company.yaml").write_text("plan: plan.yaml\nmembers: members.csv\nstore: books\n")
    assert run_command(["replay", "2026-10"]) == 0
    (store.parent / "company.yaml").write_text("nonsense")
    assert run_command(["replay", "2026-10"]) == 3
    (folder,) = every_run(store.parent / "books")
    assert run_command(["replay", str(folder)]) == 0


def test_the_command_replays_one(run, capsys):
    assert run_command(["replay", str(run)]) == 0
    assert capsys.readouterr() == (f"same: {read(run)['digest']}\n", "")


def test_the_command_names_the_first_line_that_differs(run, capsys):
    forge(run, "lines", set_cell(3, "amount", Decimal("99.99")))
    assert run_command(["replay", str(run)]) == 5
    out, err = capsys.readouterr()
    assert out.startswith("different: ")
    assert "row 4 (bonus" in err
    assert "column amount: stored 99.99, calculated" in err


def test_the_command_replays_a_store(store, capsys):
    (good,) = every_run(store)
    bad = good.with_name("bad")
    shutil.copytree(good, bad)
    (bad / "state.parquet").write_bytes(b"")
    frames = good.with_name("frames")
    mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10").write(frames)
    assert run_command(["replay", "--all", "--store", str(store)]) == 5
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "3 runs, 1 same, 1 different, 1 refused"
    assert "tables.digest" in err
    assert run_command(["replay", "2026-10", "--store", str(store), "--format", "json"]) == 5
    rows = json.loads(capsys.readouterr().out)
    assert {Path(row["folder"]).name: row["same"] for row in rows} == {good.name: True, "bad": False, "frames": False}
    assert run_command(["replay", str(good), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["calculated"] == read(good)["digest"]


def test_the_command_finds_the_store_of_the_workspace(store, capsys, monkeypatch):
    monkeypatch.chdir(store.parent)
    assert run_command(["replay", "--all"]) == 2
    (store.parent / "company.yaml").write_text("plan: plan.yaml\nmembers: members.csv\n")
    assert run_command(["replay", "--all"]) == 0
    assert run_command(["replay"]) == 2
    assert run_command(["replay", "--all", str(store.parent / "nowhere")]) == 3
