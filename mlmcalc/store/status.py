"""What is in a store, in a few numbers."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from mlmcalc.store.clock import instant_text
from mlmcalc.store.log import log_records
from mlmcalc.store.periods import periods
from mlmcalc.store.schema import revision_of
from mlmcalc.store.store import Store
from mlmcalc.store.tables import BATCH, DOCUMENT, OBJECT, RUN, STATUSES, STORE


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """A store in a few numbers.

    Attributes
    ----------
    company, store, folder, database, backend, layout : str
        The database without a password.
    programs : dict of str to (dict of str to int)
        How many periods of each have each status.
    batches, runs, documents, objects, bytes, records : int
        Batches of events, runs, documents, objects and their bytes, records of the log.
    known_at : str
        When the last batch was known; empty where there is none.
    last : str
        The last record of the log.
    """

    company: str
    store: str
    folder: str
    database: str
    backend: str
    layout: str
    programs: dict[str, dict[str, int]]
    batches: int
    runs: int
    documents: int
    objects: int
    bytes: int
    records: int
    known_at: str
    last: str


def store_status(store: Store) -> StoreStatus:
    """Return what is in a store.

    Raises
    ------
    EnvironmentRefused, IntegrityError
        As `Store.read`.
    """
    with store.read() as tx:

        def one(column) -> int:  # type: ignore[no-untyped-def]  any expression of SQL
            return int(tx.connection.execute(select(column)).scalar() or 0)

        programs: dict[str, dict[str, int]] = {}
        for period in periods(tx):
            counts = programs.setdefault(period.program, dict.fromkeys(STATUSES, 0))
            counts[period.status] += 1
        known = one(func.max(BATCH.c.known_at))
        newest = next(log_records(tx, newest=1))
        return StoreStatus(
            company=tx.company,
            store=tx.connection.execute(select(STORE.c.id)).scalar_one(),
            folder=str(store.folder),
            database=store.database,
            backend=store.backend,
            layout=revision_of(tx.connection),
            programs=programs,
            batches=one(func.count(BATCH.c.number)),
            runs=one(func.count(RUN.c.id)),
            documents=one(func.count(DOCUMENT.c.number)),
            objects=one(func.count(OBJECT.c.sha256)),
            bytes=one(func.sum(OBJECT.c.bytes)),
            records=newest.seq,
            known_at=instant_text(known) if known else "",
            last=f"{newest.action} {newest.subject} by {newest.by} at {instant_text(newest.at)}",
        )
