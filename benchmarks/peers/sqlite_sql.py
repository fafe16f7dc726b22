"""SQLite: recursive SQL in memory."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import polars as pl

from benchmarks.job import points
from benchmarks.peers.recursive_sql import ANSWER, DERIVED, GROUP_VOLUME, KEEPERS, LEVELS, RATES


def load(folder: Path) -> sqlite3.Connection:
    """Return a database in memory; polars reads the files for it."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE points (member_id INTEGER PRIMARY KEY, sponsor_id INTEGER, pv INTEGER NOT NULL)")
    base.executemany("INSERT INTO points VALUES (?, ?, ?)", points(folder).iter_rows())
    base.execute("CREATE TABLE rates (level INTEGER PRIMARY KEY, rate INTEGER)")
    base.executemany("INSERT INTO rates VALUES (?, ?)", RATES)
    return base


def answer(base: sqlite3.Connection) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    for table in DERIVED:
        base.execute(f"DROP TABLE IF EXISTS {table}")
    base.execute(GROUP_VOLUME)
    base.execute(KEEPERS)
    base.execute("CREATE UNIQUE INDEX keeper_of ON keepers (member_id)")
    base.execute("CREATE UNIQUE INDEX rolled_of ON rolled (member_id)")
    # Division of whole numbers is whole in SQLite.
    base.execute(LEVELS.replace("DIVIDE", "(abs(pv) * rate + 500000) / 1000000"))
    base.execute("CREATE UNIQUE INDEX paid_of ON paid (member_id)")
    rows = base.execute(ANSWER).fetchall()
    return pl.DataFrame(rows, schema={"member_id": pl.Int64, "gv": pl.Int64, "paid": pl.Int64}, orient="row")
