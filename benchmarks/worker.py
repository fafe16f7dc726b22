"""A process that runs one company again whenever it is told, with so many threads on so many cores."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import ROOT, Child


class Worker:
    """The process; it has run once, and so has loaded its kernels, when it is there.

    Use it in a ``with`` statement.

    Parameters
    ----------
    company : Path
    threads : int
        Of polars, and threads that write lines.
    cores : int
        The most cores it may use at a time, where the system can tell a process.
    """

    def __init__(self, company: Path, threads: int, cores: int) -> None:
        known = os.environ | {"PYTHONPATH": str(ROOT), "POLARS_MAX_THREADS": str(threads)}
        command = [sys.executable, "-m", "benchmarks.worker", str(company), str(threads), str(cores)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=known, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.digest: str = self._ask()["digest"]

    def run(self) -> Child:
        """Run the company once more."""
        told = self._ask()
        return Child(told["seconds"], told["work"], 0, "")

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *fault: object) -> None:
        # The end of its input ends it.
        self._process.communicate()

    def _ask(self) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("again\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main() -> None:
    """Run the company for each line of standard input and tell how long it took."""
    company, threads, cores = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    # Only now: a pool of threads is as large as the cores it sees when it is made.
    from benchmarks.inputs import data_folder
    from benchmarks.whole import run_in_process

    out = data_folder() / f"run-worker-{threads}"
    for _ in sys.stdin:
        start, work = time.perf_counter(), time.process_time()
        run_in_process(company, out, threads)
        told: dict[str, Any] = {"seconds": time.perf_counter() - start, "work": time.process_time() - work}
        told["digest"] = json.loads((out / "manifest.json").read_text())["digest"]
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
    shutil.rmtree(out, ignore_errors=True)


if __name__ == "__main__":
    main()
