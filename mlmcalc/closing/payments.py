"""Who is paid how much in which currency: from a finished run to the table of payments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from mlmcalc.closing.exact import totals_by, with_decimals
from mlmcalc.errors import Finding, InputRefused
from mlmcalc.tables.decimals_out import decimal_type

if TYPE_CHECKING:
    from mlmcalc.api.run import Run

RATE_DECIMALS = 12
"""Of the rate by which an amount in the plan's money becomes one in the member's."""
SHOWN = 5


def payments_of(run: Run) -> pl.DataFrame:
    """Return what every member is paid, members in the canonical order of the run.

    Where the plan has a ``payout`` it is the step ``paid``, otherwise the whole statement. Nobody has two rows, and
    no row has an amount of zero or less; but in another currency one of less than half its smallest unit is zero.

    Parameters
    ----------
    run : Run

    Returns
    -------
    polars.DataFrame
        ``member_id``; ``currency`` (text), ``amount`` (decimal, in that currency); ``rate`` (decimal of 12 decimals;
        null where it is the plan's currency) and ``plan_amount`` (decimal, in the plan's currency).

    Raises
    ------
    InputRefused
        ``closing.negative``: a plan without ``payout`` leaves a member less than nothing.
    IntegrityError
        ``closing.exact``: an amount has more decimals than money.
    """
    owed = owed_of(run)
    currency = run.totals["currency"]
    if run.payments is None:
        return owed.select(
            "member_id",
            pl.lit(currency).alias("currency"),
            pl.col("plan_amount").alias("amount"),
            pl.lit(None, decimal_type(RATE_DECIMALS)).alias("rate"),
            "plan_amount",
        )
    exchanged = run.payments.select("member_id", pl.col("currency").cast(pl.String), "amount", "rate")
    rate = pl.when(pl.col("currency") != currency).then("rate").cast(decimal_type(RATE_DECIMALS))
    found = owed.join(exchanged, on="member_id", how="left", maintain_order="left")
    return found.select("member_id", "currency", "amount", rate.alias("rate"), "plan_amount")


def owed_of(run: Run) -> pl.DataFrame:
    """Return what is due to every member in the plan's currency: ``member_id``, ``plan_amount``.

    Raises
    ------
    InputRefused
        ``closing.negative``.
    IntegrityError
        ``closing.exact``.
    """
    places = run.totals["money_decimals"]
    if run.payout.height:
        paid = run.payout.filter(pl.col("step") == "paid")
        found = paid.select(pl.col("member").alias("member_id"), pl.col("amount").alias("plan_amount"))
    else:
        found = statement_totals(run).rename({"amount": "plan_amount"}).filter(pl.col("plan_amount") != 0)
    found = with_decimals(found, "plan_amount", places)
    _refuse_negative(found, run.totals["currency"])
    return found


def totals_of(payments: pl.DataFrame) -> dict[str, Any]:
    """Return the control totals of payments: ``payments`` (decimal text by currency), ``members`` (who are paid)."""
    return {
        "payments": totals_by(payments, ["currency"], "amount"),
        "members": payments.filter(pl.col("amount") > 0).height,
    }


def statement_totals(run: Run) -> pl.DataFrame:
    """Return the statement of every member over all bonuses: ``member_id``, ``amount``; the company is no member."""
    own = run.statements.filter(pl.col("earner").is_not_null())
    return own.group_by(pl.col("earner").alias("member_id"), maintain_order=True).agg(pl.col("amount").sum())


def _refuse_negative(found: pl.DataFrame, currency: str) -> None:
    below = found.filter(pl.col("plan_amount") <= 0)
    if not below.height:
        return
    remedy = "State payout: {} in the plan, so that a debt is carried to the next period."
    findings = [
        Finding("closing.negative", f"its statement comes to {amount} {currency}.", remedy, member=str(member))
        for member, amount in below.head(SHOWN).iter_rows()
    ]
    if below.height > SHOWN:
        message = f"{below.height - SHOWN} members more have a statement below zero."
        findings.append(Finding("closing.negative", message, remedy))
    raise InputRefused(findings)


__all__ = ["RATE_DECIMALS", "owed_of", "payments_of", "statement_totals", "totals_of"]
