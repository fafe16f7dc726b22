"""The connection: SQLite or PostgreSQL, with one way to begin a reading and one to begin a writing transaction.

Writers queue: in SQLite by ``BEGIN IMMEDIATE``, in PostgreSQL by a lock on the table of the store, taken before the
transaction sees anything. So a writer always sees what the last one left, and two never change the same rows at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused
from mlmcalc.store.faults import disk_refused, faults_refused

# What it notes beside the error that it raises, with a traceback, is for those who want it.
logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
DATABASE_FILE = "mlmcalc.db"
PATIENCE = 60
"""Seconds that a writer waits for the one before."""

_MAKERS = 7236837
_WRITING = "mlmcalc_writing"


def database_url(folder: Path, url: str | None) -> URL:
    """Return the URL of the database of a store.

    Parameters
    ----------
    folder : Path
        Of the store; without a URL the database is a file in it.
    url : str or None
        ``postgresql://user@host/name``, ``postgresql+psycopg://...`` or ``sqlite:///path``.

    Raises
    ------
    InputRefused
        ``store.url``: it is no URL, or of another database.
    """
    if not url:
        return URL.create("sqlite", database=os.path.abspath(folder / DATABASE_FILE))
    try:
        made = make_url(url)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise _no_url("this is no URL of a database") from None
    if made.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return made.set(drivername="postgresql+psycopg")
    if made.drivername == "sqlite" and made.database and made.database != ":memory:" and not made.query:
        return made.set(database=os.path.abspath(made.database))
    raise _no_url(f"{made.drivername} is no database that a store can be kept in")


def make_engine(url: URL) -> Engine:
    """Return the engine of a database; it keeps no connection open between transactions.

    Raises
    ------
    EnvironmentRefused
        ``store.driver``.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    with faults_refused(url):
        return create_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            # An answer to a commit means that it is on the disk.
            connect_args={"application_name": "mlmcalc", "connect_timeout": 10},
        )


def create_file(url: URL) -> None:
    """Make the file of a SQLite database, for its owner only; nothing to do for PostgreSQL, or where it is there.

    Raises
    ------
    EnvironmentRefused
        ``store.full``, ``store.readonly``, ``store.disk``.
    """
    if url.get_backend_name() != "sqlite":
        return
    path = str(url.database)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as fault:
        raise disk_refused(fault, path) from fault
    # Outside a transaction: no other way changes it. It holds for every later connection.
    with faults_refused(url), make_engine(url).connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")


def refuse_missing(url: URL) -> None:
    """Refuse a SQLite database whose file is not there: to connect would make an empty one.

    Raises
    ------
    EnvironmentRefused
        ``store.missing``.
    """
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        message = "there is no store here."
        remedy = "Make one with `mlmcalc store init`, or name its folder under store: in company.yaml."
        raise EnvironmentRefused(Finding("store.missing", message, remedy, file=str(url.database)))


@contextlib.contextmanager
def transaction(engine: Engine, writing: bool, lock: bool = True) -> Iterator[Connection]:
    """Yield a connection inside a transaction that is committed when the block ends, and rolled back when it fails.

    Parameters
    ----------
    engine : Engine
    writing : bool
        Writers queue; readers see one state from beginning to end.
    lock : bool
        False while there is no table yet to lock.

    Raises
    ------
    EnvironmentRefused, ConflictError, IntegrityError
        As `faults_refused`.
    """
    with (
        faults_refused(engine.url),
        engine.connect().execution_options(**{_WRITING: writing}) as connection,
        connection.begin(),
    ):
        if engine.url.get_backend_name() == "postgresql":
            _begin_postgresql(connection, writing, lock)
        yield connection


def _prepare_sqlite(connection, record: object) -> None:  # type: ignore[no-untyped-def]
    # The driver's own idea of transactions begins them too late; ours are begun by `_begin_sqlite`.
    connection.isolation_level = None
    cursor = connection.cursor()
    # What is committed is on the disk, in WAL too.
    for pragma in ("foreign_keys = ON", "synchronous = FULL", "trusted_schema = OFF"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(_WRITING)
    if writing is not None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _begin_postgresql(connection: Connection, writing: bool, lock: bool) -> None:
    if not writing:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        return
    connection.execute(text("SET LOCAL synchronous_commit = on"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}s'"))
    if not lock:
        # Makers queue at a number, and then see what the one before has made.
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MAKERS})"))
    else:
        # Before the first look at anything: the transaction sees what is there when the lock is ours.
        connection.execute(text("LOCK TABLE store IN EXCLUSIVE MODE"))


def _no_url(message: str) -> InputRefused:
    remedy = "Write postgresql+psycopg://USER@HOST/NAME, or leave it out for SQLite."
    return InputRefused(Finding("store.url", f"{message}.", remedy))
