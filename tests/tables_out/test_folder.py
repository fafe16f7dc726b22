import errno
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mlmcalc.errors import ConflictError, EnvironmentRefused
from mlmcalc.tables.folder import StagedFolder


def test_nothing_is_seen_before_commit(tmp_path):
    with StagedFolder(tmp_path / "deep" / "run") as folder:
        written = folder.write_text("a.txt", "hello")
        assert not folder.target.exists()
        folder.commit()
    assert written.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert (written.name, written.size) == ("a.txt", 5)
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["run"]
    assert (tmp_path / "deep/run/a.txt").read_text() == "hello"


def test_leaving_without_commit_removes_everything(tmp_path):
    with StagedFolder(tmp_path / "deep" / "deeper" / "run") as folder:
        folder.write_text("a.txt", "hello")
    assert list(tmp_path.iterdir()) == []


def test_a_fault_removes_everything(tmp_path):
    def interrupted():
        with StagedFolder(tmp_path / "run") as folder:
            folder.write_text("a.txt", "hello")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["empty", "full", "file", "link"])
def test_whatever_exists_is_refused_and_kept(tmp_path, kind):
    target = tmp_path / "run"
    if kind == "file":
        target.write_text("mine")
    elif kind == "link":
        target.symlink_to(tmp_path / "nowhere")
    else:
        target.mkdir()
        if kind == "full":
            (target / "mine").write_text("mine")
    with pytest.raises(ConflictError, match="run") as caught:
        StagedFolder(target)
    assert caught.value.status == 4
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("kind", ["full", "file"])
def test_of_two_that_race_one_wins(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("mlmcalc.tables.folder.refuse_existing", lambda target: None)
    with StagedFolder(tmp_path / "run") as late:
        late.write_text("a.txt", "late")
        if kind == "full":
            with StagedFolder(tmp_path / "run") as first:
                first.write_text("a.txt", "first")
                first.commit()
        else:
            (tmp_path / "run").write_text("first")
        with pytest.raises(ConflictError):
            late.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    if kind == "full":
        assert (tmp_path / "run/a.txt").read_text() == "first"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EDQUOT])
@pytest.mark.parametrize("step", ["fsync", "rename", "mkdir"])
def test_what_the_system_refuses_is_a_finding(tmp_path, monkeypatch, number, step):
    def refuse(*_, **__):
        raise OSError(number, os.strerror(number))

    if step == "fsync":
        monkeypatch.setattr("os.fsync", refuse)
    else:
        monkeypatch.setattr(Path, step, refuse)

    def write():
        with StagedFolder(tmp_path / "run") as folder:
            folder.write_text("a.txt", "hello")
            folder.commit()

    with pytest.raises(EnvironmentRefused, match=r"tables\.output_refused") as caught:
        write()
    assert caught.value.status == 6
    assert os.strerror(number) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_kill_leaves_no_folder_of_that_name(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        from mlmcalc.tables.folder import StagedFolder
        with StagedFolder(sys.argv[1]) as folder:
            folder.write_text("a.txt", "hello")
            print("written", flush=True)
            time.sleep(60)
            folder.commit()
        """
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "run")], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"written\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "run").exists()
    # A second attempt is not disturbed by what the first one left.
    with StagedFolder(tmp_path / "run") as folder:
        folder.write_text("a.txt", "again")
        folder.commit()
    assert (tmp_path / "run/a.txt").read_text() == "again"
