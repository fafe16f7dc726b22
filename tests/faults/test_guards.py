"""Rows of the database that somebody changes by hand: its guards refuse it, and without them it is found."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mlmcalc.errors import ConflictError
from tests.faults.month import END, PAY, Company, Month, Placed
from tests.store_fixture import backend

__all__ = ["backend"]

PAYING = ("period", "pay", "2025-01", "--by", "Olga")
DUE = "WHERE state = 'due' AND member_id = '100001'"
TAMPERED = [
    # What is done, and what must find it beside `store doctor`.
    ("log", "UPDATE log SET \"by\" = 'Eve' WHERE seq = 4", [("log", "--verify")]),
    ("log", "DELETE FROM log WHERE seq = 4", [("log", "--verify")]),
    ("document", "UPDATE document SET body = replace(body, 'Olga', 'Eve') WHERE number = 1",
        [("export", "out"), ("backup", "out"), PAYING]),
    ("document", "UPDATE document SET kind = 'payment' WHERE number = 2", [("export", "out")]),
    ("payment", f"UPDATE payment SET units = units + 100000 {DUE}", [PAYING]),
    ("payment", f"UPDATE payment SET member_id = '100999' {DUE}", [PAYING]),
    ("payment", f"DELETE FROM payment {DUE}", [PAYING]),
    ("balance", "UPDATE balance SET units = units + 1", [PAYING]),
    ("closing", "UPDATE closing SET journal = payments, payments = journal", []),
    ("run", "UPDATE run SET digest = manifest_sha256", []),
    ("period", "UPDATE period SET status = 'open', run = NULL", []),
]  # fmt: skip


@pytest.fixture
def company(month: Month, tmp_path: Path, backend: str) -> Iterator[Company]:
    """January is committed for the second time, and not paid yet."""
    with Placed(month, PAY, tmp_path / "company", backend) as placed:
        yield placed


def unguarded(company: Company, table: str, statement: str) -> int:
    """Do something to a table whose triggers are gone, and return to how many rows."""
    with company.open() as store, store.write("Eve") as tx:
        if store.backend == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table"
            for name in tx.connection.execute(text(names), {"table": table}).scalars().all():
                tx.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            tx.connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
        return tx.connection.exec_driver_sql(statement).rowcount


@pytest.mark.parametrize("case", range(len(TAMPERED)))
def test_whoever_takes_the_guards_away_is_found(company: Company, case: int):
    table, statement, commands = TAMPERED[case]
    if table != "period":
        with pytest.raises(ConflictError), company.open() as store, store.write("Eve") as tx:
            tx.connection.exec_driver_sql(statement)
    if unguarded(company, table, statement) == 0:
        assert table == "balance", "nothing was changed"
        return
    for words in (("store", "doctor"), *commands):
        answer = company.type(*words)
        assert answer.status == 5, (words, answer.out, answer.err)
        assert "Traceback" not in answer.err
    assert not (company.folder / "out").exists()
    assert not (company.folder / "payments").exists()


def test_a_whole_store_is_well(company: Company):
    assert company.type("store", "doctor").status == 0
    assert company.type("log", "--verify").status == 0


def test_the_next_commit_carries_the_digest_of_the_one_before(month: Month):
    with month.before_in_place(END).open() as store, store.read() as tx:
        rows = tx.connection.execute(text("SELECT number, digest, body FROM document ORDER BY number")).all()
    assert [number for number, _, _ in rows] == list(range(1, len(rows) + 1))
    previous = ["0" * 64, *(digest for _, digest, _ in rows)]
    assert [json.loads(body)["previous"] for _, _, body in rows] == previous[:-1]
    assert len(rows) >= 6
