"""Killed anywhere, a command is done once or not at all; the whole of it is `python -m tests.faults.kill`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store_fixture import POSTGRESQL

_ROOT = Path(__file__).parents[2]
_EVERY = {"sqlite": 13, "postgresql": 149}


@pytest.mark.skipif(sys.platform == "win32", reason="processes are forked")
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_a_month_killed_at_its_writes_and_statements(backend):
    server = []
    if backend == "postgresql":
        if not os.environ.get(POSTGRESQL):
            pytest.skip(f"{POSTGRESQL} is not set; tests/postgresql.sh starts a database")
        server = ["--postgresql", os.environ[POSTGRESQL]]
    command = [sys.executable, "-m", "tests.faults.kill", "--json", "--every", str(_EVERY[backend]), *server]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)
    print(f"{found['points']} points: {len(found['lost'])} lost, {len(found['double'])} double")
    assert (found["lost"], found["double"], found["broken"]) == ([], [], [])
    assert found["points"] >= (200 if backend == "sqlite" else 15)
