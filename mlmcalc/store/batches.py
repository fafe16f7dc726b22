"""Batches of events: what came in together, when it was known, and the objects that hold its rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select

from mlmcalc.store.clock import instant_text
from mlmcalc.store.objects import StoredObject
from mlmcalc.store.rows import next_number
from mlmcalc.store.tables import BATCH, BATCH_PART
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True)
class BatchPart:
    """One object of a batch.

    Attributes
    ----------
    object : str
        Its SHA-256.
    rows : int
    columns : tuple of str
    """

    object: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchSource:
    """Where a batch comes from, and what it speaks for.

    Attributes
    ----------
    reason : str
    file, sha256 : str
        The file as it was named, and the digest of its bytes; empty where there was none.
    scope_from, scope_to : str or None
        Days, both inside, that the batch speaks for; of orders also those that its rows touch beside them.
    true_from : str or None
        Day from which its rows are true, where they do not say it themselves.
    """

    reason: str = ""
    file: str = ""
    sha256: str = ""
    scope_from: str | None = None
    scope_to: str | None = None
    true_from: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch as it is recorded.

    Attributes
    ----------
    number : int
        From 1, in the order of `known_at`.
    kind : {"members", "orders", "volumes", "overrides"}
    known_at, recorded_at : int
        Microseconds since 1970 in UTC.
    rows : int
    made_by : str
    source : BatchSource
    parts : tuple of BatchPart
    """

    number: int
    kind: str
    known_at: int
    recorded_at: int
    rows: int
    made_by: str
    source: BatchSource
    parts: tuple[BatchPart, ...]


def add_batch(
    tx: Writing, kind: str, parts: Sequence[StoredObject], source: BatchSource, known_at: int | None = None
) -> Batch:
    """Record a batch whose objects are in the folder already.

    Parameters
    ----------
    tx : Writing
    kind : {"members", "orders", "volumes", "overrides"}
    parts : sequence of StoredObject
        As `Objects.put` returned them.
    source : BatchSource
    known_at : int, optional
        As `Writing.known_at`.

    Raises
    ------
    InputRefused
        ``store.known_at``.
    EnvironmentRefused
        ``store.clock_back``.
    """
    instant = tx.known_at(known_at)
    number = next_number(tx, BATCH)
    made = tuple(BatchPart(tx.add_object(part), part.rows, part.columns) for part in parts)
    batch = Batch(number, kind, instant, tx.at, sum(part.rows for part in made), tx.by, source, made)
    row = {
        "number": number,
        "kind": kind,
        "known_at": instant,
        "recorded_at": tx.at,
        "rows": batch.rows,
        "made_by": tx.by,
        "reason": source.reason,
        "source_file": source.file,
        "source_sha256": source.sha256,
        "scope_from": source.scope_from,
        "scope_to": source.scope_to,
        "true_from": source.true_from,
    }
    tx.connection.execute(insert(BATCH), row)
    rows = [
        {
            "batch": number,
            "part": place,
            "object": part.object,
            "rows": part.rows,
            "columns": json.dumps(part.columns, ensure_ascii=False),
        }
        for place, part in enumerate(made)
    ]
    if rows:
        tx.connection.execute(insert(BATCH_PART), rows)
    details = {
        "kind": kind,
        "rows": batch.rows,
        "known_at": instant_text(instant),
        "objects": [part.object for part in made],
        "reason": source.reason,
        "source_sha256": source.sha256,
    }
    tx.log("batch", f"batch {number}", details)
    return batch


def batches(tx: Reading, kind: str | None = None, known_at: int | None = None) -> list[Batch]:
    """Return the batches of a kind, or all, that were known at an instant, in the order in which they became known."""
    query = select(BATCH).order_by(BATCH.c.known_at)
    chosen = select(BATCH_PART).join(BATCH, BATCH.c.number == BATCH_PART.c.batch).order_by(BATCH_PART.c.part)
    for condition in ([BATCH.c.kind == kind] if kind else []) + (
        [BATCH.c.known_at <= known_at] if known_at is not None else []
    ):
        query, chosen = query.where(condition), chosen.where(condition)
    parts: dict[int, list[BatchPart]] = {}
    for row in tx.connection.execute(chosen):
        parts.setdefault(row.batch, []).append(BatchPart(row.object, row.rows, tuple(json.loads(row.columns))))
    return [
        Batch(
            row.number,
            row.kind,
            row.known_at,
            row.recorded_at,
            row.rows,
            row.made_by,
            BatchSource(row.reason, row.source_file, row.source_sha256, row.scope_from, row.scope_to, row.true_from),
            tuple(parts.get(row.number, ())),
        )
        for row in tx.connection.execute(query)
    ]
