"""Everything a run reads, checked as a whole before anything is calculated."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mlmcalc.api.adjustments import adjustment_findings
from mlmcalc.api.closed import closed_findings
from mlmcalc.api.fit import fit_findings
from mlmcalc.api.needs import needs_of
from mlmcalc.api.overrides import bound_overrides, override_findings
from mlmcalc.api.rates import RATES, bound_rates
from mlmcalc.api.state import STATE, StateSource, opening_of, state_findings, state_source
from mlmcalc.errors import Finding, InputRefused, errors_of, refuse_errors
from mlmcalc.genealogy.network import Network
from mlmcalc.ledger.adjustments import no_adjustments
from mlmcalc.ledger.closed import ClosedResults
from mlmcalc.ledger.exchange import ExchangeRates
from mlmcalc.money import text_from_units
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.plan.trial import TrialWish, narrowed
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.state import Opening
from mlmcalc.rules.values import Override
from mlmcalc.runs.manifest import Identity, InputSeal
from mlmcalc.tables.adjustments import build_adjustments
from mlmcalc.tables.closed import build_closed
from mlmcalc.tables.company import Company, read_company
from mlmcalc.tables.inputs import InputRecord
from mlmcalc.tables.needs import Needs
from mlmcalc.tables.source import ColumnMap
from mlmcalc.volumes.orders import Orders
from mlmcalc.workspace.expectations import Counted, Expectations, compare_expectations

Progress = Callable[[str, int, int], None]


_BESIDE_MEMBERS = ("orders", "volumes", "overrides", "adjustments", "closed", RATES)
FRAME = "<frame>"
"""Path of a table that was handed over in memory."""


@dataclass(frozen=True, slots=True, eq=False)
class Inputs:
    """What was handed over, unread.

    Attributes
    ----------
    plan : Plan, path or text
    tables : mapping of str to (path or frame)
        ``members``, ``orders`` or ``volumes``, ``overrides``, ``state``, ``adjustments``, ``closed``, ``rates``.
    period : str or None
        Label; None where only the plan is checked.
    maps : mapping of str to ColumnMap
        By table.
    expect : Expectations
        What the company states about its tables.
    clocks : mapping
        Of tables that were folded from events: as of which day, as known when, up to which batch. It is kept in the
        manifest, sealed, and is no part of what makes a run that run.
    """

    plan: Plan | str | Path | None
    tables: Mapping[str, Any]
    period: str | None
    maps: Mapping[str, ColumnMap] = field(default_factory=dict)
    expect: Expectations = field(default_factory=Expectations)
    digits: Mapping[str, int] = field(default_factory=dict)
    trial: TrialWish | None = None
    clocks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """What was read, free of errors: fit to run.

    Attributes
    ----------
    plan : Plan
        Narrowed for a trial.
    period : Period
    network : Network
    orders : Orders
    overrides : sequence of Override
    opening : Opening
        What the period before left.
    besides : Besides
        What else was handed over.
    findings : sequence of Finding
        Warnings.
    identity : Identity
    left_out : mapping of str to int
        Rows and columns of the tables that do not count, by reason.
    """

    plan: Plan
    period: Period
    network: Network
    orders: Orders
    overrides: Sequence[Override]
    opening: Opening
    besides: Besides
    findings: Sequence[Finding]
    identity: Identity
    left_out: Mapping[str, int] = field(default_factory=dict)


def prepare(inputs: Inputs, progress: Progress, threads: int = 2) -> Prepared:
    """Read plan and tables, and refuse them with all that is wrong.

    Parameters
    ----------
    inputs : Inputs
    progress : callable
    threads : int
        How many tables are read side by side.

    Raises
    ------
    InputRefused
        With every finding.
    """
    progress("reading the plan", 0, 0)
    plan = _plan(inputs)
    period = _period(plan, inputs)
    progress("reading tables", 0, 0)
    needs = replace(needs_of(plan), currency=RATES in inputs.tables)
    findings = [*plan.warnings, *fit_findings(plan, period, has_orders="volumes" not in inputs.tables)]
    state = state_source(inputs.tables.get(STATE))
    company = _read(inputs, state, needs, period, findings, threads)
    opening = opening_of(company.state, state)
    findings += state_findings(opening, plan, period, state)
    given = inputs.tables.get("overrides")
    file = str(given)[:200] if isinstance(given, str | os.PathLike) else "overrides"
    findings += override_findings(company.overrides, plan, company.network, file)
    findings += adjustment_findings(company.adjustments, plan, period)
    findings += closed_findings(company.closed, "closed" in inputs.tables, plan, period)
    rates, about_rates = bound_rates(company.rates, plan, company.network, inputs.digits)
    findings += about_rates
    findings += compare_expectations(inputs.expect, _counted(company.inputs))
    refuse_errors(findings)
    if inputs.trial is not None:
        plan = narrowed(plan, inputs.trial)
    return Prepared(
        plan=plan,
        period=period,
        network=company.network,
        orders=company.orders,
        overrides=bound_overrides(company.overrides),
        opening=opening,
        besides=_besides(company, rates),
        findings=findings,
        identity=_identity(plan, period, company.inputs),
        left_out=company.left_out,
    )


def findings_of(inputs: Inputs, progress: Progress = lambda step, number, count: None) -> list[Finding]:
    """Return every finding about plan and tables, errors first; a plan without tables is checked by itself."""
    try:
        if inputs.tables:
            found = prepare(inputs, progress).findings
        else:
            progress("reading the plan", 0, 0)
            found = _plan(inputs).warnings
    except InputRefused as refusal:
        found = refusal.findings
    errors = errors_of(found)
    return errors + [finding for finding in found if finding.level != "error"]


def column_map(columns: Mapping[str, str], constants: Mapping[str, str], only_where: Sequence[str]) -> ColumnMap:
    """Return a map of columns from what a workspace states: our column to the company's.

    Parameters
    ----------
    columns, constants : mapping of str to str
    only_where : sequence of str
    """
    names: dict[str, list[str]] = {}
    for ours, theirs in columns.items():
        names.setdefault(theirs, []).append(ours)
    return ColumnMap(names, constants, tuple(only_where))


def _plan(inputs: Inputs) -> Plan:
    assert inputs.plan is not None, "whoever asks has named a plan"
    return inputs.plan if isinstance(inputs.plan, Plan) else load_plan(inputs.plan)


def _period(plan: Plan, inputs: Inputs) -> Period:
    if inputs.period is None:
        raise InputRefused(Finding("periods.label", "no period is named.", "Name it, such as 2026-10."))
    return plan.calendar(inputs.period)


def _read(
    inputs: Inputs, state: StateSource, needs: Needs, period: Period, findings: list[Finding], threads: int
) -> Company:
    # What is wrong with the tables is told together with what was found before.
    tables: dict[str, Any] = {name: inputs.tables.get(name) for name in _BESIDE_MEMBERS}
    tables[STATE] = state.table
    try:
        company = read_company(needs, inputs.tables.get("members"), period, **tables, maps=inputs.maps, threads=threads)
    except InputRefused as refusal:
        raise InputRefused([*refusal.findings, *findings]) from None
    findings += company.findings
    return company


def _besides(company: Company, rates: ExchangeRates | None) -> Besides:
    place, adjustments, closed = company.position_of_row, company.adjustments, company.closed
    return Besides(
        no_adjustments() if adjustments is None else build_adjustments(adjustments, place),
        ClosedResults() if closed is None else build_closed(closed, place),
        rates,
        company.returned,
    )


def _counted(records: Sequence[InputRecord]) -> dict[str, Counted]:
    return {
        record.name: Counted(
            record.rows, {name: (record.totals[name], places) for name, places in record.decimals.items()}
        )
        for record in records
    }


def _identity(plan: Plan, period: Period, records: Sequence[InputRecord]) -> Identity:
    seals = [
        InputSeal(
            name=record.name,
            path=record.path or FRAME,
            sha256=record.sha256,
            rows=record.rows,
            totals={name: text_from_units(record.totals[name], places) for name, places in record.decimals.items()},
        )
        for record in records
    ]
    return Identity(
        plan=plan.name,
        plan_version=plan.version,
        plan_digest=plan.digest,
        period=period.label,
        first=period.first.isoformat(),
        last=period.last.isoformat(),
        inputs=seals,
        plugins={word: (found.package, found.version, found.sha256) for word, found in plan.plugged.items()},
        trial="" if plan.trial is None else plan.trial.wish,
    )


__all__ = ["Inputs", "Prepared", "column_map", "findings_of", "prepare"]
