"""A company's closings, exported as an operator does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.audit.proof.documents import FIRST
from mlmcalc.closing.changes import set_rates
from mlmcalc.closing.desk import open_period
from mlmcalc.closing.exporting import export
from mlmcalc.closing.paying import pay
from mlmcalc.closing.reopening import reopen
from mlmcalc.runs.manifest import MANIFEST_FILE
from mlmcalc.store.canonical import canonical_json, sha256_of
from tests.closing.company import PEOPLE
from tests.closing.life import committed, desk_of
from tests.store_fixture import Place

PROGRAM, MONTHS = "alpine", ("2026-10", "2026-11", "2026-12")
RATES = {"JPY": "161.205", "KWD": "0.3351"}
ABROAD = PEOPLE.with_columns(pl.Series("currency", ["JPY", "KWD", None, "EUR", "JPY", "KWD"]))
"""In the first month there are rates, so that members are paid in their own currency."""


def exported(folder: Path, inputs: bool = False) -> Path:
    """Two months paid, the second after it was reopened; a third committed: seven documents."""
    with Place(folder / "store", None).open(create=True, company="Alpine") as store:
        desk = desk_of(store, members=ABROAD)
        open_period(desk, PROGRAM, MONTHS[0])
        set_rates(desk, PROGRAM, MONTHS[0], RATES)
        committed(desk, MONTHS[0])
        pay(desk, PROGRAM, MONTHS[0], folder / "first.csv")
        committed(desk, MONTHS[1])
        reopen(desk, PROGRAM, MONTHS[1], "a wrong table of orders")
        committed(desk, MONTHS[1])
        pay(desk, PROGRAM, MONTHS[1], folder / "second.csv")
        committed(desk, MONTHS[2])
        export(store, folder / "archive", inputs)
    return folder / "archive"


def contents(archive: Path) -> dict[str, Any]:
    return json.loads((archive / "archive.json").read_text())


def list_again(archive: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the list of contents, written as the exporter writes it."""
    found = contents(archive)
    change(found)
    (archive / "archive.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def bodies(archive: Path) -> list[dict[str, Any]]:
    """Return the documents, oldest first."""
    return [json.loads((archive / listed["file"]).read_text()) for listed in contents(archive)["documents"]]


def chain_again(archive: Path, documents: list[dict[str, Any]]) -> None:
    """Write a whole chain anew, as a forger would who has only the archive: numbers, digests, names and list fit."""
    for listed in contents(archive)["documents"]:
        (archive / listed["file"]).unlink()
    previous, listed = FIRST, []
    for number, body in enumerate(documents, start=1):
        text = canonical_json({**body, "number": number, "previous": previous})
        previous = sha256_of(text)
        file = f"documents/{number:04d}-{body['kind']}-{body['program']}-{body['period']}.json"
        (archive / file).write_text(text)
        listed.append({"number": number, "file": file, "sha256": previous})
    list_again(archive, lambda found: found.update(documents=listed))


def change_run(archive: Path, place: int, change: Callable[[Path], object]) -> None:
    """Change a run, and let list and documents name what it is now."""
    run = contents(archive)["runs"][place]["id"]
    folder = archive / "runs" / run
    change(folder)
    manifest = json.loads((folder / MANIFEST_FILE).read_text())
    now = {"digest": manifest["digest"], "manifest_sha256": manifest["manifest_sha256"]}
    list_again(archive, lambda found: found["runs"][place].update(now))
    documents = bodies(archive)
    for body in documents:
        if body["run"]["id"] == run:
            body["run"] |= now
    chain_again(archive, documents)
