"""``mlmcalc audit-pack`` as an auditor types it."""

from __future__ import annotations

import json

import pytest

from mlmcalc.cli.main import run_command
from tests.api.small_company import write_company
from tests.forging import forge, set_cell


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(["run", *write_company(tmp_path), "--out", "runs/2026-10", "--summary", "none"]) == 0
    capsys.readouterr()
    return tmp_path / "runs/2026-10"


def test_a_pack_of_a_folder(run, capsys):
    assert run_command(["audit-pack", str(run), "--out", "pack", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert "seed 5" in said
    assert "Tie-out" in said
    assert (run.parents[1] / "pack/index.html").exists()
    assert run_command(["audit-pack", str(run), "--out", "pack"]) == 4


def test_a_pack_of_a_period_in_a_workspace(run, capsys):
    folder = run.parents[1]
    (folder / "company.yaml").write_text(
        "company: Alpine\nplan: plan.yaml\nmembers: members.csv\norders: orders.csv\n"
        "expect: {orders: {rows: 8, sums: {cv: 530.17}}}\n"
    )
    assert run_command(["audit-pack", "2026-10", "--out", "pack", "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["differences"] == ["completeness"]
    assert "1 comparisons differ" in found["sections"]["completeness"]["conclusion"]
    page = (folder / "pack/index.html").read_text()
    assert "Alpine" in page
    assert "✗ differs" in page


def test_an_amount_that_was_changed_gives_status_1(run, capsys):
    forge(run, "statements", set_cell(0, "lines", 99))
    assert run_command(["audit-pack", str(run), "--out", "pack", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["differences"] == ["tie-out"]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["nowhere", "--out", "pack"], 3), (["{run}"], 2), (["{run}", "--out", "pack", "--lines", "0"], 2)],
)
def test_what_cannot_be_done(run, arguments, status, capsys):
    assert run_command(["audit-pack", *(word.replace("{run}", str(run)) for word in arguments)]) == status
    assert not (run.parents[1] / "pack").exists()
