"""What is done to a store inside one transaction: either all of it is there afterwards, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, func, insert, select

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.canonical import FIRST, canonical_json, sha256_of
from mlmcalc.store.clock import clock_back, instant_text
from mlmcalc.store.objects import Objects, StoredObject
from mlmcalc.store.tables import BATCH, LOG, OBJECT


def actor(by: str) -> str:
    """Return the name of who acts, without blanks around it.

    Raises
    ------
    InputRefused
        ``store.by``: it is no name.
    """
    if not by.strip() or not by.isprintable():
        raise InputRefused(Finding("store.by", f"{by!r} is nobody's name.", "Name who acts: --by NAME."))
    return by.strip()


class Reading:
    """A transaction that only reads: it sees one state from beginning to end.

    Attributes
    ----------
    connection : Connection
        Of SQLAlchemy.
    objects : Objects
    company : str
    """

    def __init__(self, connection: Connection, objects: Objects, company: str) -> None:
        self.connection = connection
        self.objects = objects
        self.company = company


class Writing(Reading):
    """A transaction that writes, the only one of its store while it lasts.

    Attributes
    ----------
    by : str
        Who acts.
    at : int
        When: microseconds since 1970 in UTC, not before anything recorded.
    """

    def __init__(
        self, connection: Connection, objects: Objects, company: str, by: str, clock: Callable[[], int]
    ) -> None:
        super().__init__(connection, objects, company)
        self.by = by
        self._clock = clock
        last = connection.execute(select(LOG.c.seq, LOG.c.at, LOG.c.digest).order_by(LOG.c.seq.desc()).limit(1)).first()
        self._seq, logged, self._digest = (0, 0, FIRST) if last is None else last
        self._last_known = connection.execute(select(func.max(BATCH.c.known_at))).scalar() or 0
        self.at = clock()
        if self.at < logged:
            raise clock_back(self.at, logged, "the last record of the log")
        if self.at < self._last_known:
            raise clock_back(self.at, self._last_known, "the last batch of events")

    def log(self, action: str, subject: str, details: Mapping[str, Any] | None = None) -> str:
        """Add a record to the log, chained to the one before, and return its digest.

        Parameters
        ----------
        action : str
            Such as ``import``, ``period.commit``.
        subject : str
            What it was done to, such as ``unilevel 2026-10``.
        details : mapping, optional
            Texts, integers, lists and mappings of them; no floats, no secrets, no personal data beyond member ids.

        Raises
        ------
        TypeError
            A value of another type.
        """
        record = {
            "seq": self._seq + 1,
            "at": self.at,
            "by": self.by,
            "action": action,
            "subject": subject,
            "details": canonical_json(details or {}),
            "previous": self._digest,
        }
        digest = sha256_of(canonical_json(record))
        self.connection.execute(insert(LOG), {**record, "digest": digest})
        self._seq, self._digest = self._seq + 1, digest
        return digest

    def known_at(self, given: int | None = None) -> int:
        """Return the instant at which a new batch of events is known: later than that of every batch before.

        Each call takes one; a batch must be added with it before the next is asked for.

        Parameters
        ----------
        given : int, optional
            Microseconds since 1970 in UTC; without it, now.

        Raises
        ------
        InputRefused
            ``store.known_at``: it is in the future, or not after the last batch.
        EnvironmentRefused
            ``store.clock_back``.
        """
        if given is None:
            given = self._clock()
            # The clock may not have moved on since the last batch; it will within a microsecond.
            while given == self._last_known:
                given = self._clock()
            if given < self._last_known:
                raise clock_back(given, self._last_known, "the last batch of events")
        else:
            now = self._clock()
            if given > now:
                message = f"{instant_text(given)} is after now, {instant_text(now)}."
                raise InputRefused(Finding("store.known_at", message, "Nothing can be known before it is."))
            if given <= self._last_known:
                message = f"{instant_text(given)} is not after the last batch, {instant_text(self._last_known)}."
                remedy = "What was known then is settled; name a later instant, or leave it out."
                raise InputRefused(Finding("store.known_at", message, remedy))
        self._last_known = given
        self.at = max(self.at, given)
        return given

    def add_object(self, stored: StoredObject) -> str:
        """Record an object that was put into the folder before, and return its name; twice is once."""
        there = self.connection.execute(select(OBJECT.c.sha256).where(OBJECT.c.sha256 == stored.sha256)).first()
        if there is None:
            row = {
                "sha256": stored.sha256,
                "kind": stored.kind,
                "rows": stored.rows,
                "bytes": stored.bytes,
                "recorded_at": self.at,
            }
            self.connection.execute(insert(OBJECT), row)
        return stored.sha256
