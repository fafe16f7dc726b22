"""What a store says when times and chains are left out: equal where the same was done, however often it was cut off."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_TIMES = ("at", "known_at", "recorded_at", "made_at", "created_at", "approved_at", "withdrawn_at")
_LEFT_OUT = {
    "log": None,
    "store": ("id",),
    "document": ("digest", "previous", "body"),
    # A manifest says as known at which instant the run was made.
    "run": ("manifest_sha256",),
}
"""Table to the columns that name an instant or follow from one; None for the whole table."""
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
"""In a text, such as the reason of a true-up that says what was known when."""


def seen(folder: Path, url: str | None) -> tuple[dict[str, list[Any]], list[str]]:
    """Return what the tables of a store hold, and what is wrong with its chains and objects.

    Every object that the database names must be there with its digest, every run with every byte.
    """
    from sqlalchemy import select

    from mlmcalc.api.sealed import sealed_manifest
    from mlmcalc.store.documents import verify_documents
    from mlmcalc.store.log import verify_log
    from mlmcalc.store.store import open_store
    from mlmcalc.store.tables import METADATA
    from mlmcalc.tables.stored import StoredTables

    found: dict[str, list[Any]] = {}
    with open_store(folder, url) as store, store.read() as tx:
        wrong = [finding.text() for finding in (*verify_log(tx), *verify_documents(tx))]
        for table in METADATA.sorted_tables:
            left_out = _LEFT_OUT.get(table.name, ())
            if left_out is None:
                continue
            columns = [column for column in table.columns if column.name not in (*_TIMES, *left_out)]
            rows = tx.connection.execute(select(*columns)).all()
            found[table.name] = sorted(_INSTANT.sub("INSTANT", json.dumps(list(row), default=str)) for row in rows)
        for row in tx.connection.execute(select(METADATA.tables["object"].c.sha256)):
            wrong += [finding.text() for finding in store.objects.verify(row.sha256)]
        for row in tx.connection.execute(select(METADATA.tables["run"].c.id)):
            run = store.run_folder(row.id)
            wrong += [finding.text() for finding in StoredTables(run, sealed_manifest(run)).verify()]
    return found, wrong


def double(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> list[str]:
    """Return what a store has that it should not have."""
    return _beyond(found, wanted)


def lost(found: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> list[str]:
    """Return what a store lacks."""
    return _beyond(wanted, found)


def _beyond(these: dict[str, list[Any]], those: dict[str, list[Any]]) -> list[str]:
    over = []
    for table, rows in these.items():
        rest = list(those.get(table, ()))
        for row in rows:
            if row in rest:
                rest.remove(row)
            else:
                over.append(f"{table}: {row}")
    return over
