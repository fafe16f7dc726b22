"""A second person approves what was calculated."""

from __future__ import annotations

from dataclasses import dataclass

from mlmcalc.closing.desk import Desk, calculators, called, refuse_closed, same_person
from mlmcalc.closing.gathering import Entered
from mlmcalc.closing.verifying import verified_run
from mlmcalc.errors import ConflictError, Finding, InputRefused
from mlmcalc.store.adjustments import approve_adjustments
from mlmcalc.store.approvals import Approval, add_approval, approvals
from mlmcalc.store.overrides import approve_override
from mlmcalc.store.periods import StoredPeriod, period_of, set_period
from mlmcalc.store.runs import StoredRun, run_of
from mlmcalc.store.transaction import Reading


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval.

    Attributes
    ----------
    period : StoredPeriod
    run : StoredRun
        What was approved.
    approval : Approval
    before : bool
        Whether this person had approved it already.
    """

    period: StoredPeriod
    run: StoredRun
    approval: Approval
    before: bool


def approve(desk: Desk, program: str, label: str, digest: str = "", reason: str = "") -> Approved:
    """Approve the run of a period that was calculated, as a second person.

    Parameters
    ----------
    desk : Desk
    program, label : str
    digest : str
        The beginning of the run's digest, where the person states what is approved.
    reason : str
        What is said about it.

    Raises
    ------
    InputRefused
        ``closing.not_calculated``, ``closing.committed``; ``closing.same_person``: the person calculated the run, or
        entered something that went into it; ``closing.digest``: the run that stands has another digest.
    ConflictError
        ``closing.approved``: somebody else approved it already.
    IntegrityError
        As `verified_run`.
    """
    with desk.store.read() as tx:
        period = _calculated(tx, program, label)
        run = run_of(tx, str(period.run))
    if not run.digest.startswith(digest.strip().lower()):
        message = f"the run of {called(period)} has the digest {run.digest[:16]}, not {digest[:16]}."
        raise InputRefused(Finding("closing.digest", message, "Look at what was calculated, then approve that."))
    verified_run(desk.store.run_folder(run.id), run)
    with desk.store.write(desk.by) as tx:
        seen = _calculated(tx, program, label)
        if seen.run != run.id:
            message = f"{called(seen)} was calculated again while you looked."
            raise ConflictError(Finding("closing.changed_meanwhile", message, "Look at the new run, then approve it."))
        if seen.status == "reviewed":
            return Approved(seen, run, _own(approvals(tx, program, label, run.id)[-1], desk.by, seen), before=True)
        entered = Entered.of(tx, program, label)
        _refuse_same_person(tx, desk.by, seen, run, entered)
        made = add_approval(tx, seen, run.id, reason)
        for one in entered.overrides:
            approve_override(tx, one.number)
        approve_adjustments(tx, [one.number for one in entered.adjustments])
        tx.log("period.approve", called(seen), {"run": run.id, "digest": run.digest, "approval": made.number})
        return Approved(set_period(tx, seen, "reviewed"), run, made, before=False)


def standing_approval(tx: Reading, period: StoredPeriod) -> Approval | None:
    """Return the approval of a period's run that was not withdrawn, or None."""
    found = approvals(tx, period.program, period.label, period.run)
    return found[-1] if found else None


def _calculated(tx: Reading, program: str, label: str) -> StoredPeriod:
    period = period_of(tx, program, label)
    refuse_closed(period)
    if period.status == "open":
        remedy = f"Calculate it first: `mlmcalc period calculate {label}`."
        raise InputRefused(Finding("closing.not_calculated", f"nothing is calculated for {called(period)}.", remedy))
    return period


def _refuse_same_person(tx: Reading, by: str, period: StoredPeriod, run: StoredRun, entered: Entered) -> None:
    done = (
        ["calculated it"]
        if any(same_person(by, one) for one in [*calculators(tx, period, run.id), run.made_by])
        else []
    )
    for what, made in (("override", entered.overrides), ("adjustment", entered.adjustments)):
        own = [str(one.number) for one in made if same_person(by, one.made_by)]
        done += [f"made {what}{'' if len(own) == 1 else 's'} {', '.join(own[:5])}"] if own else []
    if done:
        message = f"{by} {' and '.join(done)}, and cannot approve it."
        raise InputRefused(Finding("closing.same_person", message, "Ask a second person."))


def _own(approval: Approval, by: str, period: StoredPeriod) -> Approval:
    if not same_person(approval.made_by, by):
        message = f"{called(period)} was approved by {approval.made_by} already."
        raise ConflictError(Finding("closing.approved", message, f"Next: `mlmcalc period commit {period.label}`."))
    return approval
