"""`mlmcalc warmup`: what is compiled ahead, where it is, and what stands in the way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mlmcalc.cli.main import run_command
from mlmcalc.kernels import cache
from mlmcalc.kernels.compiled import every_kernel, is_compiled

compiles = pytest.mark.skipif(not is_compiled(), reason="kernels run as plain Python")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make another folder that of the cache, and only within one test."""
    monkeypatch.setenv("MLMCALC_CACHE_DIR", str(tmp_path / "cache"))
    cache.trusted_folder.cache_clear()
    yield tmp_path / "cache"
    cache.trusted_folder.cache_clear()


@compiles
def test_everything_is_kept_and_told(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch):
    few = every_kernel()[:3]
    monkeypatch.setattr("mlmcalc.kernels.compiled.every_kernel", lambda: few)
    assert run_command(["warmup"]) == 0
    assert capsys.readouterr().out == f"3 kernels are in {cache.cache_folder()}\n"
    assert len(list(folder.rglob("*.code"))) == 3
    assert cache.cache_folder().is_relative_to(folder)
    assert run_command(["warmup"]) == 0
    assert capsys.readouterr().out.endswith(", 3 of them before\n")


@compiles
def test_a_second_time_everything_is_there(capsys):
    assert run_command(["warmup"]) == 0
    assert run_command(["warmup"]) == 0
    count = len(every_kernel())
    assert capsys.readouterr().out.endswith(f", {count} of them before\n")
    assert all(cache.stored_code(found.name) for found in every_kernel())


@compiles
def test_a_folder_that_cannot_be_made(folder: Path, capsys):
    folder.write_text("a file")
    assert run_command(["warmup"]) == 6
    out, err = capsys.readouterr()
    assert out == ""
    assert "kernels.cache_refused" in err
    assert str(cache.cache_folder()) in err
    assert "MLMCALC_CACHE_DIR" in err


@compiles
def test_nor_for_kernels_that_numba_keeps(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch):
    folder.write_text("a file")
    monkeypatch.setattr("mlmcalc.kernels.compiled.Kernel._plain", lambda self: None)
    assert run_command(["warmup"]) == 6
    assert "kernels.cache_refused" in capsys.readouterr().err


@compiles
@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_a_folder_that_others_may_write_to(folder: Path, capsys):
    cache.cache_folder().mkdir(parents=True)
    cache.cache_folder().chmod(0o777)
    assert run_command(["warmup"]) == 6
    assert "others can write to it" in capsys.readouterr().err
    assert list(cache.cache_folder().iterdir()) == []


def test_without_compiling_there_is_nothing_to_do(folder: Path, capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert run_command(["warmup"]) == 0
    assert "nothing to compile" in capsys.readouterr().out
    assert not folder.exists()
