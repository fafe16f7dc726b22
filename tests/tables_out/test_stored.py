import hashlib
import json

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mlmcalc.errors import InputRefused, IntegrityError
from mlmcalc.tables.folder import StagedFolder
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.stored import StoredTables, dtype_of, read_manifest, schema_text
from mlmcalc.tables.tables_out import OutColumn, OutTable, write_frame

IDS = IdColumn(["a", 'b"', "c,d"])


def frame() -> pl.DataFrame:
    columns = [
        OutColumn("member", "member", np.array([0, 1, 2, 3], np.int32)),
        OutColumn("rank", "category", np.array([0, -1, 1, 1]), labels=("A", 'B "x"')),
        OutColumn("amount", "decimal", np.array([-1, 0, 5, 2**62]), decimals=3),
        OutColumn("lines", "integer", [1, None, 3, 4]),
        OutColumn("flag", "flag", np.array([True, False, True, True])),
        OutColumn("note", "text", ["", None, "line\nbreak", "null"]),
    ]
    return OutTable("members", columns).frame(IDS)


@pytest.fixture(params=["parquet", "csv"])
def stored(tmp_path, request):
    table = frame()
    with StagedFolder(tmp_path / "run") as folder:
        file = write_frame(folder, "members", table, request.param)
        folder.write_text("manifest.json", "{}")
        folder.commit()
    manifest = {
        "run": "r",
        "versions": {},
        "files": {file.name: {"bytes": file.size, "sha256": file.sha256}},
        "columns": {"members": schema_text(table.schema)},
    }
    return tmp_path / "run", json.loads(json.dumps(manifest))


def test_a_table_comes_back_as_it_was(stored):
    assert_frame_equal(StoredTables(*stored).frame("members"), frame())


@pytest.mark.parametrize("place", [0, 50, -1])
def test_one_changed_bit_is_found(stored, place):
    folder, manifest = stored
    file = folder / next(iter(manifest["files"]))
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"tables\.digest") as caught:
        StoredTables(folder, manifest).frame("members")
    assert caught.value.status == 5
    assert [finding.code for finding in StoredTables(folder, manifest).verify()] == ["tables.digest"]


def test_a_missing_file_is_found(stored):
    folder, manifest = stored
    (folder / next(iter(manifest["files"]))).unlink()
    with pytest.raises(IntegrityError, match=r"tables\.missing"):
        StoredTables(folder, manifest).frame("members")


@pytest.mark.parametrize("name", ["../members.csv", "/etc/members.csv"])
def test_a_manifest_reaches_no_other_folder(stored, name):
    folder, manifest = stored
    manifest["files"] = {name: {"sha256": hashlib.sha256(b"").hexdigest()}}
    assert [finding.code for finding in StoredTables(folder, manifest).verify()] == ["tables.path"]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"run": 1}'])
def test_what_is_no_manifest_is_said(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(IntegrityError, match=r"tables\.manifest"):
        read_manifest(tmp_path)


def test_a_folder_without_a_run_is_said(tmp_path):
    with pytest.raises(InputRefused, match=r"tables\.no_run"):
        read_manifest(tmp_path)


def test_types_come_back_from_their_text():
    table = frame()
    assert {name: dtype_of(text) for name, text in schema_text(table.schema).items()} == dict(table.schema)
