"""What is exported is whole, is what was committed, and stands alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.closing.exporting import export
from mlmcalc.closing.paying import pay
from mlmcalc.closing.reopening import reopen
from mlmcalc.errors import ConflictError, IntegrityError
from mlmcalc.store.documents import documents
from mlmcalc.store.store import Store
from mlmcalc.tables.inputs import frame_digest
from tests.closing.life import committed, desk_of

NO_DOCUMENT = "0" * 64


def two_months(store: Store, folder: Path) -> None:
    desk = desk_of(store)
    committed(desk)
    reopen(desk, "alpine", "2026-10", "an order was missing")
    committed(desk)
    pay(desk, "alpine", "2026-10", folder / "bank.csv")
    committed(desk, "2026-11")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_archive_holds_the_chain_its_tables_and_its_runs(store: Store, tmp_path: Path):
    two_months(store, tmp_path)
    archive = tmp_path / "archive"
    made = export(store, archive, inputs=True)
    contents = json.loads((archive / "archive.json").read_text())
    assert (contents["archive"], contents["company"]) == (1, "Alpine")
    files = [one["file"] for one in contents["documents"]]
    assert files == [
        "documents/0001-commit-alpine-2026-10.json",
        "documents/0002-reopening-alpine-2026-10.json",
        "documents/0003-commit-alpine-2026-10.json",
        "documents/0004-payment-alpine-2026-10.json",
        "documents/0005-commit-alpine-2026-11.json",
    ]
    previous = NO_DOCUMENT
    for one in contents["documents"]:
        body = json.loads((archive / one["file"]).read_bytes())
        assert (body["number"], body["previous"]) == (one["number"], previous)
        previous = digest(archive / one["file"])
        assert previous == one["sha256"]
        for table in body["tables"].values():
            path = archive / "tables" / f"{table['sha256']}.parquet"
            assert digest(path) == table["sha256"]
            frame = store.objects.read(table["sha256"])
            assert (frame.height, frame_digest(frame)) == (table["rows"], table["digest"])
        run = mlmcalc.load_run(archive / "runs" / body["run"]["id"])
        assert (run.digest, run.manifest["manifest_sha256"]) == (body["run"]["digest"], body["run"]["manifest_sha256"])
        assert run.statements.height
    with store.read() as tx:
        assert [one.digest for one in documents(tx)] == [one["sha256"] for one in contents["documents"]]
    assert len(list((archive / "runs").iterdir())) == made.runs == 2
    assert {path.stem for path in (archive / "inputs").iterdir()} == {digest(p) for p in (archive / "inputs").iterdir()}


def test_without_being_asked_no_input_is_exported(store: Store, tmp_path: Path):
    two_months(store, tmp_path)
    export(store, tmp_path / "archive")
    assert not (tmp_path / "archive" / "inputs").exists()


def test_the_same_store_gives_the_same_archive(store: Store, tmp_path: Path):
    two_months(store, tmp_path)
    for name in ("one", "two"):
        export(store, tmp_path / name, inputs=True)
    one, two = (
        {path.relative_to(tmp_path / name): digest(path) for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one", "two")
    )
    assert one == two


def test_an_empty_store_gives_an_empty_chain(store: Store, tmp_path: Path):
    assert export(store, tmp_path / "archive").documents == 0
    assert json.loads((tmp_path / "archive" / "archive.json").read_text())["documents"] == []


@pytest.mark.parametrize("what", ["statements.parquet", "manifest.json", "object", "input"])
def test_what_was_altered_is_not_exported(store: Store, tmp_path: Path, what: str):
    made = committed(desk_of(store))
    folder = store.run_folder(made.document.content["run"]["id"])
    manifest = json.loads((folder / "manifest.json").read_text())
    path = {
        "object": store.objects.path(made.document.content["tables"]["journal"]["sha256"]),
        "input": folder / manifest["locations"]["members"],
    }.get(what, folder / what)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(IntegrityError):
        export(store, tmp_path / "archive", inputs=True)
    assert not (tmp_path / "archive").exists()


def test_an_archive_is_never_written_over(store: Store, tmp_path: Path):
    (tmp_path / "archive").mkdir()
    with pytest.raises(ConflictError):
        export(store, tmp_path / "archive")
