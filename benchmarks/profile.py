"""Where the time of a run goes: ``python -m benchmarks.profile --members 1000000``."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import sys

from benchmarks.inputs import company_folder
from benchmarks.whole import run_in_process


def main() -> None:
    """Run once to warm up, once under the profiler, and print the functions that cost most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--shape", default="bush")
    parser.add_argument("--ids", default="integer")
    parser.add_argument("--format", default="parquet")
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumulative"])
    arguments = parser.parse_args()
    folder = company_folder(arguments.members, arguments.shape, arguments.ids, arguments.format)
    run_in_process(folder)
    profiler = cProfile.Profile()
    profiler.runcall(run_in_process, folder)
    pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats(arguments.sort).print_stats(arguments.top)


if __name__ == "__main__":
    main()
