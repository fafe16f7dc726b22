"""No kernel is ever served from an older source: the cache folder is named by all sources."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from mlmcalc.kernels import cache
from mlmcalc.kernels.compiled import every_kernel, is_compiled

PACKAGE = Path(cache.__file__).parents[1]
ASK = "from mlmcalc.kernels.compiled import sources_digest; print(sources_digest())"
ASK_FOLDER = "from mlmcalc.kernels.cache import trusted_folder; print(trusted_folder())"
PAY = "from mlmcalc.kernels.planted_caller import pay; print(pay(10)); "
WITH_NUMBA = "import sys; print('numba' in sys.modules)"

# What is read of the interpreter is read first: it may lie where only root can look.
AS_NOBODY = """
import os
from mlmcalc.kernels.cache import machine, sources_digest, stored_code, store_code
machine(), sources_digest()
os.setgid(65534)
os.setuid(65534)
described, code = stored_code("planted_caller.pay")
print(described["kernel"])
try:
    store_code("planted_caller.pay", {}, code)
except PermissionError:
    print("read-only")
"""

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
    for name in ("__init__.py", "compiled.py", "cache.py", "native.py", "flat.py", "compiling.py"):
        shutil.copy(PACKAGE / "kernels" / name, target / "kernels" / name)
    return tmp_path


@pytest.fixture
def paying(copied: Path) -> Path:
    (copied / "mlmcalc" / "kernels" / "planted_caller.py").write_text(CALLER)
    (copied / "mlmcalc" / "kernels" / "planted_helper.py").write_text(HELPER.replace("FACTOR", "2"))
    return copied


def _ask(root: Path, question: str, **more: str) -> str:
    environment = os.environ | {
        "PYTHONPATH": str(root),
        "MLMCALC_CACHE_DIR": str(root / "cache"),
        "NUMBA_DISABLE_JIT": "0",
        # Python takes a source of the same size, changed within the second, for what it compiled before.
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }
    done = subprocess.run(
        [sys.executable, "-c", question], env=environment, cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_digest_changes_with_any_kernel_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(PACKAGE / "kernels", tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    original = cache.sources_digest()
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "kernels" / "cache.py"))
    # What it is in a new process: within one, sources do not change.
    digest = cache.sources_digest.__wrapped__
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


def test_a_changed_helper_in_another_file_is_not_served_stale(paying: Path):
    assert _ask(paying, PAY) == "21"
    assert _ask(paying, PAY) == "21"
    (paying / "mlmcalc" / "kernels" / "planted_helper.py").write_text(HELPER.replace("FACTOR", "3"))
    assert _ask(paying, PAY) == "31"
    folders = [path for path in (paying / "cache" / "kernels").iterdir() if path.is_dir()]
    assert len(folders) == 2


def test_the_second_start_needs_no_numba(paying: Path):
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "True"]
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "False"]


def _kept(root: Path) -> Path:
    (found,) = (root / "cache" / "kernels").rglob("planted_caller.pay.*")
    return found


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
        lambda content: b"",
        lambda content: content.replace(b'"planted_caller.pay"', b'"planted_helper.rule"', 1),
        lambda content: os.urandom(4096),
    ],
)
def test_damaged_machine_code_is_never_run_and_compiled_anew(paying: Path, damage: Callable[[bytes], bytes]):
    _ask(paying, PAY)
    kept = _kept(paying)
    whole = kept.read_bytes()
    kept.write_bytes(damage(whole))
    assert kept.read_bytes() != whole
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "True"]
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "False"]


def test_machine_code_of_another_kernel_is_not_taken(paying: Path):
    _ask(paying, PAY + "from mlmcalc.kernels.planted_helper import rule; rule(1)")
    (other,) = (paying / "cache" / "kernels").rglob("planted_helper.rule.*")
    shutil.copy(other, _kept(paying))
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "True"]


def test_machine_code_for_another_processor_is_not_taken(paying: Path):
    _ask(paying, PAY)
    assert _ask(paying, PAY + WITH_NUMBA, NUMBA_CPU_NAME="generic").split() == ["21", "True"]
    assert _ask(paying, PAY + WITH_NUMBA, NUMBA_CPU_NAME="generic").split() == ["21", "False"]
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "False"]


def test_without_compiling_nothing_is_kept(paying: Path):
    assert _ask(paying, PAY + WITH_NUMBA, NUMBA_DISABLE_JIT="1").split() == ["21", "False"]
    assert not (paying / "cache").exists()


def test_a_kernel_that_is_not_plain_is_left_to_numba(paying: Path):
    caller = (
        CALLER
        + """

