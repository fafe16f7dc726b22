"""What one would use instead, on one job; every answer is compared to the cent before anything is timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks import tables
from benchmarks.figures import CannotMeasureError, Figure, Found, Row, Settings
from benchmarks.job import job_folder
from benchmarks.measure import Prepared, Timings, interleaved

OURS = "mlmcalc"
FAST = {
    "DuckDB, recursive SQL": "duckdb_sql",
    "polars, joins level by level": "polars_joins",
    "SciPy, triangular solve": "scipy_solve",
}
SLOW = {
    "SQLite, recursive SQL": "sqlite_sql",
    "PostgreSQL, recursive SQL": "postgres",
    "networkx": "networkx_walk",
    "plain Python": "dicts",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """How somebody reads the files into what it works on, and works out the answer."""

    load: Callable[[Path], Any]
    answer: Callable[[Any], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Compared:
    """Everybody on one job: the calculation alone, reading the files too, and who could not be measured."""

    alone: dict[str, Timings]
    whole: dict[str, Timings]
    missing: list[str]
    totals: tuple[int, int]

    def figures(self, aims: Mapping[str, float], heading: str) -> list[Figure]:
        """Return two figures for each peer: how many times slower it is than mlmcalc."""
        figures: list[Figure] = []
        for what, timings in (("the calculation alone", self.alone), ("reading the files too", self.whole)):
            base = timings[OURS]
            figures += [
                Figure(
                    f"{name}, {heading}: {what}",
                    "mlmcalc on the same job, ranks and lines left out",
                    aims[name],
                    timing.median / base.median,
                    at_least=True,
                    work=timing.median_work / base.median_work if timing.median_work > 0.01 * timing.median else None,
                    reference=base.median,
                )
                for name, timing in timings.items()
                if name != OURS
            ]
        return figures

    def details(self, heading: str) -> list[str]:
        """Return both tables."""
        lines = tables.ratio_table(self.alone, OURS, f"{heading}: the calculation alone")
        lines += tables.ratio_table(self.whole, OURS, f"{heading}: reading the files too")
        gv, paid = self.totals
        lines.append(f"All agree: subtree volumes sum to {gv:,} and payments to {paid:,} cents.")
        lines += [f"Not measured: {reason}" for reason in self.missing]
        return [*lines, ""]


def compared(folder: Path, peers: Mapping[str, str], repetitions: int) -> Compared:
    """Measure mlmcalc and peers on one job.

    Parameters
    ----------
    folder : Path
        Of the job.
    peers : mapping of str to str
        Module of each, by the name it is shown with.
    repetitions : int

    Raises
    ------
    RuntimeError
        Somebody finds something else.
    CannotMeasureError
        None of the peers is on this machine.
    """
    found, loaded, missing = dict[str, Peer](), dict[str, Any](), list[str]()
    for name, module in ({OURS: "engine"} | dict(peers)).items():
        try:
            part = import_module(f"benchmarks.peers.{module}")
            found[name] = Peer(part.load, part.answer)
            loaded[name] = part.load(folder)
        except (CannotMeasureError, ModuleNotFoundError) as fault:
            found.pop(name, None)
            missing.append(f"{name}: {fault}")
    if len(found) < 2:
        raise CannotMeasureError(" ".join(missing))
    answers = {name: peer.answer(loaded[name]) for name, peer in found.items()}
    for name, answer in answers.items():
        if not answer.equals(answers[OURS]):
            raise RuntimeError(f"{name} finds something else in {folder.name}")
    gv, paid = answers[OURS].select(pl.col("gv", "paid").sum()).row(0)
    loaded.clear()
    alone, reading = _timed(found, folder, repetitions)
    whole = {name: reading[name].followed_by(timing) for name, timing in alone.items()}
    return Compared(alone, whole, missing, (gv, paid))


def _timed(peers: Mapping[str, Peer], folder: Path, repetitions: int) -> tuple[dict[str, Timings], dict[str, Timings]]:
    """Return what answering took everybody, in turn, and what reading before each answer took."""
    reading, held = {name: Timings() for name in peers}, dict[str, Any]()

    def read(name: str, peer: Peer) -> None:
        held.clear()
        start, work = time.perf_counter(), time.process_time()
        held[name] = peer.load(folder)
        reading[name].seconds.append(time.perf_counter() - start)
        reading[name].work.append(time.process_time() - work)

    cases = {
        name: Prepared(lambda n=name, p=peer: p.answer(held[n]), lambda n=name, p=peer: read(n, p))
        for name, peer in peers.items()
    }
    return interleaved(cases, repetitions), reading


def _row(settings: Settings, members: int, shape: str, peers: Mapping[str, str], aims: Mapping[str, float]) -> Found:
    size = settings.size(members)
    heading = f"{size:,} members" + ("" if shape == "bush" else f", {shape} tree")
    found = compared(job_folder(size, shape), peers, settings.repetitions)
    return Found(found.figures(aims, heading), found.details(heading))


def fast(settings: Settings) -> Found:
    """Measure those one would take at a million."""
    return _row(settings, 1_000_000, "bush", FAST, dict.fromkeys(FAST, 5.0))


def deep(settings: Settings) -> Found:
    """Measure DuckDB and SciPy on a deep tree; joins level by level take minutes there."""
    peers = {name: module for name, module in FAST.items() if module != "polars_joins"}
    return _row(settings, 100_000, "deep", peers, dict.fromkeys(FAST, 5.0) | {"DuckDB, recursive SQL": 20.0})


def slow(settings: Settings) -> Found:
    """Measure those that take a row at a time."""
    return _row(settings, 100_000, "bush", SLOW, dict.fromkeys(SLOW, 50.0))


def deep_large(settings: Settings) -> Found:
    """Measure everybody of the fast ones on a deep tree of a million."""
    return _row(settings, 1_000_000, "deep", FAST, dict.fromkeys(FAST, 5.0) | {"DuckDB, recursive SQL": 20.0})


_AGAINST = "mlmcalc on the same job, ranks and lines left out"
ROWS = [
    Row(
        "peers",
        "What one would use instead: a million members",
        "DuckDB; polars joins per level; SciPy: 1,000,000 members",
        _AGAINST,
        "at least 5 each",
        fast,
    ),
    Row(
        "peers_deep",
        "What one would use instead: a deep tree",
        "DuckDB and SciPy on a deep tree, 100,000 members",
        _AGAINST,
        "at least 20 and 5",
        deep,
    ),
    Row(
        "peers_slow",
        "What one would use instead: a row at a time",
        "SQLite; PostgreSQL; networkx; plain Python: 100,000 members",
        _AGAINST,
        "at least 50 each",
        slow,
    ),
    Row(
        "peers_deep_1m",
        "What one would use instead: a deep tree of a million",
        "DuckDB; polars joins per level; SciPy on a deep tree, 1,000,000 members",
        _AGAINST,
        "at least 20, 5 and 5",
        deep_large,
        "long",
    ),
]
