"""The tables that documents name: payments, journals, balances and adjustments, each an object named by its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.audit.proof.documents import SHA256, Document
from mlmcalc.audit.proof.report import Check, broken
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.tables.inputs import frame_digest
from mlmcalc.tables.verified import read_verified

COLUMNS: dict[str, dict[str, str]] = {
    "payments": {"member_id": "id", "currency": "text", "amount": "money", "rate": "money", "plan_amount": "money"},
    "journal": {
        "entry": "text",
        "account": "text",
        "member_id": "id",
        "name": "text",
        "debit": "money",
        "credit": "money",
        "currency": "text",
    },
    "balances": {"member_id": "id", "kind": "text", "amount": "money"},
    "opening": dict.fromkeys(("period", "section", "name", "key", "since"), "text")
    | {"member_id": "id", "value": "money"},
    "adjustments": {"member_id": "id", "type": "text", "amount": "any", "reason": "text", "approver": "text"},
}
"""The columns that are read, and what each may hold."""


def table_check(folder: Path, documents: Sequence[Document]) -> tuple[set[str], Check]:
    """Return the tables that are what their documents say, by SHA-256, and the check of all.

    Parameters
    ----------
    folder : Path
        Of the archive.
    documents : sequence of Document
    """
    good: set[str] = set()
    findings: list[Finding] = []
    count = 0
    for document in documents:
        for name, said in document.body["tables"].items():
            count += 1
            reason = _fault_of(folder, name, said)
            if reason:
                findings.append(broken("table", f"{document.called}, {name}: {reason}", document.file))
            else:
                good.add(said["sha256"])
    return good, Check("archive", "tables of documents have the bytes, rows and content these say", count, findings)


def read_table(folder: Path, said: Mapping[str, Any]) -> pl.DataFrame:
    """Return a table that a document names.

    Raises
    ------
    IntegrityError
        ``tables.digest``, ``tables.missing``, ``tables.unreadable``.
    """
    path = folder / "tables" / f"{said['sha256']}.parquet"
    content = read_verified(path, said["sha256"])
    try:
        return pl.read_parquet(BytesIO(content))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as fault:
        raise IntegrityError(broken("table", f"this is no table: {str(fault)[:80]}.", path)) from fault


def _fault_of(folder: Path, name: str, said: Mapping[str, Any]) -> str:
    if not SHA256.fullmatch(said["sha256"]):
        return f"{said['sha256']!r} is no SHA-256."
    try:
        frame = read_table(folder, said)
    except IntegrityError as fault:
        return fault.findings[0].message
    if frame.height != said["rows"]:
        return f"it has {frame.height:,} rows, not {said['rows']:,}."
    digest = frame_digest(frame)
    if digest != said["digest"]:
        return f"its content has the digest {digest[:16]}, not {str(said['digest'])[:16]}."
    odd = [column for column, kind in COLUMNS[name].items() if not _is(frame.schema.get(column), kind)]
    return f"its column {odd[0]} is not what it should be." if odd else ""


def _is(dtype: pl.DataType | None, kind: str) -> bool:
    fits = {
        "id": isinstance(dtype, pl.Int64 | pl.String),
        "text": isinstance(dtype, pl.String | pl.Enum | pl.Categorical | pl.Null),
        "money": isinstance(dtype, pl.Decimal),
        "any": dtype is not None,
    }
    return fits[kind]
