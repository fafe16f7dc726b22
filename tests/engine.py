"""The engine on a drawn case, its result in the terms of the slow reference."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

import mlmcalc
from tests.oracle.commission import Result
from tests.oracle.companies import PERIOD
from tests.oracle.plans import Case
from tests.oracle.snapshot import Company, Row

DAYS = {"joined", "status_from", "promo", "date", "from", "to", "shipped"}
FLAGS = {"founder", "gift"}
IDS = {"member_id", "sponsor_id", "placement_id", "order_id"}


def frame(rows: list[Row], columns: list[str], integer_ids: bool) -> pl.DataFrame:
    """Return rows of text as a frame; an empty cell is null, amounts are text."""
    table = pl.DataFrame(
        {name: [row.get(name) or None for row in rows] for name in columns}, schema=dict.fromkeys(columns, pl.String)
    )
    ids = [name for name in columns if name in IDS and integer_ids]
    days = [name for name in columns if name in DAYS]
    flags = [name for name in columns if name in FLAGS]
    return table.with_columns(
        pl.col(ids).cast(pl.Int64), pl.col(days).str.to_date(), *(pl.col(name) == "true" for name in flags)
    )


def frames(company: Company) -> dict[str, Any]:
    """Return the tables of a company as frames."""
    members = list(company.members[0])
    found = {"members": frame(company.members, members, company.integer_ids)}
    if company.orders is not None:
        columns = ["order_id", "member_id", "date", "kind", "qv", "cv", "country", "weight", "gift", "shipped"]
        found["orders"] = frame(company.orders, columns, company.integer_ids)
    else:
        found["volumes"] = frame(company.volumes or [], ["member_id", "qv", "cv"], company.integer_ids)
    if company.overrides:
        found["overrides"] = frame(company.overrides, list(company.overrides[0]), company.integer_ids)
    if company.adjustments:
        found["adjustments"] = frame(company.adjustments, list(company.adjustments[0]), company.integer_ids)
    if company.closed:
        found["closed"] = frame(company.closed, list(company.closed[0]), company.integer_ids)
    if company.rates:
        found["rates"] = frame(company.rates, list(company.rates[0]), company.integer_ids)
    if company.state:
        state = frame(company.state, list(company.state[0]), company.integer_ids)
        found["state"] = state.with_columns(pl.lit(company.previous).alias("period"))
    return found


def run_engine(case: Case, tables: dict[str, Any] | None = None) -> mlmcalc.Run:
    """Return the engine's run."""
    return mlmcalc.run(case.text(), **(tables or frames(case.company)), period=PERIOD)


@dataclass(frozen=True)
class Stated:
    """What a run states, in plain values that both sides can be brought to."""

    lines: Counter[tuple[Any, ...]]
    statements: dict[tuple[str, str], Fraction]
    breakage: dict[tuple[str, int, str], tuple[Fraction, Fraction]]
    equations: dict[str, tuple[Fraction, ...]]
    transfers: Counter[tuple[Any, ...]]
    members: dict[str, dict[str, Any]]
    payout: Counter[tuple[Any, ...]]
    payments: Counter[tuple[Any, ...]]
    state: dict[tuple[str, ...], Fraction]


def text(value: Any) -> str:
    return "" if value is None else str(value)


def exact(value: Any) -> Fraction:
    return Fraction(value) if value is not None else Fraction(0)


def of_engine(run: mlmcalc.Run, names: list[str]) -> Stated:
    """Return what the engine states; `names` are the columns of members that are compared."""
    lines: Counter[tuple[Any, ...]] = Counter()
    for row in run.lines.iter_rows(named=True):
        own = row["outcome"] == "rounding"
        key = (
            row["bonus"],
            text(row["earner"]) or "company",
            "" if own else text(row["source"]),
            text(row["via"]),
            text(row["order"]),
            row["level"],
            row["paid_level"],
            Fraction(0) if own else exact(row["base"]),
            Fraction(0) if own else Fraction(row["rate_ppm"], 10**6),
            exact(row["amount"]),
            row["outcome"],
        )
        lines[key] += 1
    statements = {
        (text(row["earner"]) or "company", row["bonus"]): exact(row["amount"])
        for row in run.statements.iter_rows(named=True)
        if row["amount"] != 0
    }
    breakage = {
        (row["bonus"], row["level"], row["outcome"]): (exact(row["base"]), exact(row["amount"]))
        for row in run.breakage.iter_rows(named=True)
    }
    terms = ("offered", "paid", "breakage", "cut", "rounding")
    equations = {
        row["bonus"]: tuple(exact(row[term]) for term in terms)
        for row in run.balance.iter_rows(named=True)
        if row["bonus"] != "payout"
    }
    transfers = Counter(
        (row["volume"], row["tree"], text(row["member"]), text(row["keeper"]), exact(row["amount"]))
        for row in run.transfers.iter_rows(named=True)
    )
    members = {
        str(row["member_id"]): {name: row[name] if row[name] is not None else "" for name in names}
        for row in run.members.iter_rows(named=True)
    }
    payout = Counter(
        (text(row["member"]), row["step"], row["name"], exact(row["amount"]))
        for row in run.payout.iter_rows(named=True)
    )
    keys = ("section", "name", "member_id", "key", "since")
    state = {tuple(text(row[key]) for key in keys): exact(row["value"]) for row in run.state.iter_rows(named=True)}
    paid = () if run.payments is None else run.payments.iter_rows()
    payments = Counter(
        (str(member), exact(due), currency, exact(rate), exact(amount), exact(left))
        for member, due, currency, rate, amount, left in paid
    )
    return Stated(lines, statements, breakage, equations, transfers, members, payout, payments, state)


def of_oracle(result: Result) -> Stated:
    """Return what the slow reference states."""
    lines = Counter(
        (
            line.bonus,
            line.earner,
            line.source or "",
            line.via or "",
            line.order,
            line.level,
            line.paid_level,
            line.base,
            line.rate,
            line.amount,
            line.outcome,
        )
        for line in result.lines
    )
    equations = {
        name: (one.offered, one.paid, one.breakage, one.cut, one.rounding) for name, one in result.equations.items()
    }
    transfers = Counter(
        (volume, tree, member, keeper or "", amount)
        for (volume, tree, member, keeper), amount in result.transfers.items()
    )
    members: dict[str, dict[str, Any]] = {member: {} for member in result.world.snapshot.ids}
    for values in (result.volumes, result.metrics, result.ranks, result.titles):
        for name, of_member in values.items():
            for member, value in of_member.items():
                members[member][name] = value
    state = {(left.section, left.name, left.member, left.key, left.since): left.value for left in result.state}
    payout = Counter(result.payout)
    payments = Counter(result.payments)
    return Stated(lines, result.statements, result.breakage, equations, transfers, members, payout, payments, state)
