"""The file for the bank is there whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmcalc.closing.bank_file import StagedFile, bank_text
from mlmcalc.errors import ConflictError, EnvironmentRefused


def test_the_text_is_plain_csv():
    assert bank_text([("7", "EUR", "12.50"), ("A-1", "JPY", "3497")], "alpine 2026-10") == (
        "number,member_id,currency,amount,reference\n1,7,EUR,12.50,alpine 2026-10 1\n2,A-1,JPY,3497,alpine 2026-10 2\n"
    )


def test_a_file_has_no_name_until_it_is_published(tmp_path: Path):
    target = tmp_path / "new" / "bank.csv"
    with StagedFile(target, b"one") as staged:
        assert not target.exists()
        staged.publish()
        assert target.read_bytes() == b"one"
    assert [path.name for path in target.parent.iterdir()] == ["bank.csv"]


def test_what_is_not_published_leaves_nothing(tmp_path: Path):
    with pytest.raises(KeyboardInterrupt), StagedFile(tmp_path / "bank.csv", b"one"):
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())


def test_another_file_of_the_name_is_never_written_over(tmp_path: Path):
    target = tmp_path / "bank.csv"
    target.write_bytes(b"one")
    with StagedFile(target, b"one") as staged:
        staged.publish()
    with pytest.raises(ConflictError, match="file_exists"):
        StagedFile(target, b"two")
    assert target.read_bytes() == b"one"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentRefused, match="output_refused"):
        StagedFile(tmp_path / "file" / "bank.csv", b"one")
