"""A disk that is really full, and folders that may only be read."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.company import STEPS
from tests.faults.month import COMMIT, END, LATE_IMPORT, NEXT_CALCULATE, PAY, TRUEUP, Company, Month
from tests.faults.test_disk import partial

ROOM = 10
"""In megabytes, enough for the company and everything that is typed."""


def mount(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, whose size can be changed."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", f"size={ROOM}m", "tmpfs", str(place)):
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def kilobytes(folder: Path) -> int:
    counted = os.statvfs(folder)
    return (counted.f_blocks - counted.f_bfree) * counted.f_frsize // 1024


@pytest.mark.parametrize("step", [LATE_IMPORT, NEXT_CALCULATE, COMMIT, PAY, TRUEUP])
def test_a_small_disk_that_is_full(month: Month, small_disk: Path, step: int):
    company = month.before(step, small_disk / "company")
    used, refused = kilobytes(small_disk), 0
    for spare in (0, 16, 64, 128):
        assert mount("-o", f"remount,size={used + spare}k", str(small_disk))
        answer = company.type(*STEPS[step].words)
        assert answer.status in (0, 6), answer
        assert "Traceback" not in answer.err
        assert partial(company.folder) == []
        if answer.status == 0:
            break
        refused += 1
        # Readers need a little room, for what SQLite keeps beside its file.
        assert mount("-o", f"remount,size={ROOM}m", str(small_disk))
        company.seen()
        used = kilobytes(small_disk)
    assert refused
    assert mount("-o", f"remount,size={ROOM}m", str(small_disk))
    assert company.type(*STEPS[step].words).status == 0
    assert company.seen() == month.seen(step + 1)


@pytest.fixture
def read_only(month: Month, tmp_path: Path) -> Iterator[Company]:
    """Everything was done, and the folder is mounted so that nobody may write, not even root."""
    company = month.before(END, tmp_path / "company")
    assert company.type("export", "archive", "--inputs").status == 0
    shutil.rmtree(company.folder / "payments")
    place = str(company.folder)
    if os.geteuid() != 0 or not mount("--bind", place, place):
        pytest.skip("only root may mount a folder")
    try:
        assert mount("-o", "remount,ro,bind", place)
        yield company
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize(
    "words",
    [
        ("import", "--period", "2025-02"),
        ("period", "open", "2025-03"),
        ("adjust", "100002", "--type", "goodwill", "--amount", "1", "--reason", "x"),
        ("period", "pay", "2025-02"),
        ("export", "out"),
        ("backup", "out"),
        ("run", "plan.yaml", "--members", "exports/members.csv", "--orders", "exports/orders-2025-02.csv",
            "--period", "2025-02"),
    ],
)  # fmt: skip
def test_a_folder_that_may_only_be_read(read_only: Company, words: tuple[str, ...]):
    files = sorted(read_only.folder.rglob("*"))
    by = () if words[0] in ("run", "export", "backup") else ("--by", "Olga")
    answer = read_only.type(*words, *by)
    assert answer.status == 6, answer
    assert "Traceback" not in answer.err
    assert os.strerror(errno.EROFS) in answer.err or "store." in answer.err
    assert sorted(read_only.folder.rglob("*")) == files


def test_an_auditor_needs_to_write_nothing(read_only: Company):
    (run,) = sorted((read_only.folder / "archive/runs").glob("*.2025-02.*"))
    for words in (
        ("verify", "archive"),
        ("verify", str(run)),
        ("replay", str(run)),
        ("explain", "100001", "--run", str(run)),
    ):
        answer = read_only.type(*words)
        assert answer.status == 0, answer
