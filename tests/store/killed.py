"""Acts on a store, killed at every point: a program, so that it can fork before anything runs beside it.

``python -m tests.store.killed act FOLDER URL`` does it in a child for each point until one gets through, and prints for
each what is found afterwards. The act puts an object, records a batch with it, a period, two documents and payments.

``... make FOLDER URL`` makes a store, and ``... restore FOLDER URL FILE`` restores one, again and again in the same
place over what the one before has left, killed at its first point, its twelfth, and so on; then says what is wrong.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from mlmcalc.errors import MlmcalcError
from mlmcalc.store.batches import BatchSource, add_batch, batches
from mlmcalc.store.checks import check_store
from mlmcalc.store.closings import Closing, add_closing, closings
from mlmcalc.store.documents import add_document, documents, verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.payments import Payment, add_payments, pay_due, payments_of
from mlmcalc.store.periods import add_period, add_program
from mlmcalc.store.restore import restore_store
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
    at = 1
    while True:
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
        # A statement over a connection takes its time: of those of PostgreSQL some are left out.
        at += 3 if url else 1


def kill_until_done(done: Callable[[], object]) -> int:
    """Do something in a child until it gets through, killed at its first point, its twelfth, ...; return the last."""
    at = 1
    while True:
        child = os.fork()
        if child == 0:
            install(at)
            done()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return at
        assert os.WTERMSIG(status) == signal.SIGKILL, status
        at += 11


def make_or_restore(what: str, folder: Path, url: str | None, file: Path | None) -> None:
    """Make or restore a store in spite of all kills, and print what came of it."""
    with TemporaryDirectory() as elsewhere:
        # What is imported on the way is imported before there are children.
        open_store(Path(elsewhere, "store"), create=True).close()
    if what == "make":
        at = kill_until_done(lambda: open_store(folder, url, create=True, company="Alpine").close())
    else:
        assert file is not None
        at = kill_until_done(lambda: restore_store(file, folder, url, "ann"))
    with open_store(folder, url) as store:
        wrong = [finding.text() for finding in check_store(store) if finding.level == "error"]
        with store.read() as tx:
            log = [record.action for record in log_records(tx)]
            print(json.dumps({"at": at, "wrong": wrong, "log": log, "company": tx.company}))


if __name__ == "__main__":
    place = (Path(sys.argv[2]), sys.argv[3] or None)
    if sys.argv[1] == "act":
        kill_everywhere(*place)
    else:
        make_or_restore(sys.argv[1], *place, Path(sys.argv[4]) if len(sys.argv) > 4 else None)
