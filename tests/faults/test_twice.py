"""Every command typed twice: the second time it says so, or refuses what is there, and nothing is added."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.company import STEPS
from tests.faults.month import END, NEXT_CALCULATE, Company, Month, Placed
from tests.store_fixture import backend

__all__ = ["backend"]


@pytest.mark.parametrize("step", range(END))
def test_a_step_of_the_month(month: Month, tmp_path: Path, step: int):
    company = month.before(step + 1, tmp_path / "company")
    again = company.type(*STEPS[step].words)
    assert again.status == 0, again.err
    assert company.seen() == month.seen(step + 1)


@pytest.fixture
def company(month: Month, tmp_path: Path, backend: str) -> Iterator[Company]:
    with Placed(month, NEXT_CALCULATE, tmp_path / "company", backend) as placed:
        yield placed


@pytest.mark.parametrize(
    "words",
    [
        ("override", "hold", "100002", "--reason", "no address", "--by", "Olga"),
        ("override", "rank", "100002", "Manager", "--reason", "promised", "--by", "Olga"),
        ("rate", "set", "2025-02", "USD", "1.08", "--by", "Olga"),
        ("period", "preview", "2025-02", "--by", "Olga"),
        ("import", "--period", "2025-02", "--as-of", "2025-02-28", "--by", "Ben"),
        ("trueup", "2025-01", "--by", "Ben"),
    ],
)
def test_what_is_entered(company: Company, words: tuple[str, ...]):
    first = company.type(*words)
    assert first.status == 0, first.err
    after = company.seen()
    again = company.type(*words)
    assert again.status == 0, again.err
    assert company.seen() == after


@pytest.mark.parametrize("words", [("export", "out"), ("backup", "out")])
def test_a_copy_is_never_written_over(company: Company, words: tuple[str, ...]):
    def content() -> dict[Path, bytes]:
        out = company.folder / "out"
        files = [out] if out.is_file() else [path for path in out.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files}

    assert company.type(*words).status == 0
    before = content()
    again = company.type(*words)
    assert (again.status, "out" in again.err) == (4, True)
    assert content() == before


def test_the_same_answer_for_machines(month: Month, tmp_path: Path):
    company = month.before(END, tmp_path / "company")
    words = ("period", "commit", "2025-02", "--by", "Olga", "--format", "json")
    first, second = (json.loads(company.type(*words).out) for _ in range(2))
    assert first == second
