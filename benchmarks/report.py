"""All measurements of README.md in one command: ``python -m benchmarks.report [--quick] [--only SECTION]``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import families as plans
from benchmarks import tables
from benchmarks.inputs import company_folder
from benchmarks.job import job_folder
from benchmarks.measure import child, interleaved, mlmcalc
from benchmarks.peers import engine, networkx_walk, polars_joins, recursive_sql
from benchmarks.whole import REFERENCE, RUN, counts, reference_in_child, run_in_child, run_in_process, whole_run

README = Path(__file__).parent / "README.md"


@dataclass(frozen=True, slots=True)
class Peer:
    """How somebody reads the files into what it works on, and works out the answer."""

    load: Callable[[Path], Any]
    answer: Callable[[Any], pl.DataFrame]


FAST_PEERS = {
    "mlmcalc": Peer(engine.load, engine.answer),
    "polars, joins level by level": Peer(polars_joins.load, polars_joins.answer),
    "DuckDB, recursive SQL": Peer(recursive_sql.load_duckdb, recursive_sql.answer_duckdb),
}
SLOW_PEERS = {
    "SQLite, recursive SQL": Peer(recursive_sql.load_sqlite, recursive_sql.answer_sqlite),
    "networkx": Peer(networkx_walk.load, networkx_walk.answer),
}


def whole(quick: bool, repetitions: int) -> list[str]:
    """Return the tables of the whole run."""
    lines: list[str] = []
    for size in (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000):
        lines += tables.ratio_table(whole_run(size, repetitions), REFERENCE, counts(size))
    size = 100_000 if quick else 1_000_000
    for ids, form in (("text", "parquet"), ("integer", "csv")):
        timings = whole_run(size, repetitions, ids=ids, form=form)
        lines += tables.ratio_table(timings, REFERENCE, f"{size:,} members, {ids} ids, {form} in")
    return lines


def shapes(quick: bool, repetitions: int) -> list[str]:
    """Return one table: the run on every shape, the bush as reference."""
    size = 100_000 if quick else 1_000_000
    found = {shape: whole_run(size, repetitions, shape)[RUN] for shape in ("bush", "deep", "chain", "star")}
    return tables.ratio_table(found, "bush", f"{size:,} members")


def cold(quick: bool, repetitions: int) -> list[str]:
    """Return the table of commands in new processes."""
    small, large = company_folder(1_000), company_folder(100_000)
    run = run_in_process(large)

    def empty_cache(company: Path) -> Callable[[], object]:
        def case() -> object:
            with tempfile.TemporaryDirectory() as cache:
                return run_in_child(company, {"MLMCALC_CACHE_DIR": cache})

        return case

    warm: dict[str, Callable[[], object]] = {
        "python -c pass": lambda: child([sys.executable, "-c", "pass"], small),
        "mlmcalc --help": lambda: child(mlmcalc("--help"), small),
        "mlmcalc schema": lambda: child(mlmcalc("schema"), small),
        "mlmcalc run, 1,000 members": lambda: run_in_child(small),
        "mlmcalc run, 100,000 members": lambda: run_in_child(large),
        "polars: start, read and write only, 100,000 members": lambda: reference_in_child(large, run),
    }
    timings = interleaved(warm, repetitions)
    timings |= interleaved(
        {
            "mlmcalc run, 1,000 members, no kernel compiled yet": empty_cache(small),
            "mlmcalc run, 100,000 members, no kernel compiled yet": empty_cache(large),
        },
        2 if quick else repetitions,
    )
    return tables.ratio_table(timings, "polars: start, read and write only, 100,000 members")


def peers(quick: bool, repetitions: int) -> list[str]:
    """Return the tables of the one job."""
    everybody = FAST_PEERS | SLOW_PEERS
    rounds = [(10_000, "bush", everybody)]
    if not quick:
        rounds += [(100_000, "bush", everybody), (1_000_000, "bush", FAST_PEERS), (100_000, "deep", FAST_PEERS)]
    lines: list[str] = []
    for size, shape, who in rounds:
        folder = job_folder(size, shape)
        loaded = {name: peer.load(folder) for name, peer in who.items()}
        answers = {name: peer.answer(loaded[name]) for name, peer in who.items()}
        for name, answer in answers.items():
            if not answer.equals(answers["mlmcalc"]):
                raise RuntimeError(f"{name} finds something else at {size:,} members, {shape}")
        totals = answers["mlmcalc"].select(pl.col("gv", "paid").sum()).row(0)
        alone = interleaved({name: _alone(peer, loaded[name]) for name, peer in who.items()}, repetitions)
        del loaded
        full = interleaved({name: _from_files(peer, folder) for name, peer in who.items()}, repetitions)
        heading = f"{size:,} members, {shape}"
        lines += tables.ratio_table(alone, "mlmcalc", heading + ": the calculation alone")
        lines += tables.ratio_table(full, "mlmcalc", heading + ": reading the files too")
        lines += [f"All agree: subtree volumes sum to {totals[0]:,} and payments to {totals[1]:,} cents.", ""]
    return lines


def _alone(peer: Peer, loaded: Any) -> Callable[[], object]:
    return lambda: peer.answer(loaded)


def _from_files(peer: Peer, folder: Path) -> Callable[[], object]:
    return lambda: peer.answer(peer.load(folder))


def families(quick: bool, repetitions: int) -> list[str]:
    """Return the tables of the plan families, the seven-level unilevel as reference."""
    return _families(10_000 if quick else 100_000, repetitions)


def families_large(quick: bool, repetitions: int) -> list[str]:
    """Return the same tables at ten times the size."""
    return _families(100_000 if quick else 1_000_000, repetitions)


def _families(size: int, repetitions: int) -> list[str]:
    shown = {family: f"{family}, {plans.lines(family, size):,} lines" for family in plans.FAMILIES}
    alone = {shown[name]: plans.calculation(plans.prepared(name, size)) for name in plans.FAMILIES}
    timings = interleaved(alone, repetitions)
    del alone
    full = interleaved({shown[name]: plans.whole(name, size) for name in plans.FAMILIES}, repetitions)
    reference = shown[plans.REFERENCE]
    found = tables.ratio_table(timings, reference, f"{size:,} members: the calculation alone")
    return found + tables.ratio_table(full, reference, f"{size:,} members: the whole run")


SECTIONS = {
    "whole": whole,
    "shapes": shapes,
    "cold": cold,
    "peers": peers,
    "families": families,
    "families_large": families_large,
}


def main() -> None:
    """Measure, print, and write the sections into README.md unless ``--quick``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes; prints and writes nothing")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="one section; may be repeated")
    parser.add_argument("--repetitions", type=int, default=5)
    arguments = parser.parse_args()
    found: dict[str, list[str]] = {"machine": tables.machine()}
    sys.stdout.write("\n".join(found["machine"]) + "\n")
    for name in arguments.only or SECTIONS:
        found[name] = SECTIONS[name](arguments.quick, arguments.repetitions)
        sys.stdout.write(f"\n## {name}\n\n" + "\n".join(found[name]) + "\n")
        sys.stdout.flush()
        if not arguments.quick:
            for section in ("machine", name):
                tables.write_section(README, section, found[section])


if __name__ == "__main__":
    main()
