"""The manifest of a stored run, its seal verified."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.runs.seal import MANIFEST_FILE, seal_manifest
from mlmcalc.tables.stored import read_manifest


def sealed_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest in the folder of a run.

    Raises
    ------
    InputRefused
        ``tables.no_run``: this is not the folder of a run.
    IntegrityError
        ``tables.manifest``: it was changed since it was written.
    """
    manifest = read_manifest(folder)
    if seal_manifest(manifest) != manifest.get("manifest_sha256"):
        message = "the manifest was changed after it was written."
        raise IntegrityError(
            Finding("tables.manifest", message, "Restore it, or run again.", file=str(folder / MANIFEST_FILE))
        )
    return manifest
