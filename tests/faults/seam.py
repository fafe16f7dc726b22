"""Every place where a command could be cut off: each write to a disk, each statement and commit of a database.

`watch` counts them in a process, and kills that process with SIGKILL before or after one of them; `torn` cuts the file
that was being written to half its length first, as a machine does whose power fails.
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
import signal
from collections.abc import Callable
from typing import Any

import polars as pl
from sqlalchemy.engine.default import DefaultDialect

from mlmcalc.store import bulk

_ON_DISK = (
    (os, "fsync"), (os, "rename"), (os, "replace"), (os, "mkdir"), (os, "rmdir"), (os, "unlink"), (os, "remove"),
    (os, "link"), (shutil, "rmtree"), (shutil, "copyfile"),
)  # fmt: skip
_FRAMES = (
    (pl.DataFrame, "write_parquet"), (pl.DataFrame, "write_csv"), (pl.LazyFrame, "sink_parquet"),
    (pl.LazyFrame, "sink_csv"),
)  # fmt: skip
REFUSED = frozenset(
    {"before open", "written", "before copyfile"}
    | {f"before {name}" for name in ("fsync", "rename", "replace", "mkdir", "link")}
    | {f"before {name}" for _, name in _FRAMES}
)
"""Where a disk that is full, broken or only to be read answers with an error."""
_DATABASE = ("do_begin", "do_commit", "do_rollback", "do_execute", "do_executemany", "do_execute_no_params")


class Seam:
    """Counts the operations of a process, and ends it at one of them.

    Attributes
    ----------
    kill_at : int
        The operation, from 1; 0 for none.
    torn : bool
        Whether a file that an operation wrote loses its second half before the kill.
    fault : int
        In place of the kill: the error that the operating system answers with, from then on, on every write.
    stop : int
        In place of the kill: the signal that the process gets, once.
    names : list of str
        What was done, one entry for each operation: each thing done is two, before it and after it.
    """

    def __init__(self, kill_at: int, torn: bool = False, fault: int = 0, stop: int = 0) -> None:
        self.kill_at, self.torn, self.fault, self.stop = kill_at, torn, fault, stop
        self.names: list[str] = []
        self._open: set[str] = set()

    def point(self, name: str, file: Any = None) -> None:
        """Pass one point where the process may end."""
        if file is None and name in REFUSED and name != "before fsync":
            # A table that is made in memory meets no disk.
            name += " in memory"
        self.names.append(name)
        # What takes something away needs no space, and is how a command tidies up.
        if self.fault and self.kill_at and name in REFUSED and len(self.names) >= self.kill_at:
            raise OSError(self.fault, os.strerror(self.fault), str(file))
        if self.fault or len(self.names) != self.kill_at:
            return
        if self.stop:
            os.kill(os.getpid(), self.stop)
            return
        if self.torn and isinstance(file, str | os.PathLike) and os.path.isfile(file):
            os.truncate(file, os.path.getsize(file) // 2)
        os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str) -> None:
        """Put a point before and after a function of a module or class."""
        inner: Callable[..., Any] = getattr(owner, name)

        def outer(*given: Any, **more: Any) -> Any:
            file = next((one for one in given if isinstance(one, str | os.PathLike)), None)
            self.point(f"before {name}", file)
            result = inner(*given, **more)
            self.point(f"after {name}", file)
            return result

        setattr(owner, name, outer)

    def watch(self) -> None:
        """Let every write and every statement of this process pass a point."""
        for owner, name in (*_ON_DISK, *_FRAMES):
            self.around(owner, name)
        for name in _DATABASE:
            self.around(DefaultDialect, name)
        # The one statement that does not go through the dialect.
        self.around(bulk, "copy_rows")
        opened = builtins.open

        def watched(file: Any, mode: str = "r", *given: Any, **more: Any) -> Any:
            if not set(mode) & set("wax+"):
                return opened(file, mode, *given, **more)
            self.point("before open", file)
            handle = opened(file, mode, *given, **more)
            close = handle.close

            def closing() -> None:
                if not handle.closed:
                    close()
                    self.point("written", file)

            handle.close = closing
            return handle

        builtins.open = io.open = watched  # type: ignore[assignment]
