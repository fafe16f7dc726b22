"""Runs from folders."""

from __future__ import annotations

import os
from pathlib import Path

from mlmcalc.api.run import Run
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.runs.manifest import MANIFEST_FILE, seal_manifest
from mlmcalc.tables.stored import StoredTables, read_manifest


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read back a run that was written; tables are read, and verified, when they are asked for.

    Parameters
    ----------
    folder : path

    Raises
    ------
    InputRefused
        ``tables.no_run``: this is not the folder of a run.
    IntegrityError
        ``tables.manifest``, ``tables.digest``, ``tables.missing``: something was changed since it was written.
    """
    path = Path(folder)
    manifest = read_manifest(path)
    if seal_manifest(manifest) != manifest.get("manifest_sha256"):
        message = "the manifest was changed after it was written."
        raise IntegrityError(
            Finding("tables.manifest", message, "Restore it, or run again.", file=str(path / MANIFEST_FILE))
        )
    return Run(manifest, StoredTables(path, manifest).frame, folder=path)
