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
class Act:
    """What somebody did with the period.

    Attributes
    ----------
    at, who, what, about : str
    """

    at: str
    who: str
    what: str
    about: str


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
    acts: Sequence[Act] | None,
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
    acts : sequence of Act or None
        Of the period, from the store; None where there is no store.
    reason : str
        Why the overrides could not be read.
    """
    listings = []
    if forced:
        rows: list[list[Cell]] = [[one.member, one.kind, one.what, one.reason, one.approver] for one in forced]
        names = columns(member="text", kind="text", what="text", reason="text", approver="text")
        listings.append(Listing("decisions-overrides", "Overrides in force on the last day", names, rows))
    if manual:
        listings.append(_amounts("decisions-manual", "Manual amounts", manual))
    if acts:
        rows = [[one.at, one.who, one.what, one.about] for one in acts]
        listings.append(
            Listing(
                "decisions-acts", "Acts of the period", columns(at="text", who="text", what="text", about="text"), rows
            )
        )
    if forced is None:
        return absent(KEY, TITLE, QUESTION, reason)
    unsigned = [one for one in forced if not one.approver or not one.reason]
    said = f"Overrides in force: {len(forced)}"
    said += f"; rows of other days: {not_in_force}." if not_in_force else "."
    said += f" {len(unsigned)} of them lack a reason or an approver." if unsigned else ""
    said += (
        f" {len(manual)} manual amounts come to {amount_said(total(one.amount for one in manual))}." if manual else ""
    )
    if acts is None:
        said += " Approvals, holds and the log stand in the company's store, which was not at hand."
    return Section(KEY, TITLE, QUESTION, "differs" if unsigned else "listed", said, listings)


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
