"""Two programs in one archive: what one read of the other is what that one had committed."""

from __future__ import annotations

import hashlib
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import mlmcalc
from mlmcalc.closing.exporting import export
from mlmcalc.runs.manifest import Identity, InputSeal
from tests.closing.test_programs_together import WEEKS, both, close
from tests.forging import read, reseal, set_cell
from tests.proof.exported import bodies, chain_again, contents, list_again
from tests.store_fixture import Place

TEXT = "closed results that another program read are what was committed"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    with Place(folder / "store", None).open(create=True, company="Alpine") as store:
        desk = both(store)
        for week in WEEKS:
            close(desk, "weekly", week)
        close(desk, "alpine", "2026-10")
        export(store, folder / "archive", inputs=True)
        export(store, folder / "without")
    return folder


@pytest.fixture
def archive(made, tmp_path) -> Path:
    return shutil.copytree(made / "archive", tmp_path / "archive")


def counted(archive: Path) -> int:
    return next(check.count for check in mlmcalc.verify(archive).checks if check.text == TEXT)


def found(archive: Path) -> list[str]:
    return [finding.message for finding in mlmcalc.verify(archive).findings if finding.code == "verify.closed"]


def test_what_was_read_is_what_was_committed(made):
    assert mlmcalc.verify(made / "archive").findings == []
    assert counted(made / "archive") > 0
    assert mlmcalc.verify(made / "without").findings == []
    assert counted(made / "without") == 0


def test_what_was_not_committed_yet_cannot_be_read(archive):
    closed, told = closed_of(archive), bodies(archive)
    chain_again(archive, [{**told[4], "at": told[0]["at"]}, *told[:4]])
    weeks = closed["period"].unique().sort().to_list()
    assert weeks
    assert found(archive) == [f"document 1 reads weekly {week}, which was not committed then." for week in weeks]


def with_input(archive: Path, name: str, rows: pl.DataFrame) -> None:
    """Let the last run have read other rows, as a forger does: its id, its seals, the list and the chain fit."""
    run = bodies(archive)[-1]["run"]["id"]
    folder = archive / "runs" / run
    manifest = read(folder)
    was = next(seal["sha256"] for seal in manifest["inputs"] if seal["name"] == name)
    (archive / "inputs" / f"{was}.parquet").unlink()
    rows.write_parquet(archive / "inputs" / "new.parquet")
    sha256 = hashlib.sha256((archive / "inputs" / "new.parquet").read_bytes()).hexdigest()
    (archive / "inputs" / "new.parquet").rename(archive / "inputs" / f"{sha256}.parquet")
    for seal in manifest["inputs"]:
        if seal["name"] == name:
            seal["sha256"] = sha256
    seals = [InputSeal(seal["name"], seal["path"], seal["sha256"], seal["rows"]) for seal in manifest["inputs"]]
    plan, period = manifest["plan"], manifest["period"]
    days = (period["label"], period["first"], period["last"])
    made = Identity(plan["name"], plan["version"], plan["digest"], *days, seals).run_id
    reseal(folder, lambda kept: kept.update(inputs=manifest["inputs"], run=made))
    folder.rename(folder.with_name(made))
    sealed = read(folder.with_name(made))
    now = {"id": made, "digest": sealed["digest"], "manifest_sha256": sealed["manifest_sha256"]}

    def listed(kept: dict[str, Any]) -> None:
        kept["runs"] = sorted([now, *(one for one in kept["runs"] if one["id"] != run)], key=lambda one: one["id"])
        kept["inputs"] = sorted(path.relative_to(archive).as_posix() for path in (archive / "inputs").iterdir())

    list_again(archive, listed)
    chain_again(archive, [*bodies(archive)[:-1], {**bodies(archive)[-1], "run": now}])


def closed_of(archive: Path) -> pl.DataFrame:
    manifest = read(archive / "runs" / bodies(archive)[-1]["run"]["id"])
    sha256 = next(seal["sha256"] for seal in manifest["inputs"] if seal["name"] == "closed")
    return pl.read_parquet(archive / "inputs" / f"{sha256}.parquet")


def test_a_forger_of_what_was_read_is_found_by_what_was_committed(archive):
    rows = closed_of(archive)
    with_input(archive, "closed", rows)
    assert mlmcalc.verify(archive).findings == [], "the forger of this test leaves no trace"
    with_input(archive, "closed", set_cell(0, "amount", Decimal("99.00"))(rows))
    (message,) = found(archive)
    assert "99.00 of weekly" in message
    with_input(archive, "closed", rows.drop("bonus"))
    assert found(archive) == ["document 5: the closed results lack their columns."]
    assert contents(archive)["inputs"]
