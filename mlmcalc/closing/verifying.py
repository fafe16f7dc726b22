"""Whether a run of the store, and what it was made of, are still what they were."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlmcalc.api.recalculate import PLAN_FILE
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.store.runs import StoredRun
from mlmcalc.tables.stored import StoredTables

_RESTORE = "Restore the store from a backup; nothing was changed."


def refuse_changed(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run whose every file is what it was.

    Raises
    ------
    IntegrityError
        ``tables.no_run``, ``tables.manifest``, ``tables.digest``, ``tables.missing``.
    """
    try:
        manifest = sealed_manifest(folder)
    except InputRefused as refusal:
        # Whoever asks knows that there was one.
        raise IntegrityError(replace(one, remedy=_RESTORE) for one in refusal.findings) from refusal
    findings = StoredTables(folder, manifest).verify()
    if findings:
        raise IntegrityError(findings)
    return manifest


def verified_run(folder: Path, stored: StoredRun) -> dict[str, Any]:
    """Return the manifest of a run of the store, after verifying its folder and the inputs it was made of.

    Parameters
    ----------
    folder : Path
    stored : StoredRun
        As the database has it.

    Raises
    ------
    IntegrityError
        ``closing.run_changed``: it is not the run that the database knows; ``closing.input_changed``; and as
        `refuse_changed`.
    """
    manifest = refuse_changed(folder)
    known = {"run": stored.id, "digest": stored.digest, "manifest_sha256": stored.manifest_sha256}
    for name, value in known.items():
        if manifest[name] != value:
            message = f"its {name} is {str(manifest[name])[:40]}, the store knows {value[:40]}."
            raise IntegrityError(Finding("closing.run_changed", message, _RESTORE, file=str(folder)))
    findings = list(_changed_inputs(folder, manifest))
    if findings:
        raise IntegrityError(findings)
    return manifest


def _changed_inputs(folder: Path, manifest: dict[str, Any]) -> list[Finding]:
    findings = []
    places = manifest.get("locations", {})
    for seal in manifest["inputs"]:
        path = folder / places.get(seal["name"], PLAN_FILE)
        if path.is_dir():
            # The state of the period before: the manifest there names the file.
            before = sealed_manifest(path)
            name = next(name for name in before["files"] if name.startswith("state."))
            path = path / name
        found = _digest(path)
        if found != seal["sha256"]:
            was = seal["sha256"][:16]
            message = f"the table of {seal['name']} is no longer what this run was made of: {found[:16]}, was {was}."
            findings.append(Finding("closing.input_changed", message, _RESTORE, file=str(path)))
    return findings


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        return f"missing ({fault.strerror})"
