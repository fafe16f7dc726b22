"""The tables of a run against one another: every amount stands in several of them, and must be the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import polars as pl

from mlmcalc.audit.proof.report import Check, broken, first_of, unlike
from mlmcalc.payout.settlement import INCOMING
from mlmcalc.tables.stored import StoredTables

TERMS = ("paid", "breakage", "cut", "rounding")
_BONUS = pl.col("bonus").cast(pl.String)


class RunSums:
    """The sums of a run whose files are verified.

    Parameters
    ----------
    stored : StoredTables
    manifest : mapping
    of : str
        What the checks are about.
    """

    def __init__(self, stored: StoredTables, manifest: Mapping[str, Any], of: str) -> None:
        self._stored = stored
        self._manifest = manifest
        self._of = of
        self._lines = manifest.get("detail") != "none"
        self._paid = list(stored.schema("members"))[-1]

    def checks(self) -> Iterator[Check]:
        """Yield every check, lines first."""
        yield from self._lines_to_statements() if self._lines else ()
        yield self._statements_to_members()
        yield from self._equation()
        yield self._breakage()
        yield from self._payout()
        yield self._transfers()
        yield self._state()

    def _scan(self, table: str) -> pl.LazyFrame:
        return self._stored.scan(table)

    def _check(self, text: str, count: int, code: str, rows: pl.DataFrame, say: Callable[[dict], str]) -> Check:
        return Check(self._of, text, count, first_of(code, rows, say, self._stored.folder))

    def _count(self, table: str) -> int:
        return self._scan(table).select(pl.len()).collect().item()

    def _lines_to_statements(self) -> Iterator[Check]:
        # Whoever counts lines with the sums misses none: an amount of zero is a line as well.
        lines = self._scan("lines").select("earner", _BONUS, "amount", pl.lit(1, pl.Int64).alias("lines"))
        statements = self._scan("statements").select("earner", _BONUS, "amount", "lines")
        rows = unlike(lines, statements, ["earner", "bonus"], ["amount", "lines"])
        yield self._check(
            "lines sum to the statements, by earner and bonus",
            self._count("lines"),
            "statements",
            rows,
            lambda row: (
                f"{row['lines']:,} lines of {_who(row['earner'])} in {row['bonus']} sum to {row['amount']}, the "
                f"statement says {row['amount_there']} in {row['lines_there']:,}."
            ),
        )
        members = self._scan("members").select("member_id")
        ids = [
            self._scan("lines").select(pl.col(name).alias("member_id")).unique() for name in ("earner", "source", "via")
        ]
        unknown = pl.concat(ids).unique().drop_nulls().join(members, on="member_id", how="anti").sort("member_id")
        yield self._check(
            "members: nobody else earned or caused a line",
            self._count("members"),
            "unknown",
            unknown.collect(engine="streaming"),
            lambda row: f"{row['member_id']} of the lines is no member.",
        )

    def _statements_to_members(self) -> Check:
        own = self._scan("statements").filter(pl.col("earner").is_not_null())
        statements = own.select(pl.col("earner").alias("member_id"), "amount")
        members = self._scan("members").select("member_id", pl.col(self._paid).alias("amount"))
        return self._check(
            "statements sum to what members are paid in all",
            self._count("statements"),
            "members",
            unlike(statements, members, ["member_id"], ["amount"]),
            lambda row: (
                f"the statements of {row['member_id']} sum to {row['amount']}, the table of members says "
                f"{row['amount_there']}."
            ),
        )

    def _equation(self) -> Iterator[Check]:
        balance = self._scan("balance").with_columns(_BONUS).collect()
        terms = sum((pl.col(term) for term in TERMS[1:]), pl.col(TERMS[0]))
        yield self._check(
            "bonuses are in balance: offered = paid + breakage + cut + rounding",
            balance.height,
            "equation",
            balance.filter(pl.col("offered") != terms),
            lambda row: (
                f"{row['bonus']}: {row['offered']} offered is not {' + '.join(str(row[term]) for term in TERMS)}."
            ),
        )
        own = self._scan("statements").filter(pl.col("earner").is_not_null()).select(_BONUS, "amount")
        rows = unlike(own, balance.lazy().select("bonus", pl.col("paid").alias("amount")), ["bonus"], ["amount"])
        yield self._check(
            "bonuses pay by their statements what their balance says",
            balance.height,
            "balance",
            rows,
            lambda row: f"{row['bonus']}: statements sum to {row['amount']}, its balance says {row['amount_there']}.",
        )

    def _breakage(self) -> Check:
        breakage = self._scan("breakage").select(_BONUS, "amount")
        balance = self._scan("balance").select(_BONUS, pl.col("breakage").alias("amount"))
        return self._check(
            "rows of breakage sum to the balance of their bonus",
            self._count("breakage"),
            "breakage",
            unlike(breakage, balance, ["bonus"], ["amount"]),
            lambda row: f"{row['bonus']}: {row['amount']} of breakage, its balance says {row['amount_there']}.",
        )

    def _payout(self) -> Iterator[Check]:
        steps = self._scan("payout").with_columns(pl.col("step").cast(pl.String))
        count = self._count("payout")
        incoming = pl.col("step").is_in(list(INCOMING))
        came, went = (steps.filter(side).select("member", "amount") for side in (incoming, ~incoming))
        yield self._check(
            "steps of the payout: of every member goes out what came in",
            count,
            "payout",
            unlike(came, went, ["member"], ["amount"]),
            lambda row: f"{row['member']}: {row['amount']} came in, {row['amount_there']} went out.",
        )
        if not count:
            return
        earned = steps.filter(pl.col("step") == "earned").select("member", "amount")
        own = self._scan("statements").filter(pl.col("earner").is_not_null())
        rows = unlike(own.select(pl.col("earner").alias("member"), "amount"), earned, ["member"], ["amount"])
        yield self._check(
            "statements enter the payout as earned",
            self._count("statements"),
            "earned",
            rows,
            lambda row: (
                f"{row['member']}: statements sum to {row['amount']}, {row['amount_there']} entered the payout."
            ),
        )

    def _transfers(self) -> Check:
        """Return whether own volume, less what was given and with what was received, is the volume in each tree."""
        transfers = self._scan("transfers").with_columns(pl.col("volume", "tree").cast(pl.String)).collect()
        findings = []
        for volume, tree in transfers.select("volume", "tree").unique().sort("volume", "tree").iter_rows():
            rows = transfers.lazy().filter((pl.col("volume") == volume) & (pl.col("tree") == tree))
            findings += self._moved(rows, volume, f"{volume}@{tree}")
        text = "transfers lead from the volume of members to that in the tree"
        return Check(self._of, text, transfers.height, findings)

    def _moved(self, rows: pl.LazyFrame, volume: str, rolled: str) -> list:
        columns = self._stored.schema("members")
        if not all(is_amount(columns, name) for name in (volume, rolled)):
            return [broken("transfers", f"the table of members has no {rolled}.", self._stored.folder)]
        scale = max(_scale(columns[name]) for name in (volume, rolled))
        amount = pl.col("amount").cast(pl.Decimal(38, max(scale, _scale(self._stored.schema("transfers")["amount"]))))
        members = self._scan("members")
        parts = [
            members.select("member_id", pl.col(volume).cast(pl.Decimal(38, scale)).alias("amount")),
            rows.select(pl.col("member").alias("member_id"), -amount),
            rows.filter(pl.col("keeper").is_not_null()).select(pl.col("keeper").alias("member_id"), amount),
        ]
        moved = pl.concat([part.with_columns(amount) for part in parts])
        held = members.select("member_id", pl.col(rolled).cast(pl.Decimal(38, scale)).alias("amount"))
        return first_of(
            "transfers",
            unlike(moved, held, ["member_id"], ["amount"]),
            lambda row: (
                f"{row['member_id']} has {row['amount']} of {volume} after transfers, and {row['amount_there']} of "
                f"{rolled}."
            ),
            self._stored.folder,
        )

    def _state(self) -> Check:
        state, label = self._scan("state"), self._manifest["period"]["label"]
        members = self._scan("members").select("member_id")
        of_others = state.select("member_id").drop_nulls().join(members, on="member_id", how="anti")
        rows = of_others.unique().sort("member_id").collect(engine="streaming")
        findings = first_of(
            "state", rows, lambda row: f"{row['member_id']} of the state is no member.", self._stored.folder
        )
        other = state.filter(pl.col("period").cast(pl.String) != label).select(pl.len()).collect().item()
        if other:
            findings.append(broken("state", f"{other:,} rows of the state are not of {label}.", self._stored.folder))
        return Check(
            self._of, "rows are left to the next period, of members and of this period", self._count("state"), findings
        )


def is_amount(columns: Mapping[str, pl.DataType], name: str) -> bool:
    """Return whether members have amounts in a column, and no other column stepped back from its name."""
    return isinstance(columns.get(name), pl.Decimal | pl.Int64) and f"{name}_" not in columns


def _who(earner: object) -> str:
    return "the company" if earner is None else str(earner)


def _scale(dtype: pl.DataType) -> int:
    return dtype.scale if isinstance(dtype, pl.Decimal) else 0
