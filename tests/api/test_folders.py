import json
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import mlmcalc
from mlmcalc.api import calculate
from mlmcalc.api.inputs import Inputs
from mlmcalc.errors import Finding
from tests.api.small_company import MEMBERS, ORDERS, plan_text
from tests.api.test_library import TABLES


def run_to_folder(target, format: Any = "parquet", **options) -> mlmcalc.Run:
    return mlmcalc.run_to_folder(plan_text(), MEMBERS, target, ORDERS, period="2026-10", format=format, **options)


@pytest.mark.parametrize("format", ["parquet", "csv"])
@pytest.mark.parametrize("threads", [1, 2])
def test_what_is_written_comes_back(tmp_path, format, threads):
    in_memory = mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10")
    run_to_folder(tmp_path / "run", format, threads=threads)
    back = mlmcalc.load_run(tmp_path / "run")
    assert (back.id, back.digest) == (in_memory.id, in_memory.digest)
    assert back.manifest["digests"] == in_memory.manifest["digests"]
    for name in TABLES:
        assert_frame_equal(getattr(back, name), getattr(in_memory, name))


def test_a_folder_may_be_called_as_the_run_is(tmp_path):
    inputs = Inputs(plan_text(), {"members": MEMBERS, "orders": ORDERS}, "2026-10")
    run = calculate.run_into_folder(inputs, lambda run: tmp_path / run, "parquet", 1, calculate.silent)
    assert mlmcalc.load_run(tmp_path / run.id).digest == run.digest
    with pytest.raises(mlmcalc.ConflictError):
        calculate.run_into_folder(inputs, lambda run: tmp_path / run, "parquet", 1, calculate.silent)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_run_in_memory_can_be_written(tmp_path, format):
    in_memory = mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10")
    in_memory.write(tmp_path / "run", format)
    back = mlmcalc.load_run(tmp_path / "run")
    for name in TABLES:
        assert_frame_equal(getattr(back, name), getattr(in_memory, name))
    back.write(tmp_path / "copy")
    assert mlmcalc.load_run(tmp_path / "copy").digest == in_memory.digest


def test_lines_in_the_files_sum_to_the_statements(tmp_path):
    run_to_folder(tmp_path / "run")
    lines = pl.read_parquet(tmp_path / "run/lines/*.parquet")
    statements = pl.read_parquet(tmp_path / "run/statements.parquet")
    keys = ["earner", "bonus"]
    summed = lines.group_by(keys).agg(lines=pl.len().cast(pl.Int64), amount=pl.col("amount").sum())
    assert_frame_equal(summed.sort(keys), statements.sort(keys), check_column_order=False)


def test_every_file_is_in_the_manifest(tmp_path):
    run_to_folder(tmp_path / "run")
    manifest = json.loads((tmp_path / "run/manifest.json").read_text())
    there = {path.relative_to(tmp_path / "run").as_posix() for path in (tmp_path / "run").rglob("*") if path.is_file()}
    assert there == {*manifest["files"], "manifest.json"}
    assert [seal["rows"] for seal in manifest["inputs"]] == [6, 7]
    assert manifest["inputs"][1]["totals"] == {"qv": "530.00", "cv": "530.17"}


def test_an_existing_folder_is_refused_before_anything_is_read(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setattr(calculate, "prepare", lambda *_: pytest.fail("read"))
    with pytest.raises(mlmcalc.ConflictError, match="exists already"):
        run_to_folder(tmp_path / "run")


def test_a_refused_input_leaves_nothing(tmp_path):
    with pytest.raises(mlmcalc.InputRefused):
        mlmcalc.run_to_folder(plan_text(), MEMBERS.drop("sponsor_id"), tmp_path / "new/run", ORDERS, period="2026-10")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["run_commissions", "output_tables", "finish_folder"])
@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, MemoryError])
def test_whatever_stops_a_run_leaves_nothing(tmp_path, monkeypatch, stage, fault):
    def stop(*_, **__):
        raise fault

    monkeypatch.setattr(calculate, stage, stop)
    with pytest.raises(fault):
        run_to_folder(tmp_path / "new" / "run")
    assert list(tmp_path.iterdir()) == []


def test_an_unbalanced_run_is_not_written(tmp_path, monkeypatch):
    def unbalanced(*_, **__):
        raise mlmcalc.IntegrityError(Finding("ledger.equation", "out of balance."))

    monkeypatch.setattr(calculate, "run_commissions", unbalanced)
    with pytest.raises(mlmcalc.IntegrityError):
        run_to_folder(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["statements.parquet", "lines/part-00000.parquet", "members.parquet"])
def test_a_changed_file_is_found_when_it_is_read(tmp_path, name):
    run_to_folder(tmp_path / "run")
    path = tmp_path / "run" / name
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    back = mlmcalc.load_run(tmp_path / "run")
    with pytest.raises(mlmcalc.IntegrityError, match=r"tables\.digest"):
        getattr(back, name.partition("/")[0].partition(".")[0])


@pytest.mark.parametrize("key", ["run", "digest", "totals", "inputs", "files", "balance", "digests", "plan", "columns"])
def test_a_changed_manifest_is_found(tmp_path, key):
    run_to_folder(tmp_path / "run")
    path = tmp_path / "run/manifest.json"
    manifest = json.loads(path.read_text())
    manifest[key] = "changed" if isinstance(manifest[key], str) else type(manifest[key])()
    path.write_text(json.dumps(manifest))
    with pytest.raises(mlmcalc.IntegrityError, match=r"tables\.manifest"):
        mlmcalc.load_run(tmp_path / "run")


def test_a_run_of_files_that_is_written_later_is_explained(tmp_path):
    MEMBERS.write_parquet(tmp_path / "members.parquet")
    ORDERS.write_parquet(tmp_path / "orders.parquet")
    run = mlmcalc.run(plan_text(), tmp_path / "members.parquet", tmp_path / "orders.parquet", period="2026-10")
    run.write(tmp_path / "run")
    member = str(run.members["member_id"][0])
    assert mlmcalc.load_run(tmp_path / "run").explain(member).total == run.explain(member).total


def test_a_run_of_frames_says_why_it_is_not_explained(tmp_path):
    mlmcalc.run(plan_text(), MEMBERS, ORDERS, period="2026-10").write(tmp_path / "run")
    with pytest.raises(mlmcalc.InputRefused, match="the table of members was handed over in memory"):
        mlmcalc.load_run(tmp_path / "run").explain("1")
