"""Bytes that are what they were when they were written, or an integrity fault."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mlmcalc.errors import Finding, IntegrityError


def read_verified(path: Path, sha256: str) -> bytes:
    """Return the content of a file whose SHA-256 is known.

    Raises
    ------
    IntegrityError
        ``tables.digest``, ``tables.missing``: the file is not what the manifest says.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise missing(path, fault) from fault
    got = hashlib.sha256(content).hexdigest()
    if got != sha256:
        raise altered(path, _unlike(got, sha256))
    return content


def verify_bytes(path: Path, sha256: str) -> None:
    """Read a file whose SHA-256 is known, a piece at a time.

    Raises
    ------
    IntegrityError
        As `read_verified`.
    """
    try:
        with path.open("rb") as file:
            got = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        raise missing(path, fault) from fault
    if got != sha256:
        raise altered(path, _unlike(got, sha256))


def _unlike(got: str, sha256: str) -> str:
    return f"its bytes have the digest {got[:16]}, the manifest says {sha256[:16]}"


def missing(path: Path, fault: OSError) -> IntegrityError:
    """Return that a file cannot be read."""
    message = f"{fault.strerror}."
    return IntegrityError(Finding("tables.missing", message, "Restore the folder, or run again.", file=str(path)))


def altered(path: Path, reason: str) -> IntegrityError:
    """Return that a file is not what was written, and why."""
    message = f"{reason}."
    return IntegrityError(Finding("tables.digest", message, "Restore the folder, or run again.", file=str(path)))
