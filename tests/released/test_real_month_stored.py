"""The real month as an auditor meets it: stored, replayed, verified, explained."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.cli.main import run_command
from tests.plugged import on_path

WORKSPACE = Path(__file__).resolve().parents[2] / "fixtures" / "real_month"
DATA = WORKSPACE.parents[2] / "shared" / "real_month"
PERIOD = "2017-01"

pytestmark = pytest.mark.skipif(not (DATA / "members.csv").is_file(), reason="the data of the real month are not here")


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("month") / "run"
    workspace = str(WORKSPACE / "company.yaml")
    with on_path():
        assert run_command(["run", "--workspace", workspace, "--period", PERIOD, "--out", str(folder)]) == 0
    return folder


def test_it_is_replayed(month):
    with on_path():
        found = mlmcalc.replay(month)
    assert found.findings == []
    assert found.calculated == found.digest


def test_it_is_verified_without_its_plug_in(month):
    found = mlmcalc.verify(month)
    assert found.findings == []
    counts = {check.text: check.count for check in found.checks}
    assert counts["lines sum to the statements, by earner and bonus"] > 999
    assert counts["transfers lead from the volume of members to that in the tree"] > 0


def test_whoever_earned_most_is_explained(month):
    run = mlmcalc.load_run(month)
    top = run.members.sort("paid", descending=True)
    with on_path():
        explained = run.explain(top["member_id"][0])
    assert Decimal(explained.total) == top["paid"][0]
