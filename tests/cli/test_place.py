"""``mlmcalc place``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command

MEMBERS = "member_id,sponsor_id,joined\nR,,2026-10-01\nA,R,2026-10-02\nB,R,2026-10-03\nC,R,2026-10-04\n"
RULES = "placement:\n  method: matrix\n  width: 2\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "members.csv").write_text(MEMBERS)
    (tmp_path / "placement.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_placement_appears_in_a_new_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["place", "placement.yaml", "--members", "members.csv"]) == 0
    assert "3  got a seat by the rule" in capsys.readouterr().out
    lines = (folder / "placement" / "placement.csv").read_text().splitlines()
    assert lines[3] == "C,R,A,1,2,4,matrix"
    assert run_command(["place", "placement.yaml", "--members", "members.csv"]) == 4
    assert "tables.output_exists" in capsys.readouterr().err


def test_a_dry_run_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["place", "placement.yaml", "--members", "members.csv", "--dry-run", "--summary", "json"]
    assert run_command(line) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["events"] == {"placed": 3}
    assert not (folder / "placement").exists()


def test_it_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    line = ["place", "placement.yaml", "--members", "members.csv", "--explain", "C"]
    assert run_command(line) == 0
    out = capsys.readouterr().out
    assert "Looked below its sponsor R, level by level, from left to right." in out
    assert "left free, right free" in out
    assert run_command([*line, "--summary", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["looks"][-1] == {
        "member": "A",
        "level": 1,
        "found": "left free, right free",
    }
    assert run_command([*line[:-1], "nobody"]) == 3


def test_the_workspace_names_rules_and_members(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "people.csv").write_text(MEMBERS.replace("sponsor_id", "Upline"))
    text = "plan: plan.yaml\nplacement: placement.yaml\nmembers: {file: people.csv, columns: {sponsor_id: Upline}}\n"
    (folder / "company.yaml").write_text(text)
    assert run_command(["place", "--out", "october"]) == 0
    assert (folder / "october" / "placement.csv").exists()


def test_what_is_missing_is_usage_and_what_is_wrong_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(["place"]) == 2
    assert run_command(["place", "placement.yaml"]) == 2
    (folder / "placement.yaml").write_text(RULES + "  deep: 3\n")
    assert run_command(["place", "placement.yaml", "--members", "members.csv"]) == 3
    assert "Did you mean depth?" in capsys.readouterr().err


def test_strict_counts_who_found_no_seat(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "placement.yaml").write_text(RULES + "  depth: 1\n")
    line = ["place", "placement.yaml", "--members", "members.csv", "--dry-run"]
    assert run_command(line) == 0
    assert "placement.full" in capsys.readouterr().err
    assert run_command([*line, "--strict"]) == 1


def test_boards_are_summed_up(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "placement.yaml").write_text("placement:\n  method: board\n  width: 2\n  depth: 1\n")
    assert run_command(["place", "placement.yaml", "--members", "members.csv", "--out", "boards"]) == 0
    assert "members by cycles" in capsys.readouterr().out
    assert (folder / "boards" / "cycles.csv").read_text().startswith("member_id,positions,cycles\n")
