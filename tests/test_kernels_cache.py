"""No kernel is ever served from an older source: the cache folder is named by all sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlmcalc.kernels import compiled

PACKAGE = Path(compiled.__file__).parents[1]
ASK = "from mlmcalc.kernels.compiled import sources_digest; print(sources_digest())"
ASK_FOLDER = "from mlmcalc.kernels.compiled import usable_folder; print(usable_folder())"

HELPER = """from mlmcalc.kernels.compiled import kernel


@kernel("int64(int64)")
def rule(amount):
    return amount * FACTOR
"""
CALLER = """from mlmcalc.kernels.compiled import kernel
from mlmcalc.kernels.planted_helper import rule


@kernel("int64(int64)")
def pay(amount):
    return rule(amount) + 1
"""


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    target = tmp_path / "mlmcalc"
    (target / "kernels").mkdir(parents=True)
    (target / "__init__.py").write_text("")
    for name in ("__init__.py", "compiled.py"):
        shutil.copy(PACKAGE / "kernels" / name, target / "kernels" / name)
    return tmp_path


def _ask(root: Path, question: str) -> str:
    environment = os.environ | {
        "PYTHONPATH": str(root),
        "MLMCALC_CACHE_DIR": str(root / "cache"),
        "NUMBA_DISABLE_JIT": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", question], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_digest_changes_with_any_kernel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(PACKAGE / "kernels", tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    original = compiled.sources_digest()
    monkeypatch.setattr(compiled, "__file__", str(tmp_path / "kernels" / "compiled.py"))
    digest = compiled.sources_digest
    assert digest() == original
    seen = {digest()}
    files = sorted((tmp_path / "kernels").glob("*.py"))
    assert len(files) > 5
    for path in files:
        path.write_text(path.read_text() + "# changed\n")
        assert digest() not in seen, path.name
        seen.add(digest())
    files[0].rename(files[0].with_name("renamed.py"))
    assert digest() not in seen


def test_a_new_file_in_a_copied_package_changes_its_digest(copied: Path):
    before = _ask(copied, ASK)
    (copied / "mlmcalc" / "kernels" / "planted_helper.py").write_text(HELPER.replace("FACTOR", "2"))
    assert _ask(copied, ASK) != before


def test_a_changed_helper_in_another_file_is_not_served_stale(copied: Path):
    kernels = copied / "mlmcalc" / "kernels"
    (kernels / "planted_caller.py").write_text(CALLER)
    question = "from mlmcalc.kernels.planted_caller import pay; print(pay(10))"
    (kernels / "planted_helper.py").write_text(HELPER.replace("FACTOR", "2"))
    assert _ask(copied, question) == "21"
    assert _ask(copied, question) == "21"
    (kernels / "planted_helper.py").write_text(HELPER.replace("FACTOR", "3"))
    assert _ask(copied, question) == "31"
    folders = [path for path in (copied / "cache" / "kernels").iterdir() if path.is_dir()]
    assert len(folders) == 2


def test_only_this_user_may_write_to_the_cache(copied: Path):
    _ask(copied, ASK_FOLDER)
    (folder,) = (copied / "cache" / "kernels").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700 or os.name == "nt"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_to_is_not_used(copied: Path):
    folder = Path(_ask(copied, ASK_FOLDER))
    assert folder.is_relative_to(copied)
    folder.chmod(0o777)
    other = Path(_ask(copied, ASK_FOLDER))
    assert other != folder
    assert not other.exists()


def test_no_place_for_the_cache_is_no_reason_to_stop(copied: Path):
    (copied / "cache").write_text("a file where the folder should be")
    other = Path(_ask(copied, ASK_FOLDER))
    assert not other.is_relative_to(copied)
    assert not other.exists()
