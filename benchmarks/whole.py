"""The whole run beside the reference, in one process and as commands."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import company_folder, data_folder
from benchmarks.measure import Child, Timings, child, interleaved, mlmcalc
from benchmarks.reference import read_and_write, read_outputs
from mlmcalc.cli.main import run_command

PERIOD = "2026-10"
RUN = "mlmcalc, all of it"
REFERENCE = "polars: read and write only"


def run_in_process(company: Path, out: Path | None = None, threads: int = 2) -> Path:
    """Run the month of a company inside this process, as the command does, and return the folder of the run."""
    folder = data_folder() / "run" if out is None else out
    shutil.rmtree(folder, ignore_errors=True)
    shown = io.StringIO()
    before = Path.cwd()
    os.chdir(company)
    try:
        with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
            status = run_command(["run", "--period", PERIOD, "--out", str(folder), "--threads", str(threads)])
    finally:
        os.chdir(before)
    if status != 0:
        raise RuntimeError(shown.getvalue())
    return folder


def run_in_child(company: Path, environment: dict[str, str] | None = None) -> Child:
    """Run the month of a company in a process of its own."""
    out = data_folder() / "run-child"
    shutil.rmtree(out, ignore_errors=True)
    return child(mlmcalc("run", "--period", PERIOD, "--out", str(out)), company, environment)


def reference_in_child(company: Path, run: Path) -> Child:
    """Let polars read and write the same in a process of its own."""
    out = data_folder() / "reference-child"
    return child([sys.executable, "-m", "benchmarks.reference", str(company), str(run), str(out)], company)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole run beside the reference: seconds by case, and how many lines it wrote."""

    timings: dict[str, Timings]
    lines: int


def whole_run(
    size: int,
    repetitions: int,
    ids: str = "integer",
    form: str = "parquet",
    more: Mapping[str, Callable[[], object]] | None = None,
) -> Whole:
    """Return seconds of the run and of the reference, taken in turn in one warm process; memory from a child.

    Parameters
    ----------
    size, repetitions : int
    ids, form : str
    more : mapping of str to callable, optional
        Cases to take in turn with them.
    """
    company = company_folder(size, ids=ids, file_format=form)
    frames = read_outputs(run_in_process(company, data_folder() / "run-kept"))
    lines = frames["lines"].height
    with tempfile.TemporaryDirectory(dir=data_folder()) as scratch:
        out = Path(scratch)
        timings = interleaved(
            {
                RUN: lambda: run_in_process(company, out / "run"),
                REFERENCE: lambda: read_and_write(company, frames, out / "reference"),
                **(more or {}),
            },
            repetitions,
        )
    # A child of ten million members wants the room.
    frames.clear()
    timings[RUN].peak = run_in_child(company).peak
    return Whole(timings, lines)
