"""Golden runs: what an arithmetic once paid, it pays for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.released.registry import known_releases
from mlmcalc.runs.versions import ARITHMETIC_VERSION
from tests.forging import read

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "fixtures" / "releases"
GOLDEN = sorted(path.parent for path in RELEASES.glob("*/*/*/manifest.json"))


@pytest.mark.parametrize("run", GOLDEN, ids=lambda run: "-".join(run.parts[-3:]))
def test_a_golden_run_comes_out_the_same(run):
    found = mlmcalc.replay(run)
    assert found.findings == []
    assert found.calculated == found.digest
    assert found.arithmetic == int(run.parts[-3])


def test_every_arithmetic_has_golden_runs_of_every_family():
    families = {path.stem for path in (ROOT / "fixtures/plans").glob("*.yaml")} - {"matrix_placement"} | {"sample"}
    for arithmetic in {ARITHMETIC_VERSION, *(release.arithmetic for release in known_releases())}:
        assert {path.name for path in (RELEASES / str(arithmetic)).iterdir()} == families


def test_golden_runs_touch_what_a_period_leaves_to_the_next():
    totals = {"-".join(run.parts[-2:]): read(run)["totals"] for run in GOLDEN}
    assert totals["party-2026-11"]["payout"]["opening_balance"] != "0.00"
    assert "0.00" not in {totals["hybrid-2026-10"]["bonuses"][pool]["paid"] for pool in ("rank_pool", "top_pool")}
    assert totals["binary-2026-10"]["bonuses"]["matching"]["paid"] != "0.00"
    states = [seal for run in GOLDEN for seal in read(run)["inputs"] if seal["name"] == "state"]
    assert len(states) == 4
    assert all(seal["rows"] for seal in states)


def test_they_stay_small():
    assert sum(path.stat().st_size for path in RELEASES.rglob("*") if path.is_file()) < 1_000_000
