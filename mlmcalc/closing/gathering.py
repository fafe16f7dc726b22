"""What a run of a period is made of: tables as they were known, what people changed, what came before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from mlmcalc.api.stored_runs import load_run
from mlmcalc.audit.corrected_state import corrected_state
from mlmcalc.closing.closed_results import closed_rows, closed_sources, programs_read
from mlmcalc.closing.desk import CLOSED, Desk, called, expected
from mlmcalc.closing.entered import adjustment_rows, as_in, correction_rows, override_rows, rate_rows
from mlmcalc.closing.opening import last_trueup
from mlmcalc.closing.told import Told, clocks_of
from mlmcalc.errors import Finding, InputRefused, IntegrityError
from mlmcalc.plan.load import Plan
from mlmcalc.store.adjustments import StoredAdjustment, adjustments
from mlmcalc.store.checks import sealed_run
from mlmcalc.store.closings import standing_closing
from mlmcalc.store.objects import Objects, StoredObject
from mlmcalc.store.overrides import StoredOverride, overrides
from mlmcalc.store.periods import StoredPeriod, period_before
from mlmcalc.store.rates import rates_of
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True)
class Entered:
    """What people entered for a period, as it stands.

    Attributes
    ----------
    overrides : tuple of StoredOverride
    adjustments : tuple of StoredAdjustment
    rates : mapping of str to str
        By currency.
    """

    overrides: tuple[StoredOverride, ...]
    adjustments: tuple[StoredAdjustment, ...]
    rates: Mapping[str, str]

    @classmethod
    def of(cls, tx: Reading, program: str, label: str) -> Entered:
        """Return what stands in a period now."""
        return cls(
            tuple(overrides(tx, program, label)),
            tuple(adjustments(tx, program, label)),
            rates_of(tx, program, label),
        )

    def makers(self) -> list[str]:
        """Return who made any of it, each once."""
        return list(dict.fromkeys(one.made_by for one in (*self.overrides, *self.adjustments)))


@dataclass(frozen=True, slots=True)
class Before:
    """Where the opening state of a run comes from.

    Attributes
    ----------
    run : str
        Id of the run of the period before; empty where there is none.
    committed : bool
        Whether that run is committed; a preview may begin with one that is not.
    corrected : str
        Id of the run that the period before came to when it was trued up, where the plan carries that on; otherwise
        empty.
    """

    run: str = ""
    committed: bool = True
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a run is made of.

    Attributes
    ----------
    plan : Plan
    period : StoredPeriod
    tables : mapping of str to Path
        By name, as the engine takes them.
    objects : tuple of StoredObject
        Those of them that the store has to record.
    entered : Entered
    before : Before
    clocks : mapping
        As of which day, as known when and up to which batch, for the manifest.
    closed : tuple of (str, str, str)
        Program, period and run of every closed result of another program that goes in.
    """

    plan: Plan
    period: StoredPeriod
    tables: Mapping[str, Path]
    objects: tuple[StoredObject, ...]
    entered: Entered
    before: Before
    clocks: Mapping[str, Any]
    closed: tuple[tuple[str, str, str], ...] = ()


