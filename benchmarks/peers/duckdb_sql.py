"""DuckDB: recursive SQL. As a command, ``python -m benchmarks.peers.duckdb_sql FOLDER OUT``, without polars."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb  # pyright: ignore[reportMissingImports]

from benchmarks.job import FIRST, LAST
from benchmarks.peers.recursive_sql import ANSWER, DERIVED, GROUP_VOLUME, KEEPERS, LEVELS, RATES

if TYPE_CHECKING:
    import polars as pl


def load(folder: Path) -> duckdb.DuckDBPyConnection:
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


def answer(base: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    import polars as pl

    calculate(base)
    return pl.DataFrame(dict(base.execute(ANSWER).fetchnumpy()))


def calculate(base: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that the answer is read from."""
    for table in DERIVED:
        base.execute(f"DROP TABLE IF EXISTS {table}")
    base.execute(GROUP_VOLUME)
    base.execute(KEEPERS)
    base.execute(LEVELS.replace("DIVIDE", "(abs(pv) * rate + 500000) // 1000000"))


def main() -> None:
    """Read the files of a folder and write the answer."""
    folder, out = sys.argv[1:3]
    base = load(Path(folder))
    calculate(base)
    base.execute(f"COPY ({ANSWER}) TO '{out}' (FORMAT parquet)")


if __name__ == "__main__":
    main()
