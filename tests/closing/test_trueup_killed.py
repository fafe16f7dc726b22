"""A true-up that is killed is there wholly or not at all, and can be made again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mlmcalc.store.store import open_store
from tests.closing.corrections import OCTOBER, founded

LATE = (20, 6, "2026-10-20", "sale", "40", "40.00", None)
STRIDE = 19


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_many_points(tmp_path: Path):
    with open_store(tmp_path / "store", create=True, company="Alpine") as store:
        founded(store).tell(OCTOBER, LATE)
    command = [sys.executable, "-m", "tests.closing.trueup_killed", str(tmp_path / "store"), str(STRIDE)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    rows = [json.loads(line) for line in finished.stdout.splitlines()]
    assert len(rows) > 10
    whole = rows[-1]["then"]
    assert (len(whole["lines"]), whole["runs"], whole["log"]) == (11, 1, 1)
    for row in rows:
        assert row["then"] == whole
        left = row["left"]
        assert left["wrong"] == []
        assert (left["lines"], left["runs"], left["log"]) in (([], 0, 0), (whole["lines"], 1, 1))
    assert rows[0]["left"]["lines"] == []
    assert rows[-1]["left"]["lines"] == whole["lines"]
