"""Results of other programs, against the plan that reads them and the period in which theirs must end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import Calendar, Period, parse_period
from mlmcalc.plan.load import Plan
from mlmcalc.rules.words import nearest
from mlmcalc.tables.closed import ClosedRows


def closed_findings(rows: ClosedRows | None, given: bool, plan: Plan, period: Period) -> list[Finding]:
    """Return what does not fit.

    Parameters
    ----------
    rows : ClosedRows or None
        None where there is no table, or it could not be read.
    given : bool
        Whether there is a table.
    plan : Plan
    period : Period

    Returns
    -------
    list of Finding
        ``closed.none``: the plan reads closed results and no table of them is given. ``closed.period``: a period does
        not end in this one. Warnings are ``closed.unread`` (a program that the plan does not name), ``closed.empty``
        (a program, or a bonus, of which there is nothing) and ``closed.gap`` (one of its periods is missing).
    """
    read = {name: word for name, word in plan.volumes.items() if getattr(word, "closed", None) is not None}
    if read and not given:
        return [_none(plan, name, word.closed) for name, word in read.items()]
    if rows is None:
        return []
    programs = {word.closed for word in read.values()}
    findings = list(_unread(rows, programs))
    for program in sorted(programs & set(rows.labels["plan"])):
        findings += _periods(rows, program, period)
    for name, word in read.items():
        findings += _empty(rows, plan, name, word.closed, word.bonuses or ())
    return findings


def _none(plan: Plan, name: str, program: str) -> Finding:
    message = f"the volume {name} reads closed results of {program}, and no table of closed results is given."
    path = ("volumes", name, "closed")
    return plan.document.located(Finding("closed.none", message, "Give it as --closed FILE.", path=path))


def _unread(rows: ClosedRows, programs: set[str]) -> Iterator[Finding]:
    for program in rows.labels["plan"]:
        if program not in programs:
            message = f"there are results of {program}, which no volume of the plan reads."
            yield Finding("closed.unread", message, nearest(program, programs), "warning", file=rows.table.file)


def _empty(rows: ClosedRows, plan: Plan, name: str, program: str, bonuses: tuple[str, ...]) -> Iterator[Finding]:
    known = rows.bonuses_of(program)
    missing = [f"{bonus} of {program}" for bonus in bonuses if bonus not in known]
    if not known:
        missing = [program]
    for what in missing:
        message = f"the volume {name} reads {what}, of which the table of closed results has nothing."
        path = ("volumes", name)
        finding = Finding("closed.empty", message, "Is it the right table, and all of it?", "warning", path=path)
        yield plan.document.located(finding)


def _periods(rows: ClosedRows, program: str, period: Period) -> Iterator[Finding]:
    found = {label: (_period(label), row) for label, row in rows.periods_of(program).items()}
    heading = rows.table.heading("period")
    for label, (ended, row) in found.items():
        if ended is None:
            message = f"{label!r} of {program} is no period."
        elif not period.first <= ended.last <= period.last:
            message = f"{label} of {program} ends on {ended.last}, outside {period.label}."
        else:
            continue
        remedy = f"Give the periods of {program} that end from {period.first} to {period.last}."
        yield Finding("closed.period", message, remedy, file=rows.table.file, row=row, column=heading)
    ended = {label: one for label, (one, _) in found.items() if one is not None}
    if len(ended) == len(found):
        yield from _gaps(rows, program, period, ended)


def _period(label: str) -> Period | None:
    try:
        return parse_period(label, _calendar(label))
    except InputRefused:
        return None


def _calendar(label: str) -> Calendar:
    return "days" if ".." in label else "week" if "W" in label else "month"


def _gaps(rows: ClosedRows, program: str, period: Period, ended: Mapping[str, Period]) -> Iterator[Finding]:
    in_order = sorted(ended.values(), key=lambda one: one.first)
    holes = [
        f"{(before.last + timedelta(days=1)).isoformat()} to {(after.first - timedelta(days=1)).isoformat()}"
        for before, after in pairwise(in_order)
        if not after.follows(before)
    ]
    if {_calendar(label) for label in ended} == {"week"}:
        first, last = in_order[0], in_order[-1]
        if first.last - timedelta(days=7) >= period.first:
            holes.insert(0, f"before {first.label}")
        if last.last + timedelta(days=7) <= period.last:
            holes.append(f"after {last.label}")
    if holes:
        message = f"of {program} there is nothing for {', '.join(holes)}."
        remedy = "Is a closed period missing, or did nobody earn anything in it?"
        yield Finding("closed.gap", message, remedy, "warning", file=rows.table.file)
