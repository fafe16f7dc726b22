"""The files of a run, read back: only what the manifest names, and only if its digest is right."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.tables.verified import read_verified, verify_bytes

if TYPE_CHECKING:
    import polars as pl

MANIFEST_FILE = "manifest.json"
ROWS_PER_PIECE = 1 << 18


class StoredTables:
    """The tables in the folder of a run.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        As `read_manifest` returned it.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self.folder = folder
        self._files: Mapping[str, Mapping[str, Any]] = manifest["files"]
        self._schemas: Mapping[str, Mapping[str, str]] = manifest["columns"]

    def frame(self, name: str) -> pl.DataFrame:
        """Return one table, every byte of it verified.

        Raises
        ------
        IntegrityError
            ``tables.digest``, ``tables.missing``: a file is not what the manifest says.
        """
        import polars as pl

        schema = self.schema(name)
        return pl.concat([self._read(file, schema) for file in self.files_of(name)])

    def pieces(self, name: str) -> Iterator[pl.DataFrame]:
        """Yield one table in pieces of some rows, in order, every byte of it verified before it is read.

        Raises
        ------
        IntegrityError
            ``tables.digest``, ``tables.missing``; ``tables.unreadable``: the bytes are those of the manifest, and no
            table of its columns.
        """
        import polars as pl

        schema = self.schema(name)
        for file in self.files_of(name):
            self.verify_file(file)
            path = self.folder / file
            try:
                whole = pl.scan_csv(path, schema=schema) if file.endswith(".csv") else pl.scan_parquet(path)
                for piece in whole.collect_batches(chunk_size=ROWS_PER_PIECE, maintain_order=True):
                    if piece.schema != schema:
                        raise _unreadable(path, "its columns are not those that the manifest names")
                    yield piece
            except (pl.exceptions.PolarsError, OSError) as fault:
                raise _unreadable(path, fault) from fault

    def scan(self, name: str) -> pl.LazyFrame:
        """Return one table to be read a piece at a time; nothing of it is verified."""
        import polars as pl

        schema = self.schema(name)
        paths = [self._path(file) for file in self.files_of(name)]
        return pl.concat(
            pl.scan_csv(path, schema=schema) if path.suffix == ".csv" else pl.scan_parquet(path) for path in paths
        )

    def schema(self, name: str) -> dict[str, pl.DataType]:
        """Return names and types of the columns of one table, as the manifest has them."""
        return {column: dtype_of(text) for column, text in self._schemas[name].items()}

    def files_of(self, name: str) -> Sequence[str]:
        """Return the files of one table, in the order of their rows."""
        return sorted(file for file in self._files if file.split("/")[0].split(".")[0] == name)

    def verify_file(self, name: str) -> None:
        """Read one file of the manifest and compare its digest.

        Raises
        ------
        IntegrityError
            ``tables.digest``, ``tables.missing``, ``tables.path``.
        """
        verify_bytes(self._path(name), self._files[name]["sha256"])

    def verify(self) -> list[Finding]:
        """Return what is wrong with any file of the folder, without reading tables."""
        findings = []
        for file in self._files:
            try:
                self.verify_file(file)
            except IntegrityError as fault:
                findings += fault.findings
        return findings

    def _read(self, file: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        import polars as pl

        content = io.BytesIO(self._bytes(file))
        if file.endswith(".csv"):
            return pl.read_csv(content, schema=schema)
        return pl.read_parquet(content)

    def _bytes(self, file: str) -> bytes:
        return read_verified(self._path(file), self._files[file]["sha256"])

    def _path(self, file: str) -> Path:
        path = self.folder / file
        if ".." in Path(file).parts or Path(file).is_absolute():
            raise IntegrityError(Finding("tables.path", f"{file!r} is no file of this folder.", file=str(path)))
        return path


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a run's folder.

    Raises
    ------
    InputRefused
        ``tables.no_run``: there is none.
    IntegrityError
        ``tables.manifest``: it is no manifest that this version knows, or is missing among the files of a run.
    """
    path = folder / MANIFEST_FILE
    try:
        manifest = json.loads(path.read_bytes())
    except OSError as fault:
        refuse_lost_manifest(folder)
        message = f"this is not the folder of a run: {fault.strerror}."
        remedy = "Name a folder that `mlmcalc run` has written."
        raise InputRefused(Finding("tables.no_run", message, remedy, file=str(path))) from fault
    except ValueError as fault:
        raise _unknown(path, "it is not JSON") from fault
    if not isinstance(manifest, dict) or not {"run", "files", "columns", "versions"} <= set(manifest):
        raise _unknown(path, "it lacks what every manifest has")
    return manifest


def refuse_lost_manifest(folder: Path) -> None:
    """Refuse a folder without a manifest that is a run's all the same, by the files in it.

    Raises
    ------
    IntegrityError
        ``tables.manifest``.
    """
    path = folder / MANIFEST_FILE
    if not path.exists() and all(next(folder.glob(f"{name}.*"), None) for name in _IN_EVERY_RUN):
        raise _unknown(path, "it is missing, and what is beside it is of a run")


def schema_text(schema: Mapping[str, pl.DataType]) -> dict[str, str]:
    """Return names and types of columns as texts for the manifest; `dtype_of` reads them."""
    return {name: _type_text(dtype) for name, dtype in schema.items()}


def dtype_of(text: str) -> pl.DataType:
    """Return the type that `schema_text` wrote."""
    import polars as pl

    if text.startswith("decimal("):
        return pl.Decimal(38, int(text[8:-1]))
    if text.startswith("category"):
        return pl.Enum(json.loads(text[8:]))
    return getattr(pl, _TYPES[text])()


_IN_EVERY_RUN = ("plan", "statements", "transfers", "findings")
_TYPES = {"int16": "Int16", "int32": "Int32", "int64": "Int64", "text": "String", "flag": "Boolean"}


def _type_text(dtype: pl.DataType) -> str:
    import polars as pl

    if isinstance(dtype, pl.Decimal):
        return f"decimal({dtype.scale})"
    if isinstance(dtype, pl.Enum):
        return "category" + json.dumps(dtype.categories.to_list(), ensure_ascii=False)
    return next(text for text, known in _TYPES.items() if dtype == getattr(pl, known))


def _unreadable(path: Path, fault: Exception | str) -> IntegrityError:
    reason = str(fault).strip().split("\n")[0][:200]
    message = f"this cannot be read as a table: {reason}."
    return IntegrityError(Finding("tables.unreadable", message, "Restore the folder, or run again.", file=str(path)))


def _unknown(path: Path, reason: str) -> IntegrityError:
    finding = Finding("tables.manifest", f"{reason}.", "Restore the folder, or run again.", file=str(path))
    return IntegrityError(finding)
