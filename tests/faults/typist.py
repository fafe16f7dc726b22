"""Types commands for tests: a process that has imported everything once and forks for each command.

A test has threads of polars in its own process, so it must not fork itself. `Typist` asks this process instead; a
command takes a fifth of a second, and may be killed, stopped or refused at any of its operations (`seam.py`), have an
environment, a clock and a limit of open files of its own, and begin at the same moment as others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.seam import Seam

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command came to.

    Attributes
    ----------
    status : int
        The exit status, negative the signal that ended it.
    out, err : str
    names : list of str
        The operations it passed; empty where it was ended by force.
    """

    status: int
    out: str
    err: str
    names: list[str]


class Typist:
    """The process that types; end it by `close`."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "MLMCALC_STORE_URL"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.typist"],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def type(self, folder: Path, *words: str, **options: Any) -> Answer:
        """Type one command in a folder; options as of `_in_child`."""
        return self.together(folder, [words], [options])[0]

    def together(
        self, folder: Path, commands: Sequence[Sequence[str]], options: Sequence[Mapping[str, Any]] = ()
    ) -> list[Answer]:
        """Type commands at the same moment, and return what each came to."""
        chosen = options or [{}] * len(commands)
        wanted = [{"words": list(words), **more} for words, more in zip(commands, chosen, strict=True)]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "commands": wanted}) + "\n")
        self._process.stdin.flush()
        return [Answer(**one) for one in json.loads(self._process.stdout.readline())]

    def prepare(self, folder: Path, step: int) -> None:
        """Do what the operator of a step of `company.STEPS` does before typing."""
        assert self.type(folder, "prepare", str(step)).status == 0

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def _serve() -> None:
    from tests.faults.forked import import_everything

    import_everything()
    # What a child writes to its standard output must not get between the answers.
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        wanted = json.loads(line)
        answers.write(json.dumps(_answered(wanted["folder"], wanted["commands"])) + "\n")
        answers.flush()


def _answered(folder: str, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    begin, beginning = os.pipe()
    children = []
    for command in commands:
        files = [os.memfd_create(name) for name in ("out", "err", "names")]
        child = os.fork()
        if child == 0:
            os.close(beginning)
            # Nothing comes through this pipe: it ends when all may begin.
            os.read(begin, 1)
            _in_child(folder, files, **command)
        children.append((child, files))
    os.close(begin)
    os.close(beginning)
    return [_waited(child, files) for child, files in children]


def _waited(child: int, files: list[int]) -> dict[str, Any]:
    _, ended = os.waitpid(child, 0)
    texts = []
    for descriptor in files:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with os.fdopen(descriptor, "rb") as file:
            texts.append(file.read().decode())
    out, err, names = texts
    return {"status": os.waitstatus_to_exitcode(ended), "out": out, "err": err, "names": json.loads(names or "[]")}


def _in_child(
    folder: str,
    files: list[int],
    words: list[str],
    at: int = 0,
    torn: bool = False,
    fault: int = 0,
    stop: int = 0,
    environment: Mapping[str, str] | None = None,
    clock: int = 0,
) -> None:
    """Type a command and end this process.

    `at` is the operation at which it is killed, or meets the error `fault`, or gets the signal `stop`; `clock` is added
    to the seconds of the day.
    """
    status, seam = 1, Seam(at, torn, fault, stop)
    try:
        os.dup2(files[0], 1)
        os.dup2(files[1], 2)
        os.chdir(folder)
        os.environ.update(environment or {})
        _changed(clock)
        seam.watch()
        status = _typed(words)
    finally:
        # As the interpreter shows what nobody caught.
        if sys.exc_info()[0] is not None:
            traceback.print_exc()
            sys.stderr.flush()
        # The seam is on these too, and may be told to refuse.
        os.write(files[2], json.dumps(seam.names).encode())
        os._exit(status)


def _changed(clock: int) -> None:
    import time

    time.tzset()
    if clock:
        from mlmcalc.store import clock as clocks

        real = time.time_ns
        clocks.time.time_ns = lambda: real() + clock * 10**9


def _typed(words: list[str]) -> int:
    if words[0] == "prepare":
        from tests.faults.company import STEPS

        STEPS[int(words[1])].prepare(Path())
        return 0
    from mlmcalc.cli.main import main

    try:
        main(words)
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    _serve()
