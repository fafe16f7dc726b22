"""mlmcalc: exact, explainable commissions.

>>> import mlmcalc
>>> run = mlmcalc.run("plan.yaml", "members.csv", orders="orders.csv", period="2026-10")  # doctest: +SKIP
>>> run.statements  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from mlmcalc._version import __version__

if TYPE_CHECKING:
    from mlmcalc.api.diff import diff
    from mlmcalc.api.library import check, load_plan, preview, run, run_to_folder
    from mlmcalc.api.place import Placement, load_placement, place
    from mlmcalc.api.preview import Preview
    from mlmcalc.api.run import Run
    from mlmcalc.api.stored_runs import load_run
    from mlmcalc.api.timeline import timeline
    from mlmcalc.audit.run_difference import RunDifference
    from mlmcalc.audit.timeline.model import Timeline
    from mlmcalc.audit.verify import Verification, verify
    from mlmcalc.errors import (
        ConflictError,
        EnvironmentRefused,
        Finding,
        InputRefused,
        IntegrityError,
        MlmcalcError,
    )
    from mlmcalc.plan.load import Plan
    from mlmcalc.released.replay import Replay, replay
    from mlmcalc.tables.source import ColumnMap

_HOMES = {
    "ColumnMap": "mlmcalc.tables.source",
    "ConflictError": "mlmcalc.errors",
    "EnvironmentRefused": "mlmcalc.errors",
    "Finding": "mlmcalc.errors",
    "InputRefused": "mlmcalc.errors",
    "IntegrityError": "mlmcalc.errors",
    "MlmcalcError": "mlmcalc.errors",
    "Placement": "mlmcalc.api.placement",
    "Plan": "mlmcalc.plan.load",
    "Preview": "mlmcalc.api.preview",
    "Replay": "mlmcalc.released.replay",
    "Run": "mlmcalc.api.run",
    "RunDifference": "mlmcalc.audit.run_difference",
    "Timeline": "mlmcalc.audit.timeline.model",
    "Verification": "mlmcalc.audit.verify",
    "check": "mlmcalc.api.library",
    "diff": "mlmcalc.api.diff",
    "load_placement": "mlmcalc.placement.load",
    "load_plan": "mlmcalc.api.library",
    "load_run": "mlmcalc.api.stored_runs",
    "place": "mlmcalc.api.place",
    "preview": "mlmcalc.api.library",
    "replay": "mlmcalc.released.replay",
    "run": "mlmcalc.api.library",
    "run_to_folder": "mlmcalc.api.library",
    "timeline": "mlmcalc.api.timeline",
    "verify": "mlmcalc.audit.verify",
}

__all__ = [
    "ColumnMap",
    "ConflictError",
    "EnvironmentRefused",
    "Finding",
    "InputRefused",
    "IntegrityError",
    "MlmcalcError",
    "Placement",
    "Plan",
    "Preview",
    "Replay",
    "Run",
    "RunDifference",
    "Timeline",
    "Verification",
    "__version__",
    "check",
    "diff",
    "load_placement",
    "load_plan",
    "load_run",
    "place",
    "preview",
    "replay",
    "run",
    "run_to_folder",
    "timeline",
    "verify",
]


if not TYPE_CHECKING:
    # Not for type checkers: to them it would make every misspelt name valid.
    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used: `import mlmcalc` alone costs nothing."""
        if name not in _HOMES:
            raise AttributeError(f"module 'mlmcalc' has no attribute {name!r}")
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
