"""The two runs of a comparison with the inputs they were made of, verified."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmcalc.api.inputs import Inputs
from mlmcalc.api.recalculate import prepare_again
from mlmcalc.api.run import Run
from mlmcalc.api.state import STATE, state_source
from mlmcalc.api.stored_runs import load_run
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.plan.load import Plan
from mlmcalc.tables.source import ColumnMap


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """What one of the two runs was made of.

    Attributes
    ----------
    plan : Plan
    inputs : Inputs
    seals : mapping of str to str
        The SHA-256 of every table.
    """

    plan: Plan
    inputs: Inputs
    seals: Mapping[str, str]

    def table(self, name: str) -> Any:
        """Return a table as it was handed over, None where there was none."""
        return self.inputs.tables.get(name)

    def column_map(self, name: str) -> ColumnMap:
        """Return the map of columns of a table."""
        return self.inputs.maps.get(name, ColumnMap())


def loaded(run: Run | str | os.PathLike[str]) -> Run:
    """Return a run that was handed over, or that lies in a folder.

    Raises
    ------
    InputRefused, IntegrityError
        As `mlmcalc.load_run`.
    """
    return run if isinstance(run, Run) else load_run(run)


def side_of(run: Run) -> Side:
    """Return the inputs of a run, verified to be those it was made of.

    Raises
    ------
    InputRefused
        ``api.inputs_gone``: a table is no longer where it was, or was a frame that no folder holds.
    IntegrityError
        ``api.input_changed``: a table is not what was paid on.
    """
    if run.calculated is None or run.inputs is None:
        assert run.folder is not None, "a run is in memory or in a folder"
        again = prepare_again(run.folder)
        return Side(again.prepared.plan, again.inputs, _seals(again.manifest))
    side = Side(run.calculated.plan, run.inputs, _seals(run.manifest))
    changed = [name for name in side.seals if _digest(name, side.table(name)) not in ("", side.seals[name])]
    if changed:
        raise IntegrityError(changed_input(name) for name in changed)
    return side


def changed_input(name: str) -> Finding:
    """Return the finding about a table that is no longer what a run was made of."""
    message = f"the table of {name} is no longer what the run was made of."
    return Finding("api.input_changed", message, "Restore it, or run again.")


def _seals(manifest: Mapping[str, Any]) -> dict[str, str]:
    return {seal["name"]: seal["sha256"] for seal in manifest["inputs"]}


def _digest(name: str, table: Any) -> str:
    """Return the SHA-256 of a table that is a file; a frame cannot change, and has none."""
    found = state_source(table).table if name == STATE else table
    if not isinstance(found, str | os.PathLike):
        return ""
    try:
        with Path(found).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "gone"
