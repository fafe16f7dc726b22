"""``mlmcalc test``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command

CASE = """
plan:
  mlmcalc: 1
  plan: small
  version: 1
  effective: 2026-01-01
  currency: EUR
  rounding: {place: line, mode: half_up, unit: 0.01}
  volumes: {pv: {sum: pv}}
  trees: {sponsor: {parent: sponsor_id}}
  bonuses: {unilevel: {levels: [10%], base: pv}}

members: |
  member_id  sponsor_id
  A          -
  B          A

volumes: |
  member_id  pv
  B          100
"""
RIGHT = "\nexpected:\n  only: true\n  statements:\n    unilevel: {A: 10}\n"
WRONG = "\nexpected:\n  statements:\n    unilevel: {A: 10.01}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, expected in {"right": RIGHT, "wrong": WRONG, "known": "\nexpected_failure: a cent" + WRONG}.items():
        (tmp_path / f"{name}.yaml").write_text(CASE + expected)
    return tmp_path


def test_a_right_case(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command(["test", str(folder / "right.yaml")]) == 0
    out = capsys.readouterr().out
    assert "as expected" in out
    assert out.endswith("1 passed, 0 failed\n")


def test_every_case_of_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command(["test", str(folder)]) == 1
    out = capsys.readouterr().out
    assert out.endswith("1 passed, 1 failed, 1 expected to fail\n")
    wrong = next(line for line in out.splitlines() if "statements unilevel A" in line)
    assert wrong.split()[-2:] == ["10.01", "10.00"]
    assert "a cent" in out


def test_an_expected_failure_alone_is_no_failure(folder: Path):
    assert run_command(["test", str(folder / "known.yaml"), "--format", "json"]) == 0


def test_json(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command(["test", str(folder), "--format", "json"]) == 1
    results = {Path(one["case"]).stem: one for one in json.loads(capsys.readouterr().out)}
    assert {name: one["outcome"] for name, one in results.items()} == {
        "known": "expected failure",
        "right": "passed",
        "wrong": "failed",
    }
    assert results["wrong"]["differences"] == [{"what": "statements unilevel A", "expected": "10.01", "got": "10.00"}]


def test_csv(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert run_command(["test", str(folder / "wrong.yaml"), "--format", "csv"]) == 1
    header, row = csv.reader(capsys.readouterr().out.splitlines())
    assert header == ["outcome", "case", "what", "expected", "got"]
    assert row == ["failed", str(folder / "wrong.yaml"), "statements unilevel A", "10.01", "10.00"]


def test_many_differences_are_cut_and_shown_on_request(folder: Path, capsys: pytest.CaptureFixture[str]):
    amounts = ", ".join(f"X{number}: 1" for number in range(30))
    (folder / "wrong.yaml").write_text(f"{CASE}\nexpected:\n  statements:\n    unilevel: {{{amounts}}}\n")
    assert run_command(["test", str(folder / "wrong.yaml")]) == 1
    assert "and 11 more" in capsys.readouterr().out
    assert run_command(["test", str(folder / "wrong.yaml"), "--all"]) == 1
    assert "X29" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_nothing_to_test_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]):
    assert run_command(["test", str(tmp_path / name)]) == 3
    assert "cases.none" in capsys.readouterr().err


def test_a_refused_plan_is_a_failure_or_what_was_expected(folder: Path, capsys: pytest.CaptureFixture[str]):
    faulty = CASE.replace("levels: [10%]", "levels: [0.1]")
    (folder / "refused.yaml").write_text(faulty + RIGHT)
    assert run_command(["test", str(folder / "refused.yaml"), "--format", "json"]) == 1
    (difference,) = json.loads(capsys.readouterr().out)[0]["differences"]
    assert "Write 10%" in difference["got"]
    (folder / "refused.yaml").write_text(faulty + f"\nexpected: {{finding: {difference['what']}}}\n")
    assert run_command(["test", str(folder / "refused.yaml")]) == 0
