"""Rates of exchange, against the plan's currency and those that members are paid in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding
from mlmcalc.genealogy.network import Network
from mlmcalc.ledger.exchange import RATE_PLACES, ExchangeRates
from mlmcalc.money import minor_digits
from mlmcalc.plan.load import Plan
from mlmcalc.tables.needs import CURRENCY
from mlmcalc.tables.rates import RateRows

RATES = "rates"


def bound_rates(
    rows: RateRows | None, plan: Plan, network: Network, known: Mapping[str, int]
) -> tuple[ExchangeRates | None, list[Finding]]:
    """Return the rates as the run takes them, None without any or with an error, and what is wrong with them.

    Parameters
    ----------
    rows : RateRows or None
    plan : Plan
    network : Network
    known : mapping of str to int
        The decimals that currencies had when a run was made that is repeated.

    Returns
    -------
    tuple of (ExchangeRates or None) and list of Finding
        ``rates.currency``: no currency of ISO 4217 with a smallest unit. ``rates.plan_currency``: that of the plan has
        another rate than 1. ``rates.missing``: members are paid in a currency that has no rate. ``rates.column``: the
        plan reads the members' ``currency`` as something else than a text.
    """
    if rows is None:
        return None, []
    findings = []
    digits, rates = {}, {}
    for place, code in enumerate(rows.currencies):
        stated = int(rows.digits[place])
        found = stated if stated >= 0 else known.get(code, minor_digits(code))
        rates[code] = int(rows.rates[place])
        if found is None:
            findings.append(_unknown(rows, place, code))
        else:
            digits[code] = found
    if rates.setdefault(plan.currency, 10**RATE_PLACES) != 10**RATE_PLACES:
        message = f"one {plan.currency} is one {plan.currency}, the plan's own currency."
        findings.append(Finding("rates.plan_currency", message, "Write 1, or leave it out.", file=rows.table.file))
    digits[plan.currency] = plan.rounding.money_decimals
    member, wrong = _of_members(rows, plan, network, sorted(rates))
    findings += wrong
    if findings:
        return None, findings
    order = sorted(rates)
    units = np.array([rates[code] for code in order], np.int64)
    return ExchangeRates(order, units, [digits[code] for code in order], order.index(plan.currency), member), []


def _unknown(rows: RateRows, place: int, code: str) -> Finding:
    return Finding(
        "rates.currency",
        f"{code!r} is no currency of ISO 4217 with a smallest unit.",
        "Write its code of three capital letters; of one that is no more, state its digits in a column of that name.",
        file=rows.table.file,
        row=rows.table.row(place),
        column=rows.table.heading("currency"),
    )


def _of_members(
    rows: RateRows, plan: Plan, network: Network, order: list[str]
) -> tuple[NDArray[np.int32], list[Finding]]:
    own = order.index(plan.currency)
    column = network.columns.get(CURRENCY)
    if column is None:
        return np.full(network.size, own, np.int32), []
    if column.type != "text":
        message = f"the plan reads the members' column {CURRENCY} as a {column.type}."
        path = ("member_columns", CURRENCY)
        remedy = "Declare it as text, or call that column otherwise."
        return np.full(network.size, own, np.int32), [
            plan.document.located(Finding("rates.column", message, remedy, path=path))
        ]
    counts = np.bincount(column.values + 1, minlength=1 + len(column.labels))[1:].tolist()
    missing = [
        Finding(
            "rates.missing",
            f"{count} members are paid in {code}, which has no rate.",
            f"Add the rate: how many {code} one {plan.currency} is.",
            file=rows.table.file,
        )
        for code, count in zip(column.labels, counts, strict=True)
        if count and code not in order
    ]
    places = np.array([*(order.index(code) if code in order else own for code in column.labels), own], np.int32)
    return places[column.values], missing
