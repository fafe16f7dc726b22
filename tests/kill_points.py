"""Kills a process at its k-th point: before or after a database statement, a commit, an fsync or a rename.

In a process of its own: ``install(at)``, then what is to be killed. As a program, a command line of mlmcalc is killed::

    python -m tests.kill_points 17 run --period 2026-10

With 0 nothing is killed, and the number of points is written to standard error as ``points: 23``.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

from mlmcalc.store import bulk

SYSTEM_CALLS = ("fsync", "rename", "replace", "link", "mkdir", "rmdir", "unlink")


class Points:
    """Counts the points that are passed, and kills at one of them; 0 for none."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.passed = 0
        self.names: list[str] = []

    def reach(self, name: str) -> None:
        """Pass a point, or be killed at it."""
        self.passed += 1
        self.names.append(name)
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function with a point before and after it."""

        def hooked(*arguments: Any, **named: Any) -> Any:
            self.reach(f"before {name}")
            result = function(*arguments, **named)
            self.reach(f"after {name}")
            return result

        return hooked


def install(at: int) -> Points:
    """Hook everything of this process that changes a disk or a database; there is no way back."""
    points = Points(at)
    for name in SYSTEM_CALLS:
        setattr(os, name, points.around(name, getattr(os, name)))
    event.listen(Engine, "before_cursor_execute", lambda *given: points.reach(f"before {given[2].split()[0]}"))
    event.listen(Engine, "after_cursor_execute", lambda *given: points.reach(f"after {given[2].split()[0]}"))
    bulk.copy_rows = points.around("COPY", bulk.copy_rows)
    DefaultDialect.do_commit = points.around("COMMIT", DefaultDialect.do_commit)  # type: ignore[method-assign]
    return points


if __name__ == "__main__":
    from mlmcalc.cli.main import run_command

    counted = install(int(sys.argv[1]))
    status = run_command(sys.argv[2:])
    print(f"points: {counted.passed}", file=sys.stderr)
    sys.exit(status)
