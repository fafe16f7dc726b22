"""Documents: what every commit, payment and reopening says for ever, numbered and chained over the whole store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.canonical import FIRST, canonical_json, sha256_of
from mlmcalc.store.clock import instant_text
from mlmcalc.store.rows import of_period, rows_of
from mlmcalc.store.tables import DOCUMENT
from mlmcalc.store.transaction import Reading, Writing

DOCUMENT_FORMAT = 1


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """One document.

    Attributes
    ----------
    number : int
        From 1, without gaps.
    kind : {"commit", "payment", "reopening"}
    program, period : str
    body : str
        Canonical JSON; these are the bytes (in UTF-8) that are digested.
    digest, previous : str
        SHA-256 of the body, and of the body of the document before; 64 zeros before the first.
    made_at : int
        Microseconds since 1970 in UTC.
    """

    number: int
    kind: str
    program: str
    period: str
    body: str
    digest: str
    previous: str
    made_at: int

    @property
    def content(self) -> Mapping[str, Any]:
        """The body as a mapping."""
        return json.loads(self.body)


def add_document(tx: Writing, kind: str, program: str, period: str, body: Mapping[str, Any]) -> StoredDocument:
    """Number a document, chain it to the one before, record it and write of it in the log.

    Parameters
    ----------
    tx : Writing
    kind : {"commit", "payment", "reopening"}
    program, period : str
        Of a recorded period.
    body : mapping
        Everything but ``document``, ``number``, ``kind``, ``company``, ``program``, ``period``, ``previous`` and
        ``at``, which are added here; ``made_by`` is added where it is missing.

    Raises
    ------
    TypeError
        It holds a float.
    """
    last = tx.connection.execute(
        select(DOCUMENT.c.number, DOCUMENT.c.digest).order_by(DOCUMENT.c.number.desc()).limit(1)
    ).first()
    number, previous = (1, FIRST) if last is None else (last.number + 1, last.digest)
    whole = {
        "made_by": tx.by,
        **body,
        "document": DOCUMENT_FORMAT,
        "number": number,
        "kind": kind,
        "company": tx.company,
        "program": program,
        "period": period,
        "previous": previous,
        "at": instant_text(tx.at),
    }
    text = canonical_json(whole)
    made = StoredDocument(number, kind, program, period, text, sha256_of(text), previous, tx.at)
    names = StoredDocument.__dataclass_fields__
    tx.connection.execute(insert(DOCUMENT), {name: getattr(made, name) for name in names})
    tx.log("document", f"{kind} {program} {period}", {"number": number, "digest": made.digest})
    return made


def documents(tx: Reading, program: str | None = None, period: str | None = None) -> list[StoredDocument]:
    """Return the documents of a program, a period, or all, by number."""
    query = select(DOCUMENT).where(*of_period(DOCUMENT, program, period)).order_by(DOCUMENT.c.number)
    return rows_of(tx, StoredDocument, query)


def document_of(tx: Reading, number: int) -> StoredDocument:
    """Return a document by its number.

    Raises
    ------
    InputRefused
        ``store.no_document``.
    """
    found = rows_of(tx, StoredDocument, select(DOCUMENT).where(DOCUMENT.c.number == number))
    if not found:
        raise InputRefused(Finding("store.no_document", f"there is no document {number}."))
    return found[0]


def verify_documents(tx: Reading) -> list[Finding]:
    """Return the first document that is not what it was, or breaks the chain: nothing, or one finding."""
    previous = FIRST
    for number, made in enumerate(documents(tx), start=1):
        reason = _broken(made, number, previous)
        if reason:
            message = f"document {made.number}: {reason}."
            return [Finding("store.document_chain", message, "Restore the store from a backup.")]
        previous = made.digest
    return []


def _broken(made: StoredDocument, number: int, previous: str) -> str:
    if made.number != number:
        return f"document {number} is missing"
    if sha256_of(made.body) != made.digest:
        return "its text is not what its digest was made of"
    if made.previous != previous:
        return f"it names {made.previous[:16]} as the one before, which has {previous[:16]}"
    content = made.content
    stated = (content.get("number"), content.get("kind"), content.get("program"), content.get("period"))
    if stated != (made.number, made.kind, made.program, made.period) or content.get("previous") != made.previous:
        return "its text says something else than its row"
    return ""
