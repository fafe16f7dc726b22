"""Runs to folders and back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl

from mlmcalc.api.outputs import TABLES
from mlmcalc.api.run import Run
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.runs.manifest import MANIFEST_FILE, manifest_text, seal_manifest
from mlmcalc.tables.folder import StagedFolder, WrittenFile
from mlmcalc.tables.line_frames import LINES_PER_CHUNK
from mlmcalc.tables.stored import StoredTables, read_manifest, schema_text
from mlmcalc.tables.tables_out import write_frame

Format = Literal["parquet", "csv"]


def write_run(run: Run, folder: str | os.PathLike[str], format: Format) -> None:
    """Write a finished run into a new folder.

    Raises
    ------
    ConflictError
        ``tables.output_exists``.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    with StagedFolder(folder) as staged:
        lines = write_lines(staged, run.lines, format)
        finish_folder(staged, run.manifest, lines, lambda name: getattr(run, name), format, schema_text(run.lines))


def write_lines(staged: StagedFolder, lines: pl.DataFrame, format: Format) -> list[WrittenFile]:
    """Write lines that are in memory: in parts, as a running calculation does, or as one CSV file."""
    if format == "csv":
        return [write_frame(staged, "lines", lines, format)]
    starts = range(0, max(lines.height, 1), LINES_PER_CHUNK)
    return [
        write_frame(staged, f"lines/part-{number:05d}", lines.slice(start, LINES_PER_CHUNK), format)
        for number, start in enumerate(starts)
    ]


def finish_folder(
    staged: StagedFolder,
    manifest: Mapping[str, Any],
    lines: Sequence[WrittenFile],
    table: Callable[[str], pl.DataFrame],
    format: Format,
    line_schema: Mapping[str, str],
) -> dict[str, Any]:
    """Write every other table and the manifest, give the folder its name, and return the manifest as written.

    Raises
    ------
    ConflictError, EnvironmentRefused
        As `StagedFolder`.
    """
    files, columns = list(lines), {"lines": dict(line_schema)}
    for name in TABLES:
        frame = table(name)
        columns[name] = schema_text(frame)
        files.append(write_frame(staged, name, frame, format))
    written = {
        **manifest,
        "columns": columns,
        "files": {file.name: {"bytes": file.size, "sha256": file.sha256} for file in files},
    }
    staged.write_text(MANIFEST_FILE, manifest_text(written))
    staged.commit()
    return written


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
    return Run(manifest, StoredTables(path, manifest).frame)
