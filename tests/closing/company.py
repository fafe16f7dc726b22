"""Runs of the small company under plans that pay in several ways."""

from __future__ import annotations

from typing import Any

import polars as pl

import mlmcalc
from mlmcalc.api.run import Run
from tests.api.small_company import MEMBERS, ORDERS, plan_text

PAYOUT = """
member_columns: {bank: flag, class: text}
payout:
  minimum: 3.00
  later: {pool: 1}
  forfeit: [{when: {class: lost}, reason: no papers}]
  hold: [{when: {bank: false}, reason: no bank account}]
  negative: carry
  withhold: [{name: tax, rate: {column: class, rates: {A: 10%, other: 20%}}}]
  fees: [{name: transfer, amount: 0.50}]
"""
PEOPLE = MEMBERS.with_columns(
    pl.Series("bank", ["yes", "yes", "yes", "yes", "yes", "no"]), pl.Series("class", ["A", "B", "A", "lost", "A", None])
)
RETURNS = pl.DataFrame(
    {
        "order_id": [90, 91, 92, 93],
        "member_id": [4, 1, 2, 6],
        "date": ["2026-11-02"] * 4,
        "kind": ["return", "sale", "sale", "sale"],
        "qv": ["-90", "60", "60", "60"],
        "cv": ["-900.00", "60.00", "60.00", "60.00"],
    }
)


def run_of(plan: str, orders: pl.DataFrame = ORDERS, period: str = "2026-10", **more: Any) -> Run:
    """Calculate a period of the small company."""
    return mlmcalc.run(plan, more.pop("members", PEOPLE), orders, period=period, **more)


def paying(payout: str = PAYOUT, place: str = "line") -> str:
    """The plan with a payout."""
    return plan_text(place) + payout
