"""The log: who did what and when, each record chained to the one before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from mlmcalc.errors import Finding
from mlmcalc.store.canonical import FIRST, canonical_json, sha256_of
from mlmcalc.store.rows import as_row
from mlmcalc.store.tables import LOG
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record.

    Attributes
    ----------
    seq : int
        From 1, without gaps.
    at : int
        Microseconds since 1970 in UTC.
    by, action, subject : str
    details : str
        JSON.
    previous, digest : str
        Digest of the record before (64 zeros before the first), and of this one: the SHA-256 of the canonical JSON of
        everything above, and of `previous`.
    """

    seq: int
    at: int
    by: str
    action: str
    subject: str
    details: str
    previous: str
    digest: str


def log_records(tx: Reading, subject: str | None = None, newest: int | None = None) -> Iterator[LogRecord]:
    """Yield the records of the log from the first to the last.

    Parameters
    ----------
    tx : Reading
    subject : str, optional
        Only those whose subject begins like this.
    newest : int, optional
        Only so many, the last ones.
    """
    query = select(LOG)
    if subject is not None:
        query = query.where(LOG.c.subject.startswith(subject, autoescape=True))
    if newest is None:
        found = tx.connection.execute(query.order_by(LOG.c.seq))
        for row in found.mappings():
            yield LogRecord(**row)
        return
    last = tx.connection.execute(query.order_by(LOG.c.seq.desc()).limit(newest)).mappings().all()
    for row in reversed(last):
        yield LogRecord(**row)


def verify_log(tx: Reading) -> list[Finding]:
    """Return the first record that is not what it was, or breaks the chain: nothing, or one finding.

    The code is ``store.log_chain``. That records are missing at the end is not seen from the log alone; a backup or the
    documents, whose digests it names, tell.
    """
    at, previous = 0, FIRST
    for seq, record in enumerate(log_records(tx), start=1):
        reason = _broken(record, seq, at, previous)
        if reason:
            message = f"record {record.seq}: {reason}."
            return [Finding("store.log_chain", message, "Restore the store from a backup.")]
        at, previous = record.at, record.digest
    return []


def _broken(record: LogRecord, seq: int, at: int, previous: str) -> str:
    if record.seq != seq:
        return f"record {seq} is missing"
    if sha256_of(canonical_json(as_row(record, without=("digest",)))) != record.digest:
        return "it is not what its digest was made of"
    if record.previous != previous:
        return f"it names {record.previous[:16]} as the one before, which has {previous[:16]}"
    return "it is older than the one before" if record.at < at else ""
