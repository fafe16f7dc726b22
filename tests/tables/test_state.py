"""The table of what one period leaves to the next: everything that can be wrong with it, at once."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import mlmcalc
from mlmcalc.errors import InputRefused
from mlmcalc.periods import label_before, parse_period

PLAN = """mlmcalc: 1
plan: small
version: 1
effective: 2026-01-01
currency: EUR
rounding: {place: line, mode: half_up, unit: 0.01}
volumes: {pv: {sum: pv}}
trees: {sponsor: {parent: sponsor_id}}
bonuses: {rebate: {personal: 10%, base: pv}}
"""
MEMBERS = pl.DataFrame({"member_id": [1, 2], "sponsor_id": [None, 1]})
VOLUMES = pl.DataFrame({"member_id": [1, 2], "pv": ["100", "50"]})
HEADER = "period,section,name,member_id,key,since,value\n"


def codes(rows: str, folder: Path, period: str = "2026-10") -> list[tuple[str, int | None]]:
    file = folder / "state.csv"
    file.write_text(HEADER + rows)
    found = mlmcalc.check(PLAN, MEMBERS, volumes=VOLUMES, period=period, state=file)
    return [(finding.code, finding.row) for finding in found]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("2026-09,title,rank,1,Gold,,1\n", [("state.unread", None)]),
        ("2026-09,title,rank,7,Gold,,1\n", [("state.left_network", 2)]),
        ("2026-09,title,rank,7,Gold,,0\n", []),
        ("2026-09,title,rank,1,,,1\n2026-09,title,rank,1,,2026-09,2\n", [("state.duplicate", 3)]),
        ("2026-09,title,rank,1,,,1.1234567890123\n", [("tables.too_precise", 2)]),
        ("2026-09,title,rank,1,,,a lot\n2026-09,,rank,1,,,1\n", [("state.blank", 3), ("tables.not_a_number", 2)]),
        ("2026-09,title,rank,1,,,\n", [("tables.blank_amount", 2)]),
        ("2026-09,a,b,1,,,1\n2026-08,a,b,2,,,1\n", [("state.period", None)]),
        ("2026-08,a,b,1,,,1\n", [("state.gap", None), ("state.unread", None)]),
        ("2026-10,a,b,1,,,1\n", [("state.gap", None), ("state.unread", None)]),
        ("9,a,b,1,,,1\n", [("periods.label", None), ("state.unread", None)]),
        ("2026-09,a,b,1,,2026-10,1\n", [("state.since", None), ("state.unread", None)]),
        ("", []),
    ],
)
def test_everything_wrong_is_found(rows: str, expected: list[tuple[str, int | None]], tmp_path: Path):
    assert codes(rows, tmp_path) == expected


def test_large_and_fine_values_stand_in_one_column(tmp_path: Path):
    rows = "2026-09,a,large,1,,,9000000000000000000\n2026-09,a,fine,1,,,0.000000000001\n"
    assert codes(rows, tmp_path) == [("state.unread", None), ("state.unread", None)]
    wide = "2026-09,a,b,1,x,,9000000000000000000\n2026-09,a,b,1,y,,0.000000000001\n"
    assert codes(wide, tmp_path) == [("state.overflow", None)]


def test_a_folder_must_be_that_of_a_run(tmp_path: Path):
    with pytest.raises(InputRefused) as refusal:
        mlmcalc.run(PLAN, MEMBERS, volumes=VOLUMES, period="2026-10", state=tmp_path)
    assert refusal.value.findings[0].code == "tables.no_run"


def test_a_run_of_a_plan_without_state_goes_on_from_its_folder(tmp_path: Path):
    mlmcalc.run_to_folder(PLAN, MEMBERS, tmp_path / "one", volumes=VOLUMES, period="2026-09")
    run = mlmcalc.run(PLAN, MEMBERS, volumes=VOLUMES, period="2026-10", state=tmp_path / "one")
    assert run.state.height == 0
    assert [seal["name"] for seal in run.manifest["inputs"]] == ["members", "volumes", "state"]
    assert run.findings.height == 0


def test_the_label_before():
    assert [label_before(label) for label in ("2026-01", "2026-10", "2026-W01", "2026-W41")] == [
        "2025-12",
        "2026-09",
        "2025-W52",
        "2026-W40",
    ]
    days = parse_period("2026-10-01..2026-10-28", "days")
    assert parse_period("2026-10-29..2026-11-25", "days").follows(days)
    with pytest.raises(InputRefused):
        label_before("2026-10-01..2026-10-28")
