"""Several operators at once: of one period one wins and the others are told who; different periods all succeed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from mlmcalc.errors import EnvironmentRefused
from mlmcalc.store import database
from mlmcalc.store.closings import closings
from mlmcalc.store.documents import documents, verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.payments import payments_of
from mlmcalc.store.store import open_store
from tests.store.racer import label_of
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]

RACERS = int(os.environ.get("MLMCALC_TEST_RACERS", "4"))
ROUNDS = int(os.environ.get("MLMCALC_TEST_ROUNDS", "15"))
"""More of both by the environment, for a long trial."""


def raced(place, programs: list[str]) -> list[list[str]]:
    """Let one operator for each program run, all at once; return what each printed."""
    racers = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.store.racer", str(place.folder), place.url or ""),
                *(f"op{number}", str(ROUNDS), program),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number, program in enumerate(programs)
    ]
    with ThreadPoolExecutor(len(racers)) as pool:
        results = list(pool.map(lambda racer: racer.communicate(), racers))
    assert [racer.returncode for racer in racers] == [0] * len(racers), [error for _, error in results]
    return [output.splitlines() for output, _ in results]


def test_of_the_same_period_one_wins(place):
    with place.open(create=True):
        pass
    lines = raced(place, ["unilevel"] * RACERS)
    with place.open() as store, store.read() as tx:
        made = closings(tx)
        assert [closing.period for closing in made] == [label_of(number) for number in range(ROUNDS)]
        for number, closing in enumerate(made):
            said = [line[number] for line in lines]
            winner = int(closing.made_by.removeprefix("op"))
            assert said[winner] == "won"
            others = [text for place, text in enumerate(said) if place != winner]
            assert all(text.startswith("store.closed") and f"by {closing.made_by} at" in text for text in others)
        assert len(payments_of(tx)) == len(documents(tx)) == ROUNDS
        assert len(list(log_records(tx))) == 1 + ROUNDS
        assert verify_log(tx) == verify_documents(tx) == []


def test_of_different_periods_all_succeed(place):
    with place.open(create=True):
        pass
    lines = raced(place, [f"plan{number}" for number in range(RACERS)])
    assert lines == [["won"] * ROUNDS] * RACERS
    with place.open() as store, store.read() as tx:
        assert len(closings(tx)) == len(payments_of(tx)) == RACERS * ROUNDS
        assert verify_log(tx) == verify_documents(tx) == []


def test_two_who_make_a_store_at_once_make_one(place):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: place.open(create=True, company=f"c{number}"), range(4)))
    for opened in made:
        opened.close()
    with place.open() as store, store.read() as tx:
        assert [record.action for record in log_records(tx)] == ["store.init"]


def test_who_waits_too_long_is_refused_and_nothing_changed(place, monkeypatch):
    with place.open(create=True) as first:
        monkeypatch.setattr(database, "PATIENCE", 1)
        with place.open() as second, first.write("ann") as tx:
            tx.log("test", "x")
            with pytest.raises(EnvironmentRefused) as refusal, second.write("bob"):
                pytest.fail("two transactions write at once")
            assert refusal.value.findings[0].code == "store.locked"
            with second.read() as reading:
                assert len(list(log_records(reading))) == 1
        with first.read() as reading:
            assert [record.by for record in log_records(reading)] == ["mlmcalc", "ann"]


def test_a_reader_sees_one_state(place):
    with place.open(create=True) as first, place.open() as second, second.read() as reading:
        before = list(log_records(reading))
        with first.write("ann") as tx:
            tx.log("test", "x")
        assert list(log_records(reading)) == before
        assert len(before) == 1


HOLDER = """
import signal
import sys
import time
# Whoever is started in the background may have been told to ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from mlmcalc.store.store import open_store
with open_store(sys.argv[1], sys.argv[2] or None) as store, store.write("ann") as tx:
    tx.log("test", "x")
    print("holds", flush=True)
    for _ in range(1200):
        time.sleep(0.05)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_who_is_stopped_lets_go_of_the_lock(place, number):
    with place.open(create=True):
        pass
    command = [sys.executable, "-c", HOLDER, str(place.folder), place.url or ""]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "holds\n"
        holder.send_signal(number)
        holder.wait()
    with place.open() as store:
        with store.write("bob") as tx:
            tx.log("test", "y")
        with store.read() as reading:
            assert [record.by for record in log_records(reading)] == ["mlmcalc", "bob"]
            assert verify_log(reading) == []


def test_a_connection_that_is_lost_changes_nothing(store):
    """The server goes away in the middle: what was begun is taken back."""
    if store.backend != "postgresql":
        pytest.skip("SQLite has no server")

    def lose(connection, *given) -> None:
        statement = given[1]
        if statement.startswith("INSERT INTO log"):
            with open_store(store.folder, place_of(store)) as other, other.read() as reading:
                process = connection.connection.dbapi_connection.info.backend_pid
                reading.connection.exec_driver_sql(f"SELECT pg_terminate_backend({process})")

    event.listen(store.engine, "before_cursor_execute", lose)
    with pytest.raises(EnvironmentRefused) as refusal, store.write("ann") as tx:
        tx.log("test", "x")
    assert refusal.value.findings[0].code == "store.unreachable"
    event.remove(store.engine, "before_cursor_execute", lose)
    with store.read() as reading:
        assert len(list(log_records(reading))) == 1


def place_of(store) -> str:
    return store.url.render_as_string(hide_password=False)
