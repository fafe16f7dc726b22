"""Killed at any point, a store has all of an act or nothing of it, and the act can be done again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import polars as pl
import pytest

from mlmcalc.store.backup import back_up
from mlmcalc.store.batches import BatchSource, add_batch
from mlmcalc.store.store import open_store
from tests.store_fixture import Place, backend, place

__all__ = ["backend", "place"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


def killed(what: str, place: Place, *more: str) -> list[dict]:
    command = [sys.executable, "-m", "tests.store.killed", what, str(place.folder), place.url or "", *more]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


def test_killed_at_every_point(place):
    with place.open(create=True, company="Alpine"):
        pass
    rows = killed("act", place)
    assert rows[-1]["at"] > 60
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


def test_a_store_is_made_in_spite_of_all_kills(place):
    (made,) = killed("make", place)
    assert made["at"] > 60
    assert (made["wrong"], made["log"], made["company"]) == ([], ["store.init"], "Alpine")


def test_a_store_is_restored_in_spite_of_all_kills(place, tmp_path):
    with open_store(tmp_path / "old", create=True, company="Alpine") as old:
        part = old.objects.put(pl.DataFrame({"a": [1]}), "events")
        with old.write("ann") as tx:
            add_batch(tx, "orders", [part], BatchSource("x"))
        back_up(old, tmp_path / "all.tar")
    (made,) = killed("restore", place, str(tmp_path / "all.tar"))
    assert made["at"] > 60
    assert (made["wrong"], made["log"]) == ([], ["store.init", "batch", "store.restore"])
