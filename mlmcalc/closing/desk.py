"""Where operators act: a store, the company's programs, and who acts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from mlmcalc.closing.programs import Programs
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.history.instants import local_day
from mlmcalc.periods import Period, label_after
from mlmcalc.plan.load import Plan
from mlmcalc.store.clock import instant_text
from mlmcalc.store.log import LogRecord, log_records
from mlmcalc.store.objects import StoredObject
from mlmcalc.store.periods import StoredPeriod, add_period, add_program, find_period, periods
from mlmcalc.store.runs import StoredRun
from mlmcalc.store.store import Store
from mlmcalc.store.transaction import Reading, Writing

BEFORE_COMMIT = ("open", "calculated", "reviewed")
CLOSED = ("committed", "paid")
CALCULATED = "period.calculate"
"""Action in the log; its details name the run."""


TableSource = Callable[[Reading, Plan, Period, str, int], Mapping[str, StoredObject]]
"""Called with a transaction, plan, period, the day on which members stand where they stand, and the instant after which
nothing counts that became known; returns tables as objects that were put already: ``members``, ``orders`` or
``volumes``, and ``overrides`` where there are any."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an operator acts.

    Attributes
    ----------
    store : Store
        Open.
    programs : Programs
    by : str
        Who acts.
    tables : TableSource
        Where the tables of a run come from.
    """

    store: Store
    programs: Programs
    by: str
    tables: TableSource

    def plan(self, program: str, label: str, version: str | None = None) -> Plan:
        """Return the version of a program that is in force in a period, or a named one.

        Raises
        ------
        InputRefused
            ``closing.program``, ``closing.version``, ``periods.label``.
        """
        return self.programs.in_force(program, self.programs.period(program, label), version)


def today(desk: Desk, program: str) -> str:
    """Return the day that it is where a program counts its days, as ``2026-10-31``."""
    return local_day(datetime.now(UTC), desk.programs.versions(program)[-1].time_zone).isoformat()


def day_of(text: str) -> str:
    """Return a day as it was written, if it is one.

    Raises
    ------
    InputRefused
        ``closing.day``.
    """
    try:
        if date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        # The same refusal as for a day that is written in another way.
        pass
    raise InputRefused(Finding("closing.day", f"{text!r} is no day.", "Write it as 2026-10-31."))


def instant_known(tx: Writing, known_at: int | None) -> int:
    """Return the instant after which nothing counts that became known: a named one, or now.

    Raises
    ------
    InputRefused
        ``closing.known_at``: it is to come, and nobody knows what will be known then.
    """
    if known_at is not None and known_at > tx.at:
        message = f"{instant_text(known_at)} is to come: nobody knows what will be known then."
        raise InputRefused(Finding("closing.known_at", message, "Name an instant that is past, or leave it out."))
    return tx.at if known_at is None else known_at


def open_period(desk: Desk, program: str, label: str) -> StoredPeriod:
    """Open a period, or return it as it is: the first of a program, or the one directly after the last.

    Raises
    ------
    InputRefused
        ``closing.gap``: it does not follow the last period; ``periods.label``.
    ConflictError
        ``store.calendar``, ``store.period``.
    """
    with desk.store.write(desk.by) as tx:
        return opened(tx, desk.plan(program, label), label)


def opened(tx: Writing, plan: Plan, label: str) -> StoredPeriod:
    """Return a period, opened in this transaction if it was not yet; raises as `open_period`."""
    made = expected(tx, plan, label)
    if find_period(tx, plan.name, label) is None:
        add_program(tx, plan.name, plan.head.period)
        add_period(tx, plan.name, label, made.first, made.last)
        tx.log("period.open", called(made), {"first": made.first, "last": made.last})
    return made


def expected(tx: Reading, plan: Plan, label: str) -> StoredPeriod:
    """Return a period as it is in the store, or as it would be when it is opened.

    Raises
    ------
    InputRefused
        ``closing.gap``, ``periods.label``.
    """
    there = find_period(tx, plan.name, label)
    if there is not None:
        return there
    period = plan.calendar(label)
    known = periods(tx, plan.name)
    if known and period.first_day != plan.calendar(known[-1].label).last_day + 1:
        raise InputRefused(_gap(plan.name, label, known[-1]))
    return StoredPeriod(plan.name, label, period.first.isoformat(), period.last.isoformat(), "open", 1, None)


def next_label(last: StoredPeriod) -> str:
    """Return the label after a period; empty where nothing says how long the next one is."""
    try:
        return label_after(last.label)
    except InputRefused:
        return ""


def open_of(tx: Reading, program: str, label: str | None = None) -> StoredPeriod:
    """Return a period that takes changes: a named one, or the first of a program that is not committed.

    Raises
    ------
    InputRefused
        ``closing.committed``: it is committed; ``closing.none_open``: all of them are; ``store.no_period``.
    """
    if label is not None:
        found = find_period(tx, program, label)
        if found is None:
            remedy = f"Open it: `mlmcalc period open {label}`."
            raise InputRefused(Finding("closing.not_open", f"{program} has no period {label} yet.", remedy))
        refuse_closed(found)
        return found
    waiting = periods(tx, program, BEFORE_COMMIT)
    if not waiting:
        last = periods(tx, program)
        following = next_label(last[-1]) if last else ""
        remedy = f"Open the next one: `mlmcalc period open {following or 'PERIOD'}`."
        raise InputRefused(Finding("closing.none_open", f"no period of {program} is open.", remedy))
    return waiting[0]


def refuse_closed(period: StoredPeriod) -> None:
    """Refuse a change to a period that is committed.

    Raises
    ------
    InputRefused
        ``closing.committed``.
    """
    if period.status in CLOSED:
        message = f"{called(period)} is {period.status}: it does not change any more."
        remedy = "What came late goes into the open period: `mlmcalc adjust`, or `mlmcalc trueup` for the whole period."
        raise InputRefused(Finding("closing.committed", message, remedy))


def called(period: StoredPeriod) -> str:
    """Return what the log and messages call a period: program and label."""
    return f"{period.program} {period.label}"


def calculators(tx: Reading, period: StoredPeriod, run: str) -> list[str]:
    """Return who calculated a run for a period, as the log says."""
    return list(dict.fromkeys(record.by for record in _calculations(tx, period, run)))


def known_at_of(tx: Reading, period: StoredPeriod, run: StoredRun) -> int:
    """Return the instant after which nothing that became known went into a run, as it was last calculated."""
    said = [json.loads(record.details) for record in _calculations(tx, period, run.id)]
    # What came in since the run was made may change nothing of it: then it is the same run again.
    return max((one.get("known_at", run.known_at) for one in said), default=run.known_at)


def _calculations(tx: Reading, period: StoredPeriod, run: str) -> list[LogRecord]:
    return [
        record
        for record in log_records(tx, called(period))
        if record.action == CALCULATED and record.subject == called(period) and f'"run":"{run}"' in record.details
    ]


def same_person(one: str, other: str) -> bool:
    """Return whether two names are one person's: capitals and blanks make no difference."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _gap(program: str, label: str, last: StoredPeriod) -> Finding:
    following = next_label(last)
    fallback = f"Name the period that begins on the day after {last.last}."
    remedy = f"Open {following} first: periods follow one another." if following else fallback
    return Finding("closing.gap", f"{label} does not follow {last.label}, the last period of {program}.", remedy)
