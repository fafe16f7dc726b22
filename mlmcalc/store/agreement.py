"""Whether the rows of what was committed say what documents and objects say: documents are chained, rows are not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sqlalchemy import Table, select

from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.store.closings import Closing, closings
from mlmcalc.store.documents import StoredDocument, documents
from mlmcalc.store.periods import StoredPeriod, periods
from mlmcalc.store.rows import of_period
from mlmcalc.store.runs import StoredRun, runs
from mlmcalc.store.tables import BALANCE, PAYMENT
from mlmcalc.store.transaction import Reading

CLOSED = ("committed", "paid")
_RESTORE = "Restore the store from a backup."
_TABLES = ("payments", "journal", "balances", "adjustments")


def closing_findings(tx: Reading, files: bool) -> Iterator[Finding]:
    """Yield where closings, their payments and balances, and the periods that they closed differ from the documents.

    Parameters
    ----------
    tx : Reading
    files : bool
        Whether payments and balances are compared with their objects too; one that cannot be read is named by others.
    """
    standing: dict[tuple[str, str], Closing] = {}
    made = {document.number: document for document in documents(tx)}
    kept = {run.id: run for run in runs(tx)}
    for closing in closings(tx):
        if closing.reopened is None:
            standing[closing.program, closing.period] = closing
        found = list(_document_findings(closing, made.get(closing.document), kept.get(closing.run)))
        yield from found
        # The objects that a closing names are those that are meant only where its document says so.
        if files and not found:
            try:
                yield from amount_findings(tx, closing)
            except IntegrityError:
                # Every object is verified by itself, and named once.
                continue
    for period in periods(tx):
        yield from _period_findings(period, standing.get((period.program, period.label)))


def amount_findings(tx: Reading, closing: Closing) -> Iterator[Finding]:
    """Yield where payments and balances of a closing are not those of its objects: one finding for each of the two.

    Raises
    ------
    IntegrityError
        ``store.object_missing``, ``store.object_altered``.
    """
    if closing.payments is not None:
        table = tx.objects.read(closing.payments).select("member_id", "currency", "amount").iter_rows()
        wanted = {(str(member), currency): amount for member, currency, amount in table if amount > 0}
        yield from _differences(closing, "payment", _rows(tx, PAYMENT, "currency", closing), wanted)
    if closing.balances is not None:
        table = tx.objects.read(closing.balances).select("member_id", "kind", "amount").iter_rows()
        wanted = {(str(member), kind): amount for member, kind, amount in table}
        yield from _differences(closing, "balance", _rows(tx, BALANCE, "kind", closing), wanted)


def _rows(tx: Reading, table: Table, second: str, closing: Closing) -> dict[tuple[str, str], Decimal]:
    """Return the amounts of a closing by member and a second column."""
    query = select(table.c.member_id, table.c[second], table.c.units, table.c.decimals).where(
        *of_period(table, closing.program, closing.period), table.c.generation == closing.generation
    )
    found = tx.connection.execute(query)
    return {(member, other): Decimal(units).scaleb(-decimals) for member, other, units, decimals in found}


def _differences(
    closing: Closing, what: str, rows: dict[tuple[str, str], Decimal], wanted: dict[tuple[str, str], Decimal]
) -> Iterator[Finding]:
    different = sorted(key for key in rows.keys() | wanted.keys() if rows.get(key) != wanted.get(key))
    if not different:
        return
    first = different[0]
    found, was = (str(amounts.get(first, "nothing")) for amounts in (rows, wanted))
    message = (
        f"{closing.program} {closing.period}: {len(different):,} {what}{'' if len(different) == 1 else 's'} of the "
        f"database differ from document {closing.document}: {' '.join(first)} is {found}, was {was}."
    )
    yield Finding(f"store.{what}_differs", message, _RESTORE, member=first[0])


def _document_findings(closing: Closing, document: StoredDocument | None, run: StoredRun | None) -> Iterator[Finding]:
    if document is None or run is None:
        missing = f"document {closing.document}" if document is None else f"run {closing.run}"
        message = f"{closing.program} {closing.period} was committed, but its {missing} is missing."
        yield Finding("store.closing_differs", message, _RESTORE)
        return
    content = document.content
    tables = content.get("tables", {})
    stated = {
        "program": (closing.program, document.program),
        "period": (closing.period, document.period),
        "run": (closing.run, content.get("run", {}).get("id", closing.run)),
        "digest of the run": (run.digest, content.get("run", {}).get("digest", run.digest)),
        "seal of the run": (run.manifest_sha256, content.get("run", {}).get("manifest_sha256", run.manifest_sha256)),
        **{name: (getattr(closing, name), tables.get(name, {}).get("sha256")) for name in _TABLES},
    }
    for name, (found, wanted) in stated.items():
        if found != wanted:
            message = (
                f"the commit of {closing.program} {closing.period} has another {name} than document "
                f"{closing.document}: {str(found)[:40]}, there {str(wanted)[:40]}."
            )
            yield Finding("store.closing_differs", message, _RESTORE)


def _period_findings(period: StoredPeriod, standing: Closing | None) -> Iterator[Finding]:
    closed = period.status in CLOSED
    if closed == (standing is not None) and (standing is None or standing.run == period.run):
        return
    stands = "no commit stands" if standing is None else f"its commit (document {standing.document}) stands"
    message = f"{period.program} {period.label} is {period.status} with run {period.run}, but {stands}."
    yield Finding("store.period_differs", message, _RESTORE)
