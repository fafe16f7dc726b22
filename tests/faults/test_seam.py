"""The kill test can fail: the seam sees every kind of write, and what is compared tells lost from double."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.whole import double, lost

_ROOT = Path(__file__).parents[2]
_WRITER = """
import sys, sqlite3
from pathlib import Path
from tests.faults.seam import Seam
seam = Seam(int(sys.argv[1]), torn=True)
seam.watch()
path = Path(sys.argv[2])
path.write_bytes(b"0123456789")
path.rename(path.with_name("renamed"))
print(seam.names)
"""


def _write(point: int, path: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _WRITER, str(point), str(path)]
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)


def test_every_write_is_a_point_and_each_of_them_kills(tmp_path):
    whole = _write(0, tmp_path / "whole")
    assert whole.stdout.strip() == "['before open', 'written', 'before rename', 'after rename']"
    for point in range(1, 5):
        assert _write(point, tmp_path / f"at{point}").returncode == -9
    assert not (tmp_path / "at1").exists()
    # The second half is lost, as where the power fails.
    assert (tmp_path / "at2").read_bytes() == b"01234"
    assert (tmp_path / "renamed").exists()


def test_what_is_lost_or_double_is_told():
    wanted = {"payment": ["a", "b"], "closing": ["c"]}
    assert (lost(wanted, wanted), double(wanted, wanted)) == ([], [])
    assert lost({"payment": ["a"], "closing": ["c"]}, wanted) == ["payment: b"]
    assert double({"payment": ["a", "b", "b"], "closing": ["c"]}, wanted) == ["payment: b"]
    assert lost({"closing": ["c"]}, wanted) == ["payment: a", "payment: b"]


def test_a_full_disk_is_what_the_seam_answers(tmp_path):
    code = _WRITER.replace("torn=True", "fault=28")
    command = [sys.executable, "-c", code, "1", str(tmp_path / "full")]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert os.strerror(28) in done.stderr
