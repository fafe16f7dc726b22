"""What the machine refuses is a finding with exit status 6, names no password, and leaves the store as it was."""

from __future__ import annotations

import errno
import os
import traceback
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError

from mlmcalc.errors import EnvironmentRefused, InputRefused, IntegrityError
from mlmcalc.store import filesystems
from mlmcalc.store.clock import instant_text, parse_instant
from mlmcalc.store.filesystems import file_system_of
from mlmcalc.store.log import log_records, verify_log
from mlmcalc.store.store import Store, open_store
from tests.store_fixture import POSTGRESQL, backend, place, store

__all__ = ["backend", "place", "store"]

SECRET = "s3cr3t/p@ss wörd"


def code(refusal) -> str:
    assert refusal.value.status == 6
    return refusal.value.findings[0].code


def actions(store: Store) -> list[str]:
    with store.read() as tx:
        assert verify_log(tx) == []
        return [record.action for record in log_records(tx)]


def write_something(store: Store) -> None:
    with store.write("ann") as tx:
        tx.log("test", "x", {"text": "y" * 200_000})


def test_a_full_disk_changes_nothing(place):
    if place.url is not None:
        pytest.skip("the disk is the server's")
    with place.open(create=True) as opened:

        def no_page_more(connection, *given) -> None:
            if given[1].startswith("INSERT"):
                pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
                connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

        event.listen(opened.engine, "before_cursor_execute", no_page_more)
        with pytest.raises(EnvironmentRefused) as refusal:
            write_something(opened)
        assert code(refusal) == "store.full"
        event.remove(opened.engine, "before_cursor_execute", no_page_more)
        assert actions(opened) == ["store.init"]
        write_something(opened)
        assert actions(opened) == ["store.init", "test"]


def test_a_database_that_may_only_be_read(place):
    characteristics = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
    setting = "PRAGMA query_only = ON" if place.url is None else characteristics
    with place.open(create=True) as opened:

        def only_read(connection, *given) -> None:
            cursor = connection.cursor()
            cursor.execute(setting)
            cursor.close()
            if place.url is not None:
                connection.commit()

        event.listen(opened.engine, "connect", only_read)
        with pytest.raises(EnvironmentRefused) as refusal:
            write_something(opened)
        assert code(refusal) == "store.readonly"
        assert actions(opened) == ["store.init"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_an_object_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch, number, call):
    with open_store(tmp_path / "store", create=True) as opened:

        def refuse(*given, **named):
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as changed:
            changed.setattr(os, call, refuse)
            with pytest.raises(EnvironmentRefused) as refusal:
                opened.objects.put(pl.DataFrame({"a": [1]}), "events")
        assert code(refusal) in ("store.full", "store.readonly", "store.disk")
        assert os.strerror(number) in str(refusal.value)
        assert not [path for path in opened.objects.folder.rglob("*") if path.is_file()]
        part = opened.objects.put(pl.DataFrame({"a": [1]}), "events")
        assert opened.objects.verify(part.sha256) == []


def test_a_file_that_is_no_database(tmp_path):
    with open_store(tmp_path / "store", create=True):
        pass
    (tmp_path / "store" / "mlmcalc.db").write_bytes(b"This is not a database at all." * 400)
    with pytest.raises(IntegrityError) as refusal:
        open_store(tmp_path / "store")
    assert refusal.value.findings[0].code == "store.damaged"


def test_an_id_that_cannot_be_read(tmp_path):
    with open_store(tmp_path / "store", create=True):
        pass
    (tmp_path / "store" / "store.json").write_text("{")
    with pytest.raises(IntegrityError) as refusal:
        open_store(tmp_path / "store")
    assert refusal.value.findings[0].code == "store.damaged"


def everything_said(fault: BaseException) -> str:
    """What --debug shows, and what it was caused by."""
    told = traceback.TracebackException.from_exception(fault)
    return "".join(told.format()) + repr(fault) + repr(fault.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ann:{}@127.0.0.1:1/nothing",
        "postgresql://ann:{}@/nothing?host=/nowhere",
        "postgresql://ann:{}@nowhere.invalid/nothing?connect_timeout=2",
        "postgresql://ann:{}@127.0.0.1:1/nothing?nonsense=1",
    ],
)
def test_a_database_that_is_not_there_and_its_password(tmp_path, url):
    with pytest.raises(EnvironmentRefused) as refusal:
        open_store(tmp_path / "store", url.format(quote(SECRET, safe="")), create=True)
    assert code(refusal) == "store.unreachable"
    said = everything_said(refusal.value)
    assert "ann:***@" in said
    assert SECRET not in said
    assert quote(SECRET, safe="") not in said
    assert not (tmp_path / "store").exists()


