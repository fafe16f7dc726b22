"""Explaining one member of a stored run, in a new process."""

from __future__ import annotations

import sys

import polars as pl

from benchmarks import tables
from benchmarks.figures import Found, Row, Settings, ratio
from benchmarks.inputs import company_folder, data_folder
from benchmarks.measure import child, interleaved, mlmcalc
from benchmarks.whole import run_in_process

AGAINST = 'python -c "import polars"'


def _explain(settings: Settings, members: int, aim: float) -> Found:
    size = settings.size(members)
    company = company_folder(size)
    run = run_in_process(company, data_folder() / "run-explained")
    earned = (
        pl.read_parquet(run / "statements.parquet", columns=["earner", "amount"])
        .drop_nulls()
        .group_by("earner")
        .agg(pl.col("amount").sum())
        .sort("amount", "earner")["earner"]
    )
    middle, most = (f"explain who earned {what}" for what in ("as much as half of all do", "the most"))
    found = interleaved(
        {
            AGAINST: lambda: child([sys.executable, "-c", "import polars"], company),
            middle: lambda: child(mlmcalc("explain", str(earned[earned.len() // 2]), "--run", str(run)), company),
            most: lambda: child(mlmcalc("explain", str(earned[-1]), "--run", str(run)), company),
        },
        settings.repetitions,
    )
    figure = ratio(found, middle, AGAINST, f"explain one member of a run of {size:,}", f"`{AGAINST}`", aim)
    return Found([figure], tables.ratio_table(found, AGAINST, f"{size:,} members"))


ROWS = [
    Row(
        "explain",
        "Explaining one member",
        "explain one member of a run of 1,000,000",
        f"`{AGAINST}`",
        "1.5",
        lambda settings: _explain(settings, 1_000_000, 1.5),
    ),
    Row(
        "explain_10m",
        "Explaining one member of ten million",
        "explain one member of a run of 10,000,000",
        f"`{AGAINST}`",
        "3",
        lambda settings: _explain(settings, 10_000_000, 3),
        "long",
    ),
]
