"""Runs one command and tells as JSON: wall and CPU seconds, peak memory in bytes, exit status, output.

A process of its own, because Linux counts the memory of whoever starts a process into the peak of that process: this
one is small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time


def main() -> None:
    """Run the command given as arguments."""
    with tempfile.TemporaryFile() as shown:
        environment = os.environ | {"MLMCALC_BENCH_START": repr(time.time())}
        start = time.perf_counter()
        process = subprocess.Popen(sys.argv[1:], env=environment, stdout=shown, stderr=subprocess.STDOUT)
        # wait4 and not wait: it tells the peak memory of just this child.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        shown.seek(0)
        told = {
            "seconds": seconds,
            "work": usage.ru_utime + usage.ru_stime,
            "peak": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            "status": process.returncode,
            "output": shown.read().decode(),
        }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
