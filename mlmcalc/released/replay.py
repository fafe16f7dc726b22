"""Replay: a stored run calculated again from its inputs, by the arithmetic it was made with."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlmcalc.api.inputs import FRAME
from mlmcalc.api.recalculate import inputs_gone, refuse_changed_files
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.audit.table_difference import A_ROW, FirstDifference, TableDifference, compare_tables
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.released.again import calculated_again
from mlmcalc.released.process import run_again
from mlmcalc.released.registry import RELEASED, Release, release_for
from mlmcalc.runs.manifest import content_digest
from mlmcalc.tables.stored import StoredTables, read_manifest
from mlmcalc.tables.stored_digest import stored_digest

LINES = "lines"
UNCOMPARED = "findings"
"""No part of the content of a run: findings name rows of files."""


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of calculating a stored run again.

    Attributes
    ----------
    folder, run, plan, period : str
        All but the folder are empty where the manifest cannot be trusted.
    arithmetic : int
        The version the run was made with, which also repeated it.
    engine : str
        ``this version``, or the frozen copy that was run.
    digest : str
        Of the run as stored.
    calculated : str
        Of the run as calculated again; empty where it could not be, since its inputs are not what they were.
    tables : sequence of TableDifference
        Of those that differ.
    findings : sequence of Finding
        Everything that is not as it was; empty where the run is the same.
    """

    folder: str
    run: str = ""
    plan: str = ""
    period: str = ""
    arithmetic: int = 0
    engine: str = ""
    digest: str = ""
    calculated: str = ""
    tables: Sequence[TableDifference] = ()
    findings: Sequence[Finding] = field(default=())

    @property
    def same(self) -> bool:
        """Whether everything is as it was: files, inputs, and the content of every table."""
        return not self.findings


def replay(folder: str | os.PathLike[str], releases: Path = RELEASED) -> Replay:
    """Calculate a stored run again from its inputs, with the arithmetic it was made with, and compare.

    Plan, inputs and files of the run are verified first; where one of them was changed, nothing is calculated.

    Parameters
    ----------
    folder : path
        Of a run.
    releases : Path
        Where frozen arithmetic is.

    Returns
    -------
    Replay
        Findings are ``tables.digest``, ``tables.missing``, ``tables.manifest`` (a file of the run),
        ``api.input_changed``, ``replay.input_gone`` (a table or the plan), ``replay.content`` (a stored table is not
        what the run wrote) and ``replay.differs``, with the first row that differs.

    Raises
    ------
    InputRefused
        ``tables.no_run``; ``api.inputs_gone``: a table was a frame; ``released.unknown``; what a plan or a table is
        refused with, a plug-in that is not installed for instance.
    IntegrityError
        ``released.altered``.
    EnvironmentRefused
        ``released.failed``, ``tables.output_refused``.
    """
    path = Path(folder)
    try:
        manifest = sealed_manifest(path)
    except IntegrityError as fault:
        return Replay(str(folder), findings=fault.findings)
    release = release_for(manifest["versions"], releases)
    engine = _Engine(release, releases)
    found = Replay(
        folder=str(folder),
        run=manifest["run"],
        plan=manifest["plan"]["name"],
        period=manifest["period"]["label"],
        arithmetic=manifest["versions"]["arithmetic"],
        engine=release.folder if release else "this version",
        digest=manifest["digest"],
    )
    changed = _changes(path, manifest)
    if changed:
        return replace(found, findings=changed)
    try:
        digests = engine.calculate(path)
    except IntegrityError as fault:
        return replace(found, findings=fault.findings)
    stored = StoredTables(path, manifest)
    findings, unlike = _compare_digests(stored, manifest, digests)
    differences = _differences(stored, unlike, engine) if unlike else []
    findings += [_differs(difference, path) for difference in differences]
    return replace(found, calculated=content_digest(digests), tables=differences, findings=findings)


@dataclass(frozen=True, slots=True)
class _Engine:
    """What calculates: this package, or a frozen copy."""

    release: Release | None
    root: Path

    def calculate(self, folder: Path, out: Path | None = None) -> dict[str, str]:
        """Return the content digests of a stored run, calculated again."""
        if self.release is None:
            return calculated_again(folder, out)
        return run_again(self.release, folder, out, self.root)["digests"]


def _changes(path: Path, manifest: Mapping[str, Any]) -> list[Finding]:
    """Return what is no longer what the run was made of, or wrote."""
    findings = StoredTables(path, manifest).verify()
    gone = inputs_gone(path, manifest)
    frames = {seal["name"] for seal in manifest["inputs"] if seal["path"] == FRAME}
    if frames:
        raise InputRefused(gone)
    if gone:
        return findings + [replace(one, code="replay.input_gone") for one in gone]
    try:
        refuse_changed_files(path, manifest)
    except IntegrityError as fault:
        findings += fault.findings
    return findings


def _compare_digests(
    stored: StoredTables, manifest: Mapping[str, Any], digests: Mapping[str, str]
) -> tuple[list[Finding], list[str]]:
    """Return findings about the stored tables themselves, and the tables that are not what was calculated."""
    findings, unlike = [], []
    for table, said in manifest["digests"].items():
        if table == UNCOMPARED:
            continue
        kept = said if table == LINES and manifest.get("detail") == "none" else stored_digest(stored, table)
        if kept != said:
            message = f"the table of {table} has the content digest {kept[:16]}, the manifest says {said[:16]}."
            findings.append(Finding("replay.content", message, "Restore the run.", file=str(stored.folder)))
        if not kept == said == digests.get(table):
            unlike.append(table)
    if content_digest(manifest["digests"]) != manifest["digest"]:
        message = "its digest is not that of the content digests of its tables."
        findings.append(Finding("replay.content", message, "Restore the run.", file=str(stored.folder)))
    return findings, unlike


def _differences(stored: StoredTables, tables: Sequence[str], engine: _Engine) -> list[TableDifference]:
    with tempfile.TemporaryDirectory(prefix="mlmcalc-replay-") as place:
        out = Path(place) / "run"
        engine.calculate(stored.folder, out)
        calculated = StoredTables(out, read_manifest(out))
        return [
            compare_tables(stored, calculated, table)
            if stored.files_of(table)
            else TableDifference(table, 0, 0, 0, 0, None, "the run keeps none")
            for table in tables
        ]


def _differs(difference: TableDifference, path: Path) -> Finding:
    table = difference.table
    if difference.note:
        return Finding("replay.differs", f"the table of {table} differs: {difference.note}.", file=str(path))
    rows = f"{difference.only_stored:,} of {difference.stored_rows:,} stored rows were not calculated again"
    rows += f", {difference.only_calculated:,} of {difference.calculated_rows:,} calculated rows are not stored"
    first = "" if difference.first is None else f"; the first: {first_text(difference.first)}"
    return Finding("replay.differs", f"the table of {table} differs: {rows}{first}.", file=str(path))


def first_text(first: FirstDifference) -> str:
    """Return the first difference of a table as a sentence's part."""
    of = ", ".join(f"{name} {value}" for name, value in first.of.items())
    place = f"row {first.row:,}" + (f" ({of})" if of else "")
    if not first.column:
        return f"{place} is {'stored' if first.stored == A_ROW else 'calculated'} only"
    stored, calculated = ("nothing" if value is None else value for value in (first.stored, first.calculated))
    return f"{place}, column {first.column}: stored {stored}, calculated {calculated}"


__all__ = ["Replay", "first_text", "replay"]
