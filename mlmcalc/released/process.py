"""A frozen copy at work: in a process of its own, which sees it in place of this package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from mlmcalc.errors import EnvironmentRefused, Finding, InputRefused, IntegrityError, MlmcalcError
from mlmcalc.released.registry import RELEASED, Release

_AGAIN = "mlmcalc.released.again"
_REFUSALS = {kind.status: kind for kind in (InputRefused, IntegrityError, EnvironmentRefused)}


def run_again(release: Release, folder: Path, out: Path | None = None, root: Path = RELEASED) -> dict[str, Any]:
    """Let a frozen copy calculate a stored run again, and return what it answers.

    Parameters
    ----------
    release : Release
        Verified.
    folder : Path
        Of the stored run.
    out : Path, optional
        A new folder, which it writes the run into.
    root : Path
        Where frozen copies are.

    Returns
    -------
    dict
        ``arithmetic``, and ``digests`` of all tables.

    Raises
    ------
    InputRefused, IntegrityError, EnvironmentRefused
        What the copy refuses; ``released.failed``: it did not run here.
    """
    with tempfile.TemporaryDirectory(prefix="mlmcalc-released-") as compiled:
        # Nothing that Python compiled before is trusted: the digest is of the sources.
        command = [sys.executable, "-P", "-X", f"pycache_prefix={compiled}", "-m", _AGAIN, os.path.abspath(folder)]
        command += [] if out is None else [os.path.abspath(out)]
        paths = [str(root / release.folder), *(path for path in sys.path if path)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)  # noqa: S603
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = {}
    if "refused" in answer:
        raise _refusal(answer)
    if done.returncode or answer.get("arithmetic") != release.arithmetic:
        last = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        message = f"the frozen arithmetic {release.arithmetic} did not run here: {last[0][:200]}."
        remedy = f"Replay the run with mlmcalc {release.mlmcalc} and the packages that its manifest names."
        raise EnvironmentRefused(Finding("released.failed", message, remedy, file=str(root / release.folder)))
    return answer


def _refusal(answer: dict[str, Any]) -> MlmcalcError:
    return _REFUSALS.get(answer["refused"], InputRefused)(_finding(row) for row in answer["findings"])


def _finding(row: dict[str, Any]) -> Finding:
    known: dict[str, Any] = {name: value for name, value in row.items() if name in Finding.__dataclass_fields__}
    known["path"] = tuple(row.get("path", ()))
    return Finding(**known)
