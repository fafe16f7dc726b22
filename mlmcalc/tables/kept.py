"""Columns of a run kept beside its tables: raw integers, of which only what is asked for is read, and verified."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.tables.verified import altered, missing, read_verified

if TYPE_CHECKING:
    from mlmcalc.tables.folder import StagedFolder, WrittenFile

FOLDER = "kept"
VALUES, CHUNKS, INDEX = f"{FOLDER}/values.bin", f"{FOLDER}/chunks.bin", f"{FOLDER}/index.json"
CHUNK = 1 << 16
"""Bytes that have one digest: small, since the members above one lie far apart."""
_DIGEST = 32
_ALIGNED = 8
_NARROW: tuple[str, ...] = ("<i1", "<i2", "<i4")


class KeptWriter:
    """Writes columns one after the other into a folder under construction; every chunk of the file has its digest.

    Parameters
    ----------
    staged : StagedFolder
    """

    def __init__(self, staged: StagedFolder) -> None:
        from mlmcalc.tables.folder import environment_refused

        self._staged = staged
        self._refused = environment_refused
        self._size = 0
        self._tail = b""
        self._digests = bytearray()
        self._whole = hashlib.sha256()
        self._columns: list[dict[str, Any]] = []
        self._known: dict[int, tuple[Any, int]] = {}
        with environment_refused(staged.target):
            (staged.path / FOLDER).mkdir()
            self._file = (staged.path / VALUES).open("wb")

    def add(self, column: NDArray[Any] | Sequence[str]) -> int:
        """Write a column, if it is not there yet, and return its number.

        Parameters
        ----------
        column : (n,) integer or bool, or a sequence of n str
            Integers are kept as narrow as they fit, one value throughout as itself; texts hold no line break.

        Raises
        ------
        EnvironmentRefused
            ``tables.output_refused``.
        """
        if id(column) in self._known:
            return self._known[id(column)][1]
        described = self._array(column) if isinstance(column, np.ndarray) else self._texts(column)
        self._columns.append(described)
        # The column itself is held, so that its identity is not another's later.
        self._known[id(column)] = (column, len(self._columns) - 1)
        return len(self._columns) - 1

    def finish(self, facts: Mapping[str, Any]) -> tuple[list[WrittenFile], dict[str, Any]]:
        """Write the digests and the index, and return these files and what the manifest says of the columns.

        Parameters
        ----------
        facts : mapping
            What the columns are; made of texts, numbers, lists and mappings.

        Raises
        ------
        EnvironmentRefused
            ``tables.output_refused``.
        """
        from mlmcalc.tables.folder import WrittenFile

        if self._tail:
            self._digests += hashlib.sha256(self._tail).digest()
        with self._refused(self._staged.target), self._file as file:
            file.flush()
            os.fsync(file.fileno())
        with self._refused(self._staged.target):
            (self._staged.path / CHUNKS).write_bytes(bytes(self._digests))
        text = json.dumps({"columns": self._columns, **facts}, separators=(",", ":"), ensure_ascii=False)
        files = [self._staged.written(self._staged.path / CHUNKS), self._staged.write_text(INDEX, text)]
        files.append(WrittenFile(VALUES, self._size, self._whole.hexdigest()))
        return files, {"values": VALUES, "chunk_bytes": CHUNK}

    def close(self) -> None:
        """Let go of the file, whether it is finished or not."""
        self._file.close()

    def _array(self, column: NDArray[Any]) -> dict[str, Any]:
        described: dict[str, Any] = {"type": str(column.dtype), "size": int(column.size)}
        if not column.size:
            return described | {"value": 0}
        lowest, highest = int(column.min()), int(column.max())
        if lowest == highest:
            return described | {"value": lowest}
        if column.dtype == np.bool_:
            return described | {"kept": "bits", "at": self._append(np.packbits(column, bitorder="little"))}
        fits = (name for name in _NARROW if np.iinfo(name).min <= lowest and highest <= np.iinfo(name).max)
        kept = next(fits, "<i8")
        return described | {"kept": kept, "at": self._append(np.ascontiguousarray(column, kept))}

    def _texts(self, column: Sequence[str]) -> dict[str, Any]:
        import polars as pl

        from mlmcalc.tables.text_ids import TextIds

        texts = column.series if isinstance(column, TextIds) else pl.Series(list(column), dtype=pl.String)
        # A line break before each and after the last, so that one finds where a text begins and ends.
        ends = np.zeros(len(column) + 1, np.int64)
        np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64) + 1, out=ends[1:])
        between = texts.str.join("\n").item() + "\n" if len(column) else ""
        joined = np.frombuffer(("\n" + between).encode(), np.uint8)
        described = {"type": "text", "size": len(column), "at": self._append(joined), "bytes": int(joined.size)}
        return described | {"ends": self.add(ends)}

    def _append(self, content: NDArray[Any]) -> int:
        at = self._size
        self._write(content.view(np.uint8).data.cast("B"))
        self._write(memoryview(bytes(-self._size % _ALIGNED)))
        return at

    def _write(self, data: memoryview) -> None:
        with self._refused(self._staged.target):
            self._file.write(data)
        self._whole.update(data)
        self._size += len(data)
        missing = CHUNK - len(self._tail)
        if len(data) < missing:
            self._tail += bytes(data)
            return
        self._digests += hashlib.sha256(self._tail + bytes(data[:missing])).digest()
        whole = missing + (len(data) - missing) // CHUNK * CHUNK
        for start in range(missing, whole, CHUNK):
            self._digests += hashlib.sha256(data[start : start + CHUNK]).digest()
        self._tail = bytes(data[whole:])


class KeptColumns:
    """The columns kept with a run; every chunk that is touched is read once and verified.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        Of the run, verified.

    Attributes
    ----------
    facts : dict
        As `KeptWriter.finish` got them.

    Raises
    ------
    IntegrityError
        ``tables.digest``, ``tables.missing``; so do all other methods.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any]) -> None:
        self._path = folder / VALUES
        files = manifest["files"]
        self._size: int = files[VALUES]["bytes"]
        self._digests = read_verified(folder / CHUNKS, files[CHUNKS]["sha256"])
        self.facts: dict[str, Any] = json.loads(read_verified(folder / INDEX, files[INDEX]["sha256"]))
        self._columns: list[dict[str, Any]] = self.facts.pop("columns")
        self._chunks: dict[int, bytes] = {}
        try:
            self._file = self._path.open("rb", buffering=0)
            found = os.fstat(self._file.fileno()).st_size
        except OSError as fault:
            raise missing(self._path, fault) from fault
        if found != self._size or len(self._digests) != -(-self._size // CHUNK) * _DIGEST:
            self._file.close()
            raise altered(self._path, f"it has {found} bytes, the manifest says {self._size}")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def size(self, number: int) -> int:
        """Return how many values a column has."""
        return self._columns[number]["size"]

    def take(self, number: int, places: NDArray[np.int64]) -> NDArray[Any]:
        """Return some values of a column of numbers or flags.

        Parameters
        ----------
        number : int
            Of the column.
        places : (k,) int64

        Returns
        -------
        (k,) of the type that was kept.
        """
        column = self._columns[number]
        if "value" in column:
            return np.full(places.size, column["value"], column["type"])
        if column["kept"] == "bits":
            held = self._gather(column["at"] + (places >> 3), "u1")
            return (held >> (places & 7).astype(np.uint8) & 1).astype(np.bool_)
        size = np.dtype(column["kept"]).itemsize
        return self._gather(column["at"] + places * size, column["kept"]).astype(column["type"])

    def between(self, number: int, start: int, stop: int) -> NDArray[Any]:
        """Return the values of a column from one place to before another."""
        column = self._columns[number]
        if "value" in column:
            return np.full(stop - start, column["value"], column["type"])
        if column["kept"] == "bits":
            return self.take(number, np.arange(start, stop))
        size = np.dtype(column["kept"]).itemsize
        content = self._bytes(column["at"] + start * size, column["at"] + stop * size)
        return np.frombuffer(content, column["kept"]).astype(column["type"])

    def texts(self, number: int, places: NDArray[np.int64]) -> list[str]:
        """Return some texts of a column of texts."""
        column = self._columns[number]
        starts, ends = (self.take(column["ends"], places + shift) for shift in (0, 1))
        at = column["at"]
        return [
            self._bytes(at + int(start) + 1, at + int(end)).decode() for start, end in zip(starts, ends, strict=True)
        ]

    def labels(self, number: int, places: NDArray[np.int64]) -> NDArray[Any] | list[str]:
        """Return some values of a column, be it of texts or not."""
        return self.texts(number, places) if self.is_text(number) else self.take(number, places)

    def is_text(self, number: int) -> bool:
        """Return whether a column holds texts."""
        return self._columns[number]["type"] == "text"

    def place_of(self, number: int, wanted: str) -> int:
        """Return the place of the first text that is just this, -1 for none.

        Parameters
        ----------
        number : int
            Of a column of texts.
        wanted : str
        """
        column = self._columns[number]
        content = self._bytes(column["at"], column["at"] + column["bytes"])
        found = content.find(f"\n{wanted}\n".encode())
        return -1 if found < 0 or "\n" in wanted else content.count(b"\n", 0, found + 1) - 1

    def _gather(self, at: NDArray[np.int64], kept: str) -> NDArray[Any]:
        values = np.empty(at.size, kept)
        chunk = at // CHUNK
        for number in np.unique(chunk):
            here = chunk == number
            content = np.frombuffer(self._chunk(int(number)), kept)
            values[here] = content[(at[here] - int(number) * CHUNK) // content.itemsize]
        return values

    def _bytes(self, start: int, stop: int) -> bytes:
        first, last = start // CHUNK, -(-stop // CHUNK)
        content = b"".join(self._chunk(number) for number in range(first, last))
        return content[start - first * CHUNK : stop - first * CHUNK]

    def _chunk(self, number: int) -> bytes:
        if number not in self._chunks:
            try:
                self._file.seek(number * CHUNK)
                content = self._file.read(CHUNK)
            except OSError as fault:
                raise missing(self._path, fault) from fault
            wanted = self._digests[number * _DIGEST : (number + 1) * _DIGEST]
            if hashlib.sha256(content).digest() != wanted:
                raise altered(self._path, f"bytes from {number * CHUNK} on are not those that were written")
            self._chunks[number] = content
        return self._chunks[number]
