"""The sampled lines, recalculated, and what the sample says of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from mlmcalc.audit.pack.model import Cell, Listing, Section, Tally, columns, total
from mlmcalc.audit.pack.sample import Stratum
from mlmcalc.audit.pack.work import Statement, Trace, WorkLine, product_of, rate_said
from mlmcalc.ledger.lines import COMPANY
from mlmcalc.money import Rounding

KEY, TITLE = "sample", "Sample of lines, recalculated"
QUESTION = "Does base times rate, rounded as the plan says, give the amounts that were paid?"


def work_lines(
    drawn: pl.DataFrame, rounding: Rounding, base_decimals: Mapping[str, int], amount_decimals: int
) -> list[WorkLine]:
    """Return the lines drawn, as they are recalculated.

    Parameters
    ----------
    drawn : polars.DataFrame
        As `LineSample.lines`.
    rounding : Rounding
        Of the plan.
    base_decimals : mapping of str to int
        Of every bonus.
    amount_decimals : int
    """
    found = []
    for number, row in enumerate(drawn.iter_rows(named=True), 1):
        places = base_decimals.get(row["bonus"], rounding.money_decimals)
        units = (_units(row["base"], places), row["rate_ppm"], _units(row["amount"], amount_decimals))
        ids = {name: "" if row[name] is None else str(row[name]) for name in ("earner", "source", "via", "order")}
        ids["earner"] = ids["earner"] or COMPANY
        found.append(
            WorkLine(
                number=number,
                bonus=row["bonus"],
                outcome=row["outcome"],
                size=row["size"],
                **ids,
                level=row["level"],
                paid_level=row["paid_level"],
                base=row["base"],
                rate_ppm=row["rate_ppm"],
                amount=row["amount"],
                product=product_of(row["outcome"], units, (places, amount_decimals), rounding),
            )
        )
    return found


def recalculation(
    seed: int,
    strata: Sequence[Stratum],
    lines: Sequence[WorkLine],
    traces: Sequence[Trace],
    statements: Sequence[Statement],
    untraced: str = "",
) -> Section:
    """Return what the recalculation of the sample came to.

    Parameters
    ----------
    seed : int
    strata : sequence of Stratum
    lines : sequence of WorkLine
    traces : sequence of Trace
        Of their bases.
    statements : sequence of Statement
        Of those that are no products.
    untraced : str
        Why no base could be traced; empty where bases were.
    """
    tally = Tally()
    listings = [_lines(lines, traces, statements, tally), _strata(strata)]
    products = [line for line in lines if line.product is not None]
    agreed = sum(line.product.agrees for line in products if line.product is not None)
    said = (
        f"{len(lines):,} of {sum(stratum.lines for stratum in strata):,} lines drawn with the seed {seed}. "
        f"{agreed:,} of {len(products):,} products of base and rate agree; "
        f"{len(lines) - len(products):,} lines are no products (caps, limits, shares of a pool, roundings) and are "
        "shown with the whole of their statement. "
    )
    traced = [trace for trace in traces if trace.parts]
    summed = sum(trace.agrees for trace in traced)
    said += untraced or f"{summed:,} of {len(traced):,} bases that were traced come to the base."
    return Section(KEY, TITLE, QUESTION, tally.result, said, listings)


def _lines(
    lines: Sequence[WorkLine], traces: Sequence[Trace], statements: Sequence[Statement], tally: Tally
) -> Listing:
    traced = {trace.number: trace for trace in traces}
    stated = {statement.number: statement for statement in statements}
    rows: list[list[Cell]] = []
    for line in lines:
        product, trace, statement = line.product, traced.get(line.number), stated.get(line.number)
        if product is not None:
            again, rest = product.recalculated
            recalculated: Cell = Decimal(again).scaleb(-product.decimals)
            if product.mode is None:
                recalculated += Decimal(rest).scaleb(-product.decimals - 6)
            mark: Cell = tally.mark(not product.agrees)
        elif statement is not None:
            recalculated, mark = "statement", tally.mark(not statement.agrees)
        else:
            recalculated, mark = "no product", "listed"
        base_mark: Cell = tally.mark(not trace.agrees) if trace is not None and trace.parts else ""
        about = trace.about if trace is not None else (statement.about if statement is not None else "")
        who: list[Cell] = [
            line.number,
            line.bonus,
            line.outcome.replace("_", " "),
            line.earner,
            line.source,
            line.order,
        ]
        rate = rate_said(line.rate_ppm)
        rows.append([*who, line.level, line.base, rate, line.amount, recalculated, mark, about, base_mark])
    names = columns(no="count", bonus="text", outcome="text", earner="text", source="text", order="text", level="count")
    names += columns(base="amount", rate="text", amount="amount", recalculated="amount", mark="mark")
    names += columns(where_the_base_comes_from="text", base_mark="mark")
    note = "worksheet.xlsx recalculates every one of them with formulas, and takes its base apart."
    return Listing("sample-lines", "Lines drawn", names, rows, note, shown=100)


def _strata(strata: Sequence[Stratum]) -> Listing:
    rows: list[list[Cell]] = [
        [one.bonus, one.size, one.outcome.replace("_", " "), one.lines, one.amount, one.drawn] for one in strata
    ]
    last: list[Cell] = ["all", "", "", sum(one.lines for one in strata), total(one.amount for one in strata)]
    last.append(sum(one.drawn for one in strata))
    names = columns(
        bonus="text", amount_of_a_line="text", outcome="text", lines="count", amount="amount", drawn="count"
    )
    note = (
        "Two lines of every stratum, or all there are; the others by the strata's share of the money. A line is drawn "
        "by the SHA-256 of seed and content: the same seed draws the same lines on every machine."
    )
    return Listing("sample-strata", "What was drawn from", names, rows, note, last)


def _units(amount: Decimal, decimals: int) -> int:
    return int(amount.scaleb(decimals))
