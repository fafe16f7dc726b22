"""What the company still owes its members, or they it, after a period; and the equation that ties all of it up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from mlmcalc.closing.exact import total, totals_by, with_decimals
from mlmcalc.closing.journal import PAYABLE
from mlmcalc.closing.payments import totals_of
from mlmcalc.errors import Finding, IntegrityError
from mlmcalc.payout.sections import BALANCE, DEFERRED

if TYPE_CHECKING:
    from mlmcalc.api.run import Run

_BEFORE = ("opening_balance", "released")


def balances_of(run: Run) -> pl.DataFrame:
    """Return what a period leaves of every member's balance, in the plan's currency.

    Parameters
    ----------
    run : Run

    Returns
    -------
    polars.DataFrame
        ``member_id``, ``kind`` (text: ``carried``, below zero a debt; ``deferred``, paid in a later period;
        ``held``), ``amount`` (decimal); members in canonical order, their kinds in this one.

    Raises
    ------
    IntegrityError
        ``closing.exact``: an amount has more decimals than money.
    """
    rows = run.state.filter(pl.col("section").cast(pl.String).is_in([BALANCE, DEFERRED]))
    section, key = pl.col("section").cast(pl.String), pl.col("key").cast(pl.String)
    kinds = rows.select(
        "member_id",
        pl.when(section == DEFERRED).then(section).otherwise(key).alias("kind"),
        pl.col("value").alias("amount"),
        place=pl.int_range(pl.len()),
    )
    sums = kinds.group_by("member_id", "kind").agg(pl.col("amount").sum(), pl.col("place").min())
    first = sums.with_columns(pl.col("place").min().over("member_id")).sort("place", "kind")
    left = first.filter(pl.col("amount") != 0).select("member_id", "kind", "amount")
    return with_decimals(left, "amount", run.totals["money_decimals"])


def control_totals_of(
    run: Run, payments: pl.DataFrame, journal: pl.DataFrame, balances: pl.DataFrame
) -> dict[str, Any]:
    """Return the control totals of a commit, after verifying that its tables are one account of the run.

    Parameters
    ----------
    run : Run
    payments, journal, balances : polars.DataFrame
        As `payments_of`, `commit_journal`, `balances_of` return them.

    Returns
    -------
    dict
        ``earned`` (of members, decimal text); ``payments`` (by currency), ``journal`` (what is debited, by currency),
        ``balances`` (by kind), each a dict of decimal texts; ``members``: how many are paid.

    Raises
    ------
    IntegrityError
        ``closing.equation``: what members earned is not what they are paid and what is left.
    """
    currency = run.totals["currency"]
    owed = _owed_more(journal, currency)
    before = total(run.payout.filter(pl.col("step").cast(pl.String).is_in(_BEFORE)), "amount")
    waiting = _still_deferred(run)
    left = total(balances, "amount") - waiting
    paid = total(payments, "plan_amount")
    if owed + before != paid + left:
        message = f"{before} were owed before and {owed} came to it, but {paid} are paid and {left} are left."
        raise IntegrityError(Finding("closing.equation", message, "Nothing was written; report it."))
    earned = total(run.statements.filter(pl.col("earner").is_not_null()), "amount")
    return {
        "earned": format(earned, "f"),
        **totals_of(payments),
        "journal": totals_by(journal, ["currency"], "debit"),
        "balances": totals_by(balances, ["kind"], "amount"),
    }


def _owed_more(journal: pl.DataFrame, currency: str) -> Decimal:
    own = journal.filter(
        (pl.col("account") == PAYABLE) & (pl.col("currency") == currency) & (pl.col("entry") != "exchanged")
    )
    return total(own, "credit") - total(own, "debit")


def _still_deferred(run: Run) -> Decimal:
    # What was deferred in this period is in the table of payout; the rest of the section was so before.
    whole = total(run.state.filter(pl.col("section").cast(pl.String) == DEFERRED), "value")
    now = total(run.payout.filter(pl.col("step").cast(pl.String) == DEFERRED), "amount")
    return whole - now


__all__ = ["balances_of", "control_totals_of"]
