"""The life of a period: what a run becomes when people decide about it.

>>> from mlmcalc.closing import Desk, approve, calculate, commit, pay  # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlmcalc.closing.approving import approve
    from mlmcalc.closing.calculating import calculate
    from mlmcalc.closing.changes import (
        adjust,
        correct_volume,
        force_rank,
        hold,
        release,
        set_rates,
        take_back_adjustment,
        take_back_override,
        waive,
    )
    from mlmcalc.closing.committing import commit
    from mlmcalc.closing.desk import Desk, open_period
    from mlmcalc.closing.exporting import export
    from mlmcalc.closing.paying import pay
    from mlmcalc.closing.programs import Programs, programs_of
    from mlmcalc.closing.projecting import project
    from mlmcalc.closing.reopening import reopen
    from mlmcalc.closing.status import every_status, status_of
    from mlmcalc.closing.told import tables_at

_HOMES = {
    "Desk": "desk",
    "Programs": "programs",
    "adjust": "changes",
    "approve": "approving",
    "calculate": "calculating",
    "commit": "committing",
    "correct_volume": "changes",
    "every_status": "status",
    "export": "exporting",
    "force_rank": "changes",
    "hold": "changes",
    "open_period": "desk",
    "pay": "paying",
    "programs_of": "programs",
    "project": "projecting",
    "release": "changes",
    "reopen": "reopening",
    "set_rates": "changes",
    "status_of": "status",
    "tables_at": "told",
    "take_back_adjustment": "changes",
    "take_back_override": "changes",
    "waive": "changes",
}

__all__ = [
    "Desk",
    "Programs",
    "adjust",
    "approve",
    "calculate",
    "commit",
    "correct_volume",
    "every_status",
    "export",
    "force_rank",
    "hold",
    "open_period",
    "pay",
    "programs_of",
    "project",
    "release",
    "reopen",
    "set_rates",
    "status_of",
    "tables_at",
    "take_back_adjustment",
    "take_back_override",
    "waive",
]


if not TYPE_CHECKING:
    # Not for type checkers: to them it would make every misspelt name valid.
    def __getattr__(name: str) -> Any:
        """Import a name when it is first used."""
        if name not in _HOMES:
            raise AttributeError(f"module 'mlmcalc.closing' has no attribute {name!r}")
        value = getattr(importlib.import_module(f"mlmcalc.closing.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
