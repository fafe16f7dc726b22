"""Lines that are not kept: only their digest is taken, beside the calculation."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from mlmcalc.ledger.lines import LineBlock
from mlmcalc.tables.folder import WrittenFile
from mlmcalc.tables.line_digest import LineDigest
from mlmcalc.tables.line_frames import LINES_PER_CHUNK, LineBuffer, LineChunk


class DigestedLines:
    """Takes lines as `LineWriter` does, and writes nothing.

    Parameters
    ----------
    digest : LineDigest
        Receives every chunk, in a thread of its own.
    lines_per_chunk : int
    """

    def __init__(self, digest: LineDigest, lines_per_chunk: int = LINES_PER_CHUNK) -> None:
        self._digest = digest
        self._buffer = LineBuffer(self._submit, lines_per_chunk)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="mlmcalc-lines")
        self._pending: Future[None] | None = None

    def __enter__(self) -> DigestedLines:
        return self

    def __exit__(self, *fault: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def post(self, block: LineBlock) -> None:
        """Take a block of lines; its arrays may be used again afterwards."""
        self._buffer.post(block)

    def flush(self) -> None:
        """Hand over what is left; nothing may be posted afterwards."""
        self._buffer.flush()

    def finish(self) -> list[WrittenFile]:
        """Wait until the digest has all lines, and return that no file was written."""
        self.flush()
        self._wait()
        return []

    def _submit(self, chunk: LineChunk) -> None:
        # Never more than one chunk waits while the next is filled.
        self._wait()
        if chunk.size:
            self._pending = self._pool.submit(self._digest.add, chunk)

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None
