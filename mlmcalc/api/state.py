"""What the period before left, against the plan and the period it opens."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.money import INT64_MAX
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.rules.state import Kept, Opening, StateRows
from mlmcalc.rules.words import nearest
from mlmcalc.runs.manifest import MANIFEST_FILE
from mlmcalc.tables.state import StateTable
from mlmcalc.tables.stored import StoredTables

STATE = "state"


@dataclass(frozen=True, slots=True)
class StateSource:
    """Where a state comes from.

    Attributes
    ----------
    table : path, frame or None
        None where nothing was handed over.
    period : str
        The period that closed, as the folder of its run says; empty for a table.
    file : str
        As findings name it.
    """

    table: Any = None
    period: str = ""
    file: str = ""


def state_source(given: Any) -> StateSource:
    """Return the table of a state that was handed over as a table or as the folder of a run.

    Raises
    ------
    InputRefused
        ``tables.no_run``: the folder is none of a run. ``state.no_table``: the run is of a version without state.
        ``state.trial``: the run is a trial.
    IntegrityError
        ``tables.manifest``, ``tables.digest``, ``tables.missing``: the run was changed since it was written.
    """
    if not isinstance(given, str | os.PathLike):
        return StateSource(given, file=STATE)
    path = Path(given)
    if not path.is_dir():
        return StateSource(given, file=str(given))
    manifest = sealed_manifest(path)
    if "trial" in manifest:
        message = "this run is a trial, which leaves nothing to a period after it."
        remedy = "Run that period as a whole."
        raise InputRefused(Finding("state.trial", message, remedy, file=str(path / MANIFEST_FILE)))
    name = next((name for name in manifest["files"] if name in (f"{STATE}.parquet", f"{STATE}.csv")), "")
    if not name:
        message = "this run left no table of state."
        raise InputRefused(Finding("state.no_table", message, "Run that period again.", file=str(path / MANIFEST_FILE)))
    StoredTables(path, manifest).verify_file(name)
    return StateSource(path / name, manifest["period"]["label"], str(path / name))


def opening_of(table: StateTable | None, source: StateSource) -> Opening:
    """Return what the period before left as the run takes it.

    Raises
    ------
    InputRefused
        ``state.overflow``: values of one section and name need more than 64 bits in common decimals.
    """
    if table is None:
        return Opening()
    width = len(table.labels["name"])
    group = table.codes["section"].astype(np.int64) * width + table.codes["name"]
    sections = {}
    for code in np.flatnonzero(np.bincount(group)).tolist():
        chosen = np.flatnonzero(group == code)
        kept = Kept(table.labels["section"][code // width], table.labels["name"][code % width])
        places, units = table.decimals[chosen], table.units[chosen]
        decimals = int(places.max())
        # As a table of few rows: a power of ten for each number of decimals there is.
        factors = 10 ** (decimals - np.arange(decimals + 1, dtype=np.int64))
        if (np.abs(units) > (INT64_MAX // factors)[places]).any():
            message = f"{kept.section} of {kept.name}: what is left needs more than 64 bits with {decimals} decimals."
            raise InputRefused(Finding("state.overflow", message, "Correct the values.", file=source.file))
        key, keys = _own_labels(table, "key", chosen)
        since, periods = _own_labels(table, "since", chosen)
        units *= factors[places]
        sections[kept] = StateRows(table.member[chosen], key, since, units, keys, periods, decimals)
    return Opening(table.period or source.period, sections)


def _own_labels(table: StateTable, column: str, chosen: NDArray[np.int64]) -> tuple[NDArray[np.int32], list[str]]:
    # A table has the labels of all its sections together; each section sees its own only.
    codes, labels = table.codes[column][chosen], table.labels[column]
    used = np.bincount(codes, minlength=len(labels)) > 0
    renumbered = (np.cumsum(used) - 1).astype(np.int32)
    return renumbered[codes], [label for label, there in zip(labels, used, strict=True) if there]


def state_findings(opening: Opening, plan: Plan, period: Period, source: StateSource) -> list[Finding]:
    """Return what is wrong with a state for a plan and a period.

    Codes are ``state.gap`` (it is not of the period directly before), ``state.period``, ``state.since``,
    ``state.key``, and the warnings ``state.none`` and ``state.unread``.
    """
    if source.table is None:
        return _nothing_given(plan)
    found = [*_period_findings(opening, plan, period, source), *_section_findings(opening, plan)]
    return [finding if finding.file else replace(finding, file=source.file) for finding in found]


def _nothing_given(plan: Plan) -> list[Finding]:
    kept = sorted({f"{kept.section} of {kept.name}" for kept in plan.keeps})
    if not kept:
        return []
    shown = ", ".join(kept[:6]) + (", ..." if len(kept) > 6 else "")
    message = f"nothing came before: titles, carry and history begin empty ({shown})."
    remedy = "Give the run of the period before as the state, unless this is the first."
    return [Finding("state.none", message, remedy, level="warning", file=plan.file)]


def _period_findings(opening: Opening, plan: Plan, period: Period, source: StateSource) -> Iterator[Finding]:
    if source.period and opening.period != source.period:
        message = f"the rows are of {opening.period}, the run is of {source.period}."
        yield Finding("state.period", message, "Give the state as the run wrote it.")
    if not opening.period:
        return
    try:
        closed = plan.calendar(opening.period)
    except InputRefused as refusal:
        yield from refusal.findings
        return
    if not period.follows(closed):
        message = f"the state is of {opening.period}, which is not the period directly before {period.label}."
        yield Finding("state.gap", message, "Run the periods one after the other, each with the state before it.")
    by_period = {Kept(kept.section, kept.name) for kept in plan.keeps if kept.by_period}
    labels = [("since", _used(rows.periods, rows.since)) for rows in opening.sections.values()]
    labels += [("key", _used(rows.keys, rows.key)) for kept, rows in opening.sections.items() if kept in by_period]
    for column, label in sorted({(column, label) for column, found in labels for label in found}):
        if not _is_closed(label, plan, closed):
            message = f"{column} {label!r} is no period of the plan's calendar up to {opening.period}."
            remedy = "Write the label of the period in which it arose."
            yield Finding(f"state.{column}", message, remedy, column=column)


def _is_closed(label: str, plan: Plan, closed: Period) -> bool:
    try:
        return plan.calendar(label).last <= closed.last
    except InputRefused:
        return False


def _used(labels: Sequence[str], codes: NDArray[np.int32]) -> list[str]:
    return [labels[code] for code in np.flatnonzero(np.bincount(codes)).tolist()]


def _section_findings(opening: Opening, plan: Plan) -> Iterator[Finding]:
    known = {Kept(kept.section, kept.name): kept.keys for kept in plan.keeps}
    for kept, rows in opening.sections.items():
        if kept not in known:
            message = f"{rows.size} rows of {kept.section} {kept.name}, which nothing in the plan keeps, are left out."
            remedy = nearest(f"{kept.section} {kept.name}", [f"{one.section} {one.name}" for one in known])
            yield Finding("state.unread", message, remedy, level="warning")
            continue
        keys = known[kept]
        for key in _used(rows.keys, rows.key):
            if keys is not None and key not in keys:
                message = f"{key!r} is no key of {kept.section} {kept.name}."
                yield Finding("state.key", message, nearest(key, keys), column="key")


__all__ = ["STATE", "StateSource", "opening_of", "state_findings", "state_source"]
