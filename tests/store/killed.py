"""One act on a store, killed at every point: a program, so that it can fork before anything runs beside it.

``python -m tests.store.killed FOLDER URL`` makes the act in a child for each point until one gets through, and
prints for each what is found afterwards. The act puts an object,
records a batch with it, a period, two documents and payments.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from mlmcalc.errors import MlmcalcError
from mlmcalc.store.batches import BatchSource, add_batch, batches
from mlmcalc.store.closings import Closing, add_closing, closings
from mlmcalc.store.documents import add_document, documents, verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.payments import Payment, add_payments, pay_due, payments_of
from mlmcalc.store.periods import add_period, add_program
from mlmcalc.store.runs import StoredRun, add_run
from mlmcalc.store.store import Store, open_store
from tests.kill_points import install


def act(store: Store, label: str) -> None:
    """Commit and pay a period, whole or not at all; a second time is refused."""
    part = store.objects.put_bytes(f"events of {label}".encode(), "events", 1)
    with store.write("ann") as tx:
        add_program(tx, "unilevel", "days")
        add_period(tx, "unilevel", label, label[:10], label[12:])
        run = StoredRun(
            f"run-{label}", "unilevel", label, "calculated", "d", "m", "runs/x", label[12:], 0, "1", "p", "{}", "ann", 0
        )
        add_run(tx, run)
        add_batch(tx, "orders", [part], BatchSource(label))
        commit = add_document(tx, "commit", "unilevel", label, {})
        add_closing(
            tx, Closing("unilevel", label, 1, run.id, commit.number, part.sha256, None, None, None, "ann", tx.at)
        )
        add_payments(tx, [Payment("unilevel", label, 1, str(member), "EUR", 100, 2, "due") for member in range(3)])
        payment = add_document(tx, "payment", "unilevel", label, {})
        pay_due(tx, "unilevel", label, 1, payment.number)


def found(store: Store, label: str) -> dict[str, object]:
    """Return how much of the act is there, and what is wrong with the store."""
    with store.read() as tx:
        wrong = verify_log(tx) + verify_documents(tx)
        for batch in batches(tx):
            if batch.source.reason != label:
                continue
            for part in batch.parts:
                wrong += store.objects.verify(part.object)
        return {
            "closings": len(closings(tx, "unilevel", label)),
            "payments": len(payments_of(tx, "unilevel", label, state="paid")),
            "documents": len(documents(tx, "unilevel", label)),
            "log": len(list(log_records(tx))),
            "wrong": [finding.text() for finding in wrong],
        }


def kill_everywhere(folder: Path, url: str | None) -> None:
    """Kill the act at its first point, its second, ... until it gets through; print what each has left."""
    at = 0
    while True:
        at += 1
        label = f"{2000 + at // 28:04}-01-{1 + at % 28:02}..{2000 + at // 28:04}-01-{1 + at % 28:02}"
        child = os.fork()
        if child == 0:
            install(at)
            with open_store(folder, url) as store:
                act(store, label)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        with open_store(folder, url) as store:
            left = found(store, label)
            try:
                act(store, label)
                again = "done"
            except MlmcalcError as refusal:
                again = refusal.findings[0].code
            print(json.dumps({"at": at, "status": status, "left": left, "again": again, "then": found(store, label)}))
        if status == 0:
            return


if __name__ == "__main__":
    kill_everywhere(Path(sys.argv[1]), sys.argv[2] or None)
