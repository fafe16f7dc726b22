"""From lines to statements to payout steps to payments to the journal: the same sums, or a difference that is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from mlmcalc.audit.pack.model import Cell, Listing, Section, Tally, column_sum, columns, total
from mlmcalc.payout.settlement import INCOMING

KEY, TITLE = "tie-out", "Tie-out"
PAYABLE = "payable"
"""Account of the journal: what the company owes its members."""
QUESTION = "Do the lines come to the statements, the statements to the payout, and the payout to what was booked?"
_NO_LINES = "lines could not be read"


@dataclass(slots=True)
class LineSums:
    """The sum and number of the lines of every earner and bonus, gathered part by part."""

    parts: list[pl.DataFrame] = field(default_factory=list)

    def add(self, lines: pl.DataFrame) -> None:
        """Add some lines."""
        self.parts.append(_by_statement(lines.select("earner", "bonus", pl.lit(1, pl.Int64).alias("lines"), "amount")))

    def frame(self) -> pl.DataFrame:
        """Return one row for every earner and bonus: earner, bonus, lines, amount."""
        return _by_statement(pl.concat(self.parts))


@dataclass(frozen=True, slots=True)
class Closed:
    """A document of the closing.

    Attributes
    ----------
    number : int
    kind, at, made_by, approved_by, reason, digest, previous : str
    """

    number: int
    kind: str
    at: str
    made_by: str
    approved_by: str
    reason: str
    digest: str
    previous: str


@dataclass(frozen=True, slots=True, eq=False)
class Booked:
    """What was paid and booked of the run, where its period was closed.

    Attributes
    ----------
    document : str
        The closing document it is from.
    payments : polars.DataFrame
        ``member_id``, ``amount`` of every payment, in the plan's currency.
    journal : polars.DataFrame
        ``entry``, ``account``, ``currency`` (texts), ``debit``, ``credit``: sums of the journal's rows.
    closed : sequence of Closed
        Every document of the period.
    """

    document: str
    payments: pl.DataFrame
    journal: pl.DataFrame
    closed: Sequence[Closed] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """The tables of a run that are tied to one another.

    Attributes
    ----------
    statements, members, payout, balance, breakage : polars.DataFrame
    totals : mapping
        Of the manifest.
    lines : polars.DataFrame or None
        As `LineSums.frame`; None where there are none to be read.
    booked : Booked or None
    """

    statements: pl.DataFrame
    members: pl.DataFrame
    payout: pl.DataFrame
    balance: pl.DataFrame
    breakage: pl.DataFrame
    totals: Mapping[str, Any]
    lines: pl.DataFrame | None = None
    booked: Booked | None = None


def tie_out(tables: Tables) -> Section:
    """Return every step from lines to what was booked, with its difference."""
    tally = Tally()
    listings = [_by_bonus(tables, tally), _chain(tables, tally), _equation(tables, tally)]
    listings += [_payout_steps(tables, tally)] if tables.payout.height else []
    if tables.booked is not None:
        listings += [_journal(tables.booked, tables.totals["currency"], tally), _documents(tables.booked)]
    said = f"{tally.compared} comparisons, " + (
        f"{tally.different} with a difference." if tally.different else "no difference."
    )
    if tables.lines is None:
        said += " Lines could not be read, and statements are taken as they stand."
    if tables.booked is None:
        said += " The period is not closed in what was at hand: nothing was compared with payments and journal."
    return Section(KEY, TITLE, QUESTION, tally.result, said, listings)


def _by_bonus(tables: Tables, tally: Tally) -> Listing:
    statements = _sums(tables.statements, "bonus")
    members = _sums(tables.statements.filter(pl.col("earner").is_not_null()), "bonus")
    lines = None if tables.lines is None else _sums(tables.lines, "bonus")
    balance = dict(zip(tables.balance["bonus"].cast(pl.String), tables.balance["paid"], strict=True))
    rows: list[list[Cell]] = []
    for bonus, stated in tables.totals["bonuses"].items():
        in_statements = statements.get(bonus, Decimal(0))
        in_lines = in_statements if lines is None else lines.get(bonus, Decimal(0))
        in_manifest = Decimal(stated["paid"]) + Decimal(stated["company"])
        # The part of the company is breakage in the equation.
        in_balance = balance.get(bonus, Decimal(0)) + in_statements - members.get(bonus, Decimal(0))
        differences = [in_lines - in_statements, in_manifest - in_statements, in_balance - in_statements]
        largest = max(differences, key=abs)
        said = _NO_LINES if lines is None else in_lines
        rows.append([bonus, said, in_statements, in_manifest, in_balance, largest, tally.mark(largest)])
    last: list[Cell] = ["all bonuses", _NO_LINES if lines is None else _column_total(rows, 1)]
    last += [_column_total(rows, place) for place in range(2, 6)]
    note = "Members and company together. The difference is the largest of the three against the statements."
    names = columns(bonus="text", lines="amount", statements="amount", manifest="amount", equation="amount")
    return Listing(
        "tie-out-bonuses", "By bonus", [*names, *columns(difference="amount", mark="mark")], rows, note, last
    )


def _chain(tables: Tables, tally: Tally) -> Listing:
    rows: list[list[Cell]] = []

    def compared(left: str, right: str, a: Decimal | int, b: Decimal | int) -> None:
        rows.append([left, right, a, b, a - b, tally.mark(a - b)])

    statements = tables.statements
    to_members = statements.filter(pl.col("earner").is_not_null())
    if tables.lines is not None:
        compared("lines", "lines of statements", _whole(tables.lines["lines"]), _whole(statements["lines"]))
        differing = _unequal(tables.lines, statements)
        compared("earners and bonuses whose lines differ from the statement", "none", differing, 0)
        compared("sum of lines", "sum of statements", _sum(tables.lines), _sum(statements))
    compared("statements of members", "table of members, paid", _sum(to_members), _sum(tables.members, "paid"))
    by_member = to_members.group_by("earner").agg(pl.col("amount").sum())
    unlike = _unequal_members(by_member.rename({"earner": "member_id"}), tables.members.rename({"paid": "amount"}))
    compared("members whose statements differ from the table of members", "none", unlike, 0)
    company = _sum(statements.filter(pl.col("earner").is_null()))
    compared("statement of the company", "manifest, company", company, Decimal(tables.totals["company"]))
    compared("table of members, paid", "manifest, paid", _sum(tables.members, "paid"), Decimal(tables.totals["paid"]))
    paid, what = _sum(tables.members, "paid"), "table of members, paid"
    if tables.payout.height:
        compared(what, "payout, earned", paid, _step(tables.payout, "earned"))
        paid, what = _step(tables.payout, "paid"), "payout, paid"
    if tables.booked is not None:
        payments, document = tables.booked.payments, tables.booked.document
        compared(what, f"payments of {document}", paid, _sum(payments))
        due = _due(tables).filter(pl.col("amount") != 0)
        unlike = _unequal_members(due, payments)
        compared(f"members whose payment in {document} is another", "none", unlike, 0)
        compared(
            "sum of statements of members",
            f"earned in the journal of {document}",
            _sum(to_members),
            _earned(tables.booked, tables.totals["currency"]),
        )
    names = columns(this="text", against="text", left="amount", right="amount", difference="amount", mark="mark")
    return Listing("tie-out-chain", "Step by step", names, rows)


def _equation(tables: Tables, tally: Tally) -> Listing:
    lost = _sums(tables.breakage, "bonus")
    rows: list[list[Cell]] = []
    for row in tables.balance.iter_rows(named=True):
        difference = row["offered"] - row["paid"] - row["breakage"] - row["cut"] - row["rounding"]
        listed = lost.get(row["bonus"], Decimal(0)) - row["breakage"]
        terms: list[Cell] = [row[name] for name in ("offered", "paid", "breakage", "cut", "rounding")]
        rows.append([row["bonus"], *terms, difference, listed, tally.mark(abs(difference) + abs(listed))])
    names = columns(bonus="text", offered="amount", paid="amount", breakage="amount", cut="amount", rounding="amount")
    names += columns(difference="amount", breakage_table="amount", mark="mark")
    note = "Offered = paid + breakage + cut + rounding. The last difference is the table of breakage against its term."
    last: list[Cell] = ["all bonuses", *(_column_total(rows, place) for place in range(1, 8))]
    return Listing("tie-out-equation", "What was offered, and what became of it", names, rows, note, last)


def _payout_steps(tables: Tables, tally: Tally) -> Listing:
    steps = tables.payout.with_columns(pl.col("step", "name").cast(pl.String).fill_null(""))
    sums = steps.group_by("step", "name", maintain_order=True).agg(pl.len(), pl.col("amount").sum())
    signed = pl.when(pl.col("step").is_in(INCOMING)).then(pl.col("amount")).otherwise(-pl.col("amount"))
    open_ = steps.group_by("member").agg(signed.sum().alias("rest")).filter(pl.col("rest") != 0).height
    rows: list[list[Cell]] = [[*row, "listed"] for row in sums.iter_rows()]
    rows.append(["members out of balance", "", open_, None, tally.mark(open_)])
    names = columns(step="text", name="text", members="count", amount="amount", mark="mark")
    came = " + ".join(step.replace("_", " ") for step in INCOMING)
    note = f"For every member: {came} = all other steps."
    return Listing("tie-out-payout", "What became of what was earned", names, rows, note)


def _journal(booked: Booked, currency: str, tally: Tally) -> Listing:
    rows: list[list[Cell]] = []
    sums = booked.journal.group_by("entry", "account", "currency", maintain_order=True)
    for entry, account, money, debit, credit in sums.agg(pl.col("debit").sum(), pl.col("credit").sum()).iter_rows():
        rows.append([entry.replace("_", " "), account, money, debit, credit, debit - credit, "listed"])
    by_currency = booked.journal.group_by("currency").agg(pl.col("debit").sum(), pl.col("credit").sum())
    for money, debit, credit in by_currency.sort("currency").iter_rows():
        rows.append(["all entries", "all accounts", money, debit, credit, debit - credit, tally.mark(debit - credit)])
    names = columns(entry="text", account="text", currency="text", debit="amount", credit="amount", balance="amount")
    title = f"The journal of {booked.document}"
    note = f"Debits and credits are equal in every currency. The plan counts in {currency}."
    return Listing("tie-out-journal", title, [*names, *columns(mark="mark")], rows, note)


def _documents(booked: Booked) -> Listing:
    rows: list[list[Cell]] = [
        [one.number, one.kind, one.at, one.made_by, one.approved_by, one.reason, one.digest, one.previous]
        for one in booked.closed
    ]
    names = columns(number="count", kind="text", at="text", made_by="text", approved_by="text", reason="text")
    note = "Each document carries the digest of the one before it in the store."
    listing = Listing(
        "tie-out-documents", "Documents of the period", [*names, *columns(digest="text", previous="text")], rows, note
    )
    return listing


def _earned(booked: Booked, currency: str) -> Decimal:
    payable = (pl.col("entry") == "earned") & (pl.col("account") == PAYABLE) & (pl.col("currency") == currency)
    rows = booked.journal.filter(payable)
    return _sum(rows, "credit") - _sum(rows, "debit")


def _due(tables: Tables) -> pl.DataFrame:
    if tables.payout.height:
        paid = tables.payout.filter(pl.col("step") == "paid")
        return paid.select(pl.col("member").alias("member_id"), "amount")
    return tables.members.select("member_id", pl.col("paid").alias("amount"))


def _by_statement(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("earner", "bonus").agg(pl.col("lines").sum(), pl.col("amount").sum())


def _unequal(lines: pl.DataFrame, statements: pl.DataFrame) -> int:
    keys = ["earner", "bonus"]
    ours, theirs = (frame.with_columns(pl.col("bonus").cast(pl.String)) for frame in (lines, statements))
    both = ours.join(theirs, on=keys, how="full", suffix="_stated", nulls_equal=True, coalesce=True)
    same = (pl.col("amount") == pl.col("amount_stated")) & (pl.col("lines") == pl.col("lines_stated"))
    return both.filter(~same.fill_null(False)).height


def _unequal_members(statements: pl.DataFrame, members: pl.DataFrame) -> int:
    both = members.select("member_id", "amount").join(
        statements, on="member_id", how="full", suffix="_stated", coalesce=True
    )
    none = pl.lit(Decimal(0))
    return both.filter(pl.col("amount").fill_null(none) != pl.col("amount_stated").fill_null(none)).height


def _sums(frame: pl.DataFrame, by: str) -> dict[str, Decimal]:
    found = frame.group_by(pl.col(by).cast(pl.String)).agg(pl.col("amount").sum())
    return dict(found.iter_rows())


def _sum(frame: pl.DataFrame, column: str = "amount") -> Decimal:
    return column_sum(frame, column)


def _whole(column: pl.Series) -> int:
    return int(column.sum() or 0)


def _step(payout: pl.DataFrame, step: str) -> Decimal:
    return _sum(payout.filter(pl.col("step") == step))


def _column_total(rows: Sequence[Sequence[Cell]], place: int) -> Decimal:
    amounts: Iterable[Cell] = (row[place] for row in rows)
    return total(amount for amount in amounts if isinstance(amount, Decimal))
