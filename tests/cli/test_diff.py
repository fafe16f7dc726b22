"""``mlmcalc diff``."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from tests.api.small_company import write_company


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Two runs: an order of 260 in place of 200, member 5 below 3 in place of 4, 6% in place of 5% at level 1."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        arguments = write_company(tmp_path / name)
        if name == "b":
            changes = {
                "orders.csv": ("200.00", "260.00"),
                "members.csv": ("5,4,", "5,3,"),
                "plan.yaml": ("levels: [5%, 4%, 3%]", "levels: [6%, 4%, 3%]"),
            }
            for file, (old, new) in changes.items():
                path = tmp_path / name / file
                assert old in path.read_text()
                path.write_text(path.read_text().replace(old, new))
        assert run_command(["run", *arguments, "--out", f"run-{name}"]) == 0
    capsys.readouterr()
    return ["diff", "run-a", "run-b"]


def flat(out: str) -> list[str]:
    """Return lines with single blanks."""
    return [" ".join(line.split()) for line in out.splitlines()]


def test_three_causes_their_amounts_and_the_sum(runs, capsys):
    assert run_command([*runs, "--each"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    lines = flat(out)
    assert "plan: bonus unilevel 3.64 0 3 levels, level 1: 5% → 6%" in lines
    assert "move of 5 -8.59 2.00 3 sponsor_id 4 → 3" in lines
    assert "order 4 12.90 0 3 cv 200 → 260" in lines
    assert "interaction -0.12 0.60 3" in lines
    assert "the whole 7.83 2.60 3" in lines
    assert "2 rank Manager Partner" in lines


def test_one_member_bonus_by_bonus(runs, capsys):
    assert run_command([*runs, "--member", "1"]) == 1
    out = capsys.readouterr().out
    assert "Member 1" in out
    assert "all bonuses 17.44 23.04 5.60 plan 0.76, moves 0.78, orders 3.30, interaction 0.76" in flat(out)
    assert run_command([*runs, "--member", "company"]) == 1
    assert "The company" in capsys.readouterr().out
    assert run_command([*runs, "--member", "6"]) == 1
    assert "paid the same in both" in capsys.readouterr().out


def test_json_and_csv_have_every_member_and_sum(runs, capsys):
    assert run_command([*runs, "--format", "json"]) == 1
    stated = json.loads(capsys.readouterr().out)
    assert [cause["name"] for cause in stated["causes"]] == ["plan", "moves", "orders", "interaction"]
    for row in stated["rows"]:
        assert sum(map(Decimal, row["causes"].values())) == Decimal(row["difference"])
    assert sum(Decimal(cause["paid"]) for cause in stated["causes"]) == Decimal("7.83")
    assert run_command([*runs, "--format", "csv"]) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == len(stated["rows"])
    names = ["member", "section", "name", "before", "after", "difference", "plan", "moves", "orders", "interaction"]
    assert list(rows[0]) == names


def test_equal_runs_end_with_0(runs, capsys):
    assert run_command(["diff", "run-a", "run-a"]) == 0
    assert "the contents are the same" in capsys.readouterr().out


def test_it_fits_a_terminal(runs, capsys, monkeypatch):
    monkeypatch.setattr("mlmcalc.cli.sheets.sheet_width", lambda: 80)
    assert run_command([*runs, "--each"]) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if "digest" not in line]
    assert max(map(len, lines)) <= 80


def test_few_members_are_shown_when_asked(runs, capsys):
    assert run_command([*runs, "--members", "1", "--no-causes"]) == 1
    out = capsys.readouterr().out
    assert "the 1 largest" in out
    assert "Causes" not in out


def test_gone_and_changed_inputs(runs, tmp_path, capsys):
    orders = tmp_path / "a" / "orders.csv"
    text = orders.read_text()
    orders.unlink()
    assert run_command(runs) == 1
    out, err = capsys.readouterr()
    assert "diff.not_attributed" in err
    assert "bonus unilevel" in out
    orders.write_text(text + "99,1,2026-10-01,1,1\n")
    assert run_command(runs) == 5
    assert "api.input_changed" in capsys.readouterr().err


def test_runs_of_a_store_by_id_and_period(runs, tmp_path, capsys):
    (tmp_path / "store" / "runs").mkdir(parents=True)
    ids = []
    for name in ("run-a", "run-b"):
        ids.append(json.loads((tmp_path / name / "manifest.json").read_text())["run"])
        (tmp_path / name).rename(tmp_path / "store" / "runs" / ids[-1])
    assert run_command(["diff", *ids, "--store", "store", "--no-causes"]) == 1
    assert ids[1] in capsys.readouterr().out
    assert run_command(["diff", ids[0], "2026-10", "--store", "store"]) == 2
    assert "had several runs" in capsys.readouterr().err


def test_no_run_is_refused(runs, tmp_path, capsys):
    assert run_command(["diff", "run-a", "a"]) == 3
    assert "tables.no_run" in capsys.readouterr().err
