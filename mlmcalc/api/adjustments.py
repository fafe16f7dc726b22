"""Adjustments and holds, against the plan they enter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import Period, last_day_of
from mlmcalc.plan.load import Plan
from mlmcalc.rules.words import nearest
from mlmcalc.tables.adjustments import AdjustmentRows

_REMEDY = "State payout: in the plan, as {} at least."


def adjustment_findings(rows: AdjustmentRows | None, plan: Plan, period: Period) -> list[Finding]:
    """Return what the plan does not know.

    Codes are ``payout.adjusted`` (the plan says nothing of payout), ``adjustments.unknown_bonus`` (a warning where the
    amount comes from an earlier period, whose plan may have had it) and ``adjustments.period``.
    """
    if rows is None or not rows.amounts.size:
        return []
    return [*_without_payout(rows, plan), *_unknown_bonuses(rows, plan, period), *_unknown_periods(rows, period)]


def _without_payout(rows: AdjustmentRows, plan: Plan) -> Iterator[Finding]:
    if plan.payout is None:
        message = "there are adjustments, and the plan says nothing of payout, which they enter."
        yield Finding("payout.adjusted", message, _REMEDY, file=rows.table.file)


def _unknown_bonuses(rows: AdjustmentRows, plan: Plan, period: Period) -> Iterator[Finding]:
    here = [code for code, label in enumerate(rows.labels["period"]) if label in ("", period.label)]
    for code, bonus in enumerate(rows.labels["bonus"]):
        of_bonus = np.flatnonzero(rows.codes["bonus"] == code)
        if not bonus or bonus in plan.bonuses or not of_bonus.size:
            continue
        now = bool(np.isin(rows.codes["period"][of_bonus], here).any())
        yield Finding(
            "adjustments.unknown_bonus",
            f"{bonus} is no bonus of this version of the plan ({of_bonus.size} rows).",
            nearest(bonus, plan.bonuses),
            "error" if now else "warning",
            file=rows.table.file,
            row=rows.first_row_of("bonus", code),
            column=rows.table.heading("bonus"),
        )


def _unknown_periods(rows: AdjustmentRows, period: Period) -> Iterator[Finding]:
    for code, label in enumerate(rows.labels["period"]):
        fault = _fault(label, period) if label and (rows.codes["period"] == code).any() else ""
        if fault:
            yield Finding(
                "adjustments.period",
                fault,
                "Write the label of the period that it comes from, or leave it empty.",
                file=rows.table.file,
                row=rows.first_row_of("period", code),
                column=rows.table.heading("period"),
            )


def _fault(label: str, period: Period) -> str:
    try:
        last = last_day_of(label)
    except InputRefused:
        return f"{label!r} is no period."
    return f"{label} ends after {period.label}, the period that is calculated." if last > period.last else ""
