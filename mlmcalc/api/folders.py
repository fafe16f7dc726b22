"""Runs to folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import polars as pl

from mlmcalc.api.keeping import keep_run
from mlmcalc.api.outputs import names_of_tables
from mlmcalc.api.recalculate import PLAN_FILE, locations_from
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.runs.manifest import MANIFEST_FILE, manifest_text
from mlmcalc.tables.folder import StagedFolder, WrittenFile
from mlmcalc.tables.line_frames import LINES_PER_CHUNK
from mlmcalc.tables.stored import schema_text
from mlmcalc.tables.tables_out import Pieces, write_frame

Format = Literal["parquet", "csv"]


def write_run(
    manifest: Mapping[str, Any],
    table: Callable[[str], pl.DataFrame],
    folder: str | os.PathLike[str],
    format: Format,
    plan_text: str = "",
    calculated: CommissionRun | None = None,
) -> None:
    """Write a finished run into a new folder.

    Where its tables came from is written of those that were files.

    Parameters
    ----------
    manifest : mapping
    table : callable
        Returns a table by name, ``lines`` among them where the run keeps them.
    folder : path
    format : {"parquet", "csv"}
    plan_text : str
        The plan as written, where it is known.
    calculated : CommissionRun, optional
        Every value behind it, where they are known.

    Raises
    ------
    ConflictError
        ``tables.output_exists``.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    detail = manifest.get("detail", "all")
    lines = table("lines") if detail == "all" else None
    kept = {**manifest, "locations": locations_from(manifest.get("locations", {}), folder)}
    with StagedFolder(folder) as staged:
        files = [] if lines is None else write_lines(staged, lines, format)
        files += [staged.write_text(PLAN_FILE, plan_text)] if plan_text else []
        others, columns = write_tables(staged, table, format, names_of_tables(manifest["digests"]))
        kept.pop("kept", None)
        if calculated is not None:
            kept_files, kept["kept"] = keep_run(staged, calculated, detail)
            files += kept_files
        finish_folder(
            staged, kept, files + others, ({} if lines is None else {"lines": schema_text(lines.schema)}) | columns
        )


def write_lines(staged: StagedFolder, lines: pl.DataFrame, format: Format) -> list[WrittenFile]:
    """Write lines that are in memory: in parts, as a running calculation does, or as one CSV file."""
    if format == "csv":
        return [write_frame(staged, "lines", lines, format)]
    starts = range(0, max(lines.height, 1), LINES_PER_CHUNK)
    return [
        write_frame(staged, f"lines/part-{number:05d}", lines.slice(start, LINES_PER_CHUNK), format)
        for number, start in enumerate(starts)
    ]


def write_tables(
    staged: StagedFolder, table: Callable[[str], pl.DataFrame | Pieces], format: Format, names: Sequence[str]
) -> tuple[list[WrittenFile], dict[str, dict[str, str]]]:
    """Write the tables of some names, none of them the lines, and return the files and the columns of each.

    Raises
    ------
    EnvironmentRefused
        As `StagedFolder`.
    """
    files, columns = {}, {}
    # The largest first: what is left over at the end keeps only one of the threads busy.
    for name in sorted(names, key=lambda name: name != "members"):
        frame = table(name)
        columns[name] = schema_text(frame.schema)
        files[name] = write_frame(staged, name, frame, format)
    return [files[name] for name in names], {name: columns[name] for name in names}


def finish_folder(
    staged: StagedFolder,
    manifest: Mapping[str, Any],
    files: Sequence[WrittenFile],
    columns: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    """Write the manifest, give the folder its name, and return the manifest as written.

    Parameters
    ----------
    staged : StagedFolder
    manifest : mapping
    files : sequence of WrittenFile
        Everything else in the folder.
    columns : mapping
        Names and types of the columns of every table.

    Raises
    ------
    ConflictError, EnvironmentRefused
        As `StagedFolder`.
    """
    written = {
        **manifest,
        "columns": columns,
        "files": {file.name: {"bytes": file.size, "sha256": file.sha256} for file in files},
    }
    staged.write_text(MANIFEST_FILE, manifest_text(written))
    staged.commit()
    return written
