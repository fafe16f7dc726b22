"""A stored run calculated again, as a program: ``python -m mlmcalc.released.again RUN [OUT]``.

This is what a frozen copy of the package is asked by a later version, so neither the arguments nor the answer change:
one line of JSON, with ``arithmetic`` and ``digests`` by table, or with ``refused``, the exit status, and ``findings``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlmcalc.api.calculate import digests_again, run_into_folder, silent
from mlmcalc.api.recalculate import prepare_again
from mlmcalc.errors import MlmcalcError
from mlmcalc.runs.versions import ARITHMETIC_VERSION


def calculated_again(folder: Path, out: Path | None = None) -> dict[str, str]:
    """Return the content digest of every table of a stored run, calculated again from its inputs.

    Parameters
    ----------
    folder : Path
    out : Path, optional
        A new folder that the run is written into, with all its lines.

    Raises
    ------
    InputRefused, IntegrityError
        As `mlmcalc.api.recalculate.prepare_again`.
    ConflictError, EnvironmentRefused
        As `mlmcalc.api.calculate.run_into_folder`.
    """
    again = prepare_again(folder)
    if out is None:
        return digests_again(again.prepared)
    return run_into_folder(again.inputs, out, "parquet", 2, silent).manifest["digests"]


def answer(arguments: Sequence[str]) -> dict[str, Any]:
    """Return what the program answers to its arguments."""
    try:
        digests = calculated_again(*(Path(argument) for argument in arguments))
    except MlmcalcError as refusal:
        return {"refused": refusal.status, "findings": [asdict(finding) for finding in refusal.findings]}
    return {"arithmetic": ARITHMETIC_VERSION, "digests": digests}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(sys.argv[1:])) + "\n")
