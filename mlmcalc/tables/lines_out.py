"""Lines to disk: while bonuses are calculated, parts are written beside them."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Literal

from mlmcalc.ledger.lines import LineBlock
from mlmcalc.tables.folder import StagedFolder, WrittenFile, environment_refused
from mlmcalc.tables.line_digest import LineDigest
from mlmcalc.tables.line_frames import LINES_PER_CHUNK, LineBuffer, LineChunk, LineFrames

Format = Literal["parquet", "csv"]


class LineWriter:
    """Writes the lines of a run as they come.

    Parquet: parts ``lines/part-00000.parquet`` of at most about a million lines, in the order of posting. CSV: one file
    ``lines.csv``, canonical and raw (nothing is neutralised for spreadsheets).

    Use it in a ``with`` statement: leaving it stops the writing threads.

    Parameters
    ----------
    folder : StagedFolder
    frames : LineFrames
    digest : LineDigest, optional
        Receives every chunk, in the writing threads.
    format : {"parquet", "csv"}
    threads : int
        Parts written at the same time; CSV is written by one.
    lines_per_part : int

    Raises
    ------
    EnvironmentRefused
        ``tables.output_refused``, from `post` or `finish`.
    """

    def __init__(
        self,
        folder: StagedFolder,
        frames: LineFrames,
        digest: LineDigest | None = None,
        format: Format = "parquet",
        threads: int = 2,
        lines_per_part: int = LINES_PER_CHUNK,
    ) -> None:
        self._folder = folder
        self._frames = frames
        self._digest = digest
        self._buffer = LineBuffer(self._submit, lines_per_part)
        self._threads = threads if format == "parquet" else 1
        self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="mlmcalc-lines")
        self._pending: list[Future[WrittenFile | None]] = []
        self._files: list[WrittenFile] = []
        self._parts = 0
        self._is_last = False
        self._csv: BinaryIO | None = None
        with environment_refused(folder.target):
            if format == "csv":
                self._csv = (folder.path / "lines.csv").open("wb")
            else:
                (folder.path / "lines").mkdir()

    def __enter__(self) -> LineWriter:
        return self

    def __exit__(self, *fault: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        if self._csv is not None:
            self._csv.close()

    @property
    def lines(self) -> int:
        """Lines posted so far."""
        return self._buffer.lines

    def post(self, block: LineBlock) -> None:
        """Take a block of lines, which nobody changes afterwards."""
        self._buffer.post(block)

    def flush(self) -> None:
        """Hand what is left to the writing threads; nothing may be posted afterwards."""
        self._is_last = True
        self._buffer.flush()
        if self._parts == 0:
            self._submit(LineChunk())

    def finish(self) -> list[WrittenFile]:
        """Write what is left, wait for all of it, and return the files, in order."""
        self.flush()
        self._wait(0)
        if self._csv is not None:
            with environment_refused(self._folder.target):
                self._csv.close()
            return [self._folder.written(self._folder.path / "lines.csv")]
        return self._files

    def _submit(self, chunk: LineChunk) -> None:
        # Never more chunks in memory than threads that write them; for the last one nobody waits.
        if not self._is_last:
            self._wait(self._threads - 1)
        write = self._write_part if self._csv is None else self._write_csv
        self._pending.append(self._pool.submit(write, chunk, self._parts))
        self._parts += 1

    def _wait(self, allowed: int) -> None:
        while len(self._pending) > allowed:
            written = self._pending.pop(0).result()
            if written is not None:
                self._files.append(written)

    def _write_part(self, chunk: LineChunk, number: int) -> WrittenFile:
        self._note(chunk)
        path: Path = self._folder.path / "lines" / f"part-{number:05d}.parquet"
        frame = self._frames.frame(chunk) if chunk.size else self._frames.empty()
        with environment_refused(self._folder.target):
            frame.write_parquet(path, compression="zstd", compression_level=1)
        return self._folder.written(path)

    def _write_csv(self, chunk: LineChunk, number: int) -> None:
        assert self._csv is not None
        self._note(chunk)
        frame = self._frames.frame(chunk) if chunk.size else self._frames.empty()
        with environment_refused(self._folder.target):
            frame.write_csv(self._csv, include_header=number == 0)

    def _note(self, chunk: LineChunk) -> None:
        if self._digest is not None and chunk.size:
            self._digest.add(chunk)
