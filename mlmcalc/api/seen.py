"""Whether the inputs of a stored run are still what it was made of, without reading them where nothing touched them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlmcalc.api.places import input_places
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.runs.seal import MANIFEST_FILE

_PLAN = "plan.yaml"


def seen_files(tables: Mapping[str, object]) -> dict[str, list[int]]:
    """Return size and time of the last change of every input that is a file; to be taken before it is read.

    Of a folder, the run that the state comes from, they are those of its state and of its manifest.

    Parameters
    ----------
    tables : mapping of str to object
        Paths, or frames, which are left out.
    """
    found = {}
    for name, table in tables.items():
        seen = _seen(Path(table)) if isinstance(table, str | os.PathLike) else None
        if seen is not None:
            found[name] = seen
    return found


def as_seen(folder: Path, manifest: Mapping[str, Any]) -> bool:
    """Return whether plan and inputs of a run are what it was made of.

    A file of the same size and the same time of the last change is; of any other the content decides, and of the
    folder of a run its manifest as well.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Of the run, verified.

    Raises
    ------
    IntegrityError
        ``tables.manifest``: that of the run which the state comes from was changed.
    """
    plan = manifest["files"].get(_PLAN, {}).get("sha256")
    if plan is None or file_digest(folder / _PLAN) != plan:
        return False
    places, seen = input_places(folder, manifest), manifest.get("seen", {})
    for seal in manifest["inputs"]:
        name = seal["name"]
        if name not in places or name not in seen:
            return False
        path = places[name]
        now = _seen(path)
        if now is None or (now != seen[name] and not _same(path, seal["sha256"])):
            return False
    return True


def _same(path: Path, sha256: str) -> bool:
    if not path.is_dir():
        return file_digest(path) == sha256
    state = _state_of(path)
    sealed = sealed_manifest(path)["files"].get(state.name, {})
    return sealed.get("sha256") == sha256 == file_digest(state)


def _seen(path: Path) -> list[int] | None:
    try:
        parts = [_state_of(path), path / MANIFEST_FILE] if path.is_dir() else [path]
        found = [part.stat() for part in parts]
    except OSError:
        return None
    if not all(stat.S_ISREG(part.st_mode) for part in found):
        return None
    return [number for part in found for number in (part.st_size, part.st_mtime_ns)]


def _state_of(folder: Path) -> Path:
    parquet = folder / "state.parquet"
    return parquet if parquet.exists() else folder / "state.csv"


def file_digest(path: Path) -> str:
    """Return the SHA-256 of an input: of a file, or of the state in the folder of a run; empty if it cannot be read."""
    path = _state_of(path) if path.is_dir() else path
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
