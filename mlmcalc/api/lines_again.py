"""Lines that a stored run did not keep, calculated again."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from mlmcalc.api.calculate import lines_of
from mlmcalc.api.recalculate import prepare_again


def lines_again(folder: Path) -> pl.DataFrame:
    """Return the lines of a run that keeps none, from its inputs, which are verified.

    Raises
    ------
    InputRefused
        ``tables.no_run``, ``api.inputs_gone``.
    IntegrityError
        ``tables.manifest``, ``api.input_changed``, ``api.lines_differ``.
    """
    again = prepare_again(folder)
    return lines_of(again.prepared, again.manifest["digests"]["lines"], str(folder))
