"""A closed period does not change, whatever comes late; periods follow one another, and states are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.month import (
    APPROVE,
    LATE_IMPORT,
    NEXT_CALCULATE,
    NEXT_COMMIT,
    TRUEUP,
    Company,
    Month,
    Placed,
)
from tests.store_fixture import backend

__all__ = ["backend"]


def placed(month: Month, step: int, folder: Path, backend: str) -> Iterator[Company]:
    with Placed(month, step, folder, backend) as company:
        yield company


@pytest.fixture
def late(month: Month, tmp_path: Path, backend: str) -> Iterator[Company]:
    """January is paid, and orders of January have come since."""
    yield from placed(month, TRUEUP, tmp_path / "company", backend)


@pytest.mark.parametrize(
    "words",
    [
        ("period", "calculate", "2025-01", "--by", "Olga"),
        ("override", "hold", "100002", "--period", "2025-01", "--reason", "x", "--by", "Olga"),
        ("rate", "set", "2025-01", "USD", "1.08", "--by", "Olga"),
    ],
)
def test_a_closed_period_with_late_orders_is_refused_with_the_remedy(late: Company, words: tuple[str, ...]):
    before = late.seen()
    answer = late.type(*words)
    assert answer.status == 3
    assert "closing.committed" in answer.err
    assert "mlmcalc trueup" in answer.err
    assert late.seen() == before
    # What the remedy names does it: lines of the open period, the payments stand.
    assert late.type("trueup", "2025-01", "--by", "Olga").status == 0
    after = late.seen()
    assert after["payment"] == before["payment"]
    assert len(after["adjustment"]) > len(before["adjustment"])
    assert late.type("period", "pay", "2025-01", "--by", "Olga").status == 0


def test_a_preview_of_a_closed_period_changes_nothing(late: Company):
    before = late.seen()
    answer = late.type("period", "preview", "2025-01", "--by", "Olga")
    assert answer.status == 0, answer.err
    found = late.seen()
    assert {name: found[name] for name in ("period", "closing", "payment", "document")} == {
        name: before[name] for name in ("period", "closing", "payment", "document")
    }


def test_a_gap_is_refused_through_the_commands(month: Month, tmp_path: Path):
    company = month.before(LATE_IMPORT, tmp_path / "company")
    before = company.seen()
    for words in (("period", "calculate", "2025-03"), ("period", "open", "2025-03"), ("period", "preview", "2025-04")):
        answer = company.type(*words, "--by", "Olga")
        assert answer.status == 3
        assert "closing.gap" in answer.err
        assert "Open 2025-02 first" in answer.err
    assert company.seen() == before


def test_the_state_of_a_period_that_is_not_committed_is_missing(month: Month, tmp_path: Path):
    company = month.before(APPROVE, tmp_path / "company")
    shutil.copy(company.folder / "exports/orders-2025-01.csv", company.folder / "exports/orders-2025-02.csv")
    assert company.type("period", "open", "2025-02", "--by", "Olga").status == 0
    answer = company.type("period", "calculate", "2025-02", "--by", "Olga")
    assert answer.status == 3
    assert "closing.state" in answer.err
    assert "Commit 2025-01 first" in answer.err


@pytest.mark.parametrize("step", [NEXT_CALCULATE, NEXT_COMMIT])
def test_a_state_whose_folder_is_gone_is_named(month: Month, tmp_path: Path, step: int):
    company = month.before(step, tmp_path / "company")
    gone = company.committed_run("2025-01")
    shutil.rmtree(gone)
    word = "calculate" if step == NEXT_CALCULATE else "commit"
    answer = company.type("period", word, "2025-02", "--by", "Olga")
    assert answer.status == 5, answer.err
    assert gone.name in answer.err
