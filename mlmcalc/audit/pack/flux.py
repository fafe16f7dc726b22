"""Flux: this period beside the one before: bonuses, ranks, members, and whose amount moved most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from mlmcalc.audit.pack.model import Cell, Column, Listing, Section, amount_said, amounts, column_sum, columns

KEY, TITLE = "flux", "Flux against the period before"
QUESTION = "What changed since the period before, and does it need an explanation?"
MOVERS = 25
_MEMBER, _PAID = "member_id", "paid"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One of the two periods.

    Attributes
    ----------
    run, period : str
    totals : mapping
        Of the manifest.
    members : polars.DataFrame
        ``member_id``, ``status``, ``paid`` and one column for each ladder.
    """

    run: str
    period: str
    totals: Mapping[str, Any]
    members: pl.DataFrame


def flux(before: Side, now: Side) -> Section:
    """Return what changed from one period to the next."""
    both = _joined(before, now)
    listings = [_totals(before, now), _bonuses(before, now), *_ranks(before, now), _members(both), _movers(both)]
    paid = Decimal(now.totals["paid"]) - Decimal(before.totals["paid"])
    share = _percent(paid, Decimal(before.totals["paid"]))
    earlier, later = (amount_said(Decimal(side.totals["paid"])) for side in (before, now))
    said = f"{before.period} paid {earlier}, {now.period} paid {later}: {'+' if paid > 0 else ''}{amount_said(paid)}"
    said += f" ({share}%)." if share is not None else "."
    said += f" The period before is the run {before.run}."
    return Section(KEY, TITLE, QUESTION, "listed", said, [one for one in listings if one.rows])


def _joined(before: Side, now: Side) -> pl.DataFrame:
    ours, theirs = (side.members.select(_MEMBER, pl.col("status").cast(pl.String), _PAID) for side in (now, before))
    if ours[_MEMBER].dtype != theirs[_MEMBER].dtype:
        ours, theirs = (frame.with_columns(pl.col(_MEMBER).cast(pl.String)) for frame in (ours, theirs))
    both = ours.join(theirs, on=_MEMBER, how="full", suffix="_before", coalesce=True)
    none = pl.lit(Decimal(0))
    here, there = pl.col(_PAID).fill_null(none), pl.col(f"{_PAID}_before").fill_null(none)
    return both.with_columns(here.alias("here"), there.alias("there"), (here - there).alias("change"))


def _totals(before: Side, now: Side) -> Listing:
    rows = [_change(name, Decimal(before.totals[name]), Decimal(now.totals[name])) for name in ("paid", "company")]
    counts = ("members", "active", "earners", "lines")
    rows += [_change(name, before.totals[name], now.totals[name]) for name in counts]
    for name in dict.fromkeys([*before.totals["volumes"], *now.totals["volumes"]]):
        sides = (Decimal(side.totals["volumes"].get(name, "0")) for side in (before, now))
        rows.append(_change(f"volume {name}", *sides))
    return Listing("flux-totals", "Totals", _names("what", before, now), rows)


def _bonuses(before: Side, now: Side) -> Listing:
    rows = [
        _change(bonus, *(Decimal(side.totals["bonuses"].get(bonus, {}).get("paid", "0")) for side in (before, now)))
        for bonus in dict.fromkeys([*before.totals["bonuses"], *now.totals["bonuses"]])
    ]
    rows += [
        _change(
            f"not paid: {outcome.replace('_', ' ')}",
            *(Decimal(side.totals["breakage"].get(outcome, "0")) for side in (before, now)),
        )
        for outcome in dict.fromkeys([*before.totals["breakage"], *now.totals["breakage"]])
    ]
    return Listing("flux-bonuses", "By bonus, and what was not paid", _names("bonus", before, now), rows)


def _ranks(before: Side, now: Side) -> list[Listing]:
    listings = []
    for ladder, counts in now.totals["ranks"].items():
        earlier = before.totals["ranks"].get(ladder, {})
        rows = [
            _change("no rank" if rank == "none" else rank, earlier.get(rank, 0), counts.get(rank, 0))
            for rank in reversed(list(dict.fromkeys([*earlier, *counts])))
        ]
        name = "" if ladder == "rank" else f"-{ladder}"
        listings.append(Listing(f"flux-ranks{name}", f"Ranks: {ladder}", _names("rank", before, now), rows))
    return listings


def _members(both: pl.DataFrame) -> Listing:
    new = both["status_before"].is_null()
    gone = both["status"].is_null()
    left = (both["status"] == "left").fill_null(False) & (both["status_before"] != "left").fill_null(False)
    rows: list[list[Cell]] = []
    for title, chosen in (("joined", new), ("no longer among the members", gone), ("left", left)):
        rows.append(
            [
                title,
                int(chosen.sum()),
                column_sum(both.filter(chosen), "there"),
                column_sum(both.filter(chosen), "here"),
            ]
        )
    for title, chosen in (("paid more", both["change"] > 0), ("paid less", both["change"] < 0)):
        rows.append(
            [
                title,
                int(chosen.sum()),
                column_sum(both.filter(chosen), "there"),
                column_sum(both.filter(chosen), "here"),
            ]
        )
    names = columns(members="text", count="count", paid_before="amount", paid_now="amount")
    return Listing("flux-members", "Members", names, rows)


def _movers(both: pl.DataFrame) -> Listing:
    moved = both.filter(pl.col("change") != 0).with_columns(pl.col("change").abs().alias("size"))
    largest = moved.sort("size", _MEMBER, descending=[True, False]).head(MOVERS)
    rows: list[list[Cell]] = [
        [str(row[_MEMBER]), row["there"], row["here"], row["change"], _percent(row["change"], row["there"])]
        for row in largest.iter_rows(named=True)
    ]
    names = columns(member="text", before="amount", now="amount", change="amount", percent="amount")
    note = (
        f"The largest {len(rows)} of {moved.height:,} members whose amount changed." if moved.height > len(rows) else ""
    )
    return Listing("flux-movers", "Whose amount moved most", names, rows, note)


def _names(first: str, before: Side, now: Side) -> list[Column]:
    return [Column(first), *amounts([before.period, now.period, "change", "percent"])]


def _change(name: str, before: Decimal | int, now: Decimal | int) -> list[Cell]:
    return [name, before, now, now - before, _percent(Decimal(now - before), Decimal(before))]


def _percent(change: Decimal, of: Decimal) -> Decimal | None:
    return (100 * change / abs(of)).quantize(Decimal("0.1"), ROUND_HALF_UP) if of else None
