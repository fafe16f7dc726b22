"""Many rows at once: none lost or altered, every check of the table holds, and what is refused leaves nothing."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from mlmcalc.errors import ConflictError
from mlmcalc.store import bulk
from mlmcalc.store.closings import Closing, add_closing
from mlmcalc.store.documents import add_document
from mlmcalc.store.payments import Payment, add_payments, amounts_of, pay_due, payment_totals, payments_of, void_due
from mlmcalc.store.periods import add_period, add_program
from mlmcalc.store.runs import StoredRun, add_run
from mlmcalc.store.store import Store
from mlmcalc.store.transaction import Writing
from tests.faults.seam import Seam
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]

PLACE = ("unilevel", "2026-10", 1)
ODD = ["", " ", "\\", "\\.", "\\N", "a\tb", "a\nb", "a\r\n\\.\nb", 'a"b', "a'b", "a,b", "ä", "NULL", "%s", "?", "🙂"]
MANY = 5_003


def closed(tx: Writing) -> None:
    """Record a closing without payments."""
    add_program(tx, "unilevel", "month")
    add_period(tx, "unilevel", "2026-10", "2026-10-01", "2026-10-31")
    run = ("r", "unilevel", "2026-10", "calculated", "d", "m", "runs/r", "2026-10-31", 0, "1", "p", "{}", "ann", tx.at)
    add_run(tx, StoredRun(*run))
    document = add_document(tx, "commit", "unilevel", "2026-10", {})
    add_closing(tx, Closing(*PLACE, "r", document.number, None, None, None, None, "ann", tx.at))


def payments(members: Sequence[str]) -> list[Payment]:
    """Return a payment for each member, each of another amount."""
    return [Payment(*PLACE, member, "EUR", number, 2, "due") for number, member in enumerate(members, 1)]


def record(store: Store, rows: Sequence[Payment]) -> None:
    """Record a closing and its payments in one transaction."""
    with store.write("ann") as tx:
        closed(tx)
        add_payments(tx, rows)


def test_many_rows_are_there_as_they_were_given(store):
    given = payments([*ODD, *(str(number) for number in range(MANY))])
    with store.write("ann") as tx:
        closed(tx)
        assert add_payments(tx, (tuple(one) for one in given)) == len(given)
    with store.read() as tx:
        assert sorted(payments_of(tx)) == sorted(given)
        assert amounts_of(tx, *PLACE) == {one.member_id: one.amount for one in given}


def test_no_rows_are_no_rows(store):
    with store.write("ann") as tx:
        closed(tx)
        assert add_payments(tx, []) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        Payment(*PLACE, "7", "EUR", 1, 2, "due"),
        Payment("unilevel", "2026-10", 2, "x", "EUR", 1, 2, "due"),
        Payment(*PLACE, "x", "EUR", 1, 2, "sent"),
        Payment(*PLACE, "x", "EUR", 1, 19, "due"),
        Payment(*PLACE, "x", "EUR", 1, 2, "paid"),
        Payment(*PLACE, "x", "EUR", 1, 2, "due", document=1),
        Payment(*PLACE, "x", "EUR", 1, 2, "paid", document=9),
    ],
    ids=["twice", "no closing", "no state", "decimals", "no document", "not paid", "other document"],
)
def test_one_wrong_row_among_many_takes_back_everything(store, wrong):
    with pytest.raises(ConflictError) as refused:
        record(store, [*payments([str(number) for number in range(MANY)]), wrong])
    assert [finding.code for finding in refused.value.findings] == ["store.conflict"]
    with store.read() as tx:
        assert payments_of(tx) == []


def test_what_is_paid_or_void_is_not_paid_again(store):
    with store.write("ann") as tx:
        closed(tx)
        held = Payment(*PLACE, "held", "EUR", 5, 2, "held", "no account")
        add_payments(tx, [*payments(["1", "2"]), held])
    with store.write("ann") as tx:
        number = add_document(tx, "payment", "unilevel", "2026-10", {}).number
        assert [pay_due(tx, *PLACE, number), pay_due(tx, *PLACE, number), void_due(tx, *PLACE, "late")] == [2, 0, 0]
    with store.read() as tx:
        assert payment_totals(tx, *PLACE) == {("held", "EUR"): (1, "0.05"), ("paid", "EUR"): (2, "0.03")}


def test_what_is_void_has_its_reason_and_is_never_paid(store):
    with store.write("ann") as tx:
        closed(tx)
        add_payments(tx, payments(["1", "2"]))
        assert void_due(tx, *PLACE, "wrong rank") == 2
        assert pay_due(tx, *PLACE, add_document(tx, "payment", "unilevel", "2026-10", {}).number) == 0
        assert {(one.state, one.reason) for one in payments_of(tx)} == {("void", "wrong rank")}


def test_the_rows_pass_a_point_where_a_test_may_kill(store, monkeypatch):
    if store.backend == "sqlite":
        pytest.skip("there they are a statement like any other")
    seam = Seam(0)
    # `around` puts another function there; the own one comes back when the test ends.
    monkeypatch.setattr(bulk, "copy_rows", bulk.copy_rows)
    seam.around(bulk, "copy_rows")
    record(store, payments(["1"]))
    assert seam.names == ["before copy_rows", "after copy_rows"]
