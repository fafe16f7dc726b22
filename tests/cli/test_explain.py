"""``mlmcalc explain`` and ``mlmcalc compare`` as a user meets them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.cli.explanation_sheets import explanation_sheet
from mlmcalc.cli.main import run_command
from mlmcalc.cli.sheets import Column, Sheet
from tests.audit import zoo


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("zoo")
    assert run_command([*zoo.write(folder), "--summary", "none"]) == 0
    return folder


@pytest.fixture
def copy(company: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(company, tmp_path / "copy"))


def said(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> str:
    assert run_command([str(argument) for argument in arguments]) == status
    out, err = capsys.readouterr()
    return err if status > 2 else out


def test_a_member(company: Path, capsys):
    out = said(capsys, "explain", "bob", "--run", company / "out")
    assert "\x1b" not in out
    assert "gv: required at least 300.00, waived: first year, approved by Ann Smith" in out
    assert "5.2 of the compensation plan, as published in March" in out
    assert "cap reached" in out


def test_json_says_the_same_and_all_of_it(company: Path, capsys):
    found = json.loads(said(capsys, "explain", "dan", "--run", company / "out", "--format", "json"))
    assert found["total"] == "0.00000000"
    assert {step["outcome"] for step in found["missed"]} == {
        "compressed", "passed_on", "to_company", "not_active", "blocked_by_rank",
    }  # fmt: skip
    order = json.loads(said(capsys, "explain", "--order", "5", "--run", company / "out", "--format", "json"))
    assert order["buyer"] == "fay"


def test_many_lines_are_cut_to_the_largest(company: Path, capsys, monkeypatch):
    monkeypatch.setattr("mlmcalc.cli.explain.SHOWN", 3)
    out = said(capsys, "explain", "ann", "--run", company / "out")
    assert "Its 3 largest lines; --all lists all 15" in out
    whole = said(capsys, "explain", "ann", "--run", company / "out", "--all")
    assert "Its lines" in whole
    assert whole.count("rounding") > out.count("rounding")


def test_near_sources_are_limited(company: Path, capsys):
    out = said(capsys, "explain", "dan", "--run", company / "out", "--limit", "1")
    assert "and 3 sources further away; --limit shows more" in out


def test_an_order_of_another_month(company: Path, capsys):
    err = said(capsys, "explain", "--order", "8", "--run", company / "out", status=3)
    assert "order 8 is dated 2026-09-04; the run is of 2026-10-01 to 2026-10-31, and left it out" in err
    assert "api.no_order" in said(capsys, "explain", "--order", "99", "--run", company / "out", status=3)


@pytest.mark.parametrize("arguments", [[], ["ann", "--order", "1"]])
def test_a_member_or_an_order(company: Path, capsys, arguments: list[str]):
    assert run_command(["explain", *arguments, "--run", str(company / "out")]) == 2


def test_no_run(tmp_path: Path, capsys):
    assert "tables.no_run" in said(capsys, "explain", "ann", "--run", tmp_path, status=3)


def test_inputs_that_changed(copy: Path, capsys):
    with (copy / "orders.csv").open("a") as orders:
        orders.write("10,ann,2026-10-05,sale,1,1,IT\n")
    err = said(capsys, "explain", "ann", "--run", copy / "out", status=5)
    assert "the table of orders is no longer what this run was made of" in err
    (copy / "paid.csv").write_text("member_id,amount\nann,1\n")
    assert "api.input_changed" in said(capsys, "compare", copy / "out", copy / "paid.csv", status=5)


def test_inputs_that_are_gone(copy: Path, capsys):
    (copy / "overrides.csv").unlink()
    err = said(capsys, "explain", "ann", "--run", copy / "out", status=3)
    assert "api.inputs_gone" in err
    assert "overrides" in err


def test_inputs_that_moved_with_the_run(copy: Path, capsys):
    moved = copy.rename(copy.parent / "moved")
    assert "Member ann" in said(capsys, "explain", "ann", "--run", moved / "out")


def test_a_changed_plan_does_not_matter_but_a_changed_copy_does(copy: Path, capsys):
    (copy / "plan.yaml").write_text("nothing")
    assert "Member ann" in said(capsys, "explain", "ann", "--run", copy / "out")
    stored = copy / "out" / "plan.yaml"
    stored.write_text(stored.read_text().replace("[3%, 2%]", "[3%, 1%]"))
    assert "the plan is no longer what this run was made of" in said(
        capsys, "explain", "ann", "--run", copy / "out", status=5
    )


def test_a_changed_manifest(copy: Path, capsys):
    manifest = copy / "out" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"mlmcalc"', '"mlncalc"', 1))
    assert "tables.manifest" in said(capsys, "explain", "ann", "--run", copy / "out", status=5)


def test_runs_read_back_explain_themselves(company: Path):
    run = mlmcalc.load_run(company / "out")
    assert run.explain("bob").total == "14.94000000"
    assert run.explain_order(5).buyer == "fay"
    assert not run.compare(company / "orders.csv", mlmcalc.ColumnMap({"qv": "amount"})).agrees


def test_compare(company: Path, tmp_path: Path, capsys):
    paid = tmp_path / "paid.csv"
    paid.write_text("who,what,how_much\nann,uni,10.56\nbob,uni,9.74\neve,uni,0.45\n")
    columns = ["--member-column", "who", "--bonus-column", "what", "--amount-column", "how_much"]
    out = said(capsys, "compare", company / "out", paid, *columns, "--limit", "2", status=1)
    assert "--limit shows and explains more" in out
    rows = said(capsys, "compare", company / "out", paid, *columns, "--format", "csv", status=1).splitlines()
    assert rows[0] == "member,bonus,here,there,difference,knows"
    bob = next(row for row in csv.reader(rows) if row[:2] == ["bob", "uni"])
    assert bob[2:5] == ["9.75", "9.74", "0.01"]
    assert bob[5].startswith("rank Manager; no more than rounding could make")
    found = json.loads(said(capsys, "compare", company / "out", paid, *columns, "--format", "json", status=1))
    assert found["agrees"] is False
    assert "tables.missing_column" in said(capsys, "compare", company / "out", paid, status=3)
    assert run_command(["compare", str(company / "out"), str(paid), *columns, "--bonus", "uni"]) == 2


def test_compare_equal(company: Path, tmp_path: Path, capsys):
    run = mlmcalc.load_run(company / "out")
    run.statements.filter(run.statements["earner"].is_not_null()).rename({"earner": "member_id"}).select(
        "member_id", "bonus", "amount"
    ).write_csv(tmp_path / "paid.csv")
    assert "No difference." in said(capsys, "compare", company / "out", tmp_path / "paid.csv")


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("member", ["ann", "cid", "dan", "fay", "company"])
def test_explanations_fit_the_terminal(company: Path, monkeypatch, width: int, member: str):
    monkeypatch.setattr("mlmcalc.cli.sheets.sheet_width", lambda: width)
    monkeypatch.setenv("NO_COLOR", "1")
    found = mlmcalc.load_run(company / "out").explain(member)
    sheet = explanation_sheet(found, None)
    assert max(len(line) for line in sheet.lines) <= width
    text = "\n".join(sheet.lines)
    for line in found.amounts:
        assert line.amount.rstrip("0").rstrip(".") in text.replace(",", "")


def test_numbers_are_never_cut(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    sheet = Sheet(30)
    columns = [Column("why", folds=True), Column("amount", right=True), Column("place", right=True, spare=1)]
    sheet.table(columns, [("a long reason that must be folded", "1,234,567.89", "12345678")])
    assert "  a long reason     1,234,567.89" not in sheet.lines
    assert any("1,234,567.89" in line for line in sheet.lines)
    assert not any("12345678" in line for line in sheet.lines)
    assert all(len(line) <= 30 for line in sheet.lines)


def test_text_from_the_input_does_not_steer_the_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    sheet = Sheet(80)
    sheet.table([Column("reason")], [("red\x1b[31m\nnew \u202eline",)])
    assert sheet.lines[-1] == "  red\\x1b[31m\\nnew \\u202eline"
