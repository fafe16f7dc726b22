"""Which engine repeats a run: this package, or a frozen copy of the one that stood when its arithmetic was released."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.runs.versions import ARITHMETIC_VERSION, TABLE_SCHEMAS

RELEASED = Path(__file__).parent
REGISTRY = "releases.json"


@dataclass(frozen=True, slots=True)
class Release:
    """A frozen copy of the package.

    Attributes
    ----------
    folder : str
        Its name beside the registry; it holds a folder ``mlmcalc``.
    arithmetic : int
    tables : mapping of str to int
        The schemas of the tables it writes: a table with other columns has another digest.
    mlmcalc : str
        Version of the package that was frozen.
    sha256 : str
        Of all its files, names included.
    """

    folder: str
    arithmetic: int
    tables: Mapping[str, int]
    mlmcalc: str
    sha256: str


def known_releases(root: Path = RELEASED) -> list[Release]:
    """Return every frozen copy, oldest first.

    Parameters
    ----------
    root : Path
        The folder of the registry.
    """
    path = root / REGISTRY
    return [Release(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def registry_text(releases: list[Release]) -> str:
    """Return the registry as it is written."""
    return json.dumps([asdict(release) for release in releases], indent=2) + "\n"


def release_for(versions: Mapping[str, Any], root: Path = RELEASED) -> Release | None:
    """Return the frozen copy that repeats a run, None where the package itself does.

    Parameters
    ----------
    versions : mapping
        Of the run's manifest.
    root : Path

    Raises
    ------
    InputRefused
        ``released.unknown``: no engine here has this arithmetic and writes these tables.
    IntegrityError
        ``released.altered``: the copy is not what was released.
    """
    arithmetic, tables = versions["arithmetic"], versions["tables"].items()
    # A run has some of the tables that an engine writes.
    if arithmetic == ARITHMETIC_VERSION and tables <= TABLE_SCHEMAS.items():
        return None
    # The last one of its kind: it has every mending that changed no cent.
    found = [
        release
        for release in known_releases(root)
        if release.arithmetic == arithmetic and tables <= release.tables.items()
    ]
    if not found:
        message = f"it was made with arithmetic {arithmetic} by mlmcalc {versions['mlmcalc']}, which is not here"
        message += "." if arithmetic != ARITHMETIC_VERSION else ": the columns of its tables are others."
        remedy = f"Replay it with mlmcalc {versions['mlmcalc']}, or a later version that holds this arithmetic."
        raise InputRefused(Finding("released.unknown", message, remedy))
    verify_release(found[-1], root)
    return found[-1]


def verify_release(release: Release, root: Path = RELEASED) -> None:
    """Refuse a frozen copy of which any file was changed, added or taken away.

    Raises
    ------
    IntegrityError
        ``released.altered``.
    """
    found = folder_digest(root / release.folder)
    if found != release.sha256:
        message = f"the frozen arithmetic {release.arithmetic} has the digest {found[:16]}, not {release.sha256[:16]}."
        remedy = "Install mlmcalc again: a run is repeated only by what it was made with."
        raise IntegrityError(Finding("released.altered", message, remedy, file=str(root / release.folder)))


def folder_digest(folder: Path) -> str:
    """Return the SHA-256 of all files of a folder, names included; what Python compiles for itself is left out."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda path: path.relative_to(folder).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
