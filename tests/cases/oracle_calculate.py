"""A case calculated by the slow reference: cases are read twice, by the engine and by what knows nothing of it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from mlmcalc.cases.case import Case
from mlmcalc.cases.observed import Cell, Observed, ObservedTables
from mlmcalc.periods import label_before, parse_period
from tests.oracle.commission import Line, Result, run
from tests.oracle.snapshot import Company


def oracle_calculate(case: Case) -> Observed:
    """Return what the slow reference makes of a case."""
    text = case.plan.read_text(encoding="utf-8") if isinstance(case.plan, Path) else case.plan
    plan: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
    period = parse_period(case.period, plan.get("period", "month"))
    tables = case.tables
    ids = [row["member_id"] for row in tables["members"]]
    company = Company(
        members=tables["members"],
        first=period.first,
        last=period.last,
        orders=tables.get("orders"),
        volumes=tables.get("volumes"),
        overrides=tables.get("overrides", []),
        integer_ids=all(member.isdecimal() for member in ids),
        adjustments=tables.get("adjustments", []),
        closed=tables.get("closed", []),
        rates=tables.get("rates", []),
        state=tables.get("state", []),
        period=period.label,
        previous=label_before(period.label) if ".." not in period.label else "",
    )
    return observed(run(plan, company), ids)


def observed(result: Result, ids: list[str]) -> Observed:
    """Return a result of the slow reference in the words of a case."""
    trees = [*result.world.plan["trees"]]
    return ObservedTables(
        statements={(bonus, earner): exact(amount) for (earner, bonus), amount in result.statements.items()},
        lines=[line_row(line) for line in result.lines],
        breakage=[
            {"bonus": bonus, "level": Decimal(level), "outcome": outcome, "base": exact(base), "amount": exact(amount)}
            for (bonus, level, outcome), (base, amount) in result.breakage.items()
        ],
        transfers=[
            {"volume": volume, "tree": tree, "source": source, "keeper": keeper or "", "amount": exact(amount)}
            for (volume, tree, source, keeper), amount in result.transfers.items()
        ],
        state=[
            {
                "section": left.section,
                "name": left.name,
                "member": left.member,
                "key": left.key,
                "since": left.since,
                "value": exact(left.value),
            }
            for left in result.state
        ],
        ranks={
            (ladder, member): rank or "none"
            for ladder, held in (result.ranks | result.titles).items()
            for member, rank in held.items()
        },
        metrics={
            name: {member: exact(amount) for member, amount in column.items()}
            for name, column in (result.volumes | result.metrics).items()
        },
        payout=[
            {"member": member, "step": step, "name": name, "amount": exact(amount)}
            for member, step, name, amount in result.payout
        ],
        payments=[
            {
                "member": member,
                "plan_amount": exact(due),
                "currency": currency,
                "amount": exact(amount),
                "left": exact(rest),
            }
            for member, due, currency, _rate, amount, rest in result.payments
        ],
        trees={
            name: {member: result.world.tree(name).up[member] or "" for member in ids if member in nodes}
            for name in trees
            for nodes in [result.world.tree(name).nodes]
        },
    )


def line_row(line: Line) -> dict[str, Cell]:
    return {
        "bonus": line.bonus,
        "earner": line.earner,
        "source": line.source or "",
        "via": line.via or "",
        "order": line.order,
        "level": Decimal(line.level),
        "paid_level": Decimal(line.paid_level),
        "base": exact(line.base),
        "rate": f"{exact(line.rate * 100).normalize():f}%",
        "amount": exact(line.amount),
        "outcome": line.outcome,
    }


def exact(number: Fraction) -> Decimal:
    """Return a fraction that is a decimal as one."""
    scaled = Fraction(number) * 10**30
    assert scaled.denominator == 1
    return Decimal(int(scaled)).scaleb(-30)
