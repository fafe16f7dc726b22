"""Commands in new processes, everything included: start-up, one job from files to a file, help, small runs."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import tables
from benchmarks.figures import Figure, Found, Row, Settings, ratio
from benchmarks.inputs import company_folder, data_folder
from benchmarks.job import job_folder
from benchmarks.measure import Child, child, interleaved, mlmcalc
from benchmarks.whole import run_in_child

CLICK, LIBRARIES = 'python -c "import click"', 'python -c "import polars, numba"'
JOB_PEERS = {"polars, joins level by level": "polars_joins", "DuckDB, recursive SQL": "duckdb_sql"}


def job(settings: Settings) -> Found:
    """Measure one job as a command: both files read, the answer written; mlmcalc writes all its lines too."""
    size = settings.size(100_000)
    folder, out = job_folder(size), data_folder() / "job-out"
    named = [word for name in ("members", "orders") for word in (f"--{name}", f"{name}.parquet")]

    def own() -> Child:
        shutil.rmtree(out, ignore_errors=True)
        command = mlmcalc("run", "plan.yaml", *named, "--period", "2026-10", "--out", str(out))
        return child(command, folder)

    def peer(module: str) -> Callable[[], Child]:
        answer = str(data_folder() / f"{module}.parquet")
        return lambda: child([sys.executable, "-m", f"benchmarks.peers.{module}", str(folder), answer], folder)

    cases = {"mlmcalc run, all lines written": own} | {name: peer(module) for name, module in JOB_PEERS.items()}
    for case in cases.values():
        case()
    found = interleaved(cases, settings.repetitions)
    ours, *others = cases
    best = min(others, key=lambda name: found[name].median)
    what = f"the whole command on {size:,} members, fresh process, warm cache"
    against = "the faster of polars joins per level and DuckDB, the same job in a fresh process"
    figure = ratio(found, ours, best, what, against, 1.0, note=f"the faster one is {best.partition(',')[0]}")
    return Found([figure], tables.ratio_table(found, best, f"{size:,} members, one job"))


def start(settings: Settings) -> Found:
    """Measure help and a small run against the imports they rest on."""
    small = company_folder(settings.size(1_000))
    cases: dict[str, Callable[[], object]] = {
        "python -c pass": _python("pass", small),
        CLICK: _python("import click", small),
        "mlmcalc --help": lambda: child(mlmcalc("--help"), small),
        LIBRARIES: _python("import polars, numba", small),
        "mlmcalc run, 1,000 members": lambda: run_in_child(small),
    }
    for case in cases.values():
        case()
    found = interleaved(cases, settings.repetitions)
    found |= interleaved({"the same, no kernel compiled yet": lambda: _with_empty_cache(small)}, 1)
    figures: list[Figure] = [
        ratio(found, "mlmcalc --help", CLICK, "`mlmcalc --help`", f"`{CLICK}`", 1.5),
        ratio(found, "mlmcalc run, 1,000 members", LIBRARIES, "run of 1,000 members, warm", f"`{LIBRARIES}`", 2),
    ]
    return Found(figures, tables.ratio_table(found, LIBRARIES))


def _python(code: str, folder: Path) -> Callable[[], Child]:
    return lambda: child([sys.executable, "-c", code], folder)


def _with_empty_cache(company: Path) -> Child:
    with tempfile.TemporaryDirectory() as cache:
        return run_in_child(company, {"MLMCALC_CACHE_DIR": cache})


ROWS = [
    Row(
        "command",
        "One job as a command",
        "the whole command on 100,000 members, fresh process, warm cache",
        "the faster of polars joins per level and DuckDB, the same job in a fresh process",
        "1",
        job,
    ),
    Row(
        "start",
        "Start",
        "`mlmcalc --help`; run of 1,000 members, warm",
        f"`{CLICK}`; `{LIBRARIES}`",
        "1.5; 2",
        start,
    ),
]
