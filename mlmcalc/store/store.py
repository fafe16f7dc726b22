"""A store: the database, the objects and the run folders of a company, opened, made and brought to a newer layout."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, insert, select

from mlmcalc.errors import ConflictError, EnvironmentRefused, Finding, InputRefused, IntegrityError
from mlmcalc.store.clock import now_microseconds
from mlmcalc.store.database import create_file, database_url, make_engine, refuse_missing, transaction
from mlmcalc.store.faults import disk_refused, shown
from mlmcalc.store.filesystems import refuse_network_drive
from mlmcalc.store.objects import Objects, sync_folder, write_whole
from mlmcalc.store.schema import REVISION, migrate, revision_of
from mlmcalc.store.tables import FORMAT, STORE
from mlmcalc.store.transaction import Reading, Writing, actor

STORE_FILE = "store.json"
"""Says which store a folder belongs to, so that a database never gets the folder of another."""

_INIT = "Make one with `mlmcalc store init`, or name its folder under store: in company.yaml."


class Store:
    """An open store; `open_store` makes one.

    Attributes
    ----------
    folder : Path
    objects : Objects
    url : URL
        Of the database; it may hold a password, so `database` is what is shown.
    engine : Engine
        Of SQLAlchemy.
    """

    def __init__(self, folder: Path, url: str | None, clock: Callable[[], int]) -> None:
        self.folder = folder
        self.objects = Objects(folder / "objects")
        self.url = database_url(folder, url)
        self.engine = make_engine(self.url)
        self._clock = clock

    @property
    def database(self) -> str:
        """Where the database is, without a password."""
        return shown(self.url)

    @property
    def backend(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.url.get_backend_name()

    @property
    def runs(self) -> Path:
        """The folder of the run folders."""
        return self.folder / "runs"

    def run_folder(self, run_id: str) -> Path:
        """Return where the folder of a run is, or is to be.

        Raises
        ------
        InputRefused
            ``store.run_id``: the id holds what no run has, so it must not become part of a path.
        """
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", run_id):
            raise InputRefused(Finding("store.run_id", f"{run_id!r} is no id of a run."))
        return self.runs / run_id

    @contextlib.contextmanager
    def read(self) -> Iterator[Reading]:
        """Yield a transaction that sees one state of the store from beginning to end.

        Raises
        ------
        EnvironmentRefused, IntegrityError
            As `faults_refused`.
        """
        with transaction(self.engine, writing=False) as connection:
            yield Reading(connection, self.objects, _company(connection))

    @contextlib.contextmanager
    def write(self, by: str) -> Iterator[Writing]:
        """Yield a transaction that writes: the only one; others wait for it. It is committed when the block ends.

        What it names in files, objects and run folders, must be on the disk before.

        Parameters
        ----------
        by : str
            Who acts.

        Raises
        ------
        InputRefused
            ``store.by``: nobody is named.
        EnvironmentRefused, ConflictError, IntegrityError
            As `faults_refused`; ``store.clock_back``. Nothing was changed.
        """
        name = actor(by)
        with transaction(self.engine, writing=True) as connection:
            yield Writing(connection, self.objects, _company(connection), name, self._clock)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def open_store(
    folder: str | os.PathLike[str],
    url: str | None = None,
    create: bool = False,
    company: str = "",
    by: str = "mlmcalc",
    clock: Callable[[], int] = now_microseconds,
) -> Store:
    """Open a store, or make it.

    Parameters
    ----------
    folder : path
        Of the store: objects and run folders, and the database too where there is no URL.
    url : str, optional
        Of a PostgreSQL database.
    create : bool
        Make it where it is not there; one that is there is opened.
    company, by : str
        For the making: whose store it is, and who makes it.
    clock : callable
        Returns microseconds since 1970 in UTC.

    Raises
    ------
    InputRefused
        ``store.url``, ``store.by``.
    EnvironmentRefused
        ``store.missing``, ``store.older``, ``store.newer``, ``store.network_drive``, and as `faults_refused`.
    ConflictError
        ``store.folder``: folder and database are of two stores.
    """
    store = Store(Path(os.path.abspath(folder)), url, clock)
    with contextlib.ExitStack() as closing:
        closing.callback(store.close)
        if store.backend == "sqlite":
            refuse_network_drive(Path(store.database).parent)
        if create:
            _create(store, company, actor(by))
        refuse_missing(store.url)
        with transaction(store.engine, writing=False) as connection:
            _refuse_revision(store, revision_of(connection))
            _refuse_other(store, connection)
        closing.pop_all()
    return store


def upgrade_store(folder: str | os.PathLike[str], url: str | None, by: str) -> tuple[str, str]:
    """Bring the database of a store to this version's layout, whole or not at all.

    Returns the revisions before and after.

    Raises
    ------
    EnvironmentRefused
        ``store.missing``, ``store.newer``, and as `faults_refused`.
    """
    name = actor(by)
    with Store(Path(os.path.abspath(folder)), url, now_microseconds) as store:
        refuse_missing(store.url)
        with transaction(store.engine, writing=False) as connection:
            before = revision_of(connection)
        if not before or before > REVISION:
            _refuse_revision(store, before)
        if before < REVISION:
            with transaction(store.engine, writing=True) as connection:
                if revision_of(connection) == REVISION:
                    # Somebody else was first.
                    return before, REVISION
                migrate(connection)
                tx = Writing(connection, store.objects, _company(connection), name, store._clock)
                tx.log("store.upgrade", "store", {"from": before, "to": REVISION})
        return before, REVISION


def _create(store: Store, company: str, by: str) -> None:
    if store.backend == "sqlite":
        _make_folder(Path(store.database).parent)
    create_file(store.url)
    with transaction(store.engine, writing=True, lock=False) as connection:
        if revision_of(connection):
            return
        # The folder says whose it is before the database does: a making that was stopped is finished by the next one.
        for folder in (store.folder, store.objects.folder, store.runs):
            _make_folder(folder)
        _write_id(store.folder / STORE_FILE)
        migrate(connection)
        row = {"one": 1, "id": id_in(store.folder), "company": company, "format": FORMAT, "created_at": store._clock()}
        connection.execute(insert(STORE), row)
        tx = Writing(connection, store.objects, company, by, store._clock)
        tx.log("store.init", "store", {"company": company, "format": FORMAT, "revision": REVISION})


def _make_folder(folder: Path) -> None:
    try:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(folder.parent)
    except OSError as fault:
        raise disk_refused(fault, folder) from fault


def _write_id(file: Path) -> None:
    try:
        if not file.exists():
            write_whole(file, id_text(secrets.token_hex(16)).encode())
    except OSError as fault:
        raise disk_refused(fault, file) from fault


def _refuse_revision(store: Store, revision: str) -> None:
    if revision == REVISION:
        return
    if not revision:
        code, message = "store.missing", "there is no store in this database."
        remedy = "Make one with `mlmcalc store init`."
    elif revision > REVISION:
        code, message = "store.newer", f"this store has layout {revision}, this version of mlmcalc knows {REVISION}."
        remedy = "Use the version of mlmcalc that wrote it, or a newer one."
    else:
        code, message = "store.older", f"this store has layout {revision}, this version of mlmcalc wants {REVISION}."
        remedy = "Make a backup, then `mlmcalc store upgrade`."
    raise EnvironmentRefused(Finding(code, message, remedy, file=store.database))


def _refuse_other(store: Store, connection: Connection) -> None:
    there = connection.execute(select(STORE.c.id)).scalar()
    if there != id_in(store.folder):
        message = f"this folder is not that of the store in {store.database}."
        remedy = "Name the folder that belongs to the database, or the database that belongs to the folder."
        raise ConflictError(Finding("store.folder", message, remedy, file=str(store.folder)))


def id_text(store: str) -> str:
    """Return the file by which a folder says which store it belongs to."""
    return json.dumps({"store": store, "format": FORMAT}) + "\n"


def id_in(folder: Path) -> str:
    """Return the id of the store that a folder belongs to.

    Raises
    ------
    EnvironmentRefused
        ``store.missing``: it is the folder of none.
    IntegrityError
        ``store.damaged``.
    """
    file = folder / STORE_FILE
    try:
        known = json.loads(file.read_bytes())
    except OSError as fault:
        message = f"this is not the folder of a store: {fault.strerror}."
        raise EnvironmentRefused(Finding("store.missing", message, _INIT, file=str(file))) from fault
    except ValueError:
        known = None
    if not isinstance(known, dict) or not isinstance(known.get("store"), str):
        message = "this file does not say which store the folder belongs to."
        raise IntegrityError(Finding("store.damaged", message, "Restore the store from a backup.", file=str(file)))
    return known["store"]


def _company(connection: Connection) -> str:
    return connection.execute(select(STORE.c.company)).scalar_one()
