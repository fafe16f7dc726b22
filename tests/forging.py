"""What a forger does to a stored run: a table is changed, and every digest of bytes and the seals with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.runs.manifest import MANIFEST_FILE, manifest_text


def read(folder: Path) -> dict[str, Any]:
    return json.loads((folder / MANIFEST_FILE).read_text())


def reseal(folder: Path, change: Callable[[dict[str, Any]], object] = lambda manifest: None) -> None:
    """Change the manifest, put the digests of all its files right, and seal it as a run does."""
    manifest = read(folder)
    change(manifest)
    for name, sealed in manifest["files"].items():
        content = (folder / name).read_bytes()
        sealed |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / MANIFEST_FILE).write_text(manifest_text(manifest))


def forge(folder: Path, table: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Change a table of a run written as Parquet, lines in their first part."""
    file = folder / ("lines/part-00000.parquet" if table == "lines" else f"{table}.parquet")
    change(pl.read_parquet(file)).write_parquet(file)
    reseal(folder)


def set_cell(row: int, column: str, value: Any) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return a change of one cell."""

    def change(frame: pl.DataFrame) -> pl.DataFrame:
        cells = frame[column].to_list()
        cells[row] = value
        return frame.with_columns(pl.Series(column, cells, dtype=frame[column].dtype))

    return change