@kernel("float64(float64)")
def half(amount):
    return amount / 2
"""
    )
    (paying / "mlmcalc" / "kernels" / "planted_caller.py").write_text(caller)
    question = "from mlmcalc.kernels.planted_caller import half; print(half(3.0), half.keep())"
    assert _ask(paying, question) == "1.5 numba"
    assert _ask(paying, question) == "1.5 numba"
    assert list((paying / "cache" / "kernels").rglob("planted_caller.half*.nbc"))


def test_two_processes_at_once_leave_whole_files(paying: Path):
    environment = os.environ | {
        "PYTHONPATH": str(paying),
        "MLMCALC_CACHE_DIR": str(paying / "cache"),
        "NUMBA_DISABLE_JIT": "0",
    }
    command = [sys.executable, "-c", PAY]
    started = [
        subprocess.Popen(command, env=environment, cwd=paying, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    assert [process.communicate()[0].strip() for process in started] == ["21"] * 3
    assert not list((paying / "cache").rglob(".partial*"))
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "False"]


def test_only_this_user_may_write_to_the_cache(copied: Path):
    _ask(copied, ASK_FOLDER)
    (folder,) = (copied / "cache" / "kernels").iterdir()
    assert not folder.stat().st_mode & 0o022 or os.name == "nt"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_to_is_not_used(paying: Path):
    folder = Path(_ask(paying, ASK_FOLDER))
    assert folder.is_relative_to(paying)
    folder.chmod(0o777)
    assert _ask(paying, ASK_FOLDER) == "None"
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "True"]
    assert list(folder.iterdir()) == []
    # What somebody else may have written there is not run either.
    folder.chmod(0o755)
    _ask(paying, PAY)
    folder.chmod(0o777)
    assert _ask(paying, PAY + WITH_NUMBA).split() == ["21", "True"]


@pytest.mark.skipif(os.name == "nt" or os.getuid() != 0, reason="only root can become another user")
def test_what_root_kept_in_an_image_serves_everybody(paying: Path):
    # Not below pytest's folder, where nobody else may look.
    with tempfile.TemporaryDirectory() as image:
        Path(image).chmod(0o755)
        _ask(paying, PAY, MLMCALC_CACHE_DIR=image)
        assert _ask(paying, AS_NOBODY, MLMCALC_CACHE_DIR=image).split() == ["planted_caller.pay", "read-only"]
        assert _ask(paying, PAY + WITH_NUMBA, MLMCALC_CACHE_DIR=image).split() == ["21", "False"]


def test_no_place_for_the_cache_is_no_reason_to_stop(paying: Path):
    (paying / "cache").write_text("a file where the folder should be")
    assert _ask(paying, ASK_FOLDER) == "None"
    assert _ask(paying, PAY) == "21"


ALL_OF_IT = """
import sys
from mlmcalc.cli.main import run_command
assert run_command(["run", "--period", "2026-10", "--out", sys.argv[1], "--summary", "json"]) == 0
# Nor the readers of workbooks, or what draws on terminals.
assert not {"numba", "fastexcel", "rich"} & set(sys.modules)
"""
BY_NUMBA = """
import sys
from mlmcalc.cli.main import run_command
from mlmcalc.kernels.compiled import Kernel
Kernel._stored = Kernel._plain = lambda self: None
assert run_command(["run", "--period", "2026-10", "--out", sys.argv[1], "--summary", "json"]) == 0
assert "numba" in sys.modules
"""


@pytest.mark.skipif(not is_compiled(), reason="kernels run as plain Python")
def test_a_whole_run_called_straight_is_the_run_called_by_numba(tmp_path: Path):
    def digest(script: str, folder: str) -> str:
        sample = PACKAGE.parent / "fixtures" / "sample"
        environment = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
        command = [sys.executable, "-c", script, str(tmp_path / folder)]
        done = subprocess.run(command, env=environment, cwd=sample, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)["digest"]

    for kernel in every_kernel():
        kernel.keep()
    by_numba = digest(BY_NUMBA, "numba")
    assert digest(ALL_OF_IT, "straight") == by_numba
    assert by_numba.startswith("784775f1")
