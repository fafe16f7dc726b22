"""A disk that is full or broken: exit status 6, nothing half written, and the same command again does it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tests.faults.company import STEPS
from tests.faults.month import COMMIT, IMPORT, LATE_IMPORT, NEXT_CALCULATE, PAY, RECORD, TRUEUP, Company, Month
from tests.faults.seam import REFUSED

FAULTS = (errno.ENOSPC, errno.EIO, errno.EROFS, errno.EMFILE, errno.EDQUOT)
TRIED = 3
"""Places of each command at which the disk gives out, evenly spread; with another error each."""


def partial(folder: Path) -> list[Path]:
    """Return what is left of something that was not finished."""
    return [path for path in folder.rglob("*") if "partial" in path.name]


def refused_at(names: list[str]) -> list[tuple[int, int]]:
    """Return some of the operations that a disk refuses, each with an error."""
    places = [number for number, name in enumerate(names, 1) if name in REFUSED]
    step = max(1, len(places) // TRIED)
    return [(place, FAULTS[number % len(FAULTS)]) for number, place in enumerate(places[::step])]


def refused(company: Company, words: tuple[str, ...], at: int, fault: int) -> str:
    """Type a command whose disk gives out, and return what it says."""
    answer = company.type(*words, at=at, fault=fault)
    assert answer.status == 6, (at, answer)
    assert "Traceback" not in answer.err
    assert os.strerror(fault) in answer.err
    assert partial(company.folder) == []
    return answer.err


@pytest.mark.parametrize("step", [IMPORT, NEXT_CALCULATE, COMMIT, PAY, LATE_IMPORT, RECORD, TRUEUP])
def test_a_step_of_the_month_is_refused_and_repeated(month: Month, tmp_path: Path, step: int):
    before, after = month.seen(step), month.seen(step + 1)
    # Counted anew: where the month was played first, kernels may have been kept besides.
    whole = month.before(step, tmp_path / "whole").type(*STEPS[step].words)
    for number, (at, fault) in enumerate(refused_at(whole.names)):
        company = month.before(step, tmp_path / str(number))
        refused(company, STEPS[step].words, at, fault)
        found = company.seen()
        # What opens a period, or keeps a run, is a transaction of its own.
        assert all(found[name] in (before[name], after[name]) for name in found if name not in ("object", "program"))
        assert company.type(*STEPS[step].words).status == 0
        assert company.seen() == after


@pytest.mark.parametrize("words", [("export", "out"), ("export", "out", "--inputs"), ("backup", "out")])
def test_a_copy_is_there_whole_or_not_at_all(month: Month, tmp_path: Path, words: tuple[str, ...]):
    company = month.before(len(STEPS), tmp_path / "company")
    whole = company.type(*words[:1], "whole", *words[2:])
    assert whole.status == 0
    for at, fault in refused_at(whole.names):
        refused(company, words, at, fault)
        assert not (company.folder / "out").exists()
    again = company.type(*words)
    # A backup says when it was made, which is in its digest.
    said = [answer.out.replace("out", "whole").partition(", digest")[0] for answer in (again, whole)]
    assert again.status == 0
    assert said[0] == said[1]


def test_a_run_into_a_folder(month: Month, tmp_path: Path):
    company = month.before(NEXT_CALCULATE, tmp_path / "company")
    words = ("run", "plan.yaml", "--members", "exports/members.csv", "--orders", "exports/orders-2025-02.csv")
    words += ("--period", "2025-02", "--summary", "none", "--out")
    whole = company.type(*words, "whole")
    assert whole.status == 0, whole.err
    for at, fault in refused_at(whole.names):
        refused(company, (*words, "out"), at, fault)
        assert not (company.folder / "out").exists()
    assert company.type(*words, "out").status == 0
    assert company.type("diff", "whole", "out").status == 0


def test_a_store_is_made_and_restored(month: Month, tmp_path: Path):
    source = month.before(len(STEPS), tmp_path / "source")
    backup = str(source.folder / "backup")
    assert source.type("backup", backup).status == 0
    for number, words in enumerate([("store", "init", "--by", "Olga"), ("restore", backup, "--by", "Olga")]):
        counted = month.before(0, tmp_path / f"counted{number}").type(*words).names
        for at, fault in refused_at(counted):
            company = month.before(0, tmp_path / f"{number}-{at}")
            answer = company.type(*words, at=at, fault=fault)
            assert (answer.status, "Traceback" in answer.err) == (6, False), (at, answer)
            again = company.type(*words)
            assert again.status == 0, (at, again.err)
            company.seen()
