"""A month's closing on the command line: what each command prints, what it refuses, with which exit status."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlmcalc.cli.main import run_command
from mlmcalc.closing.importing import Given, import_tables
from mlmcalc.closing.programs import programs_of
from mlmcalc.store.store import open_store
from mlmcalc.workspace.load import load_workspace
from tests.api.small_company import plan_text
from tests.closing.company import PAYOUT, PEOPLE
from tests.closing.life import EVERY_ORDER

WORKSPACE = "company: Alpine\nplan: plan.yaml\nmembers: members.csv\norders: orders.csv\n"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose tables were taken in for October."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLMCALC_STORE_URL", raising=False)
    monkeypatch.setenv("MLMCALC_BY", "Ann")
    Path("company.yaml").write_text(WORKSPACE)
    Path("plan.yaml").write_text(plan_text() + PAYOUT)
    PEOPLE.write_csv("members.csv")
    EVERY_ORDER.write_csv("orders.csv")
    workspace = load_workspace(tmp_path)
    programs = programs_of(workspace)
    period = programs.period("alpine", "2026-10")
    with open_store(workspace.store.folder, create=True, company="Alpine") as store:
        given = Given.of(workspace, period)
        import_tables(store, given, programs.versions("alpine"), programs.versions("alpine"), "Ann")
    return tmp_path


@pytest.fixture
def mlmcalc(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = run_command(list(words))
        seen = capsys.readouterr()
        return status, seen.out, seen.err

    return run


def values(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer[2]
    return json.loads(answer[1])


def test_a_month_from_calculation_to_payment(mlmcalc: Run, folder: Path):
    status, out, err = mlmcalc("period", "calculate", "2026-10")
    assert status == 0
    assert "alpine 2026-01, 2026-10" in out
    assert err.splitlines()[-1] == "next: a second person runs `mlmcalc period approve 2026-10 --by NAME`"
    status, out, err = mlmcalc("period", "approve", "2026-10")
    assert (status, out) == (3, "")
    assert "closing.same_person" in err
    status, out, err = mlmcalc("period", "approve", "2026-10", "--by", "Ben")
    assert (status, err) == (0, "next: `mlmcalc period commit 2026-10`\n")
    assert out.startswith("alpine 2026-10 is approved by Ben\n")
    status, out, err = mlmcalc("period", "commit", "2026-10")
    assert (status, err) == (0, "next: `mlmcalc period pay 2026-10`\n")
    assert out.startswith("alpine 2026-10 is committed\n")
    status, out, err = mlmcalc("period", "commit", "2026-10")
    assert status == 0
    assert out.startswith("alpine 2026-10: already committed at 20")
    status, out, err = mlmcalc("period", "commit", "2026-10", "--by", "Cid")
    assert status == 4
    assert "was committed by Ann at 20" in err
    status, out, err = mlmcalc("period", "pay", "2026-10")
    assert (status, err) == (0, "next: `mlmcalc period calculate 2026-11`\n")
    rows = list(csv.DictReader((folder / "payments" / "alpine-2026-10.csv").read_text().splitlines()))
    assert [(row["member_id"], row["amount"], row["reference"]) for row in rows] == [
        ("1", "21.69", "alpine 2026-10 1"),
        ("2", "12.69", "alpine 2026-10 2"),
    ]
    found = values(mlmcalc("period", "status", "2026-10", "--format", "json"))
    assert (found["status"], found["calculated_by"], found["approval"]["by"]) == ("paid", ["Ann"], "Ben")
    assert found["payments"] == [{"state": "paid", "currency": "EUR", "count": 2, "sum": "34.38"}]
    assert [one["kind"] for one in found["documents"]] == ["commit", "payment"]


def test_machines_read_every_act(mlmcalc: Run, folder: Path):
    made = values(mlmcalc("period", "calculate", "2026-10", "--format", "json"))
    assert (made["status"], made["run"]["purpose"]) == ("calculated", "calculated")
    approved = values(mlmcalc("period", "approve", "2026-10", "--by", "Ben", "--format", "json"))
    assert approved["run"]["id"] == made["run"]["id"]
    sealed = values(mlmcalc("period", "commit", "2026-10", "--format", "json"))
    assert sealed["document"]["run"]["digest"] == made["run"]["digest"]
    assert values(mlmcalc("period", "commit", "2026-10", "--format", "json"))["before"]
    reopened = values(mlmcalc("period", "reopen", "2026-10", "--reason", "an order came", "--format", "json"))
    assert (reopened["status"], reopened["document"]["kind"]) == ("open", "reopening")
    listed = values(mlmcalc("period", "status", "--format", "json"))
    assert [(one["period"], one["status"], one["generation"]) for one in listed] == [("2026-10", "open", 2)]


def test_what_is_entered_after_the_calculation_opens_the_period_again(mlmcalc: Run):
    mlmcalc("period", "calculate", "2026-10")
    acts = [
        ("override", "rank", "3", "Manager", "--reason", "moved"),
        ("override", "waiver", "3", "gv", "--rank", "Manager", "--reason", "promised"),
        ("override", "hold", "1", "--reason", "account is being checked"),
        ("override", "volume", "2", "--order", "900", "--date", "2026-10-05", "--set", "qv=5", "--set", "cv=4.50"),
        ("adjust", "2", "--type", "manual", "--amount", "-1.50", "--reason", "a parcel was lost"),
        ("rate", "set", "2026-10", "USD", "0.92"),
    ]
    for act in acts:
        words = [*act, "--reason", "forgotten"] if act[1] == "volume" else act
        status, _, err = mlmcalc(*words, "--by", "Cid")
        assert status == 0, err
        assert "the period was calculated and is open again: its run no longer stands" in err
        assert mlmcalc("period", "calculate", "2026-10")[0] == 0
    found = values(mlmcalc("period", "status", "2026-10", "--format", "json"))
    assert [(one["kind"], one["member_id"]) for one in found["overrides"]] == [
        ("rank", "3"),
        ("waiver", "3"),
        ("hold", "1"),
        ("volume", "2"),
    ]
    assert [(one["type"], one["amount"]) for one in found["adjustments"]] == [("manual", "-1.50")]
    assert found["rates"] == {"USD": "0.92"}
    assert mlmcalc("override", "withdraw", "4")[0] == 0
    assert mlmcalc("adjust", "--withdraw", "1")[0] == 0
    listed = values(mlmcalc("override", "list", "--format", "json"))
    assert [one["withdrawn by"] for one in listed] == ["", "", "", "Ann"]
    assert mlmcalc("period", "approve", "2026-10", "--by", "Ben")[0] == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("override", "rank", "3", "Boss", "--reason", "x"), "closing.rank"),
        (("override", "rank", "3", "Manager", "--ladder", "steps", "--reason", "x"), "closing.ladder"),
        (("override", "rank", "3", "Manager", "--reason", " "), "store.reason"),
        (("override", "volume", "3", "--order", "9", "--date", "2026-10-01", "--set", "qv=x", "--reason", "x"),
         "closing.volume"),
        (("override", "volume", "3", "--order", "9", "--date", "1.10.2026", "--set", "qv=1", "--reason", "x"),
         "closing.day"),
        (("override", "volume", "3", "--order", "9", "--date", "2026-10-01", "--set", "xv=1", "--reason", "x"),
         "closing.volume"),
        (("adjust", "3", "--type", "manual", "--amount", "1.234", "--reason", "x"), "closing.amount"),
        (("adjust", "3", "--type", "manual", "--amount", "0", "--reason", "x"), "closing.amount"),
        (("adjust", "3", "--type", "manual", "--amount", "1", "--bonus", "pol", "--reason", "x"), "closing.bonus"),
        (("adjust", "3", "--type", "manual", "--amount", "1", "--period", "2027-01", "--reason", "x"),
         "closing.not_open"),
        (("rate", "set", "2026-10", "dollar", "1"), "store.rate"),
        (("rate", "set", "2027-03", "USD", "1"), "closing.gap"),
        (("period", "calculate", "2026-10", "--version", "9"), "closing.version"),
        (("period", "calculate", "2026-W41"), "periods.label"),
        (("period", "status", "2026-12"), "store.no_period"),
        (("period", "status", "--program", "alpin"), "closing.program"),
    ],
)  # fmt: skip
def test_what_is_refused_says_so(mlmcalc: Run, words: tuple[str, ...], code: str):
    mlmcalc("period", "open", "2026-10")
    status, out, err = mlmcalc(*words)
    assert (status, out) == (3, ""), err
    assert f"  {code}  " in err


def test_an_unknown_member_is_refused_when_it_is_entered_or_calculated(mlmcalc: Run):
    mlmcalc("period", "open", "2026-10")
    mlmcalc("override", "rank", "77", "Manager", "--reason", "x")
    status, _, err = mlmcalc("period", "calculate", "2026-10")
    assert status == 3
    assert "overrides.unknown_member  overrides, as known and entered row 2" in err


def test_rates_come_from_a_file_all_or_none(mlmcalc: Run, folder: Path):
    mlmcalc("period", "open", "2026-10")
    Path("rates.csv").write_text("currency,rate\nUSD,0.92\nJPY,0.0061\n")
    assert mlmcalc("rate", "import", "2026-10", "rates.csv")[0] == 0
    assert values(mlmcalc("rate", "list", "2026-10", "--format", "json")) == {"JPY": "0.0061", "USD": "0.92"}
    for text in ("currency;rate\nCHF;0.95\nchf;x\n", "code,rate\nCHF,1\n", "currency,rate\nCHF,1\nCHF,2\n", "\xff\x00"):
        Path("bad.csv").write_bytes(text.encode("latin-1"))
        assert mlmcalc("rate", "import", "2026-10", "bad.csv")[0] == 3
    assert mlmcalc("rate", "import", "2026-10", "nowhere.csv")[0] == 6
    assert "CHF" not in mlmcalc("rate", "list", "2026-10")[1]


def test_a_preview_and_a_projection_change_nothing(mlmcalc: Run, folder: Path):
    mlmcalc("period", "calculate", "2026-10")
    before = values(mlmcalc("period", "status", "2026-10", "--format", "json"))
    assert mlmcalc("period", "preview", "2026-10", "--known-at", "2999-01-01")[0] == 3
    status, _, err = mlmcalc("period", "preview", "2026-10")
    assert status == 0, err
    assert "a preview: nothing of the period changed" in err
    made = values(mlmcalc("period", "project", "2026-10", "--as-of", "2026-10-31", "--format", "json"))
    assert made["projection"] is True
    assert {row["member_id"] for row in made["lacking"]} == {3, 4, 5, 6}
    status, out, _ = mlmcalc("period", "project", "2026-10", "--as-of", "2026-10-31", "--member", "3", "--out", "l.csv")
    assert status == 0
    assert "cannot be committed" in out
    assert "short_by" in out
    rows = list(csv.DictReader(Path("l.csv").read_text().splitlines()))
    assert {row["member_id"] for row in rows} == {"3"}
    assert mlmcalc("period", "project", "2026-10", "--as-of", "2026-10-31", "--member", "77")[0] == 3
    assert "2 lacks nothing" in mlmcalc("period", "project", "2026-10", "--as-of", "2026-10-31", "--member", "2")[1]
    assert values(mlmcalc("period", "status", "2026-10", "--format", "json")) == before


def test_an_export_is_whole_or_refused(mlmcalc: Run, folder: Path):
    for act in (["calculate"], ["approve", "--by", "Ben"], ["commit"]):
        assert mlmcalc("period", act[0], "2026-10", *act[1:])[0] == 0
    status, out, err = mlmcalc("export", "archive", "--inputs")
    assert (status, err) == (0, "next: `mlmcalc verify archive`\n")
    assert out == "written to archive: 1 document, 3 tables, 1 run, 2 inputs\n"
    assert mlmcalc("export", "archive")[0] == 4


def test_without_a_store_the_way_to_one_is_told(mlmcalc: Run, tmp_path: Path):
    Path("company.yaml").write_text(WORKSPACE + "store: elsewhere\n")
    status, _, err = mlmcalc("period", "status")
    assert status == 6
    assert "mlmcalc store init" in err
    assert mlmcalc("period", "status", "--workspace", "nowhere.yaml")[0] == 3
