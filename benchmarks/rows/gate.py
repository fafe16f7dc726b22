"""The input gate: every check of members and orders, against polars reading the same files."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks import tables
from benchmarks.figures import Figure, Found, Row, Settings, ratio
from benchmarks.inputs import company_folder
from benchmarks.measure import interleaved
from benchmarks.reference import MEMBER_COLUMNS, ORDER_COLUMNS
from mlmcalc.api.calculate import silent
from mlmcalc.api.inputs import Inputs, prepare

GATE, READING = "mlmcalc: reading, every check, order and trees", "polars: reading"
AGAINST = "polars reading the columns of those files"


def _gate(settings: Settings, members: int) -> Found:
    size = settings.size(members)
    company = company_folder(size)
    files = {"members": Path("members.parquet"), "orders": Path("orders.parquet"), "overrides": Path("overrides.csv")}
    inputs = Inputs(company / "plan.yaml", {name: company / file for name, file in files.items()}, "2026-10")

    def reading() -> None:
        pl.read_parquet(company / "members.parquet", columns=MEMBER_COLUMNS)
        pl.read_parquet(company / "orders.parquet", columns=ORDER_COLUMNS)

    prepare(inputs, silent)
    found = interleaved({GATE: lambda: prepare(inputs, silent), READING: reading}, settings.repetitions)
    gate, read = found[GATE], found[READING]
    subject = f"{size:,} members and {3 * size:,} orders"
    beyond = Figure(
        f"the whole input gate on {subject}, what it takes beyond reading",
        AGAINST,
        1.0,
        gate.median / read.median - 1,
        work=gate.median_work / read.median_work - 1,
        reference=read.median,
    )
    whole = ratio(
        found, GATE, READING, "the same, its own reading and the SHA-256 of the files included", AGAINST, None
    )
    return Found([beyond, whole], tables.ratio_table(found, READING, subject))


ROWS = [
    Row(
        "gate",
        "The input gate",
        "the whole input gate on 1,000,000 members and 3,000,000 orders",
        AGAINST,
        "1",
        lambda settings: _gate(settings, 1_000_000),
    ),
    Row(
        "gate_10m",
        "The input gate, ten million members",
        "the whole input gate on 10,000,000 members and 30,000,000 orders",
        AGAINST,
        "1",
        lambda settings: _gate(settings, 10_000_000),
        "long",
    ),
]
