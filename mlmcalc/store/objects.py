"""Bulk tables beside the database, each a Parquet file named by the SHA-256 of its bytes; never changed, never renamed.

A file is written under another name, brought to the disk, and only then gets its own; what names it, a row of the
database, comes later still. So what a row names is always there, and what nothing names does no harm.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import polars as pl

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.store.faults import disk_refused

ROWS_PER_GROUP = 1 << 18


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A file of the store.

    Attributes
    ----------
    sha256 : str
        Of its bytes: its name.
    rows : int
        0 where it is no table.
    bytes : int
    kind : str
        What it is: ``events``, ``members``, ``payments``, ...
    columns : tuple of str
        Of a table.
    """

    sha256: str
    rows: int
    bytes: int
    kind: str
    columns: tuple[str, ...] = ()


class Objects:
    """The folder ``objects`` of a store.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return the file of an object: ``objects/ab/<sha256>.parquet``; whether it is there is not looked at.

        Raises
        ------
        InputRefused
            ``store.object``: this is no SHA-256, so it must not become part of a path.
        """
        if not re.fullmatch("[0-9a-f]{64}", sha256):
            raise InputRefused(Finding("store.object", f"{sha256!r} is no SHA-256 of an object."))
        return self.folder / sha256[:2] / f"{sha256}.parquet"

    def put(self, frame: pl.DataFrame, kind: str) -> StoredObject:
        """Write a frame as Parquet and return what it is called; the same bytes are kept once.

        Rows are kept in the order of the frame: sort them first where the order says nothing.

        Raises
        ------
        EnvironmentRefused
            ``store.full``, ``store.readonly``, ``store.disk``: nothing is left of it.
        """
        content = BytesIO()
        frame.write_parquet(content, compression="zstd", row_group_size=ROWS_PER_GROUP)
        return replace(self.put_bytes(content.getvalue(), kind, frame.height), columns=tuple(frame.columns))

    def put_file(self, path: str | os.PathLike[str], kind: str, rows: int) -> StoredObject:
        """Copy a file into the store, as `put`.

        Raises
        ------
        EnvironmentRefused
            ``store.full``, ``store.readonly``, ``store.disk``.
        """
        try:
            content = Path(path).read_bytes()
        except OSError as fault:
            raise disk_refused(fault, path) from fault
        return self.put_bytes(content, kind, rows)

    def put_bytes(self, content: bytes, kind: str, rows: int) -> StoredObject:
        """Write bytes, as `put`.

        Raises
        ------
        EnvironmentRefused
            ``store.full``, ``store.readonly``, ``store.disk``.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        stored = StoredObject(sha256, rows, len(content), kind)
        path = self.path(sha256)
        try:
            if not _holds(path, sha256):
                _write(path, content)
        except OSError as fault:
            raise disk_refused(fault, path) from fault
        return stored

    def read_bytes(self, sha256: str) -> bytes:
        """Return the bytes of an object, verified.

        Raises
        ------
        IntegrityError
            ``store.object_missing``, ``store.object_altered``.
        """
        path = self.path(sha256)
        remedy = "Restore the store from a backup."
        try:
            content = path.read_bytes()
        except OSError as fault:
            message = f"an object of the store cannot be read: {fault.strerror}."
            raise IntegrityError(Finding("store.object_missing", message, remedy, file=str(path))) from fault
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            message = f"its bytes have the digest {found[:16]}, its name says {sha256[:16]}."
            raise IntegrityError(Finding("store.object_altered", message, remedy, file=str(path)))
        return content

    def read(self, sha256: str) -> pl.DataFrame:
        """Return an object as a frame, every byte of it verified.

        Raises
        ------
        IntegrityError
            ``store.object_missing``, ``store.object_altered``.
        """
        return pl.read_parquet(BytesIO(self.read_bytes(sha256)))

    def verify(self, sha256: str) -> list[Finding]:
        """Return what is wrong with one object: nothing, or one finding."""
        try:
            self.read_bytes(sha256)
        except IntegrityError as fault:
            return list(fault.findings)
        return []


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file for its owner only, so that it is there whole or not at all.

    Raises
    ------
    OSError
        Nothing is left of it.
    """
    staged = path.with_name(f".{path.name}.partial-{secrets.token_hex(6)}")
    try:
        descriptor = os.open(staged, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(staged, path)
    finally:
        # After the rename there is nothing of this name.
        staged.unlink(missing_ok=True)
    sync_folder(path.parent)


def _holds(path: Path, sha256: str) -> bool:
    # A file that is there may have been damaged since; then it is written again.
    if not path.exists():
        return False
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest() == sha256


def _write(path: Path, content: bytes) -> None:
    if not path.parent.is_dir():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        sync_folder(path.parent.parent)
    write_whole(path, content)
