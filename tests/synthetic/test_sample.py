"""The sample company in `fixtures/`: its tables can be made again, its run is what its README says."""

from __future__ import annotations

import runpy
from pathlib import Path

import polars as pl
import pytest

from mlmcalc.cli.main import run_command

SAMPLE = Path(__file__).parents[2] / "fixtures" / "sample"


def test_the_tables_come_from_the_seed() -> None:
    tables = runpy.run_path(str(SAMPLE / "make.py"))["tables"]()
    for name, frame in tables.items():
        assert (SAMPLE / f"{name}.csv").read_bytes() == frame.write_csv(line_terminator="\n").encode(), name


def test_the_first_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(SAMPLE)
    run = tmp_path / "run"
    assert run_command(["run", "--period", "2026-10", "--out", str(run)]) == 0
    assert "Gold Director" in capsys.readouterr().out
    findings = pl.read_parquet(run / "findings.parquet")
    assert sorted(findings["code"]) == ["genealogy.joined_after_recruit", "orders.duplicate", "orders.outside_period"]
    members = pl.read_parquet(run / "members.parquet")
    ranks = dict(members.select("member_id", pl.col("rank").cast(pl.String)).iter_rows())
    # Forced, waived, expired.
    assert (ranks[100029], ranks[100730], ranks[100305]) == ("Gold Director", "Manager", "Manager")
    lines = pl.read_parquet(run / "lines" / "*.parquet")
    assert set(lines["bonus"].cast(pl.String)) == {"retail", "rebate", "fast_start", "unilevel", "matching"}
    assert run_command(["explain", "100252", "--run", str(run)]) == 0
    assert "7.68" in capsys.readouterr().out
    assert run_command(["explain", "--order", "5001667", "--run", str(run)]) == 0
    assert "-80.30" in capsys.readouterr().out


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_generated_company_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file_format: str
) -> None:
    monkeypatch.chdir(tmp_path)
    made = ["generate", "--members", "2000", "--seed", "3", "--out", "company", "--format", file_format]
    assert run_command(made) == 0
    assert "2,000 members, 6,000 orders" in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "company")
    assert run_command(["run", "--period", "2026-10"]) == 0
    assert (tmp_path / "company" / "runs" / "2026-10" / "manifest.json").exists()
    monkeypatch.chdir(tmp_path)
    assert run_command(made) == 4
