"""Exporting what was committed, for somebody who has nothing else at hand."""

from __future__ import annotations

import os

from mlmcalc.closing.archive import ChainedDocument, Exported, write_archive
from mlmcalc.store.checks import refuse_broken
from mlmcalc.store.documents import documents, verify_documents
from mlmcalc.store.store import Store


def export(store: Store, target: str | os.PathLike[str], inputs: bool = False) -> Exported:
    """Write every document of a store, with its tables and runs, into a new folder.

    Parameters
    ----------
    store : Store
    target : path
        Must not exist; it appears whole or not at all.
    inputs : bool
        Whether the tables that the runs read are in it.

    Raises
    ------
    ConflictError, IntegrityError, EnvironmentRefused
        As `write_archive`; ``store.document_chain``.
    """
    with store.read() as tx:
        refuse_broken(verify_documents(tx))
        chain = [
            ChainedDocument(one.number, one.kind, one.program, one.period, one.body, one.digest)
            for one in documents(tx)
        ]
        company = tx.company
    return write_archive(target, company, chain, store.objects.read_bytes, store.run_folder, inputs)
