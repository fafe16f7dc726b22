"""The folder of a run, verified from its bytes to its totals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlmcalc.audit.proof.report import Check
from mlmcalc.audit.proof.run_files import (
    columns_check,
    digest_checks,
    file_check,
    foreign_check,
    identity_check,
    older_tables,
    verified_manifest,
)
from mlmcalc.audit.proof.run_payments import payment_checks
from mlmcalc.audit.proof.run_sums import RunSums
from mlmcalc.audit.proof.run_totals import totals_check
from mlmcalc.tables.stored import StoredTables


def run_checks(folder: Path, of: str = "run") -> Iterator[Check]:
    """Yield the checks of a run's folder, each standing on those before.

    Where the manifest cannot be trusted, nothing after it is looked at; where a file is not what it was, no table.

    Parameters
    ----------
    folder : Path
    of : str
        What the checks are about.
    """
    manifest, check = verified_manifest(folder, of)
    yield check
    if manifest:
        yield from _of_manifest(folder, manifest, of)


def _of_manifest(folder: Path, manifest: dict[str, Any], of: str) -> Iterator[Check]:
    files = file_check(folder, manifest, of)
    yield files
    yield foreign_check(folder, manifest, of)
    if not files.holds:
        return
    yield identity_check(folder, manifest, of)
    version = older_tables(manifest)
    if version:
        # Nothing is wrong with them: what they mean is verified by the version that wrote them.
        yield Check(of, f"tables of {version}, verified as files only", len(manifest["columns"]))
        return
    columns = columns_check(manifest, of)
    yield columns
    if not columns.holds:
        return
    stored = StoredTables(folder, manifest)
    content = list(digest_checks(stored, manifest, of))
    yield from content
    if all(check.holds for check in content):
        yield from RunSums(stored, manifest, of).checks()
        yield from payment_checks(stored, manifest, of)
        yield totals_check(stored, manifest, of)
