"""Control totals of a finished run: what an operator looks at first, and what a manifest keeps."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from mlmcalc.kernels.totals import exact_sum
from mlmcalc.money import text_from_units
from mlmcalc.payout.payments import Payments
from mlmcalc.plan.load import Plan
from mlmcalc.runs.commission_run import CommissionRun


def control_totals(run: CommissionRun) -> dict[str, Any]:
    """Return the control totals of a run; counts as integers, amounts as decimal text.

    Returns
    -------
    dict
        ``currency``, ``money_decimals``, ``members``, ``active``, ``lines``, ``volumes`` (by name), ``volume`` (the
        one that shares refer to), ``paid``, ``earners``, ``company``, ``bonuses`` (per bonus ``paid``, ``company``,
        ``earners``, ``lines``), ``breakage`` (by outcome), ``cut`` (by the last steps
        of a bonus, by choice of exclusive bonuses, by limit),
        ``payout`` (by step; empty where all is paid), ``ranks`` (per ladder, lowest first); where rates of exchange
        are given ``payments`` (per currency ``members``, ``plan_amount``, ``amount``, ``left``).
    """
    values, places = run.values, run.amount_decimals
    everything = run.paid
    active = values.may_earn if values.active is None else values.active
    totals = {
        "currency": run.plan.currency,
        "money_decimals": run.plan.rounding.money_decimals,
        "members": values.size,
        "active": int(np.count_nonzero(active)),
        "lines": sum(int(result.counts.sum()) for result in run.bonuses.values()),
        "volumes": {name: _volume_total(run, name) for name in run.plan.volumes},
        "volume": reference_volume(run.plan),
        "paid": text_from_units(exact_sum(everything[:-1]), places),
        "company": text_from_units(int(everything[-1]), places),
        "earners": int(np.count_nonzero(everything[:-1])),
        "bonuses": {
            bonus: {
                "paid": text_from_units(exact_sum(result.amounts[:-1]), places),
                "company": text_from_units(int(result.amounts[-1]), places),
                "earners": int(np.count_nonzero(result.amounts[:-1])),
                "lines": int(result.counts.sum()),
            }
            for bonus, result in run.bonuses.items()
        },
        "breakage": _breakage(run),
        "cut": _cut(run),
        "payout": _payout(run),
        "ranks": _ranks(run),
    }
    return totals if run.payments is None else totals | {"payments": _payments(run.payments)}


def reference_volume(plan: Plan) -> str:
    """Return the volume that most bonuses are paid on, the first of them in the plan's order; empty if none is."""
    bases: Counter[str] = Counter()
    for word in plan.bonuses.values():
        volume = word.base_volume.partition("@")[0]
        if volume in plan.volumes:
            bases[volume] += 1
    return max(plan.volumes, key=lambda name: bases[name], default="") if bases else ""


def _volume_total(run: CommissionRun, name: str) -> str:
    own = run.values.volumes[name].own
    return text_from_units(exact_sum(own.amounts), own.decimals)


def _breakage(run: CommissionRun) -> dict[str, str]:
    decimals = max((row.amount_decimals for row in run.breakage), default=0)
    totals: dict[str, int] = {}
    for row in run.breakage:
        totals[row.outcome] = totals.get(row.outcome, 0) + row.amount * 10 ** (decimals - row.amount_decimals)
    return {outcome: text_from_units(amount, decimals) for outcome, amount in totals.items()}


def _cut(run: CommissionRun) -> dict[str, str]:
    places = run.amount_decimals
    taken = {cause: -sum(of.total for of in bonuses.values()) for cause, bonuses in run.changes.items()}
    own = {}
    for bonus, result in run.bonuses.items():
        later = -sum(of[bonus].total for cause, of in run.changes.items() if cause in run.plan.limits if bonus in of)
        cut = result.equation.cut - later * 10 ** (result.equation.decimals - places)
        if cut:
            own[f"last steps of {bonus}"] = text_from_units(cut, result.equation.decimals)
    return own | {cause: text_from_units(amount, places) for cause, amount in taken.items()}


def _payout(run: CommissionRun) -> dict[str, str]:
    settled = run.settlement
    if settled is None:
        return {}
    return {step: text_from_units(settled.total(step), settled.decimals) for step in settled.known_steps()}


def _payments(payments: Payments) -> dict[str, dict[str, Any]]:
    found = {}
    for place, currency in enumerate(payments.currencies):
        of = payments.currency == place
        found[currency] = {
            "members": int(np.count_nonzero(of)),
            "plan_amount": text_from_units(exact_sum(payments.plan_amounts[of]), payments.plan_decimals),
            "amount": text_from_units(exact_sum(payments.amounts[of]), payments.decimals),
            "left": text_from_units(exact_sum(payments.left[of]), payments.left_decimals),
        }
    return found


def _ranks(run: CommissionRun) -> dict[str, dict[str, int]]:
    counted = {}
    for ladder, ranking in run.values.rankings.items():
        counts = np.bincount(ranking.code, minlength=1 + len(ranking.names)).tolist()
        counted[ladder] = dict(zip(["none", *ranking.names], counts, strict=True))
    return counted
