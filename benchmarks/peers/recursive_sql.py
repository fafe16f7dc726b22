"""Recursive SQL, the same text for DuckDB and SQLite."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb  # pyright: ignore[reportMissingImports]
import polars as pl

from benchmarks.job import FIRST, KEEP_CENTS, LAST, RATES_PPM, points

GROUP_VOLUME = """
CREATE TABLE rolled AS
WITH RECURSIVE up(ancestor, pv) AS (
  SELECT member_id, pv FROM points WHERE pv <> 0
  UNION ALL
  SELECT p.sponsor_id, up.pv FROM up JOIN points p ON p.member_id = up.ancestor WHERE p.sponsor_id IS NOT NULL
)
SELECT ancestor AS member_id, SUM(pv) AS gv FROM up GROUP BY ancestor
"""
KEEPERS = f"""
CREATE TABLE keepers AS
WITH RECURSIVE up(member_id, candidate) AS (
  SELECT member_id, sponsor_id FROM points WHERE sponsor_id IS NOT NULL
  UNION ALL
  SELECT up.member_id, p.sponsor_id FROM up JOIN points p ON p.member_id = up.candidate
  WHERE p.pv < {KEEP_CENTS} AND p.sponsor_id IS NOT NULL
)
SELECT up.member_id AS member_id, up.candidate AS keeper
FROM up JOIN points p ON p.member_id = up.candidate WHERE p.pv >= {KEEP_CENTS}
"""
LEVELS = f"""
CREATE TABLE paid AS
WITH RECURSIVE walk(earner, pv, level) AS (
  SELECT k.keeper, p.pv, 1 FROM points p JOIN keepers k ON k.member_id = p.member_id WHERE p.pv <> 0
  UNION ALL
  SELECT k.keeper, walk.pv, walk.level + 1 FROM walk JOIN keepers k ON k.member_id = walk.earner
  WHERE walk.level < {len(RATES_PPM)}
)
SELECT earner AS member_id, SUM(
  (CASE WHEN pv < 0 THEN -1 ELSE 1 END) * CAST(DIVIDE AS BIGINT)
) AS paid FROM walk JOIN rates ON rates.level = walk.level GROUP BY earner
"""
ANSWER = """
SELECT p.member_id, CAST(COALESCE(r.gv, 0) AS BIGINT) AS gv, CAST(COALESCE(e.paid, 0) AS BIGINT) AS paid
FROM points p LEFT JOIN rolled r ON r.member_id = p.member_id LEFT JOIN paid e ON e.member_id = p.member_id
ORDER BY p.member_id
"""
RATES = [(level, rate) for level, rate in enumerate(RATES_PPM, start=1)]


DERIVED = ("rolled", "keepers", "paid")


def load_duckdb(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a database that has read the files itself."""
    base = duckdb.connect()
    base.execute(
        f"""
        CREATE TABLE points AS
        SELECT m.member_id, m.sponsor_id, COALESCE(o.pv, 0) AS pv
        FROM '{folder}/members.parquet' m LEFT JOIN (
          SELECT member_id, CAST(SUM(qv) * 100 AS BIGINT) AS pv FROM '{folder}/orders.parquet'
          WHERE date BETWEEN DATE '{FIRST}' AND DATE '{LAST}' GROUP BY member_id
        ) o ON o.member_id = m.member_id
        """
    )
    base.execute("CREATE TABLE rates (level INTEGER, rate BIGINT)")
    base.executemany("INSERT INTO rates VALUES (?, ?)", RATES)
    return base


def answer_duckdb(base: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    for table in DERIVED:
        base.execute(f"DROP TABLE IF EXISTS {table}")
    base.execute(GROUP_VOLUME)
    base.execute(KEEPERS)
    base.execute(LEVELS.replace("DIVIDE", "(abs(pv) * rate + 500000) // 1000000"))
    return pl.DataFrame(dict(base.execute(ANSWER).fetchnumpy()))


def load_sqlite(folder: Path) -> sqlite3.Connection:
    """Return a database in memory; polars reads the files for it."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE TABLE points (member_id INTEGER PRIMARY KEY, sponsor_id INTEGER, pv INTEGER NOT NULL)")
    base.executemany("INSERT INTO points VALUES (?, ?, ?)", points(folder).iter_rows())
    base.execute("CREATE TABLE rates (level INTEGER PRIMARY KEY, rate INTEGER)")
    base.executemany("INSERT INTO rates VALUES (?, ?)", RATES)
    return base


def answer_sqlite(base: sqlite3.Connection) -> pl.DataFrame:
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
