"""Whole runs against polars reading the same inputs and writing the same outputs; shapes; threads."""

from __future__ import annotations

import shutil

from benchmarks import tables
from benchmarks.figures import Figure, Found, Row, Settings, ratio
from benchmarks.inputs import company_folder, data_folder
from benchmarks.measure import interleaved
from benchmarks.whole import REFERENCE, RUN, run_in_child, run_in_process, whole_run
from benchmarks.worker import Worker

POLARS = "polars reading the same inputs and writing the same outputs"
PLAN = "seven levels with compression and rank rates, ten ranks, legs, all lines written"


def integer(settings: Settings) -> Found:
    """Measure a million members, and a tenth of them for the details."""
    small, size = settings.size(100_000), settings.size(1_000_000)
    details: list[str] = []
    for members in (small, size):
        found = whole_run(members, settings.repetitions)
        heading = f"{members:,} members, {3 * members:,} orders, {found.lines:,} lines"
        details += tables.ratio_table(found.timings, REFERENCE, heading)
    # The loop ends with the larger one.
    what = f"whole run, {size:,} members, {3 * size:,} orders: {PLAN}; Parquet in and out"
    return Found(
        [ratio(found.timings, RUN, REFERENCE, what, POLARS, 1.5, memory=found.timings[RUN].peak / size)], details
    )


def integer_large(settings: Settings) -> Found:
    """Measure ten million members, and a million in turn with them: time and memory ought to be linear."""
    size, tenth = settings.size(10_000_000), settings.size(1_000_000)
    less = f"mlmcalc, {tenth:,} members"
    company, out = company_folder(tenth), data_folder() / "run-tenth"
    found = whole_run(size, settings.repetitions, more={less: lambda: run_in_process(company, out)})
    shutil.rmtree(out, ignore_errors=True)
    own, small, factor = found.timings[RUN], found.timings[less], size / tenth
    what = f"the same, {size:,} members, {3 * size:,} orders, integer ids"
    figures = [
        ratio(found.timings, RUN, REFERENCE, what, POLARS, 1.5, memory=own.peak / size, memory_aim=250),
        Figure(
            f"time from {tenth:,} to {size:,} members, per member",
            "itself",
            1.2,
            own.median / small.median / factor,
            work=own.median_work / small.median_work / factor,
            reference=small.median,
        ),
        Figure(
            f"memory from {tenth:,} to {size:,} members, per member",
            "itself",
            1.2,
            own.peak / run_in_child(company).peak / factor,
        ),
    ]
    heading = f"{size:,} members, {3 * size:,} orders, {found.lines:,} lines"
    return Found(figures, tables.ratio_table(found.timings, REFERENCE, heading))


def _other(settings: Settings, members: int, ids: str, form: str, aim: float, memory: float | None) -> Found:
    size = settings.size(members)
    found = whole_run(size, settings.repetitions, ids, form)
    what = f"the same, {size:,} members, " + ("text ids" if ids == "text" else "from CSV")
    peak = found.timings[RUN].peak / size
    figure = ratio(found.timings, RUN, REFERENCE, what, POLARS, aim, memory=peak, memory_aim=memory)
    heading = f"{size:,} members, {ids} ids, {form} in, {found.lines:,} lines"
    return Found([figure], tables.ratio_table(found.timings, REFERENCE, heading))


def shapes(settings: Settings) -> Found:
    """Measure the run on a bush, a chain and a star."""
    size = settings.size(1_000_000)
    cases = {shape: company_folder(size, shape) for shape in ("bush", "chain", "star")}
    out = data_folder() / "run-shape"
    run_in_process(cases["bush"], out)
    found = interleaved({shape: lambda c=c: run_in_process(c, out) for shape, c in cases.items()}, settings.repetitions)
    figures = [
        ratio(found, shape, "bush", f"{shape} of {size:,}", f"bush of {size:,}", 1.3) for shape in ("chain", "star")
    ]
    return Found(figures, tables.ratio_table(found, "bush", f"{size:,} members"))


def threads(settings: Settings) -> Found:
    """Measure the run on two cores with two writers, and on one core with one thread of polars and one writer."""
    size = settings.size(1_000_000)
    company = company_folder(size)
    with Worker(company, threads=2, cores=2) as two, Worker(company, threads=1, cores=1) as one:
        if two.digest != one.digest:
            raise RuntimeError("one thread and two find something else")
        found = interleaved({"one thread": one.run, "two threads": two.run}, settings.repetitions)
    what = f"two threads, whole run of {size:,} members"
    figure = ratio(found, "two threads", "one thread", what, "one thread, same digest", 0.85)
    return Found([figure], tables.ratio_table(found, "one thread", f"{size:,} members"))


ROWS = [
    Row(
        "whole",
        "The whole run",
        f"whole run, 1,000,000 members: {PLAN}; Parquet in and out",
        POLARS,
        "1.5",
        integer,
    ),
    Row(
        "whole_10m",
        "The whole run, ten million members",
        "the same, 10,000,000 members, integer ids; time and memory from 1,000,000 to them",
        POLARS,
        "1.5, 250 bytes per member; 1.2 and 1.2",
        integer_large,
        "long",
    ),
    Row(
        "text",
        "Text ids",
        "the same, 1,000,000 members, text ids",
        POLARS,
        "1.7",
        lambda settings: _other(settings, 1_000_000, "text", "parquet", 1.7, None),
    ),
    Row(
        "text_10m",
        "Text ids, ten million members",
        "the same, 10,000,000 members, text ids",
        POLARS,
        "1.7, 450 bytes per member",
        lambda settings: _other(settings, 10_000_000, "text", "parquet", 1.7, 450),
        "long",
    ),
    Row(
        "csv",
        "From CSV",
        "the same, 1,000,000 members, from CSV",
        POLARS,
        "1.25",
        lambda settings: _other(settings, 1_000_000, "integer", "csv", 1.25, None),
    ),
    Row(
        "csv_10m",
        "From CSV, ten million members",
        "the same, 10,000,000 members, from CSV",
        POLARS,
        "1.25",
        lambda settings: _other(settings, 10_000_000, "integer", "csv", 1.25, None),
        "long",
    ),
]
SHAPES = Row("shapes", "Shapes", "chain of 1,000,000; star", "bush of 1,000,000", "1.3", shapes)
THREADS = Row("threads", "Threads", "two threads, whole run", "one thread, same digest", "0.85", threads)
