"""Digests of many runs, to hold two commits beside each other: ``python -m benchmarks.digests [--of CHECKOUT]``.

One row for each run: its digest, the first digits of the digest of its findings (which the run's own leaves out), and
what was run. Nothing of it depends on the machine, the folder or the time. With ``--of`` the engine is that of another
checkout; plans and companies are those beside this file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import chdir
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from mlmcalc.api.run import Run

ROOT = Path(__file__).resolve().parent.parent
SHAPES = ("bush", "deep", "chain", "star")
IDS = ("integer", "text")
PERIOD, BEFORE = "2026-10", "2026-09"
Row = tuple[str, "Run"]

# The engine is imported only in functions: --of decides which one.


def of_workspace(name: str, period: str) -> Iterator[Row]:
    """Yield the run of a workspace of ``fixtures``."""
    from mlmcalc.api.calculate import run_in_memory, silent
    from mlmcalc.cli.sources import GivenFiles, resolve_sources

    with chdir(ROOT / "fixtures" / name):
        given = GivenFiles(plan=None, tables={}, period=period, workspace=Path("company.yaml"))
        yield f"{name} {period}", run_in_memory(resolve_sources(given).inputs(), silent)


def of_real_month() -> Iterator[Row]:
    """Yield the real month, if its data are here."""
    from tests.plugged import on_path

    if (ROOT.parent / "shared" / "real_month" / "members.csv").is_file():
        with on_path():
            yield from of_workspace("real_month", "2017-01")
    else:
        sys.stderr.write("the data of the real month are not here\n")


def of_company(size: int, shape: str, ids: str, form: str) -> Iterator[Row]:
    """Yield the run of a generated company by its own plan, written into a folder as the command does."""
    from benchmarks.inputs import company_folder, data_folder
    from mlmcalc.api.calculate import run_into_folder, silent
    from mlmcalc.api.inputs import Inputs

    out = data_folder() / "run-digest"
    shutil.rmtree(out, ignore_errors=True)
    with chdir(company_folder(size, shape, ids, form)):
        tables = {"members": f"members.{form}", "orders": f"orders.{form}", "overrides": "overrides.csv"}
        inputs = Inputs(Path("plan.yaml"), {name: Path(file) for name, file in tables.items()}, PERIOD)
        yield f"{size:,} {shape} {ids} {form}: summit", run_into_folder(inputs, out, "parquet", 2, silent)


def of_families(size: int, shape: str, ids: str) -> Iterator[Row]:
    """Yield two runs for each plan of ``fixtures/plans``: the first month, and the month that follows it."""
    from benchmarks.families import FAMILIES, PLANS
    from benchmarks.inputs import company_folder
    from mlmcalc.api.calculate import run_in_memory, silent
    from mlmcalc.api.inputs import Inputs

    company = company_folder(size, shape, ids)
    for family in FAMILIES:
        with chdir(company):
            tables: dict[str, Any] = {name: Path(f"{name}.parquet") for name in ("members", "orders")}
            name = f"{size:,} {shape} {ids}: {family}"
            # As text: findings name the file of a plan, and this one lies elsewhere in another checkout.
            plan = (PLANS / f"{family}.yaml").read_text(encoding="utf-8")
            first = run_in_memory(Inputs(plan, tables, PERIOD), silent)
            yield f"{name}, first month", first
            # The same month once more, as the one before: what it left is there already.
            periods = pl.col("period", "since", "key").cast(pl.String).replace(PERIOD, BEFORE)
            tables["state"] = first.state.with_columns(periods)
            yield f"{name}, next month", run_in_memory(Inputs(plan, tables, PERIOD), silent)


def rows(sizes: Sequence[int]) -> Iterator[Row]:
    """Yield every run, with what was run."""
    yield from of_workspace("sample", PERIOD)
    yield from of_real_month()
    for size in sizes:
        for shape in SHAPES:
            for ids in IDS:
                for form in ("parquet", "csv"):
                    yield from of_company(size, shape, ids, form)
                yield from of_families(size, shape, ids)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--of", type=Path, metavar="CHECKOUT", help="a checkout whose engine is run; else this one's")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    arguments = parser.parse_args()
    if arguments.of:
        sys.path.insert(0, os.fspath(arguments.of.resolve()))
    import mlmcalc

    sys.stderr.write(f"engine: {mlmcalc.__file__}\n")
    for what, run in rows(arguments.sizes):
        findings = run.manifest["digests"].get("findings", "")[:12]
        sys.stdout.write(f"{run.digest} {findings} {what}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
