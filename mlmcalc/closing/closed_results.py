"""What other programs came to: their committed periods that end inside a period, as the table that its run reads."""

from __future__ import annotations

from datetime import date

import polars as pl

from mlmcalc.api.stored_runs import load_run
from mlmcalc.closing.desk import CLOSED, called, next_label
from mlmcalc.closing.verifying import refuse_changed
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.periods import parse_period
from mlmcalc.plan.load import Plan
from mlmcalc.store.closings import standing_closing
from mlmcalc.store.periods import StoredPeriod, periods
from mlmcalc.store.runs import run_of
from mlmcalc.store.store import Store
from mlmcalc.store.transaction import Reading
from mlmcalc.volumes.closed_results import ClosedBonuses

Source = tuple[str, str, str]
"""Program, period and run."""


def programs_read(plan: Plan) -> list[str]:
    """Return the other programs whose closed results a plan reads."""
    return sorted({word.closed for word in plan.volumes.values() if isinstance(word, ClosedBonuses)})


def closed_sources(tx: Reading, plan: Plan, period: StoredPeriod, provisional: bool = False) -> tuple[Source, ...]:
    """Return the committed runs of other programs whose periods end inside a period, as far as the plan reads them.

    Parameters
    ----------
    tx : Reading
    plan : Plan
    period : StoredPeriod
    provisional : bool
        Whether those that are not committed yet are left out, instead of refused.

    Raises
    ------
    InputRefused
        ``closing.closed_results``: one of them is not committed yet, or not in the store.
    """
    found, findings = list[Source](), list[Finding]()
    for program in programs_read(plan):
        known = periods(tx, program)
        inside = [one for one in known if period.first <= one.last <= period.last]
        waiting = [f"{called(one)} is {one.status}" for one in inside if one.status not in CLOSED]
        waiting += _missing(program, known, inside, period)
        for one in inside:
            standing = standing_closing(tx, program, one.label) if one.status in CLOSED else None
            found += [] if standing is None else [(program, one.label, standing.run)]
        if waiting and not provisional:
            message = f"{called(period)} reads the closed results of {program}, and {', '.join(waiting[:5])}."
            remedy = f"Commit every period of {program} that ends up to {period.last} first."
            findings.append(Finding("closing.closed_results", message, remedy))
    if findings:
        raise InputRefused(findings)
    return tuple(found)


def closed_rows(tx: Reading, store: Store, sources: tuple[Source, ...]) -> pl.DataFrame:
    """Return the statements of runs as the table of closed results.

    Parameters
    ----------
    tx : Reading
    store : Store
    sources : tuple of (str, str, str)
        As `closed_sources` returns them.

    Returns
    -------
    polars.DataFrame
        ``plan``, ``bonus``, ``period`` (texts), ``member_id``, ``amount`` (decimal): what every member had of every
        bonus; the company is no member.

    Raises
    ------
    IntegrityError
        As `refuse_changed`.
    """
    parts = []
    for program, label, run in sources:
        folder = store.run_folder(run_of(tx, run).id)
        refuse_changed(folder)
        statements = load_run(folder).statements.filter(pl.col("earner").is_not_null())
        parts.append(
            statements.select(
                pl.lit(program).alias("plan"),
                pl.col("bonus").cast(pl.String),
                pl.lit(label).alias("period"),
                pl.col("earner").alias("member_id"),
                "amount",
            )
        )
    if parts:
        # Versions of a plan may differ in their decimals.
        return pl.concat(parts, how="vertical_relaxed").rechunk()
    texts = dict.fromkeys(("plan", "bonus", "period", "member_id"), pl.String())
    return pl.DataFrame(schema={**texts, "amount": pl.Decimal(38, 2)})


def _missing(program: str, known: list[StoredPeriod], inside: list[StoredPeriod], period: StoredPeriod) -> list[str]:
    """Return what is not in the store though the calendar has it: all, or what follows the last one there is."""
    if not inside:
        return [f"no period of it that ends from {period.first} to {period.last} is in the store"]
    following = next_label(known[-1])
    if known[-1] == inside[-1] and following:
        last = parse_period(following, "week" if "W" in following else "month").last
        if last <= date.fromisoformat(period.last):
            return [f"{program} {following} is not in the store"]
    return []
