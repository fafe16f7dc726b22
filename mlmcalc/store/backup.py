"""A whole store in one file: the same whatever database it came from, and whatever database it is restored into.

The file is a plain tar: ``tables/<table>/<part>.parquet`` with every table of the database, ``objects/`` and ``runs/``
as they lie in the folder, and last ``backup.json`` with the digest of everything before. A file that was cut short
lacks it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl
from sqlalchemy import Integer, Table, select

from mlmcalc._version import __version__
from mlmcalc.runs.seal import MANIFEST_FILE
from mlmcalc.store.checks import refuse_broken, sealed_run
from mlmcalc.store.clock import instant_text, now_microseconds
from mlmcalc.store.documents import verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.objects import sync_folder
from mlmcalc.store.runs import StoredRun, runs
from mlmcalc.store.schema import REVISION
from mlmcalc.store.store import Store
from mlmcalc.store.tables import FORMAT, METADATA, OBJECT, STORE
from mlmcalc.store.transaction import Reading
from mlmcalc.tables.folder import environment_refused, refuse_existing
from mlmcalc.tables.verified import read_verified

BACKUP_FORMAT = 1
CONTENTS = "backup.json"
ROWS_AT_ONCE = 100_000


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds.

    Attributes
    ----------
    store, company : str
    made_at : str
        Instant, as text.
    digest : str
        SHA-256 of its table of contents, so of everything in it.
    rows : int
        Of all tables of the database.
    files : int
        Objects, and files of run folders.
    log : int
        Number of the last record of the log.
    """

    store: str
    company: str
    made_at: str
    digest: str
    rows: int
    files: int
    log: int


@dataclass(slots=True)
class _Contents:
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, int] = field(default_factory=dict)


def back_up(store: Store, file: str | os.PathLike[str]) -> Backup:
    """Write a store into a new file, as it is at this instant; others may go on working.

    Raises
    ------
    ConflictError
        ``tables.output_exists``: the file exists.
    EnvironmentRefused
        ``tables.output_refused``, and as `Store.read`.
    IntegrityError
        ``store.object_missing``, ``store.object_altered``, ``store.run_altered``, ``store.log_chain``,
        ``store.document_chain``: the store is damaged; nothing is written.
    """
    target = Path(os.path.abspath(file))
    refuse_existing(target)
    staged = target.with_name(f".{target.name}.partial-{secrets.token_hex(6)}")
    try:
        with environment_refused(target):
            descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as handle:
                made = _write(store, handle)
                handle.flush()
                os.fsync(handle.fileno())
            refuse_existing(target)
            os.replace(staged, target)
            try:
                sync_folder(target.parent)
            except OSError:
                # Nobody knows whether its name would be there after a fall: then it is not there now either.
                target.unlink(missing_ok=True)
                raise
    finally:
        # After the rename there is nothing of this name.
        staged.unlink(missing_ok=True)
    return made


def describe(contents: dict[str, Any], text: bytes) -> Backup:
    """Return what a table of contents says."""
    return Backup(
        contents["store"],
        contents["company"],
        contents["made_at"],
        hashlib.sha256(text).hexdigest(),
        sum(contents["tables"].values()),
        sum(not name.startswith("tables/") for name in contents["files"]),
        contents["log"],
    )


def _write(store: Store, handle: IO[bytes]) -> Backup:
    listed = _Contents()
    with tarfile.open(fileobj=handle, mode="w", format=tarfile.PAX_FORMAT) as tar:
        with store.read() as tx:
            refuse_broken([*verify_log(tx), *verify_documents(tx)])
            head = {
                "backup": BACKUP_FORMAT,
                "mlmcalc": __version__,
                "format": FORMAT,
                "revision": REVISION,
                "store": tx.connection.execute(select(STORE.c.id)).scalar_one(),
                "company": tx.company,
                "made_at": instant_text(now_microseconds()),
                "log": next(record.seq for record in log_records(tx, newest=1)),
            }
            for table in METADATA.sorted_tables:
                listed.tables[table.name] = _add_table(tar, listed, tx, table)
            objects = list(tx.connection.execute(select(OBJECT.c.sha256).order_by(OBJECT.c.sha256)).scalars())
            kept = runs(tx)
        # What rows name stays as it is, so the database need not be held while files are copied.
        for sha256 in objects:
            _add(tar, listed, f"objects/{sha256[:2]}/{sha256}.parquet", store.objects.read_bytes(sha256))
        for run in kept:
            _add_run(tar, listed, store.folder / run.folder, run)
        contents = {**head, "tables": listed.tables, "files": listed.files}
        text = (json.dumps(contents, indent=1, ensure_ascii=False) + "\n").encode()
        made = describe(contents, text)
        _add(tar, listed, CONTENTS, text)
    return made


def _add_table(tar: tarfile.TarFile, listed: _Contents, tx: Reading, table: Table) -> int:
    schema = {column.name: pl.Int64() if isinstance(column.type, Integer) else pl.String() for column in table.columns}
    rows = 0
    for number, part in enumerate(_parts(tx, table)):
        content = io.BytesIO()
        pl.DataFrame(part, schema=schema, orient="row").write_parquet(content, compression="zstd")
        _add(tar, listed, f"tables/{table.name}/{number:05d}.parquet", content.getvalue())
        rows += len(part)
    return rows


def _parts(tx: Reading, table: Table) -> Iterator[list[tuple[Any, ...]]]:
    query = select(table).order_by(*table.primary_key.columns)
    with tx.connection.execution_options(yield_per=ROWS_AT_ONCE).execute(query) as found:
        for part in found.partitions():
            yield [tuple(row) for row in part]


def _add_run(tar: tarfile.TarFile, listed: _Contents, folder: Path, run: StoredRun) -> None:
    manifest = sealed_run(folder, run.manifest_sha256)
    for name in sorted(manifest["files"]):
        content = read_verified(folder / name, manifest["files"][name]["sha256"])
        _add(tar, listed, f"{run.folder}/{name}", content)
    with environment_refused(folder):
        _add(tar, listed, f"{run.folder}/{MANIFEST_FILE}", (folder / MANIFEST_FILE).read_bytes())


def _add(tar: tarfile.TarFile, listed: _Contents, name: str, content: bytes) -> None:
    tar.addfile(_info(name, len(content)), io.BytesIO(content))
    listed.files[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info
