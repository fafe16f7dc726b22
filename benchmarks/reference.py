"""The reference: polars alone reads the same inputs and writes the same outputs, and calculates nothing.

As a command, ``python -m benchmarks.reference COMPANY RUN OUT`` first loads what the run wrote (not counted), then
reads the inputs and writes the outputs again (counted, with the start of Python and the import of polars).
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import polars as pl

MEMBER_COLUMNS = ["member_id", "sponsor_id", "joined", "status", "status_from", "kind"]
ORDER_COLUMNS = ["order_id", "member_id", "date", "kind", "qv", "cv"]


def read_outputs(run: Path) -> dict[str, pl.DataFrame]:
    """Return every table of a run; the lines as one frame."""
    frames = {path.stem: pl.read_parquet(path) for path in sorted(run.glob("*.parquet"))}
    return frames | {"lines": pl.read_parquet(run / "lines" / "*.parquet")}


def read_and_write(company: Path, frames: dict[str, pl.DataFrame], out: Path) -> None:
    """Read members and orders, write the frames, with the compression that mlmcalc uses: faster than polars' default.

    Parameters
    ----------
    company, out : Path
    frames : dict
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name, columns in (("members", MEMBER_COLUMNS), ("orders", ORDER_COLUMNS)):
        parquet = company / f"{name}.parquet"
        if parquet.exists():
            pl.read_parquet(parquet, columns=columns)
        else:
            pl.read_csv(company / f"{name}.csv", columns=columns, try_parse_dates=True)
    for name, frame in frames.items():
        frame.write_parquet(out / f"{name}.parquet", compression="zstd", compression_level=1)


def main() -> None:
    """Measure this process from its start, without the time in which it learns what to write."""
    started, worked = time.time() - float(os.environ["MLMCALC_BENCH_START"]), time.process_time()
    company, run, out = (Path(argument) for argument in sys.argv[1:4])
    frames = read_outputs(run)
    begin, work = time.perf_counter(), time.process_time()
    read_and_write(company, frames, out)
    seconds, work = started + time.perf_counter() - begin, worked + time.process_time() - work
    sys.stdout.write(f"seconds={seconds} work={work}\n")


if __name__ == "__main__":
    main()
