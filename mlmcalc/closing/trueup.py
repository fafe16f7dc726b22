"""True-up: a closed period with what is known now, less what was paid and corrected, as lines in the open period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from mlmcalc.api.calculate import Progress, silent
from mlmcalc.api.diff import diff
from mlmcalc.audit.moved_amounts import added, amounts_of, decimals_of
from mlmcalc.audit.run_difference import Effect
from mlmcalc.closing.calculating import stored_run
from mlmcalc.closing.changes import CORRECTING, WRITTEN_OFF, back_to_open
from mlmcalc.closing.corrected import Corrected, corrected, new_since
from mlmcalc.closing.desk import CLOSED, Desk, called, instant_known, open_of
from mlmcalc.closing.opening import TRUED_UP
from mlmcalc.closing.trueup_lines import Line, correcting_lines
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.plan.load import Plan
from mlmcalc.store.adjustments import NewAdjustment, StoredAdjustment, add_adjustments, adjustments
from mlmcalc.store.clock import instant_text
from mlmcalc.store.closings import standing_closing
from mlmcalc.store.periods import StoredPeriod, period_of, periods
from mlmcalc.store.runs import StoredRun, add_run
from mlmcalc.store.transaction import Reading, Writing


@dataclass(frozen=True, slots=True, eq=False)
class TruedUp:
    """What one closed period comes to now.

    Attributes
    ----------
    label : str
    committed, now : str
        Ids of the run that was committed, and of that of today.
    effects : sequence of Effect
        What changed since the last true-up, by cause; empty where nothing did.
    lines : sequence of Line
        What corrects it, for the open period.
    findings : sequence of Finding
    """

    label: str
    committed: str
    now: str
    effects: Sequence[Effect]
    lines: Sequence[Line]
    findings: Sequence[Finding]

    def total(self, kind: str) -> Decimal:
        """Return the sum of its lines that are ``paid``, ``collected`` or ``written_off``."""
        off = [line.amount for line in self.lines if line.type == WRITTEN_OFF]
        net: dict[str, Decimal] = {}
        for line in self.lines:
            if line.type != WRITTEN_OFF:
                net[line.member] = net.get(line.member, Decimal(0)) + line.amount
        if kind == WRITTEN_OFF:
            return sum(off, Decimal(0))
        return sum((amount for amount in net.values() if (amount > 0) == (kind == "paid")), Decimal(0))


@dataclass(frozen=True, slots=True, eq=False)
class TrueUp:
    """What a true-up did, or would do.

    Attributes
    ----------
    takes : StoredPeriod
        The open period that takes the lines, as it is now.
    was : str
        Its status before.
    periods : sequence of TruedUp
        The closed periods that were calculated again, the oldest first.
    numbers : tuple of int
        Of the adjustments that were made; empty where there is nothing new, or it was only tried out.
    """

    takes: StoredPeriod
    was: str
    periods: Sequence[TruedUp]
    numbers: tuple[int, ...] = ()

    @property
    def lines(self) -> int:
        """How many lines correct something."""
        return sum(len(period.lines) for period in self.periods)


def trueup(
    desk: Desk,
    program: str,
    label: str,
    reason: str = "",
    known_at: int | None = None,
    dry_run: bool = False,
    progress: Progress = silent,
) -> TrueUp:
    """Calculate a closed period again with what is known now, and enter the difference into the open period.

    What was paid stands. The difference to it, less the lines of earlier true-ups that stand, becomes lines of the
    first period that is not committed, by member, bonus and cause; a second person approves them with that period.
    Twice is once: where nothing new is known nothing is written. Where it changes no amount there are no lines, but it
    is recorded that it was looked at, and a plan that carries on what a period leaves now does.

    Parameters
    ----------
    desk : Desk
    program, label : str
    reason : str
        What is said about the lines.
    known_at : int, optional
        Microseconds since 1970 in UTC: what became known later does not go in; by default now.
    dry_run : bool
        Only say what it comes to.
    progress : callable

    Raises
    ------
    InputRefused
        ``closing.not_committed``: the period takes what is new by itself; ``closing.none_open``: no period takes the
        lines; ``closing.no_payout``: its plan says nothing of payout; ``closing.known_at``; and as a run.
    ConflictError
        ``closing.changed_meanwhile``.
    IntegrityError
        What was committed was changed since.
    EnvironmentRefused
        As the store.
    """
    with desk.store.write(desk.by) as tx:
        instant = instant_known(tx, known_at)
        takes = open_of(tx, program)
        plan = desk.plan(program, takes.label)
        _refuse_without_payout(plan)
        labels = _concerned(tx, program, label, plan)
    found: list[Corrected] = []
    for number, one in enumerate(labels):
        progress(f"{program} {one}", number, len(labels))
        before = found[-1] if found else None
        found.append(corrected(desk, program, one, plan, instant, before, not dry_run, progress))
    with desk.store.read() as tx:
        standing = {one: _standing(tx, program, one) for one in labels}
        members = _members(tx, desk, plan, takes, instant)
    done = [_trued_up(one, standing[one.period.label], plan, members, progress) for one in found]
    new = any(one.now.id != one.last.id for one in found)
    if dry_run or not (new or any(period.lines for period in done)):
        return TrueUp(takes, takes.status, done)
    return _recorded(desk, takes, found, done, standing, reason or f"known at {instant_text(instant)}")


def waiting(desk: Desk, program: str, progress: Progress = silent) -> list[tuple[str, list[str]]]:
    """Return the committed periods about which something new is known, the oldest first, each with what is new.

    Nothing is calculated, so that a true-up may find that no amount changes.

    Parameters
    ----------
    desk : Desk
    program : str
    progress : callable

    Raises
    ------
    InputRefused, IntegrityError
        As `trueup`.
    """
    with desk.store.write(desk.by) as tx:
        instant, every = tx.at, periods(tx, program)
    closed = [one for one in every if one.status in CLOSED]
    if not closed:
        return []
    # Returns count as the first period says that is not committed; until there is one, as the last one does.
    following = next((one for one in every if one.status not in CLOSED), closed[-1])
    rules = desk.plan(program, following.label)
    found = []
    for number, one in enumerate(closed):
        progress(f"{program} {one.label}", number, len(closed))
        found.append((one.label, new_since(desk, one, rules, instant)))
    return [(label, tables) for label, tables in found if tables]


def _refuse_without_payout(plan: Plan) -> None:
    if plan.payout is None:
        message = f"what corrects a period enters a payout, and {plan.name} {plan.version} says nothing of it."
        remedy = "State payout: in the plan, as {} at least."
        raise InputRefused(Finding("closing.no_payout", message, remedy, file=plan.file))


def _concerned(tx: Reading, program: str, label: str, rules: Plan) -> list[str]:
    """Return the periods to be calculated again: one, or it and all closed ones after it."""
    first = period_of(tx, program, label)
    if rules.corrections.through == "period":
        return [label]
    return [label] + [one.label for one in periods(tx, program, CLOSED) if one.first > first.first]


def _standing(tx: Reading, program: str, label: str) -> list[StoredAdjustment]:
    """Return the lines that correct a period and stand."""
    return [line for line in adjustments(tx, program) if line.origin == label and line.type in CORRECTING]


def _members(tx: Reading, desk: Desk, plan: Plan, takes: StoredPeriod, known_at: int) -> set[str]:
    tables = desk.tables(tx, plan, plan.calendar(takes.label), takes.last, known_at)
    ids = tx.objects.read(tables["members"].sha256).get_column("member_id")
    return set(ids.cast(pl.String))


def _trued_up(
    one: Corrected,
    standing: Iterable[StoredAdjustment],
    rules: Plan,
    members: set[str],
    progress: Progress,
) -> TruedUp:
    tables = [(run.statements, run.payout) for run in (one.committed, one.now)]
    decimals = decimals_of([table for both in tables for table in both])
    before, now = (amounts_of(*both, decimals) for both in tables)
    difference = diff(one.last, one.now, finer="kinds", progress=progress)
    moved, decimals = added([(now, 1), (before, -1)]), one.now.totals["money_decimals"]
    lines = correcting_lines(moved, difference.effects, standing, rules.corrections, decimals, members)
    return TruedUp(one.period.label, one.closing.run, one.now.id, difference.effects, lines, difference.findings)


def _recorded(
    desk: Desk,
    takes: StoredPeriod,
    found: Sequence[Corrected],
    done: Sequence[TruedUp],
    standing: dict[str, list[StoredAdjustment]],
    reason: str,
) -> TrueUp:
    """Enter the lines, with the runs they come from, in one transaction."""
    kept = [stored_run(desk, one.given, one.now, "trueup", one.as_of, one.known_at) for one in found]
    with desk.store.write(desk.by) as tx:
        seen = open_of(tx, takes.program, takes.label)
        for one in found:
            _refuse_moved(tx, one, standing[one.period.label])
        numbers: list[int] = []
        for one, period, run in zip(found, done, kept, strict=True):
            numbers += _entered(tx, seen, one, period, run, reason)
        # Points may change that pay nothing in their own period: the next one begins with them.
        carried = found[-1].given.plan.corrections.through == "later_periods" and found[-1].now.id != found[-1].last.id
        if not (numbers or carried):
            return TrueUp(seen, seen.status, done)
        because = f"{', '.join(period.label for period in done if period.lines or carried)} was trued up"
        return TrueUp(back_to_open(tx, seen, because), seen.status, done, tuple(numbers))


def _refuse_moved(tx: Reading, one: Corrected, standing: Sequence[StoredAdjustment]) -> None:
    period = one.period
    closing = standing_closing(tx, period.program, period.label)
    if closing != one.closing or _standing(tx, period.program, period.label) != standing:
        message = f"{called(period)} was corrected or reopened by somebody else at the same time."
        raise ConflictError(Finding("closing.changed_meanwhile", message, "Repeat the command: it looks anew."))


def _entered(
    tx: Writing, takes: StoredPeriod, one: Corrected, period: TruedUp, run: StoredRun, reason: str
) -> list[int]:
    """Enter the lines of one closed period, with the run they come from."""
    for table in one.given.objects:
        tx.add_object(table)
    add_run(tx, replace(run, made_at=tx.at))
    decimals = one.now.totals["money_decimals"]
    made = add_adjustments(
        tx,
        takes.program,
        takes.label,
        [
            NewAdjustment(
                member_id=line.member,
                type=line.type,
                units=int(line.amount.scaleb(decimals)),
                decimals=decimals,
                reason=f"true-up of {period.label}, {reason}",
                bonus=line.bonus,
                origin=period.label,
                cause=line.cause,
                source_runs=(period.committed, period.now),
            )
            for line in period.lines
        ],
    )
    details = {"run": period.now, "committed": period.committed, "into": takes.label, "lines": len(made)}
    totals = {kind: str(period.total(kind)) for kind in ("paid", "collected", WRITTEN_OFF)}
    tx.log(TRUED_UP, called(one.period), details | totals)
    return [line.number for line in made]