def gathered(
    tx: Reading, desk: Desk, plan: Plan, label: str, as_of: str, known_at: int, provisional: bool = False
) -> Gathered:
    """Return what a run of a period is made of, every table as an object of the store.

    Parameters
    ----------
    tx : Reading
    desk : Desk
    plan : Plan
    label : str
        Of a period that is in the store, or could be opened.
    as_of : str
        Day on which members stand where they stand.
    known_at : int
        What became known later does not go in.
    provisional : bool
        Whether the state may come from a run that is not committed.

    Raises
    ------
    InputRefused
        ``closing.state``, ``closing.closed_results``, ``closing.value``, ``closing.no_orders``, and as `desk.tables`.
    IntegrityError
        ``closing.run_missing``: the run that it begins with is gone; ``store.run_altered``.
    """
    period = expected(tx, plan, label)
    entered = Entered.of(tx, plan.name, label)
    objects = dict(desk.tables(tx, plan, plan.calendar(label), as_of, known_at))
    store = tx.objects
    _add(objects, store, "overrides", override_rows(entered.overrides, label))
    corrections = correction_rows(entered.overrides)
    if corrections.height and "volumes" in objects:
        raise InputRefused(_no_orders(label))
    _add(objects, store, "orders", corrections)
    _add(objects, store, "adjustments", adjustment_rows(entered.adjustments, label))
    _add(objects, store, "rates", rate_rows(entered.rates))
    sources = closed_sources(tx, plan, period, provisional)
    if programs_read(plan):
        objects["closed"] = store.put(closed_rows(tx, desk.store, sources), "closed")
    before = state_before(tx, period, provisional)
    if plan.corrections.through == "later_periods":
        before = _corrected(tx, desk, period, before, objects)
    tables = {name: store.path(one.sha256) for name, one in objects.items()}
    if before.run and not before.corrected:
        tables["state"] = _state_folder(desk, run_of(tx, before.run))
    return Gathered(
        plan,
        period,
        tables,
        tuple(objects.values()),
        entered,
        before,
        clocks_of(Told(tx, known_at), date.fromisoformat(as_of)),
        sources,
    )


def _state_folder(desk: Desk, run: StoredRun) -> Path:
    folder = desk.store.run_folder(run.id)
    if not folder.is_dir():
        message = "the run of the period before is gone, and with it the state that this one begins with."
        remedy = "Restore the store from a backup."
        raise IntegrityError(Finding("closing.run_missing", message, remedy, file=str(folder)))
    # Its files are verified when they are read; that it is the run that was committed is not.
    sealed_run(folder, run.manifest_sha256)
    return folder


def state_before(tx: Reading, period: StoredPeriod, provisional: bool = False) -> Before:
    """Return the run whose state a period begins with.

    Raises
    ------
    InputRefused
        ``closing.gap``: the period before is not in the store; ``closing.state``: it is not committed yet.
    """
    before = period_before(tx, period)
    if before is None:
        return Before()
    if before.status in CLOSED:
        standing = standing_closing(tx, before.program, before.label)
        assert standing is not None, "a committed period has a closing"
        return Before(standing.run)
    if provisional and before.run is not None:
        return Before(run_of(tx, before.run).id, committed=False)
    message = f"{called(before)} is {before.status}: the state that {period.label} begins with is missing."
    remedy = f"Commit {before.label} first."
    raise InputRefused(Finding("closing.state", message, remedy))


def _corrected(
    tx: Reading, desk: Desk, period: StoredPeriod, before: Before, objects: dict[str, StoredObject]
) -> Before:
    """Begin with what the period before leaves now, where it was trued up since it was committed."""
    earlier = period_before(tx, period)
    closing = None if earlier is None else standing_closing(tx, earlier.program, earlier.label)
    if earlier is None or closing is None or not before.committed:
        return before
    run = last_trueup(tx, earlier, closing)
    if not run or run == closing.run:
        return before
    committed, now = (load_run(desk.store.run_folder(one)) for one in (closing.run, run))
    objects["state"] = tx.objects.put(corrected_state(committed.state, now.state), "state")
    return Before(before.run, corrected=run)


def _no_orders(label: str) -> Finding:
    message = f"a volume is corrected in {label}, and this company hands over volumes, not orders."
    remedy = "Withdraw the correction with `mlmcalc override withdraw`, and import the table of volumes again."
    return Finding("closing.no_orders", message, remedy)


def _add(objects: dict[str, StoredObject], store: Objects, name: str, rows: pl.DataFrame) -> None:
    """Put rows that people entered under those of a table, into an object of its own."""
    if not rows.height:
        return
    if name in objects:
        there = store.read(objects[name].sha256)
        rows = pl.concat([there, as_in(rows, there.schema, name)], how="diagonal")
    objects[name] = store.put(rows, name)
