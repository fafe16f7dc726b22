"""Runs from folders."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl

from mlmcalc.api.run import Run
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.tables.stored import StoredTables


def load_run(folder: str | os.PathLike[str]) -> Run:
    """Read back a run that was written; tables are read, and verified, when they are asked for.

    Lines that were not kept are calculated again from the inputs, which must be unchanged.

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
    manifest = sealed_manifest(path)
    stored = StoredTables(path, manifest).frame

    def table(name: str) -> pl.DataFrame:
        if name == "lines" and manifest.get("detail") == "none":
            from mlmcalc.api.lines_again import lines_again

            return lines_again(path)
        return stored(name)

    return Run(manifest, table, folder=path)
