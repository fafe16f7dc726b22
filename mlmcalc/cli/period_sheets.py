"""What the commands of a period's life print: sheets for people, plain values for machines."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlmcalc.cli.amounts import amount_text
from mlmcalc.cli.sheets import Column, Sheet

if TYPE_CHECKING:
    from mlmcalc.closing.approving import Approved
    from mlmcalc.closing.calculating import Calculation
    from mlmcalc.closing.committing import Sealed
    from mlmcalc.closing.reopening import Reopened
    from mlmcalc.closing.status import PeriodStatus
    from mlmcalc.errors import Finding
    from mlmcalc.store.runs import StoredRun

_SHORT = 12
"""Digits of a digest in a table; who compares two of them sees a difference soon enough."""
_DONE = {"commit": "committed", "payment": "paid", "reopening": "reopened"}


def periods_sheet(found: Sequence[PeriodStatus]) -> Sheet:
    """Return all periods as a table, one row each."""
    sheet = Sheet()
    if not found:
        sheet.line("no period yet: `mlmcalc period calculate PERIOD` opens the first one")
        return sheet
    several = len({one.period.program for one in found}) > 1
    columns = [
        Column("program", folds=True),
        Column("period"),
        Column("status"),
        Column("digest", spare=2),
        Column("approved by", folds=True, spare=3),
        Column("payments", right=True),
    ]
    sheet.table(
        columns,
        [
            [
                one.period.program if several else "",
                one.period.label,
                one.period.status,
                "" if one.run is None else one.run.digest[:_SHORT],
                "" if one.approval is None else one.approval.made_by,
                _sums(one.payments),
            ]
            for one in found
        ],
    )
    return sheet


def period_sheet(one: PeriodStatus) -> Sheet:
    """Return everything that is known about a period."""
    from mlmcalc.store.clock import instant_text

    sheet, period, run = Sheet(), one.period, one.run
    sheet.title(f"{period.program} {period.label}: {period.status}", f"{period.first} to {period.last}")
    facts = {"reopened": f"{period.generation - 1} times" if period.generation > 1 else ""}
    if run is not None:
        facts |= {
            "run": run.id,
            "digest": run.digest,
            "plan": f"{run.program} {run.plan_version}",
            "as of": f"{run.as_of}, as known at {instant_text(run.known_at)[:19]}Z",
            "calculated": "by " + ", ".join(one.calculated_by),
        }
    if one.news:
        tables = "1 table was taken in, which is" if one.news == 1 else f"{one.news} tables were taken in, which are"
        facts["since then"] = f"{tables} not in this run"
    if one.approval is not None:
        facts["approved"] = f"by {one.approval.made_by} at {instant_text(one.approval.made_at)[:19]}Z"
    facts["payments"] = _sums(one.payments)
    facts["rates"] = ", ".join(f"{currency} at {rate}" for currency, rate in one.entered.rates.items())
    sheet.facts(facts)
    _entered(sheet, one)
    if one.previews:
        sheet.heading("Previews")
        columns = [Column("digest"), Column("by", folds=True), Column("made"), Column("run", folds=True, spare=1)]
        sheet.table(columns, [_preview_row(preview) for preview in one.previews])
    if one.documents:
        sheet.heading("Documents")
        rows = [
            [made.number, made.kind, made.content["made_by"], instant_text(made.made_at)[:19], made.content["reason"]]
            for made in one.documents
        ]
        columns = [Column("number", right=True), Column("kind"), Column("by", folds=True), Column("at"), _reason()]
        sheet.table(columns, rows)
    return sheet


def period_json(one: PeriodStatus) -> dict[str, Any]:
    """Return everything that is known about a period as plain values."""
    from mlmcalc.store.clock import instant_text

    period = one.period
    return {
        "program": period.program,
        "period": period.label,
        "first": period.first,
        "last": period.last,
        "status": period.status,
        "generation": period.generation,
        "run": None if one.run is None else _run_json(one.run),
        "calculated_by": list(one.calculated_by),
        "approval": None
        if one.approval is None
        else {"by": one.approval.made_by, "at": instant_text(one.approval.made_at), "reason": one.approval.reason},
        "overrides": [
            {
                "number": made.number,
                "kind": made.kind,
                "member_id": made.member_id,
                "fields": dict(made.values),
                "reason": made.reason,
                "by": made.made_by,
            }
            for made in one.entered.overrides
        ],
        "adjustments": [
            {
                "number": made.number,
                "member_id": made.member_id,
                "type": made.type,
                "amount": made.amount,
                "bonus": made.bonus,
                "origin": made.origin,
                "reason": made.reason,
                "by": made.made_by,
            }
            for made in one.entered.adjustments
        ],
        "rates": dict(one.entered.rates),
        "previews": [_run_json(preview) for preview in one.previews],
        "documents": [{"number": made.number, "kind": made.kind, "digest": made.digest} for made in one.documents],
        "payments": [
            {"state": state, "currency": currency, "count": count, "sum": total}
            for (state, currency), (count, total) in one.payments.items()
        ],
        "batches_since": one.news,
        "next": one.next,
    }


def stated(known: Sequence[Finding]) -> dict[str, Any]:
    """Return what should be known beside a run as plain values."""
    return {"notices": [{"code": one.code, "message": one.message, "remedy": one.remedy} for one in known]}


def calculation_json(made: Calculation) -> dict[str, Any]:
    """Return a calculation as plain values."""
    return {
        "program": made.period.program,
        "period": made.period.label,
        "status": made.period.status,
        "run": _run_json(made.run),
        "there_already": made.there_already,
        "provisional": made.provisional,
        "totals": dict(made.result.totals),
    }


def approval_sheet(made: Approved) -> Sheet:
    """Return an approval."""
    sheet = Sheet()
    before = " already" if made.before else ""
    sheet.title(f"{made.period.program} {made.period.label} is approved by {made.approval.made_by}{before}")
    sheet.facts({"run": made.run.id, "digest": made.run.digest, "reason": made.approval.reason})
    return sheet


def approval_json(made: Approved) -> dict[str, Any]:
    """Return an approval as plain values."""
    from mlmcalc.store.clock import instant_text

    return {
        "program": made.period.program,
        "period": made.period.label,
        "status": made.period.status,
        "run": _run_json(made.run),
        "approved_by": made.approval.made_by,
        "at": instant_text(made.approval.made_at),
        "before": made.before,
    }


def sealed_sheet(made: Sealed, file: str = "") -> Sheet:
    """Return a commit or a payment.

    Parameters
    ----------
    made : Sealed
    file : str
        Of a payment, for the bank.
    """
    body, sheet = made.document.content, Sheet()
    done, name = _DONE[made.document.kind], f"{made.period.program} {made.period.label}"
    if made.before:
        sheet.title(f"{name}: already {done} at {body['at'][:19]}Z by {body['made_by']}")
    else:
        sheet.title(f"{name} is {done}")
    totals: Mapping[str, Any] = body["totals"]
    facts = {
        "document": f"{made.document.number}",
        "its digest": made.document.digest,
        "run": body["run"]["id"],
        "run digest": body["run"]["digest"],
        "approved by": body["approved_by"],
        "payments": f"{totals['members']:,} members, {_amounts(totals['payments'])}" if totals["members"] else "none",
    }
    facts["balances"] = _amounts(totals.get("balances", {}))
    facts["written to"] = file
    sheet.facts(facts)
    return sheet


def sealed_json(made: Sealed, file: str = "") -> dict[str, Any]:
    """Return a commit or a payment as plain values; the document as it is chained is in ``document``."""
    found = {"status": made.period.status, "before": made.before, "digest": made.document.digest}
    return found | ({"file": file} if file else {}) | {"document": made.document.content}


def reopened_json(made: Reopened) -> dict[str, Any]:
    """Return a reopening as plain values."""
    return {
        "program": made.period.program,
        "period": made.period.label,
        "status": made.period.status,
        "was": made.was,
        "document": None if made.document is None else made.document.content,
    }


def _run_json(run: StoredRun) -> dict[str, Any]:
    from mlmcalc.store.clock import instant_text

    return {
        "id": run.id,
        "purpose": run.purpose,
        "digest": run.digest,
        "plan_version": run.plan_version,
        "as_of": run.as_of,
        "known_at": instant_text(run.known_at),
        "made_by": run.made_by,
        "made_at": instant_text(run.made_at),
        "details": json.loads(run.details),
    }


def _preview_row(preview: StoredRun) -> list[str]:
    from mlmcalc.store.clock import instant_text

    return [preview.digest[:_SHORT], preview.made_by, instant_text(preview.made_at)[:19], preview.id]


def _entered(sheet: Sheet, one: PeriodStatus) -> None:
    if one.entered.overrides:
        sheet.heading("Overrides")
        rows = [
            [
                made.number,
                made.kind,
                made.member_id,
                ", ".join(f"{name} {value}" for name, value in made.values.items()),
                made.reason,
                made.made_by,
            ]
            for made in one.entered.overrides
        ]
        columns = [Column("number", right=True), Column("kind"), Column("member"), Column("what", folds=True)]
        sheet.table([*columns, _reason(), Column("by", folds=True)], rows)
    if one.entered.adjustments:
        sheet.heading("Adjustments")
        rows = [
            [made.number, made.type, made.member_id, amount_text(made.amount), made.origin, made.reason, made.made_by]
            for made in one.entered.adjustments
        ]
        columns = [Column("number", right=True), Column("type", folds=True), Column("member")]
        columns += [Column("amount", right=True), Column("of", spare=1), _reason(), Column("by", folds=True)]
        sheet.table(columns, rows)


def _reason() -> Column:
    return Column("reason", folds=True)


def _sums(payments: Mapping[tuple[str, str], tuple[int, str]]) -> str:
    return ", ".join(f"{amount_text(total)} {currency} {state}" for (state, currency), (_, total) in payments.items())


def _amounts(totals: Mapping[str, str]) -> str:
    return ", ".join(f"{amount_text(total)} {name}" for name, total in totals.items())
