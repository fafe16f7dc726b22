"""The file of a backup, opened for reading: nothing is taken whose digest its table of contents does not say."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.errors import EnvironmentRefused, Finding, IntegrityError
from mlmcalc.store.backup import BACKUP_FORMAT, CONTENTS, Backup, describe
from mlmcalc.store.schema import REVISION
from mlmcalc.tables.content import READ_FAULTS

_NAME = re.compile(
    r"tables/[a-z_]+/[0-9]{5}\.parquet|objects/[0-9a-f]{2}/[0-9a-f]{64}\.parquet"
    r"|runs/[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)+"
)


class BackupFile:
    """An open backup whose table of contents agrees with what is in it by name.

    Attributes
    ----------
    contents : mapping
        The table of contents.
    made : Backup
        What it says.
    """

    def __init__(self, tar: tarfile.TarFile, file: Path) -> None:
        self._tar = tar
        self._file = file
        members = tar.getmembers()
        if not members or members[-1].name != CONTENTS:
            raise self._damaged("it has no table of contents at its end: it is no backup, or was cut short")
        self._members = {member.name: member for member in members[:-1]}
        text = self._bytes(members[-1])
        self.contents = self._read_contents(text)
        named = self.contents["files"]
        if len(self._members) < len(members) - 1 or set(self._members) != set(named):
            raise self._damaged("its files are not those of its table of contents")
        for member in self._members.values():
            if not _NAME.fullmatch(member.name) or not member.isreg():
                raise self._damaged(f"{member.name!r} is no file of a store")
        self.made: Backup = describe(self.contents, text)

    def files(self) -> Iterator[str]:
        """Yield the names of objects and files of runs, relative to the folder of a store."""
        yield from (name for name in self._members if not name.startswith("tables/"))

    def read(self, name: str) -> bytes:
        """Return a file, verified.

        Raises
        ------
        IntegrityError
            ``store.backup_damaged``.
        """
        content = self._bytes(self._members[name])
        if hashlib.sha256(content).hexdigest() != self.contents["files"][name]["sha256"]:
            raise self._damaged(f"{name} has another digest than its table of contents says")
        return content

    def rows(self, table: str) -> Iterator[pl.DataFrame]:
        """Yield a table of the database in parts, verified.

        Raises
        ------
        IntegrityError
            ``store.backup_damaged``: a part was altered, or the rows are not as many as the table of contents says.
        """
        found = 0
        for name in sorted(name for name in self._members if name.startswith(f"tables/{table}/")):
            try:
                part = pl.read_parquet(io.BytesIO(self.read(name)))
            except READ_FAULTS as fault:
                raise self._damaged(f"{name} is no table") from fault
            found += part.height
            yield part
        if found != self.contents["tables"][table]:
            raise self._damaged(f"{table} has {found:,} rows, its table of contents says otherwise")

    def _read_contents(self, text: bytes) -> dict[str, Any]:
        try:
            contents = json.loads(text)
            layout, revision = contents["backup"], contents["revision"]
            wanted = (contents["files"].keys(), contents["tables"].keys())
            complete = {"store", "company", "made_at", "log", "mlmcalc"} <= set(contents)
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise self._damaged("its table of contents cannot be read") from fault
        if not complete or not all(wanted):
            raise self._damaged("its table of contents lacks what every backup has")
        if layout != BACKUP_FORMAT or revision > REVISION:
            message = f"this backup was written by mlmcalc {contents['mlmcalc']}, which is newer than this one."
            remedy = "Use that version, or a newer one."
            raise EnvironmentRefused(Finding("store.newer", message, remedy, file=str(self._file)))
        return contents

    def _bytes(self, member: tarfile.TarInfo) -> bytes:
        handle = self._tar.extractfile(member)
        content = b"" if handle is None else handle.read()
        if len(content) != member.size:
            raise self._damaged(f"{member.name} was cut short")
        return content

    def _damaged(self, reason: str) -> IntegrityError:
        return _damaged(self._file, reason)


@contextlib.contextmanager
def open_backup(file: Path) -> Iterator[BackupFile]:
    """Yield an open backup.

    Raises
    ------
    IntegrityError
        ``store.backup_damaged``.
    EnvironmentRefused
        ``store.no_backup``: it cannot be opened. ``store.newer``: this version does not know it.
    """
    try:
        tar = tarfile.open(file, mode="r:")  # noqa: SIM115  closed below; only what opening refuses is translated
    except tarfile.TarError as fault:
        raise _damaged(file, "this is no backup, or was cut short") from fault
    except OSError as fault:
        message = f"this file cannot be read: {fault.strerror or fault}."
        raise EnvironmentRefused(
            Finding("store.no_backup", message, "Name the file of a backup.", file=str(file))
        ) from fault
    with tar:
        try:
            yield BackupFile(tar, file)
        except tarfile.TarError as fault:
            raise _damaged(file, "it was cut short") from fault


def _damaged(file: Path, reason: str) -> IntegrityError:
    remedy = "Use another backup; from this one nothing was restored."
    return IntegrityError(Finding("store.backup_damaged", f"{reason}.", remedy, file=str(file)))
