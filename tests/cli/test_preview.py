"""``mlmcalc preview``."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from tests.api.small_company import write_company

LATE = "order_id,member_id,date,qv,cv\n8,4,2026-10-09,40,40.00\n"


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "late.csv").write_text(LATE)
    return write_company(tmp_path)


def test_totals_and_members_before_and_after(company, tmp_path, capsys):
    assert run_command(["preview", *company, "--add", "late.csv"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert ["volume", "pv", "460.00", "500.00", "40.00"] in [line.split() for line in out.splitlines()]
    for text in ("all earners", "digest after", "paid otherwise or of another rank"):
        assert text in out
    assert not (tmp_path / "runs").exists()


def test_the_figures_are_those_of_a_run(company, tmp_path, capsys):
    line = ["preview", *company, "--add", "late.csv", "--withdraw", "6", "--format", "json"]
    assert run_command(line) == 0
    stated = json.loads(capsys.readouterr().out)
    orders = (tmp_path / "orders.csv").read_text().splitlines()
    kept = [row for row in orders if not row.startswith("6,")]
    late = dict(zip(LATE.split()[0].split(","), LATE.split()[1].split(","), strict=True))
    kept.append(",".join(late.get(name, "sale") for name in orders[0].split(",")))
    (tmp_path / "orders.csv").write_text("\n".join(kept) + "\n")
    assert run_command(["run", *company, "--out", "out", "--summary", "json"]) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert stated["after"]["digest"] == manifest["digest"]
    assert stated["after"]["totals"] == manifest["totals"]
    assert stated["before"]["digest"] != stated["after"]["digest"]
    assert {row["member_id"] for row in stated["members"]} >= {"4", "6"}


def test_members_as_csv(company, capsys):
    assert run_command(["preview", *company, "--add", "late.csv", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == ["member_id", "before", "after", "difference", "rank_before", "rank_after"]
    assert "4" in [row["member_id"] for row in rows]


def test_an_unknown_member_is_refused(company, tmp_path, capsys):
    (tmp_path / "late.csv").write_text(LATE.replace("8,4,", "8,77,"))
    assert run_command(["preview", *company, "--add", "late.csv"]) == 3
    assert "orders.unknown_member  late.csv row 2, column member_id, member 77" in capsys.readouterr().err


def test_something_must_change(company, capsys):
    assert run_command(["preview", *company]) == 2
    assert "--add FILE, or --withdraw ID" in capsys.readouterr().err
