"""PostgreSQL: the server that ``MLMCALC_BENCH_POSTGRES`` names, or one of our own for as long as we run.

Our own needs the programs of Debian's package ``postgresql`` (or ``initdb`` and ``pg_ctl`` on the path). It lives in a
temporary folder, is reached by a socket there alone, and runs without privileges: as the user ``postgres`` where we are
root.
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.figures import CannotMeasureError
from benchmarks.job import points
from benchmarks.peers import reach_installed
from benchmarks.peers.recursive_sql import ANSWER, DERIVED, GROUP_VOLUME, KEEPERS, LEVELS, RATES

MEMORY = ("shared_buffers=1GB", "work_mem=512MB", "maintenance_work_mem=512MB", "max_wal_size=8GB")
DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")


def load(folder: Path) -> Any:
    """Return a connection to a database with the members; polars reads the files for it.

    Raises
    ------
    CannotMeasureError
        There is no driver or no server.
    """
    base = _driver().connect(_address(), autocommit=True)
    base.execute("DROP TABLE IF EXISTS points, rates")
    base.execute("CREATE UNLOGGED TABLE points (member_id bigint PRIMARY KEY, sponsor_id bigint, pv bigint NOT NULL)")
    with base.cursor().copy("COPY points FROM STDIN (FORMAT csv)") as copy:
        copy.write(points(folder).write_csv(include_header=False))
    base.execute("CREATE TABLE rates (level integer PRIMARY KEY, rate bigint)")
    base.cursor().executemany("INSERT INTO rates VALUES (%s, %s)", RATES)
    base.execute("ANALYZE")
    return base


def answer(base: Any) -> pl.DataFrame:
    """Return ``member_id``, ``gv``, ``paid``."""
    for table in DERIVED:
        base.execute(f"DROP TABLE IF EXISTS {table}")
    for name, text in (("rolled", GROUP_VOLUME), ("keepers", KEEPERS), ("paid", LEVELS)):
        # Division of whole numbers is whole; no table need outlive a crash.
        text = text.replace("DIVIDE", "(abs(pv) * rate + 500000) / 1000000")
        base.execute(text.replace("CREATE TABLE", "CREATE UNLOGGED TABLE"))
        base.execute(f"ANALYZE {name}")
    rows = base.execute(ANSWER).fetchall()
    return pl.DataFrame(rows, schema={"member_id": pl.Int64, "gv": pl.Int64, "paid": pl.Int64}, orient="row")


def version_text() -> str:
    """Return which server answers, nothing where there is none."""
    try:
        with _driver().connect(_address()) as base:
            return f"PostgreSQL {base.info.server_version // 10000}.{base.info.server_version % 10000}"
    except CannotMeasureError:
        return ""


def _driver() -> Any:
    reach_installed()
    try:
        import psycopg  # pyright: ignore[reportMissingImports]
    except ModuleNotFoundError:
        raise CannotMeasureError("psycopg is not installed: see benchmarks/README.md.") from None
    return psycopg


def _programs() -> Path:
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found is None and not debian:
        raise CannotMeasureError("there is no PostgreSQL: install it, or name a server in MLMCALC_BENCH_POSTGRES.")
    return Path(found).parent if found else debian[-1].parent


@cache
def _address() -> str:
    """Return where the server is, and start our own the first time."""
    if named := os.environ.get("MLMCALC_BENCH_POSTGRES"):
        return named
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="mlmcalc-postgres-"))
    # A server refuses to run as root.
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise CannotMeasureError("as root a server needs the user postgres, whom there is not.") from None
        user = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        os.chown(folder, entry.pw_uid, entry.pw_gid)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, **user)

    data = str(folder / "data")
    run("initdb", "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = " ".join(f"-c {setting}" for setting in (*MEMORY, *DURABLE, f"unix_socket_directories={folder}"))
    run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")

    def stop() -> None:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
    return f"host={folder} user=bench dbname=postgres"
