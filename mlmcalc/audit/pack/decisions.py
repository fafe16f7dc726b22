"""Decisions by people: overrides in force, approvals, holds, manual amounts, corrections of earlier periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from mlmcalc.audit.pack.model import Bounded, Cell, Listing, Section, absent, amount_said, columns, total

KEY, TITLE = "decisions", "Overrides and approvals"
QUESTION = "Which results follow from a decision, who took it, and who approved it?"
MOST = 5_000
"""Rows of a list that is written in full."""
LATER, LATER_TITLE = "true-up", "Corrections of earlier periods"
LATER_QUESTION = "Which amounts of this period correct earlier ones, and what caused them?"


@dataclass(frozen=True, slots=True)
class Forced:
    """One row of the table of overrides that is in force.

    Attributes
    ----------
    member, kind, what, reason, approver : str
    """

    member: str
    kind: str
    what: str
    reason: str
    approver: str


@dataclass(frozen=True, slots=True)
class Approved:
    """An approval of the run, by a second person.

    Attributes
    ----------
    at, by, reason : str
    withdrawn : str
        When and by whom; empty while it stands.
    """

    at: str
    by: str
    reason: str
    withdrawn: str


@dataclass(frozen=True, slots=True)
class Entered:
    """What somebody entered for the period, withdrawn or not.

    Attributes
    ----------
    number : int
    kind, member, what, reason, made_by, at, approved_by, withdrawn_by : str
    """

    number: int
    kind: str
    member: str
    what: str
    reason: str
    made_by: str
    at: str
    approved_by: str
    withdrawn_by: str


@dataclass(frozen=True, slots=True)
class Act:
    """A record of the log.

    Attributes
    ----------
    number : int
    at, who, what, details, digest : str
    """

    number: int
    at: str
    who: str
    what: str
    details: str
    digest: str


@dataclass(frozen=True, slots=True)
class Acts:
    """What the store knows of the decisions about a period.

    Attributes
    ----------
    calculated_by : str
    approvals : sequence of Approved
    entered : sequence of Entered
    log : sequence of Act
    """

    calculated_by: str
    approvals: Sequence[Approved]
    entered: Sequence[Entered]
    log: Sequence[Act]

    @property
    def by_one_person(self) -> list[str]:
        """Who approved what he calculated or entered himself: nobody should have."""
        makers = {one.made_by for one in self.entered if not one.withdrawn_by} | {self.calculated_by}
        return sorted({one.by for one in self.approvals if not one.withdrawn} & makers)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An amount that was not calculated.

    Attributes
    ----------
    member, type : str
    amount : Decimal
    period : str
        The one it comes from; empty: this one.
    bonus, cause, reason, approver : str
    """

    member: str
    type: str
    amount: Decimal
    period: str
    bonus: str
    cause: str
    reason: str
    approver: str


def decisions(
    forced: Sequence[Forced] | None,
    not_in_force: int,
    manual: Sequence[Adjustment],
    acts: Acts | None,
    reason: str = "",
) -> Section:
    """Return the decisions behind a run.

    Parameters
    ----------
    forced : sequence of Forced or None
        None where the inputs are not at hand.
    not_in_force : int
        Rows of the table that are not in force.
    manual : sequence of Adjustment
    acts : Acts or None
        From the store; None where there is none.
    reason : str
        Why the overrides could not be read.
    """
    if forced is None and acts is None:
        return absent(KEY, TITLE, QUESTION, reason)
    listings = [] if acts is None else _of_store(acts)
    if forced:
        rows: list[list[Cell]] = [[one.member, one.kind, one.what, one.reason, one.approver] for one in forced]
        names = columns(member="text", kind="text", what="text", reason="text", approver="text")
        listings.insert(0, Listing("decisions-overrides", "Overrides in force on the last day", names, rows))
    if manual:
        listings.append(_amounts("decisions-manual", "Manual amounts", manual))
    said, wrong = _said(forced, not_in_force, manual, reason)
    if acts is None:
        said += " Approvals, holds and the log stand in the company's store, which was not at hand."
    else:
        standing = [one for one in acts.approvals if not one.withdrawn]
        said += f" Calculated by {acts.calculated_by}, "
        said += f"approved by {', '.join(one.by for one in standing)}." if standing else "approved by nobody yet."
        if acts.by_one_person:
            said += f" {', '.join(acts.by_one_person)} approved what he or she made."
            wrong = True
    return Section(KEY, TITLE, QUESTION, "differs" if wrong else "listed", said, listings)


def _said(
    forced: Sequence[Forced] | None, not_in_force: int, manual: Sequence[Adjustment], reason: str
) -> tuple[str, bool]:
    if forced is None:
        return reason, False
    unsigned = [one for one in forced if not one.approver or not one.reason]
    said = f"Overrides in force: {len(forced)}"
    said += f"; rows of other days: {not_in_force}." if not_in_force else "."
    said += f" {len(unsigned)} of them lack a reason or an approver." if unsigned else ""
    if manual:
        said += f" {len(manual)} manual amounts come to {amount_said(total(one.amount for one in manual))}."
    return said, bool(unsigned)


def _of_store(acts: Acts) -> list[Listing]:
    approved: list[list[Cell]] = [[one.at, one.by, one.reason, one.withdrawn] for one in acts.approvals]
    names = columns(at="text", by="text", reason="text", withdrawn="text")
    listings = [Listing("decisions-approvals", "Approvals of this run", names, approved)]
    entered: list[list[Cell]] = [
        [one.number, one.kind, one.member, one.what, one.reason, one.made_by, one.at, one.approved_by, one.withdrawn_by]
        for one in acts.entered[:MOST]
    ]
    names = columns(number="count", kind="text", member="text", what="text", reason="text", made_by="text")
    names += columns(at="text", approved_by="text", withdrawn_by="text")
    note = Bounded(entered, len(acts.entered)).note
    listings.append(Listing("decisions-entered", "Entered for the period, withdrawn or not", names, entered, note))
    log: list[list[Cell]] = [
        [one.number, one.at, one.who, one.what, one.details, one.digest] for one in acts.log[:MOST]
    ]
    names = columns(record="count", at="text", who="text", what="text", details="text", digest="text")
    note = Bounded(log, len(acts.log)).note or "From the log, in which each record is chained to the one before."
    listings.append(Listing("decisions-log", "The log of the period", names, log, note))
    return [one for one in listings if one.rows]


def corrections(found: Sequence[Adjustment]) -> Section:
    """Return what corrects earlier periods."""
    if not found:
        said = "No amount of this run corrects an earlier period."
        return Section(LATER, LATER_TITLE, LATER_QUESTION, "listed", said)
    periods = sorted({one.period for one in found})
    amount = amount_said(total(one.amount for one in found))
    said = f"{len(found)} amounts correct {', '.join(periods)} and come to {amount}."
    return Section(LATER, LATER_TITLE, LATER_QUESTION, "listed", said, [_amounts("true-up-lines", "Amounts", found)])


def _amounts(name: str, title: str, found: Sequence[Adjustment]) -> Listing:
    rows: list[list[Cell]] = [
        [one.member, one.type, one.amount, one.period, one.bonus, one.cause, one.reason, one.approver]
        for one in found[:MOST]
    ]
    names = columns(member="text", type="text", amount="amount", period="text", bonus="text", cause="text")
    names += columns(reason="text", approver="text")
    return Listing(
        name,
        title,
        names,
        rows,
        Bounded(rows, len(found)).note,
        ["all", "", total(one.amount for one in found), *[""] * 5],
    )
