"""A table of the store into a file of its own."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import polars as pl

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.objects import write_whole
from mlmcalc.tables.folder import environment_refused, refuse_existing


def write_table(frame: pl.DataFrame | None, name: str, path: Path) -> int:
    """Write a table into a new file, whole or not at all, and return how many rows it has.

    Parameters
    ----------
    frame : polars.DataFrame or None
        None where nothing is known of it.
    name : str
        For the finding.
    path : Path
        Its name ends in ``.csv`` or ``.parquet``.

    Raises
    ------
    InputRefused
        ``history.nothing_known``; ``history.format``: the name tells no format.
    ConflictError
        ``tables.output_exists``.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    if frame is None:
        message = f"of {name} nothing is known there."
        raise InputRefused(Finding("history.nothing_known", message, "Look at period, day and instant."))
    content = BytesIO()
    if path.suffix == ".csv":
        frame.write_csv(content)
    elif path.suffix == ".parquet":
        frame.write_parquet(content)
    else:
        message = f"{path.name!r} tells no format."
        raise InputRefused(Finding("history.format", message, "Let it end in .csv or .parquet.", file=str(path)))
    refuse_existing(path)
    with environment_refused(path):
        write_whole(path, content.getvalue())
    return frame.height
