import errno
import os
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from mlmcalc.errors import EnvironmentRefused
from mlmcalc.ledger.lines import OUTCOMES
from mlmcalc.tables.folder import StagedFolder
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_frames import LINE_COLUMNS, LineBuffer, LineFrames
from mlmcalc.tables.lines_out import LineWriter
from tests.tables_out.blocks import block


def frames(text_ids=False, orders=None, base_decimals=4) -> LineFrames:
    ids = [f"M{i}" for i in range(10)] if text_ids else np.arange(100, 110)
    return LineFrames(
        "p-1.2026-10.abc", ["unilevel", "personal", "payout"], IdColumn(ids), IdColumn(orders), base_decimals, 2
    )


BLOCKS = [
    block("personal", 7, seed=1),
    block("unilevel", 25, seed=2, base_decimals=4),
    block("unilevel", 0, seed=3),
    block("unilevel", 3, seed=4, base_decimals=0),
    block("payout", 2, seed=5),
]


def write(target, lines_per_part=10, **options):
    options["lines_per_part"] = lines_per_part
    with StagedFolder(target) as folder, LineWriter(folder, frames(), **options) as writer:
        for one in BLOCKS:
            writer.post(one)
        files = writer.finish()
        folder.commit()
    return files


def test_every_line_arrives_with_its_exact_values(tmp_path):
    files = write(tmp_path / "run")
    assert [file.name for file in files] == [f"lines/part-{i:05d}.parquet" for i in range(len(files))]
    frame = pl.read_parquet(tmp_path / "run/lines/*.parquet")
    assert tuple(frame.columns) == LINE_COLUMNS
    assert frame.height == 37
    row = 0
    for one in BLOCKS:
        for k in range(one.size):
            got = frame.row(row, named=True)
            assert got["bonus"] == one.bonus
            assert got["earner"] == (100 + one.earner[k] if one.earner[k] < 10 else None)
            assert got["source"] == 100 + one.source[k]
            assert got["via"] == (100 + one.via[k] if one.via[k] >= 0 else None)
            assert got["order"] is None
            assert got["base"] == Decimal(int(one.base[k])).scaleb(-one.base_decimals)
            assert got["amount"] == Decimal(int(one.amount[k])).scaleb(-2)
            for name in ("level", "paid_level", "rate_ppm"):
                assert got[name] == getattr(one, name)[k]
            assert got["outcome"] == OUTCOMES[one.outcome[k]]
            assert got["run"] == "p-1.2026-10.abc"
            row += 1


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("lines_per_part", [1, 7, 1000])
def test_parts_and_threads_change_nothing(tmp_path, threads, lines_per_part):
    write(tmp_path / "one")
    write(tmp_path / "two", threads=threads, lines_per_part=lines_per_part)
    one, two = (pl.read_parquet(tmp_path / run / "lines/*.parquet") for run in ("one", "two"))
    assert_frame_equal(one, two)


def test_csv_says_the_same(tmp_path):
    write(tmp_path / "p")
    assert [file.name for file in write(tmp_path / "c", format="csv")] == ["lines.csv"]
    csv = pl.read_csv(tmp_path / "c/lines.csv", schema_overrides=frames().schema)
    assert_frame_equal(csv, pl.read_parquet(tmp_path / "p/lines/*.parquet"))


def test_text_ids_and_order_ids(tmp_path):
    with StagedFolder(tmp_path / "run") as folder:
        with LineWriter(folder, frames(text_ids=True, orders=["o,1", 'o"2', "=o3"]), format="csv") as writer:
            writer.post(block(lines=30, orders=3))
            writer.finish()
        folder.commit()
    frame = pl.read_csv(tmp_path / "run/lines.csv")
    one = block(lines=30, orders=3)
    wanted = [None if k < 0 else ["o,1", 'o"2', "=o3"][k] for k in one.order]
    assert frame["order"].to_list() == wanted
    assert frame["source"].to_list() == [f"M{k}" for k in one.source]


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_run_without_lines_still_has_the_columns(tmp_path, format):
    with StagedFolder(tmp_path / "run") as folder:
        with LineWriter(folder, frames(), format=format) as writer:
            files = writer.finish()
        folder.commit()
    path = tmp_path / "run" / files[0].name
    frame = pl.read_csv(path) if format == "csv" else pl.read_parquet(path)
    assert tuple(frame.columns) == LINE_COLUMNS
    assert frame.height == 0


def test_blocks_are_passed_on_as_they_are():
    got = []
    buffer = LineBuffer(got.append, 100)
    one = block(lines=50)
    buffer.post(one)
    assert got[0].column("amount") is one.amount
    assert got[0].size == buffer.lines == 50


@pytest.mark.parametrize("sizes", [[3, 4, 2], [250], [1, 99, 1], [30, 30, 30, 30], [40, 20, 100]])
def test_no_chunk_is_larger_than_allowed_and_nothing_is_lost(sizes):
    got = []
    buffer = LineBuffer(got.append, 100)
    blocks = [block(lines=size, seed=seed) for seed, size in enumerate(sizes)]
    for one in blocks:
        buffer.post(one)
    buffer.flush()
    assert all(0 < chunk.size <= 100 for chunk in got)
    amounts = np.concatenate([chunk.column("amount") for chunk in got])
    assert (amounts == np.concatenate([one.amount for one in blocks])).all()
    assert buffer.lines == sum(sizes)


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch, format):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pl.DataFrame, f"write_{format}", full)
    with pytest.raises(EnvironmentRefused, match="No space left") as caught:
        write(tmp_path / "run", format=format)
    assert caught.value.status == 6
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", [pl.exceptions.ComputeError, OSError])
def test_the_systems_error_inside_another_is_found(tmp_path, monkeypatch, kind):
    def full(*_, **__):
        raise kind("parquet: underlying IO error: No space left on device (os error 28)")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", full)
    with pytest.raises(EnvironmentRefused, match="bytes are free"):
        write(tmp_path / "run")


def test_other_faults_of_the_writer_are_not_hidden(tmp_path, monkeypatch):
    def broken(*_, **__):
        raise pl.exceptions.ComputeError("something of ours")

    monkeypatch.setattr(pl.DataFrame, "write_parquet", broken)
    with pytest.raises(pl.exceptions.ComputeError):
        write(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []
