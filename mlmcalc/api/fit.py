"""Whether a plan and the tables beside it fit together."""

from __future__ import annotations

from collections.abc import Iterator

from mlmcalc.errors import Finding
from mlmcalc.periods import Period
from mlmcalc.plan.load import Plan
from mlmcalc.volumes.order_volume import OrderVolume


def fit_findings(plan: Plan, period: Period, has_orders: bool) -> list[Finding]:
    """Return what only plan and tables together show.

    Codes are ``volumes.table`` (the plan looks at orders, and there is a table of volumes) and the warning
    ``plan.not_in_force`` (the period begins before the plan's ``effective``).
    """
    findings = [] if has_orders else list(_table_findings(plan))
    if period.first < plan.effective:
        message = f"the period begins on {period.first}, before this version is in force, {plan.effective}."
        remedy = "Use the version that was in force, unless this is a trial."
        findings.append(Finding("plan.not_in_force", message, remedy, level="warning", file=plan.file))
    return findings


def _table_findings(plan: Plan) -> Iterator[Finding]:
    remedy = "Give the orders themselves, or change the plan."
    for name, word in plan.volumes.items():
        if isinstance(word, OrderVolume) and word.needs_orders:
            message = f"the volume {name} looks at single orders; a table of volumes has none."
            yield Finding(
                "volumes.table",
                message,
                remedy,
                file=plan.file,
                path=("volumes", name, *(["where"] if word.where else [])),
            )
    for section, words in (("points", plan.points), ("bonuses", plan.bonuses)):
        for name, word in words.items():
            if word.per_order:
                message = f"{name} chooses rates by an order column; a table of volumes has none."
                yield Finding("volumes.table", message, remedy, file=plan.file, path=(section, name, "by"))
    if plan.rounding.grain == "order":
        message = "lines are kept per order; a table of volumes has none."
        yield Finding("volumes.table", message, remedy, file=plan.file, path=("rounding", "grain"))
