"""A store goes into one file and comes out of it the same, into either database, whole or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import select

from mlmcalc.api.calculate import run_into_folder
from mlmcalc.api.inputs import Inputs
from mlmcalc.errors import ConflictError, EnvironmentRefused, Finding, IntegrityError
from mlmcalc.runs.seal import seal_manifest
from mlmcalc.store.backup import back_up
from mlmcalc.store.batches import BatchSource, add_batch
from mlmcalc.store.checks import check_store
from mlmcalc.store.closings import Closing, add_closing
from mlmcalc.store.documents import add_document
from mlmcalc.store.log import log_records
from mlmcalc.store.payments import Payment, add_payments, pay_due
from mlmcalc.store.periods import add_period, add_program, set_period
from mlmcalc.store.restore import RESTORING, restore_store
from mlmcalc.store.runs import StoredRun, add_run
from mlmcalc.store.store import Store, open_store
from mlmcalc.store.tables import METADATA
from tests.api.small_company import MEMBERS, ORDERS, plan_text
from tests.store_fixture import EmptyPlace, Place, backend, place, store

__all__ = ["backend", "place", "store"]


def fill(store: Store) -> None:
    """Import something, run it, commit and pay it."""
    plan = store.folder.parent / "plan.yaml"
    plan.write_text(plan_text())
    inputs = Inputs(plan=plan, tables={"members": MEMBERS, "orders": ORDERS}, period="2026-10")
    manifest = run_into_folder(inputs, store.run_folder, "parquet", 1, lambda *_: None).manifest
    run_id = manifest["run"]
    part = store.objects.put(pl.DataFrame({"order_id": ["1", "ä"], "units": [5, -7]}), "events")
    amounts = pl.DataFrame({"member_id": ["1", "2"], "currency": "EUR", "amount": [Decimal("1.50")] * 2})
    due = store.objects.put(amounts, "payments")
    with store.write("ann") as tx:
        add_program(tx, "unilevel", "month")
        seen = add_period(tx, "unilevel", "2026-10", "2026-10-01", "2026-10-31")
        add_batch(tx, "orders", [part], BatchSource("first", "orders.csv"))
        run = StoredRun(
            *(run_id, "unilevel", "2026-10", "calculated", manifest["digest"], seal_manifest(manifest)),
            *(f"runs/{run_id}", "2026-10-31", tx.at, "1", "p", "{}", "ann", tx.at),
        )
        add_run(tx, run)
        tx.add_object(due)
        words = {"run": {"id": run_id}, "tables": {"payments": {"sha256": due.sha256}}}
        commit = add_document(tx, "commit", "unilevel", "2026-10", words)
        closing = Closing("unilevel", "2026-10", 1, run_id, commit.number, due.sha256, None, None, None, "ann", tx.at)
        add_closing(tx, closing)
        add_payments(tx, [Payment("unilevel", "2026-10", 1, member, "EUR", 150, 2, "due") for member in ("1", "2")])
        payment = add_document(tx, "payment", "unilevel", "2026-10", {})
        pay_due(tx, "unilevel", "2026-10", 1, payment.number)
        set_period(tx, seen, "paid", run_id)


def everything(store: Store, but: str = "") -> dict[str, list]:
    with store.read() as tx:
        return {
            table.name: sorted(tuple(row) for row in tx.connection.execute(select(table)))
            for table in METADATA.sorted_tables
            if table.name != but
        }


def wrong_with(store: Store) -> list[Finding]:
    # The server of the tests may lose what it has when the machine falls, which is doubtful and not wrong.
    return [finding for finding in check_store(store) if finding.code != "store.unsafe"]


def files_of(store: Store) -> dict[str, str]:
    return {
        str(path.relative_to(store.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for top in (store.objects.folder, store.runs)
        for path in top.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_what_comes_out_is_what_went_in(store, tmp_path, into):
    if into == "postgresql" and not _postgresql():
        pytest.skip("no PostgreSQL")
    fill(store)
    made = back_up(store, tmp_path / "all.tar")
    with EmptyPlace(into, tmp_path / "second") as second:
        assert restore_store(tmp_path / "all.tar", second.folder, second.url, "bob") == made
        with second.open() as other:
            assert other.backend == into
            assert everything(other, but="log") == everything(store, but="log")
            assert files_of(other) == files_of(store)
            with store.read() as before, other.read() as after:
                old, new = list(log_records(before)), list(log_records(after))
            assert new[:-1] == old
            assert (new[-1].action, new[-1].by) == ("store.restore", "bob")
            assert wrong_with(other) == []
            # It goes on from there.
            with other.write("bob") as tx:
                tx.log("test", "x")
        assert second.folder.stat().st_mode & 0o777 == 0o700
        assert not (second.folder / RESTORING).exists()


def _postgresql() -> bool:
    return bool(os.environ.get("MLMCALC_TEST_POSTGRESQL"))


def test_a_backup_says_the_same_twice(store, tmp_path):
    fill(store)
    back_up(store, tmp_path / "1.tar")
    back_up(store, tmp_path / "2.tar")
    contents = []
    for name in ("1.tar", "2.tar"):
        with tarfile.open(tmp_path / name) as tar:
            handle = tar.extractfile("backup.json")
            assert handle is not None
            contents.append({**json.loads(handle.read()), "made_at": ""})
    assert contents[0] == contents[1]
    assert (tmp_path / "1.tar").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over(store, tmp_path):
    (tmp_path / "all.tar").write_text("mine")
    with pytest.raises(ConflictError) as refusal:
        back_up(store, tmp_path / "all.tar")
    assert refusal.value.findings[0].code == "tables.output_exists"
    back_up(store, tmp_path / "new.tar")
    with pytest.raises(ConflictError):
        restore_store(tmp_path / "new.tar", store.folder, _url(store), "bob")
    assert (tmp_path / "all.tar").read_text() == "mine"
    with store.read() as tx:
        assert len(list(log_records(tx))) == 1


def test_a_database_with_a_store_is_left_alone(store, tmp_path):
    if store.backend == "sqlite":
        pytest.skip("its database lies in the folder")
    back_up(store, tmp_path / "all.tar")
    with pytest.raises(ConflictError) as refusal:
        restore_store(tmp_path / "all.tar", tmp_path / "elsewhere", _url(store), "bob")
    assert refusal.value.findings[0].code == "store.exists"
    assert not (tmp_path / "elsewhere").exists()


def _url(store: Store) -> str | None:
    return store.url.render_as_string(hide_password=False) if store.backend == "postgresql" else None


@pytest.fixture
def small(tmp_path) -> Path:
    """A backup of a store on SQLite."""
    with Place(tmp_path / "store", None).open(create=True) as store:
        fill(store)
        back_up(store, tmp_path / "all.tar")
    return tmp_path / "all.tar"


def refused(file: Path, folder: Path) -> str:
    before = sorted(folder.parent.iterdir())
    with pytest.raises(IntegrityError) as refusal:
        restore_store(file, folder, None, "bob")
    assert sorted(folder.parent.iterdir()) == before
    return refusal.value.findings[0].code


def test_every_flipped_byte_and_every_cut_is_found(small):
    content = small.read_bytes()
    step = len(content) // 80
    with tarfile.open(small) as tar:
        inside = [(member.offset_data, member.offset_data + member.size) for member in tar.getmembers()]
    found = 0
    for at in range(0, len(content), step):
        # Between the files of a tar lie empty bytes and headings with times, which say nothing.
        if not any(first <= at < last for first, last in inside):
            continue
        small.write_bytes(content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :])
        assert refused(small, small.parent / "new") == "store.backup_damaged"
        found += 1
    assert found > 40
    for length in range(0, len(content) - 11_000, step * 5):
        small.write_bytes(content[:length])
        assert refused(small, small.parent / "new") == "store.backup_damaged"


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "runs/x/../../evil", "objects/evil", "tables/log/00001.parquet"]
)
def test_a_file_that_is_none_of_a_store_is_refused(small, name):
    with tarfile.open(small) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}  # type: ignore[union-attr]
    contents = json.loads(files.pop("backup.json"))
    contents["files"][name] = {"bytes": 4, "sha256": hashlib.sha256(b"evil").hexdigest()}
    with tarfile.open(small, "w") as tar:
        for member, content in (files | {name: b"evil", "backup.json": json.dumps(contents).encode()}).items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    assert refused(small, small.parent / "new") == "store.backup_damaged"


def test_a_damaged_store_is_not_backed_up(store, tmp_path):
    fill(store)
    victims = [next(store.objects.folder.rglob("*.parquet")), next(store.runs.rglob("statements.parquet"))]
    victims.append(next(store.runs.rglob("manifest.json")))
    for victim in victims:
        content = victim.read_bytes()
        victim.write_bytes(content.replace(b"1", b"2", 1) if victim.suffix == ".json" else content[:-1] + b"x")
        with pytest.raises(IntegrityError) as refusal:
            back_up(store, tmp_path / "all.tar")
        assert str(victim) in str(refusal.value)
        assert [finding.file for finding in wrong_with(store)] == [str(victim)]
        assert not list(tmp_path.glob("*all.tar*"))
        victim.write_bytes(content)
    assert wrong_with(store) == []


def test_what_is_newer_is_refused(small):
    with tarfile.open(small) as tar:
        files = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}  # type: ignore[union-attr]
    contents = json.loads(files["backup.json"])
    files["backup.json"] = json.dumps(contents | {"revision": "9999", "mlmcalc": "99.0"}).encode()
    with tarfile.open(small, "w") as tar:
        for member, content in files.items():
            info = tarfile.TarInfo(member)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    with pytest.raises(EnvironmentRefused) as refusal:
        restore_store(small, small.parent / "new", None, "bob")
    assert refusal.value.findings[0].code == "store.newer"
    assert "99.0" in str(refusal.value)


def test_a_restore_that_was_stopped_before_the_database_said_so_begins_anew(small, tmp_path):
    if not _postgresql():
        pytest.skip("no PostgreSQL")
    with EmptyPlace("postgresql", tmp_path / "second") as second:
        made = restore_store(small, second.folder, second.url, "bob")
        # As if the folder had come, and the database had not.
        digest = json.dumps({"backup": made.digest})
        with EmptyPlace("postgresql", second.folder) as third:
            (third.folder / RESTORING).write_text(digest)
            (third.folder / "objects" / "left").write_text("x")
            restore_store(small, third.folder, third.url, "bob")
            assert not (third.folder / "objects" / "left").exists()
            with open_store(third.folder, third.url) as opened:
                assert wrong_with(opened) == []
            # As if only the note had been left.
            (third.folder / RESTORING).write_text(digest)
            assert restore_store(small, third.folder, third.url, "bob") == made
            assert not (third.folder / RESTORING).exists()
            with third.open() as opened, opened.write("ann") as tx:
                tx.log("test", "x")
            with pytest.raises(ConflictError):
                restore_store(small, third.folder, third.url, "bob")
