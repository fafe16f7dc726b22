"""A process that commits, or pays, a period of the small company when it is told to."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from mlmcalc.closing.committing import commit
from mlmcalc.closing.paying import pay
from mlmcalc.errors import MlmcalcError
from mlmcalc.store.store import open_store
from tests.closing.life import desk_of


def race(folder: str, by: str, act: str, file: str) -> dict[str, object]:
    with open_store(folder, os.environ.get("RACE_URL") or None) as store:
        desk = desk_of(store, by)
        print("ready", flush=True)
        sys.stdin.readline()
        try:
            if act == "commit":
                made = commit(desk, "alpine", "2026-10")
            else:
                made = pay(desk, "alpine", "2026-10", Path(file)).sealed
        except MlmcalcError as refusal:
            return {"status": refusal.status, "code": refusal.findings[0].code, "message": refusal.findings[0].message}
    return {"status": 0, "before": made.before, "document": made.document.digest}


if __name__ == "__main__":
    print(json.dumps(race(*sys.argv[1:])), flush=True)
