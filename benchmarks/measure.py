"""Clocks: interleaved repetitions, medians, and children with their peak memory."""

from __future__ import annotations

import gc
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(slots=True)
class Timings:
    """Wall and CPU seconds of one case, and the peak memory of its children in bytes."""

    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)
    peak: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def median_work(self) -> float:
        return statistics.median(self.work)

    @property
    def spread(self) -> float:
        """Largest less smallest, as a share of the median."""
        return (max(self.seconds) - min(self.seconds)) / self.median

    def followed_by(self, other: Timings) -> Timings:
        """Return the times of both together, repetition by repetition."""
        seconds = [one + two for one, two in zip(self.seconds, other.seconds, strict=True)]
        return Timings(seconds, [one + two for one, two in zip(self.work, other.work, strict=True)])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with something to do before each time it is run, which is not counted."""

    run: Callable[[], object]
    before: Callable[[], object]

    def __call__(self) -> object:
        return self.run()


def interleaved(cases: Mapping[str, Callable[[], object]], repetitions: int, tidy: bool = True) -> dict[str, Timings]:
    """Run all cases in turn, so many times: what else the machine does then falls on all of them.

    Parameters
    ----------
    cases : mapping of str to callable
    repetitions : int
    tidy : bool
        Whether Python collects its garbage before each; it takes longer than a loop that leaves none.
    """
    timings = {name: Timings() for name in cases}
    for _ in range(repetitions):
        for name, case in cases.items():
            if tidy:
                gc.collect()
            if isinstance(case, Prepared):
                case.before()
            start, begin = time.perf_counter(), time.process_time()
            told = case()
            seconds, work = time.perf_counter() - start, time.process_time() - begin
            if isinstance(told, Child):
                seconds, work = told.seconds, told.work
                timings[name].peak = max(timings[name].peak, told.peak)
            timings[name].seconds.append(seconds)
            timings[name].work.append(work)
    return timings


@dataclass(frozen=True, slots=True)
class Child:
    """What a child process took."""

    seconds: float
    work: float
    peak: int
    output: str


def child(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Child:
    """Run a command to its end.

    It is timed from outside; a child whose last line of output is ``seconds=... work=...`` has measured itself.
    """
    known = os.environ | {"PYTHONPATH": str(ROOT)} | dict(environment or {})
    # A user's second start finds what Python compiled of our modules in the first.
    known.pop("PYTHONDONTWRITEBYTECODE", None)
    launcher = [sys.executable, str(ROOT / "benchmarks" / "launch.py"), *command]
    told = json.loads(subprocess.run(launcher, cwd=folder, env=known, check=True, stdout=subprocess.PIPE).stdout)
    if told["status"] != 0:
        raise RuntimeError(f"{' '.join(command)} left with {told['status']}\n{told['output']}")
    own = re.search(r"seconds=(\S+) work=(\S+)\s*$", told["output"])
    seconds, work = (float(own[1]), float(own[2])) if own else (told["seconds"], told["work"])
    return Child(seconds, work, told["peak"], told["output"])


def mlmcalc(*arguments: str) -> list[str]:
    """Return the command line of our own command."""
    return [sys.executable, "-c", "from mlmcalc.cli.main import main; main()", *arguments]
