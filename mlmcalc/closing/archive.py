"""The exported archive: documents, their tables and their runs, so that an outsider can verify them.

- ``archive.json``: what is in it
- ``documents/0001-commit-<program>-<period>.json``: the chain, each the very bytes that its digest is of
- ``tables/<sha256>.parquet``: payments, journals, balances and adjustments that documents name
- ``runs/<run id>/``: the runs that documents name, those of true-ups too, and those whose state they began with
- ``inputs/<sha256>.parquet``: on request, what these runs read
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.runs.seal import MANIFEST_FILE
from mlmcalc.tables.folder import StagedFolder, environment_refused
from mlmcalc.tables.verified import read_verified

ARCHIVE = 1
"""Number of this layout."""
ARCHIVE_FILE = "archive.json"
STATE = "state"


@dataclass(frozen=True, slots=True)
class ChainedDocument:
    """A document of the chain.

    Attributes
    ----------
    number : int
        From 1.
    kind, program, period : str
    body : str
        Canonical JSON.
    digest : str
        SHA-256 of `body`.
    """

    number: int
    kind: str
    program: str
    period: str
    body: str
    digest: str

    @property
    def file(self) -> str:
        """Where it stands in an archive."""
        return f"documents/{self.number:04d}-{self.kind}-{self.program}-{self.period}.json"


@dataclass(frozen=True, slots=True)
class Exported:
    """What an archive holds.

    Attributes
    ----------
    documents, tables, runs, inputs : int
        How many of each.
    """

    documents: int
    tables: int
    runs: int
    inputs: int


def write_archive(
    target: str | os.PathLike[str],
    company: str,
    documents: Sequence[ChainedDocument],
    table_bytes: Callable[[str], bytes],
    run_folder: Callable[[str], Path],
    inputs: bool = False,
) -> Exported:
    """Write an archive into a new folder, which appears whole or not at all.

    Parameters
    ----------
    target : path
    company : str
    documents : sequence of ChainedDocument
        The whole chain, in its order.
    table_bytes : callable
        Returns the bytes of an object by its SHA-256, verified.
    run_folder : callable
        Returns the folder of a run by its id.
    inputs : bool
        Whether the tables that the runs read are in it.

    Raises
    ------
    ConflictError
        ``tables.output_exists``.
    IntegrityError
        ``tables.*``, ``closing.input_changed``: something is not what the document or the run says; nothing is written.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    bodies = [json.loads(document.body) for document in documents]
    with StagedFolder(target) as staged:
        for document in documents:
            _put(staged, document.file, document.body.encode())
        tables = sorted({table["sha256"] for body in bodies for table in body["tables"].values()})
        for sha256 in tables:
            _put(staged, f"tables/{sha256}.parquet", table_bytes(sha256))
        named = {body[name]["id"] for body in bodies for name in ("run", "corrected") if name in body}
        manifests = _copy_runs(staged, named, run_folder)
        kept = _copy_inputs(staged, manifests, run_folder) if inputs else []
        contents = {
            "archive": ARCHIVE,
            "company": company,
            "documents": [{"number": one.number, "file": one.file, "sha256": one.digest} for one in documents],
            "tables": tables,
            "runs": [
                {"id": run, "digest": manifest["digest"], "manifest_sha256": manifest["manifest_sha256"]}
                for run, manifest in sorted(manifests.items())
            ],
            "inputs": kept,
        }
        staged.write_text(ARCHIVE_FILE, json.dumps(contents, indent=2, ensure_ascii=False) + "\n")
        staged.commit()
    return Exported(len(documents), len(tables), len(manifests), len(kept))


def _copy_runs(
    staged: StagedFolder, wanted: Iterable[str], run_folder: Callable[[str], Path]
) -> dict[str, Mapping[str, Any]]:
    """Copy runs, and those their state came from; return their manifests by id."""
    manifests: dict[str, Mapping[str, Any]] = {}
    waiting = sorted(wanted)
    while waiting:
        run = waiting.pop()
        if run in manifests:
            continue
        folder = run_folder(run)
        manifest = sealed_manifest(folder)
        if manifest["run"] != run:
            message = f"this is the folder of {manifest['run']}, not of {run}."
            raise IntegrityError(Finding("closing.run_changed", message, "Restore it from a backup.", file=str(folder)))
        for name, file in manifest["files"].items():
            _put(staged, f"runs/{run}/{name}", read_verified(folder / name, file["sha256"]))
        with environment_refused(staged.target):
            shutil.copyfile(folder / MANIFEST_FILE, staged.path / "runs" / run / MANIFEST_FILE)
        staged.written(staged.path / "runs" / run / MANIFEST_FILE)
        manifests[run] = manifest
        before = _run_before(folder, manifest)
        waiting += [before] if before else []
    return manifests


def _run_before(folder: Path, manifest: Mapping[str, Any]) -> str:
    place = manifest.get("locations", {}).get(STATE)
    if place is None or not (folder / place).is_dir():
        return ""
    return sealed_manifest(folder / place)["run"]


def _copy_inputs(
    staged: StagedFolder, manifests: Mapping[str, Mapping[str, Any]], run_folder: Callable[[str], Path]
) -> list[str]:
    found = {}
    for run, manifest in manifests.items():
        for seal in manifest["inputs"]:
            place = manifest.get("locations", {}).get(seal["name"])
            path = None if place is None else run_folder(run) / place
            # The state is in the folder of the run before, which is in the archive.
            if path is not None and not path.is_dir():
                found[seal["sha256"]] = path
    for sha256, path in sorted(found.items()):
        _put(staged, f"inputs/{sha256}{path.suffix}", read_verified(path, sha256))
    return [f"inputs/{sha256}{path.suffix}" for sha256, path in sorted(found.items())]


def _put(staged: StagedFolder, name: str, content: bytes) -> None:
    path = staged.path / name
    with environment_refused(staged.target):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    staged.written(path)
