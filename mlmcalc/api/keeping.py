"""Keeping with a stored run what explains its members at once."""

from __future__ import annotations

from typing import Any, Literal

from mlmcalc.api.kept_runs import KEPT_SCHEMA
from mlmcalc.audit.kept_run import keep_values, refuse_to_keep
from mlmcalc.audit.kept_words import NotKept
from mlmcalc.runs.commission_run import CommissionRun
from mlmcalc.tables.folder import StagedFolder, WrittenFile
from mlmcalc.tables.kept import KeptWriter

Detail = Literal["all", "none"]
"""Whether a run keeps its lines, and what explains its members at once; else both are calculated when asked for."""


def keep_run(staged: StagedFolder, run: CommissionRun, detail: Detail) -> tuple[list[WrittenFile], dict[str, Any]]:
    """Write the values of a run beside its tables, if its members can be explained by them.

    Parameters
    ----------
    staged : StagedFolder
    run : CommissionRun
    detail : {"all", "none"}

    Returns
    -------
    tuple of list of WrittenFile and dict
        The files, and what the manifest says: where the values are, or why none are kept.

    Raises
    ------
    EnvironmentRefused
        ``tables.output_refused``.
    """
    if detail == "none":
        return [], {"not": "detail: none"}
    if run.plan.trial is not None:
        return [], {"not": "it is a trial"}
    try:
        refuse_to_keep(run.plan)
    except NotKept as reason:
        return [], {"not": str(reason)}
    writer = KeptWriter(staged)
    try:
        files, where = writer.finish(keep_values(run, writer))
        return files, {"schema": KEPT_SCHEMA, **where}
    finally:
        writer.close()
