"""Verification by an outsider: the folder of a run, or an exported archive, with nothing else at hand."""

from __future__ import annotations

import os
from pathlib import Path

from mlmcalc.audit.proof.archive import ArchiveProof
from mlmcalc.audit.proof.documents import ARCHIVE_FILE
from mlmcalc.audit.proof.report import Check, Verification
from mlmcalc.audit.proof.run_folder import run_checks
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.runs.seal import MANIFEST_FILE
from mlmcalc.tables.stored import refuse_lost_manifest


def verify(folder: str | os.PathLike[str], last: str = "") -> Verification:
    """Verify all that can be verified of a run's folder, or of an exported archive.

    Nothing is read but the folder. A run: its seals, every file, the content of every table, and every sum that stands
    in two of them. An archive: besides, the chain of documents, what was paid and booked against the runs, and that
    every period begins with what the one before left.

    Parameters
    ----------
    folder : path
    last : str
        Digest of the last document of the archive, where it is known from elsewhere: an archive whose last documents
        were cut off is whole in itself.

    Returns
    -------
    Verification
        Findings are ``verify.*``, ``tables.digest``, ``tables.missing``, ``tables.path`` and ``tables.unreadable``.

    Raises
    ------
    InputRefused
        ``verify.nothing``: this is neither a run nor an archive.
    IntegrityError
        ``tables.manifest``: that of a run is missing.
    """
    path = Path(folder)
    if (path / ARCHIVE_FILE).exists():
        proof = ArchiveProof(path, last)
        checks = list(proof.checks())
        return Verification(str(folder), "archive", checks, proof.last)
    if not (path / MANIFEST_FILE).exists():
        refuse_lost_manifest(path)
        message = f"there is neither {MANIFEST_FILE} nor {ARCHIVE_FILE} in this folder."
        remedy = "Name the folder of a run, or one that `mlmcalc export` has written."
        raise InputRefused(Finding("verify.nothing", message, remedy, file=str(folder)))
    return Verification(str(folder), "run", list(run_checks(path)))


__all__ = ["Check", "Verification", "verify"]