def test_a_wrong_password(tmp_path):
    if not os.environ.get(POSTGRESQL):
        pytest.skip("no PostgreSQL")
    url = make_url(os.environ[POSTGRESQL]).set(password=SECRET)
    with pytest.raises(EnvironmentRefused) as refusal:
        open_store(tmp_path / "store", url.render_as_string(hide_password=False), create=True)
    assert code(refusal) == "store.unreachable"
    assert "password authentication failed" in str(refusal.value)
    assert SECRET not in everything_said(refusal.value)


@pytest.mark.parametrize(
    "url", ["mysql://ann:{}@host/name", "sqlite://", "not a url {}", "postgresql://ann:{}@host:port/x"]
)
def test_what_is_no_url_is_not_repeated(tmp_path, url):
    whole = url.format("s3c" + "r3t")
    with pytest.raises(InputRefused) as refusal:
        open_store(tmp_path / "store", whole)
    assert refusal.value.findings[0].code == "store.url"
    assert "s3cr3t" not in everything_said(refusal.value)


def test_the_password_is_nowhere_in_the_store(place):
    if place.url is None:
        pytest.skip("SQLite has none")
    password = str(make_url(place.url).password)
    with place.open(create=True) as opened:
        opened.objects.put(pl.DataFrame({"a": [1]}), "events")
        write_something(opened)
        with opened.read() as tx:
            assert password not in "".join(str(record) for record in log_records(tx))
        shown = [opened.database, repr(opened.url), repr(opened.engine), repr(opened)]
        assert password not in "".join(shown)
    for path in place.folder.rglob("*"):
        assert not path.is_file() or password.encode() not in path.read_bytes()


def test_a_fault_of_ours_shows_no_values(store):
    """A statement that is wrong is no refusal; what it was to write is not in the traceback."""
    statement = text("SELECT nowhere FROM log WHERE action = :action")
    with pytest.raises(DBAPIError, match="nowhere") as fault, store.write("ann") as tx:
        tx.connection.execute(statement, {"action": "Mister" + "Private"})
    assert "MisterPrivate" not in everything_said(fault.value)


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:28 / /mnt/share rw - nfs4 server:/export rw
31 22 0:29 / /mnt/with\\040blank rw - cifs //server/share rw
32 30 254:1 / /mnt/share/local rw - xfs /dev/vdb rw
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ann/store", "ext4"),
        ("/mnt/share/store", "nfs4"),
        ("/mnt/share", "nfs4"),
        ("/mnt/sharedstore", "ext4"),
        ("/mnt/with blank/store", "cifs"),
        ("/mnt/share/local/store", "xfs"),
    ],
)
def test_the_file_system_of_a_folder(tmp_path, monkeypatch, folder, kind):
    (tmp_path / "mounts").write_text(MOUNTS)
    monkeypatch.setattr(filesystems, "MOUNTS", tmp_path / "mounts")
    assert file_system_of(Path(folder)) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs"])
def test_sqlite_on_a_network_drive_is_refused(place, monkeypatch, kind):
    folder = place.folder.parent
    (folder / "mounts").write_text(f"1 1 0:1 / / rw - ext4 /dev/x rw\n2 1 0:2 / {folder} rw - {kind} server:/x rw\n")
    monkeypatch.setattr(filesystems, "MOUNTS", folder / "mounts")
    if place.url is not None:
        # Objects and run folders may lie there: they are only ever written whole.
        place.open(create=True).close()
        return
    for create in (True, False):
        with pytest.raises(EnvironmentRefused) as refusal:
            place.open(create=create)
        assert code(refusal) == "store.network_drive"
        assert "PostgreSQL" in str(refusal.value)
        assert not place.folder.exists()


def test_a_system_without_mounts_is_not_asked(monkeypatch, tmp_path):
    monkeypatch.setattr(filesystems, "MOUNTS", tmp_path / "nothing")
    assert file_system_of(tmp_path) == ""


@pytest.mark.parametrize(
    ("given", "instant"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T01:00:00.000002+01:00", 2),
        ("1970-01-01", 86_400_000_000 - 1),
        ("2024-02-29T23:59:59.999999Z", 1_709_251_199_999_999),
    ],
)
def test_instants(given, instant):
    assert parse_instant(given) == instant
    assert parse_instant(instant_text(instant)) == instant


@pytest.mark.parametrize("given", ["2026-10-01T10:00:00", "yesterday", "", "2026-02-29", "99999-01-01", "9999-12-31"])
def test_what_is_no_instant(given):
    with pytest.raises(InputRefused) as refusal:
        parse_instant(given)
    assert refusal.value.findings[0].code == "store.instant"
