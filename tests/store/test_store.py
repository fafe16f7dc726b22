"""A store is made, opened, read and written on both databases."""

from __future__ import annotations

import json

import polars as pl
import pytest
from sqlalchemy import text

from mlmcalc.errors import ConflictError, EnvironmentRefused, InputRefused, IntegrityError
from mlmcalc.store.batches import BatchSource, add_batch, batches
from mlmcalc.store.documents import add_document, documents, verify_documents
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.periods import add_period, add_program, period_of, programs, set_period
from mlmcalc.store.store import open_store
from tests.store_fixture import backend, place, store

__all__ = ["backend", "place", "store"]


def code(refusal) -> str:
    return refusal.value.findings[0].code


def test_a_store_is_made_once_and_opened_again(place):
    with place.open(create=True, company="Alpine") as made, made.read() as tx:
        assert tx.company == "Alpine"
        assert [record.action for record in log_records(tx)] == ["store.init"]
    with place.open(create=True, company="Another") as again, again.read() as tx:
        assert tx.company == "Alpine"
        assert len(list(log_records(tx))) == 1
    assert (place.folder / "store.json").stat().st_mode & 0o777 == 0o600
    assert place.folder.stat().st_mode & 0o777 == 0o700


def test_nothing_is_made_by_opening(place):
    with pytest.raises(EnvironmentRefused) as refusal:
        place.open()
    assert code(refusal) == "store.missing"
    assert not place.folder.exists()


def test_a_batch_comes_back_as_it_was_recorded(store):
    part = store.objects.put(pl.DataFrame({"order_id": ["1", "2"]}), "events")
    source = BatchSource("first import", "orders.csv", "a" * 64, "2026-10-01", "2026-10-31")
    with store.write("ann") as tx:
        first = add_batch(tx, "orders", [part], source)
        second = add_batch(tx, "members", [], BatchSource("nothing new"))
    assert first.known_at < second.known_at
    with store.read() as tx:
        assert batches(tx) == [first, second]
        assert batches(tx, kind="orders") == [first]
        assert batches(tx, known_at=first.known_at) == [first]
        assert batches(tx, known_at=first.known_at - 1) == []
        assert verify_log(tx) == []
    assert store.objects.read(first.parts[0].object).equals(pl.DataFrame({"order_id": ["1", "2"]}))


def test_what_fails_leaves_nothing(store):
    def half_done() -> None:
        with store.write("ann") as tx:
            add_program(tx, "unilevel", "month")
            tx.log("test", "x", {"amount": 0.1})

    with pytest.raises(TypeError, match=r"0\.1 is a float"):
        half_done()
    with store.read() as tx:
        assert programs(tx) == []
        assert len(list(log_records(tx))) == 1


def test_a_period_moves_only_from_where_it_was_seen(store):
    with store.write("ann") as tx:
        add_program(tx, "unilevel", "month")
        seen = add_period(tx, "unilevel", "2026-10", "2026-10-01", "2026-10-31")
    with store.write("bob") as tx:
        assert period_of(tx, "unilevel", "2026-10") == seen
        with pytest.raises(ConflictError) as refusal:
            add_period(tx, "unilevel", "2026-10-15..2026-11-14", "2026-10-15", "2026-11-14")
        assert code(refusal) == "store.period"
        moved = set_period(tx, seen, "open", generation=2)
        with pytest.raises(ConflictError) as refusal:
            set_period(tx, seen, "open")
        assert code(refusal) == "store.period_moved"
        assert moved.generation == 2


def test_documents_are_numbered_and_chained(store):
    with store.write("ann") as tx:
        add_program(tx, "unilevel", "month")
        add_period(tx, "unilevel", "2026-10", "2026-10-01", "2026-10-31")
        first = add_document(tx, "commit", "unilevel", "2026-10", {"totals": {"paid": "1.50"}})
        second = add_document(tx, "payment", "unilevel", "2026-10", {})
    assert (first.number, first.previous) == (1, "0" * 64)
    assert (second.number, second.previous) == (2, first.digest)
    assert json.loads(second.body)["previous"] == first.digest
    assert json.loads(second.body)["company"] == "Alpine"
    with store.read() as tx:
        assert documents(tx) == [first, second]
        assert verify_documents(tx) == []


