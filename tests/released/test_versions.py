"""A run is repeated by the arithmetic it was made with, when this package has another one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlmcalc
from mlmcalc.errors import ConflictError, EnvironmentRefused, InputRefused, IntegrityError
from mlmcalc.released.again import answer
from mlmcalc.released.freeze import PACKAGE, freeze_package
from mlmcalc.released.process import run_again
from mlmcalc.released.registry import RELEASED, known_releases, release_for, verify_release
from mlmcalc.runs.versions import ARITHMETIC_VERSION, TABLE_SCHEMAS
from tests.api.small_company import write_company
from tests.forging import forge, read, reseal

COMMAND = "import sys; from mlmcalc.cli.main import main; main(sys.argv[1:])"
ROUNDING = "enumerate(MODES)"
OTHER_ROUNDING = "enumerate(reversed(MODES))"
VERSION = f"ARITHMETIC_VERSION = {ARITHMETIC_VERSION}"


@pytest.fixture
def company(tmp_path) -> Path:
    write_company(tmp_path)
    files = {"members": tmp_path / "members.csv", "orders": tmp_path / "orders.csv"}
    mlmcalc.run_to_folder(tmp_path / "plan.yaml", folder=tmp_path / "run", period="2026-10", **files)
    return tmp_path


@pytest.fixture
def later(tmp_path) -> Path:
    """A checkout of a later version, before anything is changed in it."""
    shutil.copytree(PACKAGE, tmp_path / "later" / "mlmcalc", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "later"


def change(checkout: Path, file: str, old: str, new: str) -> None:
    path = checkout / "mlmcalc" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(file: Path, text: str) -> None:
    file.write_text(file.read_text(encoding="utf-8") + text, encoding="utf-8")


def content(digests: dict[str, str]) -> dict[str, str]:
    """Return the digests that are those of a run: findings name the files of the one who reads them."""
    return {table: digest for table, digest in digests.items() if table != "findings"}


def in_checkout(checkout: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    command = [sys.executable, "-P", "-W", "error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def replayed(checkout: Path, run: Path) -> tuple[int, dict]:
    done = in_checkout(checkout, "-c", COMMAND, "replay", str(run), "--format", "json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_an_old_run_is_the_same_under_a_later_arithmetic(company, later):
    frozen = in_checkout(later, "-m", "mlmcalc.released")
    assert frozen.returncode == 0, frozen.stderr
    assert f"arithmetic_{ARITHMETIC_VERSION}" in frozen.stdout
    change(later, "money.py", ROUNDING, OTHER_ROUNDING)
    change(later, "runs/versions.py", VERSION, f"ARITHMETIC_VERSION = {ARITHMETIC_VERSION + 1}")

    status, found = replayed(later, company / "run")
    assert (status, found["same"], found["engine"]) == (0, True, f"arithmetic_{ARITHMETIC_VERSION}")
    assert found["calculated"] == read(company / "run")["digest"]

    # The later one does pay otherwise, and keeps its own runs.
    arguments = ["run", str(company / "plan.yaml"), "--members", str(company / "members.csv")]
    arguments += ["--orders", str(company / "orders.csv"), "--period", "2026-10", "--out", str(company / "new")]
    assert in_checkout(later, "-c", COMMAND, *arguments).returncode == 0
    new = read(company / "new")
    assert new["versions"]["arithmetic"] == ARITHMETIC_VERSION + 1
    assert new["digest"] != read(company / "run")["digest"]
    status, found = replayed(later, company / "new")
    assert (status, found["engine"]) == (0, "this version")
    with pytest.raises(InputRefused, match=r"released\.unknown"):
        mlmcalc.replay(company / "new")

    # What a forger did to the old one is found by the frozen arithmetic as well.
    forge(company / "run", "lines", lambda lines: lines.slice(1))
    status, found = replayed(later, company / "run")
    assert (status, [table["table"] for table in found["tables"]]) == (5, ["lines"])
    assert found["tables"][0]["first"]["row"] == 1


def test_arithmetic_that_changes_in_silence_is_found(company, later):
    change(later, "money.py", ROUNDING, OTHER_ROUNDING)
    status, found = replayed(later, company / "run")
    assert status == 5
    assert found["tables"][0]["table"] == "lines"
    first = found["tables"][0]["first"]
    assert first["column"] == "amount"
    assert first["stored"] != first["calculated"]


@pytest.fixture
def frozen(tmp_path) -> Path:
    freeze_package(tmp_path / "released")
    return tmp_path / "released"


def test_a_frozen_copy_answers_as_this_package(company, frozen):
    (release,) = known_releases(frozen)
    assert (release.arithmetic, release.tables) == (ARITHMETIC_VERSION, TABLE_SCHEMAS)
    found = run_again(release, company / "run", root=frozen)
    assert found == answer([str(company / "run")])
    assert content(found["digests"]) == content(read(company / "run")["digests"])
    run_again(release, company / "run", company / "out", frozen)
    assert read(company / "out")["digest"] == read(company / "run")["digest"]


def test_what_is_frozen_is_not_frozen_twice(frozen):
    with pytest.raises(ConflictError, match=r"released\.frozen"):
        freeze_package(frozen)
    assert [path.name for path in frozen.iterdir() if path.is_dir()] == [f"arithmetic_{ARITHMETIC_VERSION}"]


def test_the_last_copy_of_its_kind_is_taken(frozen, monkeypatch):
    (first,) = known_releases(frozen)
    monkeypatch.setattr("mlmcalc.released.freeze.PACKAGE", frozen / first.folder / "mlmcalc")
    append(frozen / first.folder / "mlmcalc" / "money.py", "\n")
    second = freeze_package(frozen)
    assert second.folder == f"arithmetic_{ARITHMETIC_VERSION}_2"
    monkeypatch.setattr("mlmcalc.released.registry.ARITHMETIC_VERSION", 99)
    versions = {"arithmetic": ARITHMETIC_VERSION, "tables": TABLE_SCHEMAS, "mlmcalc": "1"}
    assert release_for(versions, frozen) == second


def test_tables_of_other_columns_need_their_own_copy(frozen):
    versions = {"arithmetic": ARITHMETIC_VERSION, "tables": TABLE_SCHEMAS | {"lines": 1}, "mlmcalc": "0.0.1"}
    with pytest.raises(InputRefused, match=r"mlmcalc 0\.0\.1.*columns"):
        release_for(versions, frozen)


@pytest.mark.parametrize("alter", ["changed", "added", "removed"])
def test_an_altered_copy_is_not_run(frozen, alter):
    (release,) = known_releases(frozen)
    verify_release(release, frozen)
    sources = frozen / release.folder / "mlmcalc"
    if alter == "changed":
        append(sources / "money.py", "# one cent more\n")
    elif alter == "added":
        (sources / "sitecustomize.py").write_text("")
    else:
        (sources / "cli" / "schema.py").unlink()
    with pytest.raises(IntegrityError, match=r"released\.altered"):
        verify_release(release, frozen)


def test_what_python_compiled_beside_a_copy_is_not_run(company, frozen):
    (release,) = known_releases(frozen)
    cached = frozen / release.folder / "mlmcalc" / "__pycache__"
    cached.mkdir()
    (cached / f"money.{sys.implementation.cache_tag}.pyc").write_bytes(b"nonsense")
    verify_release(release, frozen)
    found = run_again(release, company / "run", root=frozen)
    assert content(found["digests"]) == content(read(company / "run")["digests"])


def test_a_copy_that_cannot_run_here_says_with_what_it_could(company, frozen):
    (release,) = known_releases(frozen)
    (frozen / release.folder / "mlmcalc" / "money.py").write_text("import nothing_like_it\n")
    with pytest.raises(EnvironmentRefused, match=r"released\.failed.*nothing_like_it"):
        run_again(release, company / "run", root=frozen)


def test_what_a_copy_refuses_comes_back(company, frozen):
    (release,) = known_releases(frozen)
    (company / "orders.csv").write_text("order_id,member_id,date,qv,cv\n")
    with pytest.raises(IntegrityError, match=r"api\.input_changed"):
        run_again(release, company / "run", root=frozen)
    (company / "orders.csv").unlink()
    with pytest.raises(InputRefused, match=r"api\.inputs_gone"):
        run_again(release, company / "run", root=frozen)


def test_every_released_arithmetic_is_whole():
    for release in known_releases(RELEASED):
        verify_release(release, RELEASED)
    folders = {path.name for path in RELEASED.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == {release.folder for release in known_releases(RELEASED)}


def test_a_manifest_of_another_version_is_resealed_only_by_hand(company):
    # Whoever raises the version in a stored manifest breaks its seal; whoever seals it anew is refused all the same.
    reseal(company / "run", lambda manifest: manifest["versions"].update(arithmetic=ARITHMETIC_VERSION + 1))
    with pytest.raises(InputRefused, match=r"released\.unknown"):
        mlmcalc.replay(company / "run")
