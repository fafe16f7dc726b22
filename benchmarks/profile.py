"""Where the time of a run goes: ``python -m benchmarks.profile --members 1000000 [--single]``.

The profiler sees the thread it was started in and no other. With ``--single`` everything is done in that one, so that
nothing is hidden: polars has one thread, and what would be handed to a thread is done at once.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from typing import Any


class AtOnce(futures.Executor):
    """An executor that does what it is given before it returns."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Take what `concurrent.futures.ThreadPoolExecutor` takes."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        """Do it and return it done."""
        done: futures.Future[Any] = futures.Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except BaseException as fault:  # noqa: BLE001
            done.set_exception(fault)
        return done

    def map(self, fn: Callable[..., Any], *iterables: Iterable[Any], **options: Any) -> Iterator[Any]:
        """Do all of them."""
        return iter([fn(*given) for given in zip(*iterables, strict=False)])


def in_one_thread() -> None:
    """Let everything that this process still imports do its work in the thread that asks for it."""
    os.environ["POLARS_MAX_THREADS"] = "1"
    if "polars" in sys.modules:
        raise RuntimeError("polars has made its threads already")
    futures.ThreadPoolExecutor = AtOnce  # type: ignore[misc, assignment]


def main() -> None:
    """Run once to warm up, once under the profiler, and print the functions that cost most."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=1_000_000)
    parser.add_argument("--shape", default="bush")
    parser.add_argument("--ids", default="integer")
    parser.add_argument("--format", default="parquet")
    parser.add_argument("--single", action="store_true", help="everything in one thread, so that nothing is hidden")
    parser.add_argument("--top", type=int, default=40)
    parser.add_argument("--sort", default="tottime", choices=["tottime", "cumulative"])
    parser.add_argument("--callers", metavar="NAME", help="also who calls functions of this name")
    arguments = parser.parse_args()
    if arguments.single:
        in_one_thread()
    # Only now, for the reason above.
    from benchmarks.inputs import company_folder
    from benchmarks.whole import run_in_process

    folder = company_folder(arguments.members, arguments.shape, arguments.ids, arguments.format)
    run_in_process(folder)
    start, work = time.perf_counter(), time.process_time()
    run_in_process(folder)
    plain = f"without the profiler {time.perf_counter() - start:.3f} s, {time.process_time() - work:.3f} s of CPU\n"
    profiler = cProfile.Profile()
    profiler.runcall(run_in_process, folder)
    shown = pstats.Stats(profiler, stream=sys.stdout).strip_dirs().sort_stats(arguments.sort)
    shown.print_stats(arguments.top)
    if arguments.callers:
        shown.print_callers(arguments.callers)
    sys.stdout.write(plain)


if __name__ == "__main__":
    main()
