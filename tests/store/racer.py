"""One of several operators who act at once: a program.

``python -m tests.store.racer FOLDER URL NAME ROUNDS PROGRAM`` closes the periods of a program one after another and
prints, for each, ``won``, or the code and text of the refusal. When all are to begin, their standard input is closed.
"""

from __future__ import annotations

import sys

from mlmcalc.errors import ConflictError
from mlmcalc.store.closings import Closing, add_closing
from mlmcalc.store.documents import add_document
from mlmcalc.store.payments import Payment, add_payments
from mlmcalc.store.periods import add_period, add_program
from mlmcalc.store.runs import StoredRun, add_run
from mlmcalc.store.store import open_store


def label_of(number: int) -> str:
    """Return the label of a month of a long calendar."""
    return f"{2000 + number // 12:04}-{1 + number % 12:02}"


def race(folder: str, url: str, name: str, rounds: int, program: str) -> None:
    """Close every period, or be refused."""
    with open_store(folder, url or None) as store:
        for number in range(rounds):
            label = label_of(number)
            try:
                with store.write(name) as tx:
                    add_program(tx, program, "month")
                    add_period(tx, program, label, f"{label}-01", f"{label}-28")
                    run_id = f"{program}-{label}"
                    add_run(
                        tx,
                        StoredRun(
                            *(run_id, program, label, "calculated", "d", "m", "runs/x", f"{label}-28"),
                            *(0, "1", "p", "{}", name, tx.at),
                        ),
                    )
                    document = add_document(tx, "commit", program, label, {})
                    closing = Closing(program, label, 1, run_id, document.number, None, None, None, None, name, tx.at)
                    add_closing(tx, closing)
                    add_payments(tx, [Payment(program, label, 1, "1", "EUR", 100, 2, "due")])
                print("won", flush=True)
            except ConflictError as refusal:
                print(refusal.findings[0].text(), flush=True)


if __name__ == "__main__":
    sys.stdin.read()
    race(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
