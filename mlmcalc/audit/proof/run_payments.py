"""What a run pays in the currencies of its members, at the rates it keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from mlmcalc.audit.proof.report import Check, first_of, unlike
from mlmcalc.tables.stored import StoredTables

PAYMENTS = "payments"
PAID = "paid"


def due_of(stored: StoredTables) -> pl.LazyFrame:
    """Return what a run pays each member in the plan's currency: ``member_id``, ``amount``.

    Where the plan has a payout it is the step ``paid``, otherwise the whole statement.
    """
    steps = stored.scan("payout").with_columns(pl.col("step").cast(pl.String))
    if steps.select(pl.len()).collect().item():
        return steps.filter(pl.col("step") == PAID).select(pl.col("member").alias("member_id"), "amount")
    own = stored.scan("statements").filter(pl.col("earner").is_not_null())
    return own.select(pl.col("earner").alias("member_id"), "amount")


def payment_checks(stored: StoredTables, manifest: Mapping[str, Any], of: str) -> Iterator[Check]:
    """Yield whether payments in other currencies are what is due, exchanged to the last digit.

    Parameters
    ----------
    stored : StoredTables
        Of a run, verified.
    manifest : mapping
    of : str
        What the checks are about.
    """
    if PAYMENTS not in manifest["columns"]:
        return
    payments = stored.scan(PAYMENTS)
    count = payments.select(pl.len()).collect().item()
    rows = unlike(
        due_of(stored), payments.select("member_id", pl.col("plan_amount").alias("amount")), ["member_id"], ["amount"]
    )
    findings = first_of(
        "payments",
        rows,
        lambda row: f"{row['member_id']} is due {row['amount']}, its payment is of {row['amount_there']}.",
        stored.folder,
    )
    yield Check(of, "payments are of what is due to members", count, findings)
    findings = first_of(
        "exchange",
        _inexact(stored, payments),
        lambda row: f"{row['member_id']}: {row['plan_amount']} x {row['rate']} is not {row['amount']} + {row['left']}.",
        stored.folder,
    )
    yield Check(of, "payments are exchanged to the last digit: plan_amount x rate = amount + left", count, findings)


def _inexact(stored: StoredTables, payments: pl.LazyFrame) -> pl.DataFrame:
    """Return the rows in which plan_amount x rate is not amount + left; both sides as integers of 128 bits."""
    scales = {name: dtype.scale for name, dtype in stored.schema(PAYMENTS).items() if isinstance(dtype, pl.Decimal)}
    product = scales["plan_amount"] + scales["rate"]
    common = max(product, scales["amount"], scales["left"])
    units = {name: pl.col(name).to_physical() for name in scales}
    ten = {name: pl.lit(10 ** (common - scale), pl.Int128) for name, scale in scales.items()}
    exact = units["plan_amount"] * units["rate"] * pl.lit(10 ** (common - product), pl.Int128)
    paid = units["amount"] * ten["amount"] + units["left"] * ten["left"]
    return payments.filter(exact != paid).sort("member_id").collect(engine="streaming")
