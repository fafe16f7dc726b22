import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

import mlmcalc
from mlmcalc.cli.main import run_command
from tests.api.small_company import MEMBERS, ORDERS, VOLUMES, plan_text, write_company

ANSI = "\x1b"
COMMAND = "import sys; from mlmcalc.cli.main import main; main(sys.argv[1:])"
# The package need not be installed to be tested.
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(mlmcalc.__file__).parents[1])}


@pytest.fixture
def company(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_company(tmp_path)


def process(args, **variables) -> subprocess.CompletedProcess:
    environment = ENVIRONMENT | variables
    return subprocess.run([sys.executable, "-c", COMMAND, *args], capture_output=True, text=True, env=environment)


def test_a_run_prints_a_summary_and_writes_a_folder(company, tmp_path, capsys):
    assert run_command(["run", *company, "--out", "out"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    run = mlmcalc.load_run(tmp_path / "out")
    for text in (
        run.id,
        run.digest,
        "alpine 2026-01, 2026-10",
        "unilevel",
        "Manager",
        "orders.outside_period",
        "no upline",
    ):
        assert text in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_the_summary_for_machines(company, capsys):
    assert run_command(["run", *company, "--out", "out", "--summary", "json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["totals"]["members"] == 6
    assert manifest["totals"]["ranks"]["rank"]["Partner"] >= 1
    assert run_command(["run", *company, "--out", "other", "--summary", "none"]) == 0
    assert capsys.readouterr().out == ""


def test_the_folder_is_runs_and_the_period(company, tmp_path):
    assert run_command(["run", *company]) == 0
    assert (tmp_path / "runs/2026-10/manifest.json").exists()


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_formats_hold_the_same(company, tmp_path, format):
    assert run_command(["run", *company, "--out", "out", "--format", format]) == 0
    expected = mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10")
    back = mlmcalc.load_run(tmp_path / "out")
    assert back.digest == expected.digest
    assert back.statements.equals(expected.statements)


def test_excel_is_known_by_its_name(company, tmp_path):
    MEMBERS.write_excel(tmp_path / "members.xlsx")
    company[company.index("--members") + 1] = "members.xlsx"
    assert run_command(["run", *company, "--out", "out"]) == 0
    assert mlmcalc.load_run("out").digest == mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10").digest


def test_an_existing_folder_is_a_conflict(company, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    assert run_command(["run", *company, "--out", "out"]) == 4
    assert "tables.output_exists" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_may_not_be_written(company, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert run_command(["run", *company, "--out", "file/out"]) == 6
    assert "tables.output_refused" in capsys.readouterr().err


def test_refused_input_is_one_line_per_finding(company, tmp_path, capsys):
    MEMBERS.with_columns(sponsor_id=pl.Series([None, 1, 1, 2, 98, 99])).write_csv(tmp_path / "members.csv")
    assert run_command(["run", *company, "--out", "out"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[0].startswith("input refused, ")
    assert sum("genealogy.orphan" in line for line in lines) == 2
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


def test_many_findings_of_one_kind_do_not_hide_the_others(company, tmp_path, capsys):
    many = pl.DataFrame({"member_id": range(1, 201), "sponsor_id": [None] + [999] * 199})
    many.with_columns(joined=pl.lit("31.10.2026")).write_csv(tmp_path / "members.csv", separator=";")
    (tmp_path / "orders.csv").write_text("")
    assert run_command(["run", *company, "--out", "out"]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert sum("genealogy.orphan" in line for line in lines[1:-1]) == 5
    assert any("tables.empty" in line for line in lines)
    assert "194 genealogy.orphan" in lines[-1]


def test_a_full_disk_behind_standard_output(company, monkeypatch, capsys):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mlmcalc.cli.summary.print_summary", full)
    assert run_command(["run", *company, "--out", "out"]) == 6
    assert "No space left on device" in capsys.readouterr().err


def test_debug_shows_the_traceback(company, tmp_path):
    (tmp_path / "members.csv").write_text("")
    with pytest.raises(mlmcalc.InputRefused):
        run_command(["run", *company, "--out", "out", "--debug"])


def test_hostile_cells_do_not_steer_the_terminal(company, tmp_path, capsys):
    content = (tmp_path / "members.csv").read_text().replace("\n2,1", "\n2,\x1b[2J\u202e9")
    (tmp_path / "members.csv").write_text(content)
    assert run_command(["run", *company, "--out", "out"]) == 3
    err = capsys.readouterr().err
    assert "\x1b[2J" not in err
    assert "\u202e" not in err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["run"], "Name a plan"),
        (["run", "plan.yaml"], "--members"),
        (["run", "plan.yaml", "--members", "m.csv", "--period", "2026-10"], "--orders"),
        (["run", "plan.yaml", "--members", "m.csv", "--orders", "o.csv"], "--period"),
        (["run", "plan.yaml", "--members", "m", "--orders", "o", "--volumes", "v"], "exclude each other"),
        (["check"], "Name a plan"),
        (["run", "--format", "xml"], "parquet"),
    ],
)
def test_usage(tmp_path, monkeypatch, capsys, args, said):
    monkeypatch.chdir(tmp_path)
    assert run_command(args) == 2
    assert said in capsys.readouterr().err


def workspace(tmp_path, expect="") -> None:
    text = "company: Small\nplan: plan.yaml\nmembers: members.csv\norders: orders.csv\n" + expect
    (tmp_path / "company.yaml").write_text(text)


def test_a_workspace_holds_all_of_it(company, tmp_path):
    workspace(tmp_path)
    assert run_command(["run", "--period", "2026-10"]) == 0
    digest = mlmcalc.load_run("runs/2026-10").digest
    assert run_command(["run", "--workspace", "company.yaml", "--period", "2026-10", "--out", "again"]) == 0
    assert mlmcalc.load_run("again").digest == digest
    VOLUMES.write_csv("volumes.csv")
    assert run_command(["run", "--period", "2026-10", "--volumes", "volumes.csv", "--out", "by_volume"]) == 0
    assert mlmcalc.load_run("by_volume").digest == digest


def test_a_workspace_needs_a_period(company, tmp_path, capsys):
    workspace(tmp_path)
    assert run_command(["run"]) == 2
    assert "--period" in capsys.readouterr().err


def test_what_the_company_expects_is_compared_first(company, tmp_path, capsys):
    workspace(tmp_path, "expect: {members: {rows: 7}, orders: {rows: 7, sums: {cv: 530.18}}}\n")
    assert run_command(["run", "--period", "2026-10"]) == 3
    err = capsys.readouterr().err
    assert err.count("workspace.expectation") == 2
    assert not (tmp_path / "runs").exists()
    workspace(tmp_path, "expect: {members: {rows: 6}, orders: {rows: 7, sums: {cv: 530.17}}}\n")
    assert run_command(["run", "--period", "2026-10"]) == 0


def test_check(company, tmp_path, capsys):
    assert run_command(["check", *company]) == 0
    assert "orders.outside_period" in capsys.readouterr().out
    assert run_command(["check", *company, "--strict"]) == 1
    assert run_command(["check", company[0], "--strict"]) == 0
    capsys.readouterr()
    (tmp_path / "plan.yaml").write_text(plan_text(currency="curency"))
    assert run_command(["check", *company, "--format", "json"]) == 3
    findings = json.loads(capsys.readouterr().out)
    assert {"code", "line", "level", "message", "remedy"} <= set(findings[0])


def test_a_pipe_gets_neither_colours_nor_progress(company):
    done = process(["run", *company, "--out", "out"])
    assert done.returncode == 0
    assert ANSI not in done.stdout + done.stderr
    assert done.stderr == ""
    done = process(["run", *company, "--out", "out"])
    assert done.returncode == 4
    assert ANSI not in done.stderr


def test_output_that_nobody_reads_is_no_fault(company):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "check", *company],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    os.close(writer)
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(company, tmp_path, number):
    code = (
        "import sys, time, mlmcalc.api.calculate as c\n"
        "def slow(*a, **k): print('begun', flush=True); time.sleep(60)\n"
        "c.run_commissions = slow\n"
        "from mlmcalc.cli.main import main; main(sys.argv[1:])"
    )
    args = [sys.executable, "-c", code, "run", *company, "--out", "new/out"]
    with subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as stopped:
        assert stopped.stdout is not None
        assert stopped.stdout.readline() == "begun\n"
        before = time.monotonic()
        stopped.send_signal(number)
        _, err = stopped.communicate(timeout=30)
    assert time.monotonic() - before < 30
    assert stopped.returncode == 128 + number
    assert "Traceback" not in err
    assert not (tmp_path / "new").exists()


def test_schema(tmp_path, capsys):
    assert run_command(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "bonuses" in schema["properties"]
    assert run_command(["schema", "-o", str(tmp_path / "s.json")]) == 0
    assert json.loads((tmp_path / "s.json").read_text()) == schema
    assert run_command(["schema", "-o", str(tmp_path / "no/s.json")]) == 6


def test_compiled_or_not_is_the_same_run(company):
    assert run_command(["run", *company, "--out", "here", "--threads", "1"]) == 0
    other = "0" if os.environ.get("NUMBA_DISABLE_JIT") == "1" else "1"
    assert process(["run", *company, "--out", "there"], NUMBA_DISABLE_JIT=other).returncode == 0
    here, there = (mlmcalc.load_run(folder).manifest for folder in ("here", "there"))
    assert here["digests"] == there["digests"]
    assert here["run"] == there["run"]


def test_a_run_goes_on_from_the_folder_of_the_one_before(company, tmp_path, capsys):
    period = company.index("--period") + 1
    before = [*company[:period], "2026-09", *company[period + 1 :]]
    assert run_command(["run", *before, "--out", "before", "--summary", "none"]) == 0
    assert run_command(["run", *company, "--state", "before", "--out", "out", "--summary", "none"]) == 0
    assert mlmcalc.load_run(tmp_path / "out").state.columns[:3] == ["period", "section", "name"]
    assert run_command(["explain", "1", "--run", "out"]) == 0
    capsys.readouterr()
    assert run_command(["run", *before, "--state", "before", "--out", "again"]) == 3
    assert "state.gap" in capsys.readouterr().err
