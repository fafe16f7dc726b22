"""Whether the inputs of a stored run are still what it was made of, without reading them where nothing touched them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PLAN = "plan.yaml"


def seen_files(tables: Mapping[str, object]) -> dict[str, list[int]]:
    """Return size and time of the last change of every input that is a file; to be taken before it is read.

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

    A file of the same size and the same time of the last change is; of any other the content decides.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Of the run, verified.
    """
    plan = manifest["files"].get(_PLAN, {}).get("sha256")
    if plan is None or _digest(folder / _PLAN) != plan:
        return False
    places, seen = manifest.get("locations", {}), manifest.get("seen", {})
    for seal in manifest["inputs"]:
        name = seal["name"]
        now = _seen(folder / places[name]) if name in places and name in seen else None
        if now is None:
            return False
        if now != seen[name] and _digest(folder / places[name]) != seal["sha256"]:
            return False
    return True


def _seen(path: Path) -> list[int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return [found.st_size, found.st_mtime_ns] if stat.S_ISREG(found.st_mode) else None


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
