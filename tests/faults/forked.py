"""Commands in processes of their own, made by forking one that has imported everything: a fifth of a second each."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.faults.seam import Seam

KILLED = -9


def forked(work: Callable[[], Any], folder: Path) -> tuple[int, Any]:
    """Run a function in a forked process whose working folder is `folder`.

    Returns
    -------
    (int, object)
        The exit status, negative the signal that ended it, and what the function returned; None if it did not return.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        status = 1
        try:
            os.chdir(folder)
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(work(), pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read()
    _, ended = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(ended), pickle.loads(said) if said else None


def command(
    folder: Path, words: Sequence[str], kill_at: int = 0, torn: bool = False, fault: int = 0
) -> tuple[int, list[str]]:
    """Type one command in a folder, watched; return its exit status and the operations it passed.

    Parameters
    ----------
    folder : Path
    words : sequence of str
    kill_at : int
        The operation at which the process is killed; 0 for none.
    torn : bool
        As `Seam`.
    fault : int
        In place of the kill, the error of the operating system that the operation meets.
    """

    def typed() -> tuple[int, list[str]]:
        from mlmcalc.cli.main import run_command

        seam = Seam(kill_at, torn, fault)
        seam.watch()
        return run_command(list(words)), seam.names

    ended, found = forked(typed, folder)
    return (ended, []) if found is None else found


def import_everything() -> None:
    """Import what commands import when they are used, so that a forked process need not."""
    import importlib
    import pkgutil

    import mlmcalc

    for module in pkgutil.walk_packages(mlmcalc.__path__, "mlmcalc."):
        if not any(part in module.name for part in (".migrations", ".released", "cli.unread", "kernels.")):
            importlib.import_module(module.name)
    assert "polars" in sys.modules
