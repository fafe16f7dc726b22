"""``mlmcalc trueup``, and that it is there wholly or not at all where it is killed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from mlmcalc.store.adjustments import adjustments
from mlmcalc.store.documents import verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.runs import runs
from mlmcalc.store.store import open_store
from tests.api.small_company import MEMBERS
from tests.closing.corrections import IN_NOVEMBER, OCTOBER, PLAN, SALES, orders

REVERSAL = PLAN + "corrections: {returns: reversal}\n"
LATE = (20, 6, "2026-10-20", "sale", "40", "40.00", None)
BACK = (30, 4, "2026-11-07", "return", "-200", "-200.00", 4)
WORKSPACE = "company: Alpine\nplan: plan.yaml\nmembers: members.csv\norders: orders-{period}.csv\n"
COUNTED = 10
"""How many points of the true-up are tried out."""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A workspace that has closed October and knows of a late order and of a return."""
    folder = tmp_path / "company"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MLMCALC_BY", "Ann")
    monkeypatch.delenv("MLMCALC_STORE_URL", raising=False)
    (folder / "plan.yaml").write_text(REVERSAL)
    (folder / "company.yaml").write_text(WORKSPACE)
    MEMBERS.write_csv("members.csv")
    orders(*SALES).write_csv("orders-2026-10.csv")
    orders(*IN_NOVEMBER, BACK).write_csv("orders-2026-11.csv")
    open_store("store", create=True, company="Alpine").close()
    lines: list[str] = [
        "import --period 2026-10 --as-of 2026-10-31",
        "period calculate 2026-10",
        "period approve 2026-10 --by Ben",
        "period commit 2026-10",
        "import --period 2026-11 --as-of 2026-11-30",
        "period calculate 2026-11",
    ]
    for line in lines:
        assert run_command(line.split()) == 0, line
    orders(*SALES, LATE).write_csv("orders-2026-10.csv")
    assert run_command(["import", "--period", "2026-10", "--as-of", "2026-10-31"]) == 0
    capsys.readouterr()
    return folder


def test_a_late_order_and_a_return_are_corrected_in_the_open_period(company, capsys):
    assert run_command(["trueup", OCTOBER, "--dry-run"]) == 0
    out = capsys.readouterr().out
    assert "nothing is written" in out
    assert "lines would go into 2026-11" in out
    assert run_command(["trueup", OCTOBER, "--reason", "the sheet of Ohio"]) == 0
    out, err = capsys.readouterr()
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert any(line.startswith("returns -46.76") for line in lines)
    assert "4 retail clawback -20.00 returns" in lines
    assert "6 retail trueup 7.56 late orders" in lines
    assert "Adjustments 1 to 20, in 2026-11" in out
    assert "2026-11 was calculated and is open again" in err
    assert "period calculate 2026-11" in err
    assert run_command(["trueup", OCTOBER]) == 0
    assert "Nothing new is known" in capsys.readouterr().out


def test_without_a_period_it_says_which_ones_wait(company, capsys):
    assert run_command(["trueup"]) == 0
    out, err = capsys.readouterr()
    assert out == "alpine 2026-10: something new in orders\n"
    assert "mlmcalc trueup 2026-10 --dry-run" in err
    assert run_command(["trueup", OCTOBER]) == 0
    capsys.readouterr()
    assert run_command(["trueup", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run_command(["trueup"]) == 0
    assert "Nothing new is known about any committed period." in capsys.readouterr().out


def test_json_has_every_line(company, capsys):
    assert run_command(["trueup", OCTOBER, "--format", "json"]) == 0
    (period,) = json.loads(capsys.readouterr().out)["periods"]
    assert sum(Decimal(line["amount"]) for line in period["lines"]) == Decimal(period["paid"]) + Decimal(
        period["collected"]
    )
    assert set(period["causes"]) == {"late orders", "returns", "interaction"}
    assert {line["cause"] for line in period["lines"] if line["type"] == "clawback"} == {"returns"}


def test_a_period_that_is_not_committed_is_refused(company, capsys):
    assert run_command(["trueup", "2026-11"]) == 3
    assert "closing.not_committed" in capsys.readouterr().err


def test_killed_at_many_points_it_is_there_wholly_or_not_at_all(company, tmp_path):
    def killed(at: int) -> tuple[int, Path, str]:
        folder = tmp_path / f"killed-{at}"
        shutil.copytree(company, folder)
        command = [sys.executable, "-m", "tests.kill_points", str(at), "trueup", OCTOBER]
        command += ["--workspace", str(folder / "company.yaml"), "--by", "Ann"]
        done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
        return done.returncode, folder, done.stderr

    def found(folder: Path) -> tuple[list[tuple[str, str, str, str]], int, int]:
        with open_store(folder / "store") as store, store.read() as tx:
            assert not verify_log(tx) + verify_documents(tx)
            lines = sorted((one.member_id, one.bonus, one.cause, one.amount) for one in adjustments(tx))
            made = [run for run in runs(tx) if run.purpose == "trueup"]
            return lines, len(made), sum(record.action == "trueup" for record in log_records(tx))

    status, folder, told = killed(0)
    assert status == 0, told
    points = int(told.rsplit("points: ", 1)[1])
    whole = found(folder)
    assert (len(whole[0]), whole[1], whole[2]) == (20, 1, 1)
    outcomes = set()
    for at in sorted({*range(1, points + 1, max(points // COUNTED, 1)), points}):
        status, folder, _ = killed(at)
        assert status == -signal.SIGKILL
        left = found(folder)
        assert left in (([], 0, 0), whole), at
        outcomes.add(bool(left[0]))
        assert run_command(["trueup", OCTOBER, "--workspace", str(folder / "company.yaml")]) == 0
        assert found(folder) == whole
        shutil.rmtree(folder)
    assert outcomes == {False, True}
