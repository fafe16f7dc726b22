"""Everything about a store that can be checked: database, chains, objects, run folders, rights, the clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import select

from mlmcalc.errors import Finding, InputRefused, IntegrityError, errors_of
from mlmcalc.runs.seal import MANIFEST_FILE, seal_manifest
from mlmcalc.store.agreement import closing_findings
from mlmcalc.store.clock import clock_back, now_microseconds
from mlmcalc.store.documents import verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.runs import runs
from mlmcalc.store.store import Store
from mlmcalc.store.tables import OBJECT
from mlmcalc.store.transaction import Reading
from mlmcalc.tables.stored import StoredTables, read_manifest

_RESTORE = "Restore the store from a backup."


def check_store(store: Store, files: bool = True) -> list[Finding]:
    """Return everything that is wrong with a store, or doubtful.

    Parameters
    ----------
    store : Store
    files : bool
        Whether every byte of objects and run folders is read too.
    """
    with store.read() as tx:
        found = [*_database_findings(tx, store), *verify_log(tx), *verify_documents(tx)]
        if not errors_of(found):
            found += closing_findings(tx, files)
        newest = list(log_records(tx, newest=1))
        objects = list(tx.connection.execute(select(OBJECT.c.sha256)).scalars())
        kept = runs(tx)
    if newest and now_microseconds() < newest[0].at:
        found += clock_back(now_microseconds(), newest[0].at, "the last record of the log").findings
    if files:
        for sha256 in objects:
            found += store.objects.verify(sha256)
        for run in kept:
            found += verify_run_folder(store.folder / run.folder, run.manifest_sha256)
    return [*found, *_rights(store.folder), *_leftovers(store)]


def verify_run_folder(folder: Path, manifest_sha256: str) -> list[Finding]:
    """Return what is wrong with the folder of a run whose manifest is known by its seal.

    Parameters
    ----------
    folder : Path
    manifest_sha256 : str
        As the store has it.
    """
    try:
        return StoredTables(folder, sealed_run(folder, manifest_sha256)).verify()
    except IntegrityError as fault:
        return list(fault.findings)


def sealed_run(folder: Path, manifest_sha256: str) -> dict[str, Any]:
    """Return the manifest in the folder of a run, if it is the one that the store knows.

    Raises
    ------
    IntegrityError
        ``store.run_missing``, ``store.run_altered``, ``tables.manifest``.
    """
    file = str(folder / MANIFEST_FILE)
    try:
        manifest = read_manifest(folder)
    except InputRefused as fault:
        message = "the folder of a run is missing, or what is in it cannot be read."
        raise IntegrityError(Finding("store.run_missing", message, _RESTORE, file=file)) from fault
    if not seal_manifest(manifest) == manifest.get("manifest_sha256") == manifest_sha256:
        message = "this manifest is not the one that the store knows."
        raise IntegrityError(Finding("store.run_altered", message, _RESTORE, file=file))
    return manifest


def refuse_broken(findings: list[Finding]) -> None:
    """Raise `IntegrityError` with the findings that are errors, if there are any.

    Raises
    ------
    IntegrityError
        As found.
    """
    errors = [finding for finding in findings if finding.level == "error"]
    if errors:
        raise IntegrityError(errors)


def _database_findings(tx: Reading, store: Store) -> Iterator[Finding]:
    if store.backend == "sqlite":
        for (answer,) in tx.connection.exec_driver_sql("PRAGMA integrity_check(20)"):
            if answer != "ok":
                yield Finding("store.damaged", f"{answer}.", _RESTORE, file=store.database)
        for table, *_ in tx.connection.exec_driver_sql("PRAGMA foreign_key_check"):
            message = f"a row of {table} names what is not there."
            yield Finding("store.damaged", message, _RESTORE, file=store.database)
        return
    for setting in ("fsync", "full_page_writes"):
        if tx.connection.exec_driver_sql(f"SHOW {setting}").scalar() != "on":
            message = f"the server runs with {setting} off: what is committed can be lost when it falls."
            yield Finding("store.unsafe", message, "Turn it on in postgresql.conf.", level="warning")


def _rights(folder: Path) -> Iterator[Finding]:
    if os.name != "nt" and folder.stat().st_mode & 0o077:
        message = "others on this computer may look into this folder."
        yield Finding("store.open", message, "chmod 700 takes this from them.", level="warning", file=str(folder))


def _leftovers(store: Store) -> Iterator[Finding]:
    places = [
        store.folder.glob(".*.partial-*"),
        store.runs.glob(".*.partial-*"),
        store.objects.folder.rglob(".*.partial-*"),
    ]
    for place in places:
        for path in sorted(place):
            message = "a command that was stopped has left this; nothing needs it."
            remedy = "Remove it when no command is running."
            yield Finding("store.leftover", message, remedy, level="warning", file=str(path))
