"""A store out of a backup: into an empty place only, whole or not at all, and verified before it is there."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from sqlalchemy import Connection, select

from mlmcalc.errors import ConflictError, Finding
from mlmcalc.store.backup import Backup
from mlmcalc.store.backup_file import BackupFile, open_backup
from mlmcalc.store.bulk import insert_rows
from mlmcalc.store.checks import refuse_broken, verify_run_folder
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.database import create_file, transaction
from mlmcalc.store.documents import verify_documents
from mlmcalc.store.filesystems import refuse_network_drive
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.objects import sync_folder
from mlmcalc.store.runs import runs
from mlmcalc.store.schema import migrate, revision_of
from mlmcalc.store.store import STORE_FILE, Store, id_in, id_text
from mlmcalc.store.tables import OBJECT
from mlmcalc.store.transaction import Reading, Writing, actor
from mlmcalc.tables.folder import StagedFolder, environment_refused, refuse_existing

RESTORING = "restoring.json"
"""Lies in a folder whose database has not said yet that it is there; names the backup by its digest."""

_ACTION = "store.restore"


def restore_store(file: str | os.PathLike[str], folder: str | os.PathLike[str], url: str | None, by: str) -> Backup:
    """Make a store from a backup.

    Parameters
    ----------
    file : path
    folder : path
        Of the store; must not exist.
    url : str or None
        Of a PostgreSQL database without a store; without it, SQLite in the folder.
    by : str
        Who restores; the log says so.

    Raises
    ------
    ConflictError
        ``tables.output_exists``: the folder exists. ``store.exists``: the database has a store. What this backup was
        restored into, and nothing was done to since, is no conflict: there is nothing to do.
    IntegrityError
        ``store.backup_damaged``, ``store.log_chain``, ``store.document_chain``, ``store.object_missing``,
        ``store.run_altered``.
    EnvironmentRefused
        ``store.no_backup``, ``store.newer``, ``store.clock_back``, ``tables.output_refused``, and as `faults_refused`.
    """
    name = actor(by)
    with open_backup(Path(file)) as backup, Store(Path(os.path.abspath(folder)), url, now_microseconds) as target:
        if _restored_before(backup, target):
            # Whoever was stopped between the end and the answer asks again.
            _finish(target.folder)
        elif target.backend == "sqlite" and Path(target.database).parent == target.folder:
            _restore_folder(backup, target.folder, name)
        else:
            _restore_beside(backup, target, name)
        return backup.made


def _restore_folder(backup: BackupFile, folder: Path, by: str) -> None:
    """Restore into a folder that holds its database: one rename and it is there."""
    refuse_existing(folder)
    refuse_network_drive(folder.parent)
    with StagedFolder(folder) as staged:
        _unpack(backup, staged)
        with Store(staged.path, None, now_microseconds) as store:
            create_file(store.url)
            with transaction(store.engine, writing=True, lock=False) as connection:
                _fill(connection, store, backup, by)
        staged.commit()


def _restore_beside(backup: BackupFile, target: Store, by: str) -> None:
    """Restore into a folder and a database that is elsewhere: when the database says so, both are there.

    Whoever is stopped between the two leaves a folder that says of itself that it is not finished; the next one, of
    the same backup, begins anew.
    """
    with transaction(target.engine, writing=True, lock=False) as connection:
        if revision_of(connection):
            message = "there is a store in this database."
            remedy = "Name a database, or a schema of it, that is empty."
            raise ConflictError(Finding("store.exists", message, remedy, file=target.database))
        if _unfinished(backup, target.folder):
            shutil.rmtree(target.folder)
        with StagedFolder(target.folder) as staged:
            _unpack(backup, staged)
            staged.write_text(RESTORING, json.dumps({"backup": backup.made.digest}) + "\n")
            with Store(staged.path, None, now_microseconds) as store:
                _fill(connection, store, backup, by)
            staged.commit()
    _finish(target.folder)


def _restored_before(backup: BackupFile, target: Store) -> bool:
    """Return whether this backup was restored here before, and nothing was done since."""
    if not (target.folder / STORE_FILE).exists() or id_in(target.folder) != backup.contents["store"]:
        return False
    if target.backend == "sqlite" and not Path(target.database).exists():
        # To connect would make it.
        return False
    with transaction(target.engine, writing=False) as connection:
        if not revision_of(connection):
            return False
        last = next(log_records(Reading(connection, target.objects, ""), newest=1))
    return last.action == _ACTION and json.loads(last.details)["backup"] == backup.made.digest


def _unfinished(backup: BackupFile, folder: Path) -> bool:
    try:
        return json.loads((folder / RESTORING).read_bytes()) == {"backup": backup.made.digest}
    except (OSError, ValueError):
        return False


def _finish(folder: Path) -> None:
    with environment_refused(folder):
        (folder / RESTORING).unlink(missing_ok=True)
        sync_folder(folder)


def _unpack(backup: BackupFile, staged: StagedFolder) -> None:
    """Write objects, run folders and the id, for their owner only, and bring them to the disk."""
    with environment_refused(staged.target):
        staged.path.chmod(0o700)
        for name in ("objects", "runs"):
            (staged.path / name).mkdir(mode=0o700)
    for name in backup.files():
        path = staged.path / name
        with environment_refused(staged.target):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_bytes(backup.read(name))
        staged.written(path)
    staged.write_text(STORE_FILE, id_text(backup.contents["store"]))
    (staged.path / STORE_FILE).chmod(0o600)


def _fill(connection: Connection, store: Store, backup: BackupFile, by: str) -> None:
    """Fill an empty database, verify what came of it, and log it."""
    migrate(connection, backup.contents["revision"])
    for table in backup.contents["tables"]:
        for part in backup.rows(table):
            insert_rows(connection, table, part.columns, part.iter_rows())
    migrate(connection)
    tx = Writing(connection, store.objects, backup.made.company, by, now_microseconds)
    findings = verify_log(tx) + verify_documents(tx)
    # What is in the file was verified; this is that all is in it that the database names.
    for sha256 in connection.execute(select(OBJECT.c.sha256)).scalars():
        findings += store.objects.verify(sha256)
    for run in runs(tx):
        findings += verify_run_folder(store.folder / run.folder, run.manifest_sha256)
    refuse_broken(findings)
    tx.log(_ACTION, "store", {"backup": backup.made.digest, "made_at": backup.made.made_at})
