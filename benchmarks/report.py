"""The table of README.md in one command: ``python -m benchmarks.report [--long] [--only ROW] [--quick]``.

Rows are measured one after the other; each is stored beside README.md in results.json and the page written again, so
that a short run and a long one add up, and one that is stopped keeps what it has.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

from benchmarks.figures import CannotMeasureError, Found, Row, Settings
from benchmarks.results import Measured, aims_table, keep, load, write_readme
from benchmarks.rows import ROWS
from benchmarks.tables import machine

QUICK = 50
"""What ``--quick`` divides sizes by."""


def main() -> None:
    """Measure, print, and write README.md unless ``--quick``."""
    # Whoever stops us leaves through the exit, where a server of ours is stopped too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="the rows of up to a million members (the default)")
    parser.add_argument("--long", action="store_true", help="the rows of ten million members and other slow ones")
    parser.add_argument("--only", choices=names, action="append", metavar="ROW", help=f"one of {', '.join(names)}")
    parser.add_argument("--quick", action="store_true", help="small companies, to try the command; writes nothing")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--page", action="store_true", help="measure nothing: write the page from what is stored")
    arguments = parser.parse_args()
    if arguments.page:
        write_readme(ROWS, load())
        return
    wanted = [row for row in ROWS if row.name in arguments.only] if arguments.only else _rows_of(arguments)
    settings = Settings(arguments.repetitions, QUICK if arguments.quick else 1)
    started = time.perf_counter()
    _say(machine() + "\n")
    for row in wanted:
        _measured(row, settings, write=not arguments.quick)
    _say(f"\n{time.perf_counter() - started:.0f} seconds in all")


def _rows_of(arguments: argparse.Namespace) -> list[Row]:
    """Return the rows of the short run, of the long one, or of both."""
    runs = {name for name in ("short", "long") if getattr(arguments, name)} or {"short"}
    return [row for row in ROWS if row.run in runs]


def _measured(row: Row, settings: Settings, write: bool) -> None:
    started = time.perf_counter()
    try:
        found: Found = row.measure(settings)
    except CannotMeasureError as fault:
        _say(f"## {row.name}: left out, {fault}\n")
        return
    known = {row.name: Measured(found, "", "")}
    if write:
        write_readme(ROWS, keep(row.name, found, machine()))
    _say(f"## {row.name}: {time.perf_counter() - started:.0f} seconds\n")
    _say("\n".join([*aims_table([row], known), *found.details]))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