@pytest.mark.parametrize("table", ["log", "document", "batch", "object"])
def test_what_is_settled_is_not_changed(store, table):
    with store.write("ann") as tx:
        add_program(tx, "unilevel", "month")
        add_period(tx, "unilevel", "2026-10", "2026-10-01", "2026-10-31")
        add_document(tx, "commit", "unilevel", "2026-10", {})
        add_batch(tx, "members", [store.objects.put(pl.DataFrame({"a": [1]}), "events")], BatchSource("x"))
    column = {"log": "action", "document": "body", "batch": "reason", "object": "kind"}[table]
    for statement in (f"UPDATE {table} SET {column} = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(ConflictError) as refusal, store.write("eve") as tx:
            tx.connection.execute(text(statement))
        assert code(refusal) == "store.conflict"
        assert "settled" in str(refusal.value)


def test_an_object_that_was_altered_is_named(store):
    part = store.objects.put(pl.DataFrame({"a": [1, 2, 3]}), "events")
    path = store.objects.path(part.sha256)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IntegrityError) as refusal:
        store.objects.read(part.sha256)
    assert code(refusal) == "store.object_altered"
    assert store.objects.verify(part.sha256)[0].file == str(path)
    assert store.objects.put(pl.DataFrame({"a": [1, 2, 3]}), "events") == part
    assert store.objects.verify(part.sha256) == []
    path.unlink()
    assert store.objects.verify(part.sha256)[0].code == "store.object_missing"


def test_names_that_are_none_become_no_path(store):
    with pytest.raises(InputRefused) as refusal:
        store.objects.path("../../etc/passwd")
    assert code(refusal) == "store.object"
    for hostile in ("../x", "a/b", "", ".hidden", "a\x00b"):
        with pytest.raises(InputRefused) as refusal:
            store.run_folder(hostile)
        assert code(refusal) == "store.run_id"


def test_a_clock_behind_the_last_record_is_refused(place):
    with place.open(create=True, clock=lambda: 2_000_000) as made, made.write("ann") as tx:
        tx.log("test", "x")
    with place.open(clock=lambda: 1_000_000) as late:
        with pytest.raises(EnvironmentRefused) as refusal, late.write("ann"):
            pytest.fail("a transaction began")
        assert code(refusal) == "store.clock_back"
        assert "1970-01-01T00:00:01.000000Z" in str(refusal.value)
        assert "1970-01-01T00:00:02.000000Z" in str(refusal.value)


def test_known_at_is_neither_settled_nor_to_come(place):
    with place.open(create=True, clock=lambda: 9_000_000) as made:
        with made.write("ann") as tx:
            assert add_batch(tx, "orders", [], BatchSource("old"), known_at=5_000_000).known_at == 5_000_000
        for instant in (5_000_000, 4_000_000, 9_000_001):
            with pytest.raises(InputRefused) as refusal, made.write("ann") as tx:
                add_batch(tx, "orders", [], BatchSource("older"), known_at=instant)
            assert code(refusal) == "store.known_at"


def test_a_folder_of_another_store_is_refused(place, tmp_path):
    if place.url is None:
        pytest.skip("the database of SQLite lies in the folder")
    place.open(create=True).close()
    with pytest.raises(EnvironmentRefused) as missing:
        open_store(tmp_path / "other", place.url, create=True)
    assert code(missing) == "store.missing"
    assert not (tmp_path / "other").exists()
    open_store(tmp_path / "second", create=True).close()
    with pytest.raises(ConflictError) as refusal:
        open_store(tmp_path / "second", place.url)
    assert code(refusal) == "store.folder"
