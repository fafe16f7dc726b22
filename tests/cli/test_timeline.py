"""``mlmcalc timeline``, and what ``mlmcalc explain`` says of a balance, as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from tests.api.four_months import write_months
from tests.forging import forge, set_cell

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> list[Path]:
    return write_months(tmp_path_factory.mktemp("months"))


def said(capsys, *arguments: object, status: int = 0) -> str:
    assert run_command([str(argument) for argument in arguments]) == status
    out, err = capsys.readouterr()
    return err if status > 1 else out


def test_one_run_is_followed_back(made, capsys):
    out = said(capsys, "timeline", "ann", made[2])
    assert "3 periods, 2026-01 to 2026-03" in out
    assert "rank down: Silver to none" in out
    assert "Where the closing balance of 2026-03 comes from" in out
    assert [line.split() for line in out.splitlines() if line.startswith("  2026-03") and "held" in line] == []
    assert "carried, below the minimum" in out


def test_a_folder_of_runs_and_why(made, capsys):
    out = said(capsys, "timeline", "ann", made[0].parent, "--why")
    assert "carry in + volume + overflow = matched + flushed + carry out" in out
    assert "2026-02: rank none" in out
    assert "60.00" in out


def test_json_and_csv_hold_the_same(made, capsys):
    found = json.loads(said(capsys, "timeline", "ann", *made, "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(said(capsys, "timeline", "ann", *made, "--format", "csv"))))
    for moment in found["moments"]:
        seen = moment["seen"]
        mine = [row for row in rows if row["period"] == seen["period"]]
        assert {row["name"]: row["value"] for row in mine if row["what"] == "earned"} == seen["earned"]
        assert {row["name"]: row["value"] for row in mine if row["what"] == "rank"} == seen["ranks"]
        assert [row["value"] for row in mine if row["what"] == "change"] == moment["changes"]
        assert [[row["name"], row["value"]] for row in mine if row["what"] == "balance from"] == moment["balance_from"]
    assert found["moments"][3]["seen"]["ranks"] == {"rank": "Gold"}


def test_a_workspace_knows_where_its_runs_are(made, capsys, monkeypatch, tmp_path):
    (tmp_path / "company.yaml").write_text(
        f"plan: plan.yaml\nmembers: members.csv\norders: orders.csv\nout: {made[0].parent}/{{period}}\n"
    )
    monkeypatch.chdir(tmp_path)
    assert "4 periods" in said(capsys, "timeline", "bob")
    assert "None of the runs is of other" in said(capsys, "timeline", "bob", "--program", "other", status=2)


@pytest.mark.parametrize("arguments", [("ann",), ("ann", "nowhere")])
def test_without_runs_it_is_a_matter_of_usage(arguments, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said(capsys, "timeline", *arguments, status=2)


def test_a_break_gives_status_1(made, capsys, tmp_path):
    from shutil import copytree

    copies = [Path(copytree(run, tmp_path / run.name)) for run in made[:2]]
    forge(copies[1], "payout", set_cell(0, "amount", Decimal("11.00")))
    assert "Breaks" in said(capsys, "timeline", "ann", *copies, status=1)


def test_it_fits_eighty_columns(made):
    main, other = pty.openpty()
    os.set_inheritable(other, True)
    script = "from mlmcalc.cli.main import main; main()"
    environment = os.environ | {"COLUMNS": "80", "LINES": "40", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", script, "timeline", "ann", *map(str, made), "--why"]
    process = subprocess.Popen(command, stdout=other, env=environment)
    os.close(other)
    said = b""
    try:
        while part := os.read(main, 65536):
            said += part
    except OSError:
        # Where nobody writes any more, reading fails instead of ending.
        pass
    finally:
        os.close(main)
    assert process.wait() == 0
    lines = said.decode().splitlines()
    assert max(len(line) for line in lines) <= 80
    assert any("570.00" in line for line in lines)


def test_explain_says_where_the_balance_comes_from(made, capsys):
    out = said(capsys, "explain", "ann", "--run", made[3])
    assert "The opening balance comes from" in out
    found = json.loads(said(capsys, "explain", "ann", "--run", made[3], "--format", "json"))
    assert found["balance_from"] == {"2026-01": "12.00", "2026-03": "18.00"}
    assert "balance_from" not in json.loads(said(capsys, "explain", "ann", "--run", made[0], "--format", "json"))


def test_explain_in_a_process_of_its_own_says_it_too(made):
    # There, plans are restored without a reader, which earlier runs need.
    script = "from mlmcalc.cli.main import main; main()"
    command = [sys.executable, "-c", script, "explain", "ann", "--run", str(made[3]), "--format", "json"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert json.loads(done.stdout)["balance_from"] == {"2026-01": "12.00", "2026-03": "18.00"}
