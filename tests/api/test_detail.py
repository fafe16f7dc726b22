"""A run that keeps no lines says the same as one that keeps them all."""

import json
import shutil
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

import mlmcalc
from mlmcalc.api.outputs import TABLES
from mlmcalc.cli.main import run_command
from mlmcalc.tables.stored import StoredTables
from tests.api.small_company import MEMBERS, ORDERS, plan_text, write_company


@pytest.fixture
def company(tmp_path: Path) -> list[str]:
    return write_company(tmp_path)


def run_twice(company: list[str], tmp_path: Path, *more: str) -> tuple[Path, Path]:
    for detail in ("all", "none"):
        out = ["--out", str(tmp_path / detail), "--detail", detail, "--summary", "none"]
        assert run_command(["run", *company, *out, *more]) == 0
    return tmp_path / "all", tmp_path / "none"


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_only_the_lines_are_missing(company, tmp_path, form):
    whole, none = run_twice(company, tmp_path, "--format", form)
    assert (whole / "lines").exists() or (whole / "lines.csv").exists()
    assert not list(none.rglob("*lines*"))
    assert not list(none.rglob("part-*"))
    assert not (none / "kept").exists()
    first, second = (json.loads((folder / "manifest.json").read_text()) for folder in (whole, none))
    assert (first["detail"], second["detail"]) == ("all", "none")
    for same in ("run", "digest", "digests", "totals", "balance", "plan", "inputs"):
        assert first[same] == second[same], same
    assert {"lines": first["columns"]["lines"], **second["columns"]} == first["columns"]
    there = {path.relative_to(none).as_posix() for path in none.rglob("*") if path.is_file()}
    assert there == {*second["files"], "manifest.json"}
    for name in TABLES:
        assert_frame_equal(getattr(mlmcalc.load_run(whole), name), getattr(mlmcalc.load_run(none), name))
    assert StoredTables(none, second).verify() == []


def test_lines_are_calculated_when_they_are_asked_for(company, tmp_path):
    whole, none = (mlmcalc.load_run(folder) for folder in run_twice(company, tmp_path))
    assert_frame_equal(whole.lines, none.lines)


def test_explanations_and_comparisons_are_the_same(company, tmp_path, capsys):
    paid = tmp_path / "paid.csv"
    paid.write_text("member_id,bonus,amount\n1,retail,10.00\n")
    said = []
    for folder in run_twice(company, tmp_path):
        for asked in (["explain", "1"], ["explain", "--order", "4"], ["explain", "company"]):
            assert run_command([*asked, "--run", str(folder), "--format", "json"]) == 0
        assert run_command(["compare", str(folder), str(paid)]) == 1
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]


def test_changed_inputs_have_no_lines(company, tmp_path, capsys):
    _, none = run_twice(company, tmp_path)
    orders = tmp_path / "orders.csv"
    orders.write_text(orders.read_text().replace("55.5", "66.5"))
    with pytest.raises(mlmcalc.IntegrityError) as refusal:
        _ = mlmcalc.load_run(none).lines
    assert [finding.code for finding in refusal.value.findings] == ["api.input_changed"]
    assert mlmcalc.load_run(none).statements.height
    orders.unlink()
    with pytest.raises(mlmcalc.InputRefused, match="orders"):
        _ = mlmcalc.load_run(none).lines


def test_lines_that_would_differ_are_refused(company, tmp_path):
    _, none = run_twice(company, tmp_path)
    manifest = json.loads((none / "manifest.json").read_text())
    manifest["digests"]["lines"] = "0" * 32
    from mlmcalc.runs.manifest import manifest_text

    del manifest["manifest_sha256"]
    (none / "manifest.json").write_text(manifest_text(manifest))
    with pytest.raises(mlmcalc.IntegrityError) as refusal:
        _ = mlmcalc.load_run(none).lines
    assert [finding.code for finding in refusal.value.findings] == ["api.lines_differ"]


def test_in_the_library(tmp_path):
    whole, none = (
        mlmcalc.run(plan_text(), MEMBERS, orders=ORDERS, period="2026-10", detail=detail) for detail in ("all", "none")
    )
    assert whole.digest == none.digest
    assert_frame_equal(whole.lines, none.lines)
    none.write(tmp_path / "written")
    assert not (tmp_path / "written/lines").exists()
    again = mlmcalc.load_run(tmp_path / "written")
    assert again.manifest["detail"] == "none"
    again.write(tmp_path / "twice")
    assert mlmcalc.load_run(tmp_path / "twice").digest == whole.digest
    told = mlmcalc.run_to_folder(
        plan_text(), MEMBERS, tmp_path / "folder", orders=ORDERS, period="2026-10", detail="none"
    )
    assert_frame_equal(told.lines, whole.lines)
    assert told.digest == whole.digest


def test_the_workspace_chooses_and_the_command_line_overrules(company, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("company.yaml").write_text("plan: plan.yaml\nmembers: members.csv\norders: orders.csv\ndetail: none\n")
    assert run_command(["run", "--period", "2026-10", "--summary", "none"]) == 0
    assert json.loads(Path("runs/2026-10/manifest.json").read_text())["detail"] == "none"
    shutil.rmtree("runs")
    assert run_command(["run", "--period", "2026-10", "--summary", "none", "--detail", "all"]) == 0
    assert json.loads(Path("runs/2026-10/manifest.json").read_text())["detail"] == "all"
