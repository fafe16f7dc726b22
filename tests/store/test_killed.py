"""Killed at any point, a store has all of an act or nothing of it, and the act can be done again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.store_fixture import backend, place

__all__ = ["backend", "place"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def test_killed_at_every_point(place):
    with place.open(create=True, company="Alpine"):
        pass
    command = [sys.executable, "-m", "tests.store.killed", str(place.folder), place.url or ""]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    rows = [json.loads(line) for line in finished.stdout.splitlines()]
    assert len(rows) > 60
    log = 1
    outcomes = set()
    for row in rows:
        left, then = row["left"], row["then"]
        assert row["status"] == (signal.SIGKILL if row is not rows[-1] else 0)
        assert left["wrong"] == then["wrong"] == []
        parts = (left["closings"], left["payments"], left["documents"])
        assert parts in ((0, 0, 0), (1, 3, 2)), row
        # Whoever repeats what got through is told so; nothing is there twice.
        assert row["again"] == ("done" if parts[0] == 0 else "store.closed")
        assert (then["closings"], then["payments"], then["documents"]) == (1, 3, 2)
        assert then["log"] == log + 3
        log = then["log"]
        outcomes.add(parts[0])
    # Some kills came after the commit: both sides of it were reached.
    assert outcomes == {0, 1}
