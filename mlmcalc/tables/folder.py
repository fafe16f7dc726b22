"""A folder that appears whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from mlmcalc.errors import ConflictError, EnvironmentRefused, Finding

_REMEDY = {
    errno.ENOSPC: "Free some space, or write elsewhere.",
    errno.EDQUOT: "Free some space, or write elsewhere.",
    errno.EACCES: "Choose a folder that you may write to.",
    errno.EPERM: "Choose a folder that you may write to.",
    errno.EROFS: "Choose a folder that you may write to.",
}


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the folder.

    Attributes
    ----------
    name : str
        Relative to the folder, with ``/``.
    size : int
        In bytes.
    sha256 : str
    """

    name: str
    size: int
    sha256: str


class StagedFolder:
    """A new folder under construction, beside its final place.

    Use it in a ``with`` statement; whatever leaves the block without `commit` takes the staging folder with it.

    Parameters
    ----------
    target : Path
        Must not exist; its parent folder is made if it is missing.

    Raises
    ------
    ConflictError
        ``tables.output_exists``: the target exists.
    EnvironmentRefused
        ``tables.output_refused``: the machine does not let us write there.
    """

    def __init__(self, target: str | os.PathLike[str]) -> None:
        self.target = Path(os.path.abspath(target))
        refuse_existing(self.target)
        self.path = self.target.with_name(f".{self.target.name}.partial-{secrets.token_hex(6)}")
        self._committed = False
        # Parents that are made for this folder go again if it does not come.
        self._made = [folder for folder in self.target.parents if not folder.exists()]
        with environment_refused(self.target):
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir()

    def __enter__(self) -> StagedFolder:
        return self

    def __exit__(self, *fault: object) -> None:
        if not self._committed:
            shutil.rmtree(self.path, ignore_errors=True)
            for folder in self._made:
                with contextlib.suppress(OSError):
                    folder.rmdir()

    def written(self, path: Path) -> WrittenFile:
        """Bring a finished file of this folder to the disk and return its size and digest.

        Raises
        ------
        EnvironmentRefused
            ``tables.output_refused``.
        """
        with environment_refused(self.target), path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
            os.fsync(handle.fileno())
            size = handle.tell()
        return WrittenFile(path.relative_to(self.path).as_posix(), size, digest)

    def write_text(self, name: str, text: str) -> WrittenFile:
        """Write a small text file.

        Raises
        ------
        EnvironmentRefused
            ``tables.output_refused``.
        """
        path = self.path / name
        with environment_refused(self.target):
            path.write_bytes(text.encode())
        return self.written(path)

    def commit(self) -> None:
        """Give the folder its name: from now on it exists, with everything in it.

        Raises
        ------
        ConflictError
            ``tables.output_exists``: somebody else was first.
        EnvironmentRefused
            ``tables.output_refused``.
        """
        with environment_refused(self.target):
            for folder, _, _ in os.walk(self.path):
                _sync_folder(Path(folder))
        # The rename itself is the test: it never replaces a folder that holds a file, and ours always hold one.
        refuse_existing(self.target)
        with environment_refused(self.target):
            try:
                self.path.rename(self.target)
            except OSError as fault:
                if fault.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                    raise _exists(self.target) from fault
                raise
            self._committed = True
            try:
                _sync_folder(self.target.parent)
            except OSError:
                # Nobody knows whether its name would be there after a fall: then it is not there now either.
                shutil.rmtree(self.target, ignore_errors=True)
                raise


def refuse_existing(target: Path) -> None:
    """Refuse a target that exists.

    Raises
    ------
    ConflictError
        ``tables.output_exists``.
    """
    if os.path.lexists(target):
        raise _exists(target)


@contextlib.contextmanager
def environment_refused(target: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a finding.

    Raises
    ------
    EnvironmentRefused
        ``tables.output_refused``: disk full, no permission, and so on.
    """
    try:
        yield
    except OSError as fault:
        number = fault.errno or _number_in(str(fault))
        raise _refused(target, number, os.strerror(number) if number else str(fault)) from fault
    except pl.exceptions.ComputeError as fault:
        # Parquet wraps the system's error into its own; anything else is a fault of ours.
        number = _number_in(str(fault))
        if number is None:
            raise
        raise _refused(target, number, os.strerror(number)) from fault


def _number_in(message: str) -> int | None:
    found = re.search(r"\(os error (\d+)\)", message)
    return int(found[1]) if found else None


def _refused(target: Path, number: int | None, reason: str) -> EnvironmentRefused:
    free = ""
    if number in (errno.ENOSPC, errno.EDQUOT):
        free = f" ({_free_bytes(target):,} bytes are free there)"
    remedy = _REMEDY.get(number or 0, "Correct this, or write elsewhere.")
    message = f"{reason}{free}; nothing was written."
    return EnvironmentRefused(Finding("tables.output_refused", message, remedy, file=str(target)))


def _free_bytes(target: Path) -> int:
    folder = target.parent
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _exists(target: Path) -> ConflictError:
    remedy = "Name a new folder, or remove this one."
    return ConflictError(Finding("tables.output_exists", "this exists already.", remedy, file=str(target)))


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
