"""A closed period calculated again with what is known now, under its own plan, beside what was committed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from mlmcalc.api.calculate import Progress, run_in_memory
from mlmcalc.api.inputs import Inputs
from mlmcalc.api.recalculate import PLAN_FILE
from mlmcalc.api.run import Run
from mlmcalc.api.sealed import sealed_manifest
from mlmcalc.api.stored_runs import load_run
from mlmcalc.audit.corrected_state import corrected_state
from mlmcalc.closing.calculating import run_into_store, told_by_name
from mlmcalc.closing.desk import CLOSED, Desk, called
from mlmcalc.closing.gathering import Before, Gathered, gathered
from mlmcalc.closing.opening import last_trueup
from mlmcalc.closing.verifying import verified_run
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.plan.load import Plan, load_plan
from mlmcalc.store.clock import instant_text
from mlmcalc.store.closings import Closing, standing_closing
from mlmcalc.store.periods import StoredPeriod, period_of
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """A closed period as it was committed, as it was last trued up, and as it is now.

    Attributes
    ----------
    period : StoredPeriod
    closing : Closing
    committed : Run
    last : Run
        The run of the last true-up, or that which was committed.
    now : Run
    given : Gathered
        What `now` was made of.
    as_of : str
    known_at : int
    """

    period: StoredPeriod
    closing: Closing
    committed: Run
    last: Run
    now: Run
    given: Gathered
    as_of: str
    known_at: int


def corrected(
    desk: Desk,
    program: str,
    label: str,
    rules: Plan,
    known_at: int,
    before: Corrected | None,
    stored: bool,
    progress: Progress,
) -> Corrected:
    """Calculate a closed period again, under the plan, the rates and as of the day that it was committed with.

    Parameters
    ----------
    desk : Desk
    program, label : str
    rules : Plan
        Of the period that takes the lines: it says how returns count now, and what is carried on.
    known_at : int
        Microseconds since 1970 in UTC: what became known later does not go in.
    before : Corrected or None
        The period before, where this one is to begin with what that leaves now.
    stored : bool
        Whether the run is kept in the store.
    progress : callable

    Raises
    ------
    InputRefused
        ``closing.not_committed``; ``closing.known_before``: what was committed or corrected last knew more; and as a
        run.
    IntegrityError
        What was committed was changed since.
    """
    with desk.store.read() as tx:
        period = period_of(tx, program, label)
        closing = standing_closing(tx, program, label)
        if period.status not in CLOSED or closing is None:
            message = f"{called(period)} is {period.status}, not committed: it takes what is new by itself."
            remedy = f"Calculate it: `mlmcalc period calculate {label}`."
            raise InputRefused(Finding("closing.not_committed", message, remedy))
        run = run_of(tx, closing.run)
        last = run_of(tx, last_trueup(tx, period, closing) or run.id)
        _refuse_known_before(period, last, known_at)
        folder = desk.store.run_folder(run.id)
        verified_run(folder, run)
        given = _known_now(tx, desk, run, rules, known_at)
    if before is not None:
        given = _begun_with(desk, given, before)
    now = _calculated(desk, given, stored, progress)
    committed = load_run(folder)
    latest = committed if last.id == run.id else load_run(desk.store.run_folder(last.id))
    return Corrected(period, closing, committed, latest, now, given, run.as_of, known_at)


def new_since(desk: Desk, period: StoredPeriod, rules: Plan, known_at: int) -> list[str]:
    """Return the tables of a committed period in which something is new since it was committed or last trued up.

    Nothing is calculated: what is new may change no amount.

    Parameters
    ----------
    desk : Desk
    period : StoredPeriod
        Committed.
    rules : Plan
        As for `corrected`.
    known_at : int
        Microseconds since 1970 in UTC: what became known later does not count.

    Raises
    ------
    InputRefused, IntegrityError
        As `corrected`.
    """
    with desk.store.read() as tx:
        closing = standing_closing(tx, period.program, period.label)
        assert closing is not None, "it is committed"
        run = run_of(tx, closing.run)
        given = _known_now(tx, desk, run, rules, known_at)
        last = last_trueup(tx, period, closing) or run.id
    manifest = sealed_manifest(desk.store.run_folder(last))
    seals = {seal["name"]: seal["sha256"] for seal in manifest["inputs"]}
    now = {name: _sha256(path, seals.get(name, "")) for name, path in given.tables.items()}
    return sorted(name for name in seals.keys() | now.keys() if seals.get(name) != now.get(name))


def _sha256(path: Path, state: str) -> str:
    # An object is called by its content; the folder of a run is the state that was committed.
    return state if path.is_dir() else path.stem


def _known_now(tx: Reading, desk: Desk, run: StoredRun, rules: Plan, known_at: int) -> Gathered:
    plan = load_plan(desk.store.run_folder(run.id) / PLAN_FILE)
    # A return is taken back as the plan says that holds when it is, everything else as was said then.
    head = plan.head.model_copy(update={"corrections": rules.head.corrections})
    return gathered(tx, desk, replace(plan, head=head), run.period, run.as_of, known_at)


def _refuse_known_before(period: StoredPeriod, last: StoredRun, known_at: int) -> None:
    if known_at < last.known_at:
        message = (
            f"{called(period)} came to what it is with what was known at {instant_text(last.known_at)}, later than "
            f"{instant_text(known_at)}."
        )
        raise InputRefused(Finding("closing.known_before", message, "Name a later instant, or leave it out."))


def _begun_with(desk: Desk, given: Gathered, before: Corrected) -> Gathered:
    """Return what a run is made of, begun with what the period before leaves now."""
    state = desk.store.objects.put(corrected_state(before.committed.state, before.now.state), "state")
    return replace(
        given,
        tables={**given.tables, "state": desk.store.objects.path(state.sha256)},
        objects=(*given.objects, state),
        before=Before(before.closing.run, corrected=before.now.id),
    )


def _calculated(desk: Desk, given: Gathered, stored: bool, progress: Progress) -> Run:
    if stored:
        return run_into_store(desk, given, 2, progress)[0]
    inputs = Inputs(plan=given.plan, tables=given.tables, period=given.period.label, clocks=given.clocks)
    try:
        return run_in_memory(inputs, progress, "none")
    except InputRefused as refusal:
        raise told_by_name(refusal, given) from None
