"""What was offered and not paid: all of it by reason, and a sample of single steps with the reason in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import polars as pl

from mlmcalc.audit.explanation import PassedOver
from mlmcalc.audit.pack.model import Cell, Listing, Section, amount_said, columns, total

KEY, TITLE = "not-paid", "What was not paid"
QUESTION = "Was what was offered and not paid withheld for a reason that the plan states?"
MOST_OF_A_KIND = 4
"""Sampled steps of one bonus and outcome."""


class Steps:
    """Steps that were not paid, gathered until there are enough of every kind.

    Parameters
    ----------
    breakage : polars.DataFrame
        The run's table: bonus, level, outcome, base, amount.
    """

    def __init__(self, breakage: pl.DataFrame) -> None:
        kinds = breakage.select(pl.col("bonus", "outcome").cast(pl.String)).unique()
        self._found: dict[tuple[str, str], list[PassedOver]] = {row: [] for row in sorted(kinds.iter_rows())}

    def add(self, steps: Iterable[PassedOver]) -> None:
        """Take some steps, as many of each kind as are wanted."""
        for step in steps:
            kept = self._found.setdefault((step.bonus, step.outcome), [])
            if len(kept) < MOST_OF_A_KIND and step not in kept:
                kept.append(step)

    @property
    def enough(self) -> bool:
        """Whether there are as many of every kind as are wanted."""
        return all(len(kept) >= MOST_OF_A_KIND for kept in self._found.values())

    def all(self) -> list[PassedOver]:
        """Return the steps, by bonus and outcome."""
        return [step for _, kept in sorted(self._found.items()) for step in kept]

    def without(self) -> list[tuple[str, str]]:
        """Return the kinds of which none was found."""
        return [kind for kind, kept in self._found.items() if not kept]


def not_paid(breakage: pl.DataFrame, steps: Steps | None, looked_at: str, unexplained: str = "") -> Section:
    """Return what was not paid.

    Parameters
    ----------
    breakage : polars.DataFrame
    steps : Steps or None
        None where the run could not be calculated again.
    looked_at : str
        What was gone through to find them.
    unexplained : str
        Why there are no single steps.
    """
    summed = breakage.group_by(pl.col("bonus", "outcome").cast(pl.String)).agg(pl.col("base", "amount").sum())
    rows: list[list[Cell]] = [
        [bonus, outcome.replace("_", " "), base, amount]
        for bonus, outcome, base, amount in summed.sort("bonus", "outcome").iter_rows()
    ]
    amount = total(row[3] for row in rows if isinstance(row[3], Decimal))
    names = columns(bonus="text", reason="text", base="amount", amount="amount")
    last: list[Cell] = ["all", "", None, amount]
    listings = [Listing("not-paid-totals", "All of it, by reason", names, rows, "", last)]
    said = f"{amount_said(amount)} was offered and not paid, for {len(summed['outcome'].unique())} reasons."
    if steps is None:
        return Section(KEY, TITLE, QUESTION, "listed", f"{said} {unexplained}", listings)
    listings.append(_sampled(steps.all()))
    said += f" {looked_at} gave the {len(listings[1].rows)} steps below."
    missing = [f"{bonus}: {outcome.replace('_', ' ')}" for bonus, outcome in steps.without()]
    if missing:
        said += f" None was found there of: {', '.join(missing)}."
    return Section(KEY, TITLE, QUESTION, "listed", said, [one for one in listings if one.rows])


def _sampled(steps: Sequence[PassedOver]) -> Listing:
    rows: list[list[Cell]] = []
    for step in steps:
        where: list[Cell] = [
            step.bonus,
            step.outcome.replace("_", " "),
            step.member,
            step.source,
            step.order,
            step.level,
        ]
        rows.append([*where, Decimal(step.base), Decimal(step.offered), step.reason, step.plan_source])
    names = columns(bonus="text", outcome="text", member="text", source="text", order="text", level="count")
    names += columns(base="amount", offered="amount", reason="text", plan="text")
    note = "No member: there was nobody above to take the level. Offered is the most the plan pays at this level."
    return Listing("not-paid-sample", "Sampled steps, with the reason", names, rows, note)
