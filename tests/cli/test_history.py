"""``mlmcalc import``, ``record``, ``history``, and runs as of a day and as known at an instant."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest

from mlmcalc.cli.main import run_command
from mlmcalc.store.store import open_store
from tests.api.small_company import MEMBERS, ORDERS, plan_text

WORKSPACE = """
company: Alpine
plans: [plans/*.yaml]
members: members.csv
orders: orders-{period}.csv
"""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of a monthly plan in two versions and a weekly one, with an empty store."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLMCALC_BY", "Ann")
    monkeypatch.delenv("MLMCALC_STORE_URL", raising=False)
    (tmp_path / "plans").mkdir()
    second = {"version: 2026-01": "version: 2026-11", "effective: 2026-01-01": "effective: 2026-11-01"}
    weekly = {"plan: alpine": "plan: weekly", "effective: 2026-01-01": "effective: 2026-01-01\nperiod: week"}
    for name, changes in (("first", {}), ("second", {**second, "5%, 4%, 3%": "6%, 4%, 3%"}), ("weekly", weekly)):
        (tmp_path / "plans" / f"{name}.yaml").write_text(plan_text(**changes))
    (tmp_path / "company.yaml").write_text(WORKSPACE)
    MEMBERS.write_csv("members.csv")
    ORDERS.write_csv("orders-2026-10.csv")
    ORDERS.write_csv("orders-2026-W40.csv")
    open_store("store", create=True, company="Alpine").close()
    return tmp_path


def type_(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    """Run a command and return what it printed."""
    capsys.readouterr()
    assert run_command(list(words)) == status, capsys.readouterr().err
    printed = capsys.readouterr()
    return printed.err if status else printed.out


def test_a_month_is_taken_in_corrected_and_run_as_of_two_times(
    company: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = json.loads(type_(capsys, "import", "--period", "2026-10", "--format", "json"))
    assert done["as_of"] == "2026-10-31"
    assert [(one["table"], one["new"], one["batch"]) for one in done["tables"]] == [("members", 6, 1), ("orders", 7, 2)]
    assert "Nothing new; nothing was added." in type_(capsys, "import", "--period", "2026-10")

    (company / "moves.csv").write_text("member_id,column,value,from\n6,sponsor_id,1,2026-10-05\n")
    assert "sponsor_id 1." in type_(capsys, "record", "moves.csv", "--dry-run")
    assert "Batch 3" in type_(capsys, "record", "moves.csv", "--reason", "form of the 5th")
    assert "nothing new; 1 known already." in type_(capsys, "record", "moves.csv")

    plain = json.loads(type_(capsys, "run", "--period", "2026-10", "--out", "plain", "--summary", "json"))
    then, now = (
        json.loads(type_(capsys, "run", "--period", "2026-10", "--out", name, "--summary", "json", *options))
        for name, options in (("then", ["--known-at", done["known_at"]]), ("now", ["--as-of", "2026-10-31"]))
    )
    assert then["digest"] == plain["digest"] != now["digest"]
    assert "clocks" not in plain
    assert then["clocks"] == {"as_of": "2026-10-31", "known_at": done["known_at"], "batches": 2}
    assert now["clocks"]["batches"] == 3
    MEMBERS.head(1).write_csv("members.csv")
    assert "member 6" in type_(capsys, "explain", "6", "--run", "now").casefold()

    rows = list(csv.DictReader(io.StringIO(type_(capsys, "history", "6", "--format", "csv"))))
    assert [(row["true_from"], row["column"], row["value"], row["batch"], row["made_by"]) for row in rows] == [
        ("2025-01-01", "member", "there", "1", "Ann"),
        ("2025-01-01", "sponsor_id", "5", "1", "Ann"),
        ("2025-01-01", "joined", "2025-01-01", "1", "Ann"),
        ("2026-10-05", "sponsor_id", "1", "3", "Ann"),
    ]
    assert "form of the 5th" in type_(capsys, "history", "6")
    assert json.loads(type_(capsys, "history", "6", "--format", "json"))[3]["reason"] == "form of the 5th"

    type_(capsys, "history", "--table", "members", "--period", "2026-10", "--as-of", "2026-10-04", "--out", "early.csv")
    assert pl.read_csv("early.csv")["sponsor_id"].to_list() == [None, 1, 1, 2, 4, 5]
    type_(capsys, "history", "--table", "orders", "--period", "2026-10", "--out", "orders.parquet")
    assert pl.read_parquet("orders.parquet").height == 6


def test_the_plan_is_that_of_the_period(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ORDERS.write_csv("orders-2026-11.csv")

    def version(*options: str) -> tuple[str, str]:
        out = type_(capsys, "run", *options, "--out", "-".join(["run", *options]), "--summary", "json")
        plan = json.loads(out)["plan"]
        return plan["name"], plan["version"]

    assert version("--period", "2026-10") == ("alpine", "2026-01")
    assert version("--period", "2026-11") == ("alpine", "2026-11")
    assert version("--period", "2026-11", "--version", "2026-01") == ("alpine", "2026-01")
    assert version("--period", "2026-W40") == ("weekly", "2026-01")
    assert "closing.version" in type_(capsys, "run", "--period", "2025-10", status=3)
    assert "periods.label" in type_(capsys, "run", "--period", "2026-10", "--plan", "weekly", status=3)
    assert "PLAN is a file" in type_(
        capsys, "run", "plans/first.yaml", "--period", "2026-10", "--program", "alpine", status=2
    )


def test_a_week_and_a_month_share_one_network(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    type_(capsys, "import", "--period", "2026-10", "--known-at", "2026-11-03T09:00")
    week = json.loads(type_(capsys, "import", "--period", "2026-W40", "--format", "json", "--dry-run"))
    assert [(one["table"], one["new"], one["unchanged"]) for one in week["tables"]] == [
        ("members", 0, 6),
        ("orders", 0, 7),
    ]
    plain, told = (
        json.loads(type_(capsys, "run", "--period", "2026-W40", "--out", name, "--summary", "json", *options))
        for name, options in (("plain", []), ("told", ["--known-at", "2026-11-03"]))
    )
    assert plain["digest"] == told["digest"]


def test_paths_may_name_the_program(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (company / "company.yaml").write_text(WORKSPACE.replace("orders-{period}.csv", "'{plan}-{period}.csv'"))
    ORDERS.write_csv("alpine-2026-10.csv")
    assert "7" in type_(capsys, "import", "--period", "2026-10", "--format", "csv").splitlines()[2].split(",")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["import", "--period", "2026-10", "--known-at", "2026-10-25T99:00"], 3, "history.instant"),
        (["import", "--period", "2026-10", "--known-at", "2999-01-01"], 3, "store.known_at"),
        (["import", "--period", "October"], 3, "periods.label"),
        (["import", "--period", "2026-10", "--as-of", "31.10.2026"], 2, "is no day"),
        (["run", "--period", "2026-10", "--as-of", "2026-10-31"], 3, "history.nothing_known"),
        (["run", "--period", "2026-10", "--as-of", "2026-10-31", "--orders", "o.csv"], 2, "leave out --orders"),
        (["run", "plans/first.yaml", "--members", "members.csv", "--orders", "orders-2026-10.csv", "--period",
          "2026-10", "--as-of", "2026-10-31"], 2, "need a workspace"),
        (["history"], 2, "Name a MEMBER"),
        (["history", "6", "--table", "members"], 2, "Name a MEMBER"),
        (["history", "--table", "members"], 2, "--period"),
        (["history", "6"], 3, "history.no_member"),
        (["record", "nowhere.csv"], 3, "tables.no_file"),
        (["run", "plans/first.yaml", "--members", "m.csv", "--orders", "o.csv", "--period", "2026-10", "--version",
          "1"], 2, "choose among the plans"),
    ],
)  # fmt: skip
def test_what_is_refused(
    company: Path, capsys: pytest.CaptureFixture[str], words: list[str], status: int, said: str
) -> None:
    assert said in " ".join(type_(capsys, *words, status=status).split())
    assert not (company / "runs").exists()


def test_an_existing_file_is_not_written_over(company: Path, capsys: pytest.CaptureFixture[str]) -> None:
    type_(capsys, "import", "--period", "2026-10")
    words = ["history", "--table", "members", "--period", "2026-10", "--out"]
    assert "tables.output_exists" in type_(capsys, *words, "members.csv", status=4)
    assert "history.format" in type_(capsys, *words, "members.txt", status=3)
    assert "history.nothing_known" in type_(
        capsys, "history", "--table", "volumes", "--period", "2026-10", "--out", "volumes.csv", status=3
    )
