"""What ``import mlmcalc`` offers."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from mlmcalc.api.calculate import Progress, run_in_memory, run_into_folder, silent
from mlmcalc.api.inputs import Inputs, findings_of
from mlmcalc.api.keeping import Detail
from mlmcalc.api.preview import Preview, preview_of
from mlmcalc.api.run import Run
from mlmcalc.errors import Finding
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.plan.trial import TrialWish
from mlmcalc.tables.source import ColumnMap

__all__ = ["check", "load_plan", "preview", "run", "run_to_folder"]

Maps = Mapping[str, ColumnMap]
"""By table: ``members``, ``orders``, ``volumes``, ``overrides``, ``state``, ``adjustments``, ``closed``, ``rates``."""
_TABLES = ("members", "orders", "volumes", "overrides", "state", "adjustments", "closed", "rates")


def run(
    plan: Plan | str | Path,
    members: Any,
    orders: Any = None,
    volumes: Any = None,
    overrides: Any = None,
    *,
    period: str,
    state: Any = None,
    adjustments: Any = None,
    closed: Any = None,
    rates: Any = None,
    only: Sequence[str] = (),
    until: str = "",
    maps: Maps | None = None,
    detail: Detail = "all",
    progress: Progress | None = None,
) -> Run:
    """Calculate the commissions of a period; no file is written.

    Parameters
    ----------
    plan : Plan, path or text
    members, orders, volumes, overrides : path, polars frame, or anything polars makes a frame of
        One of orders and volumes; a path is read by its name: CSV, Parquet or Excel.
    period : str
        ``2026-10``, ``2026-W41`` or ``2026-10-01..2026-10-28``, as the plan's calendar has it.
    state : path, polars frame, or anything polars makes a frame of
        What the period before left: its run's folder, or its table of state.
    adjustments : path, polars frame, or anything polars makes a frame of
        Amounts that enter the payout, each with a type, a reason and an approver.
    closed : path, polars frame, or anything polars makes a frame of
        What bonuses of other programs came to in periods that end in this one.
    rates : path, polars frame, or anything polars makes a frame of
        What one unit of the plan's currency is in others: members are paid in theirs.
    only, until : sequence of str, str
        A trial: these bonuses and what they are calculated from, or everything up to one of ``volumes``, ``trees``,
        ``metrics``, ``ranks``, ``bonuses``, ``limits``. Nobody is paid by it, and it leaves no state.
    maps : mapping of str to ColumnMap, optional
        How the company's own columns become ours, by table.
    detail : {"all", "none"}
        ``none`` holds no lines: everything else is the same, and lines are calculated again when asked for.
    progress : callable, optional
        Called with the name of a step, its number and how many there are (0: not known).

    Raises
    ------
    InputRefused
        With every finding about plan and tables.
    IntegrityError
        ``ledger.equation``: something was neither paid nor explained.
    """
    given = (members, orders, volumes, overrides, state, adjustments, closed, rates)
    inputs = _inputs(plan, given, period, maps, _trial(only, until))
    return run_in_memory(inputs, progress or silent, detail)


def preview(
    plan: Plan | str | Path,
    members: Any,
    orders: Any,
    overrides: Any = None,
    *,
    period: str,
    state: Any = None,
    adjustments: Any = None,
    closed: Any = None,
    rates: Any = None,
    maps: Maps | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Calculate the commissions of a period, ready to be calculated again with a few orders more or less.

    Parameters are those of `run`.

    Raises
    ------
    InputRefused, IntegrityError
        As `run`.
    """
    given = (members, orders, None, overrides, state, adjustments, closed, rates)
    return preview_of(_inputs(plan, given, period, maps), progress or silent)


def run_to_folder(
    plan: Plan | str | Path,
    members: Any,
    folder: str | os.PathLike[str],
    orders: Any = None,
    volumes: Any = None,
    overrides: Any = None,
    *,
    period: str,
    state: Any = None,
    adjustments: Any = None,
    closed: Any = None,
    rates: Any = None,
    only: Sequence[str] = (),
    until: str = "",
    maps: Maps | None = None,
    format: Literal["parquet", "csv"] = "parquet",
    detail: Detail = "all",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Run:
    """Calculate the commissions of a period into a new folder, lines written while they are calculated.

    Parameters
    ----------
    folder : path
        Must not exist; it appears whole or not at all.
    format : {"parquet", "csv"}
    detail : {"all", "none"}
        ``none`` keeps no lines: statements and digests are the same, lines are calculated again when asked for.
    threads : int, optional
        How many read, and write, at the same time; 2 by default.
    plan, members, orders, volumes, overrides, period, state, adjustments, closed, rates, only, until, maps, progress
        As for `run`.

    Raises
    ------
    InputRefused, IntegrityError
        As `run`.
    ConflictError
        ``tables.output_exists``.
    EnvironmentRefused
        ``tables.output_refused``.
    """
    given = (members, orders, volumes, overrides, state, adjustments, closed, rates)
    inputs = _inputs(plan, given, period, maps, _trial(only, until))
    return run_into_folder(inputs, folder, format, threads or 2, progress or silent, detail)


def check(
    plan: Plan | str | Path,
    members: Any = None,
    orders: Any = None,
    volumes: Any = None,
    overrides: Any = None,
    *,
    period: str | None = None,
    state: Any = None,
    adjustments: Any = None,
    closed: Any = None,
    rates: Any = None,
    maps: Maps | None = None,
) -> list[Finding]:
    """Return every finding about plan and tables, errors first, without calculating anything.

    Without members the plan is checked by itself. Parameters are those of `run`.
    """
    given = (members, orders, volumes, overrides, state, adjustments, closed, rates)
    return findings_of(_inputs(plan, given, period, maps))


def _trial(only: Sequence[str], until: str) -> TrialWish | None:
    if isinstance(only, str):
        raise TypeError("only: a list of bonuses is wanted, not a text")
    return TrialWish(tuple(only), until) if only or until else None


def _inputs(
    plan: Plan | str | Path,
    given: Sequence[Any],
    period: str | None,
    maps: Maps | None,
    trial: TrialWish | None = None,
) -> Inputs:
    tables = {name: table for name, table in zip(_TABLES, given, strict=True) if table is not None}
    if not isinstance(plan, Plan | str | Path):
        raise TypeError(f"plan: a Plan, a path or a text is wanted, not {type(plan).__name__}")
    for name, chosen in (maps or {}).items():
        if name not in _TABLES:
            raise TypeError(f"maps: {name!r} is no table; tables are {', '.join(_TABLES)}")
        if not isinstance(chosen, ColumnMap):
            raise TypeError(f"maps: a ColumnMap is wanted for {name}, not {type(chosen).__name__}")
    return Inputs(plan=plan, tables=tables, period=period, maps=maps or {}, trial=trial)
