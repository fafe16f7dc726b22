"""A seeded, stratified sample of the lines of a run, drawn while they are read part by part.

A line is drawn by the SHA-256 of its own content and the seed, so that anybody who has the lines draws the same ones,
in any order of rows and with any program: of the text ``seed|bonus|earner|source|via|order|level|paid_level|base|
rate_ppm|amount|outcome`` (an empty cell is empty), the first 16 hexadecimal digits; the lowest of a stratum are drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import polars as pl
from numpy.typing import NDArray

SIZES = ("below 0", "0", "below 10", "10 to 99.99", "100 to 999.99", "1,000 and more")
"""Classes of amounts, by size."""
_BOUNDS = (10, 100, 1000)
_CONTENT = (
    "bonus", "earner", "source", "via", "order", "level", "paid_level", "base", "rate_ppm", "amount", "outcome",
)  # fmt: skip
_STRATUM = ["bonus", "size", "outcome"]
LEAST = 2
"""So many lines of every stratum are drawn, or all that there are."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Lines of one bonus, one class of amounts and one outcome.

    Attributes
    ----------
    bonus, size, outcome : str
    lines : int
    amount : Decimal
        Their sum.
    drawn : int
    """

    bonus: str
    size: str
    outcome: str
    lines: int
    amount: Decimal
    drawn: int


class LineSample:
    """Draws lines while they are handed over, part by part.

    Parameters
    ----------
    seed : int
    size : int
        How many lines to draw; more where there are so many strata.
    """

    def __init__(self, seed: int, size: int) -> None:
        self.seed = seed
        self.size = size
        self._kept: list[pl.DataFrame] = []
        self._strata: list[pl.DataFrame] = []

    def add(self, lines: pl.DataFrame) -> None:
        """Take some lines into account.

        Parameters
        ----------
        lines : polars.DataFrame
            With the columns of the table of lines.
        """
        if not lines.height:
            return
        drawn = lines.select(
            pl.col("bonus", "outcome").cast(pl.String),
            _size().alias("size"),
            pl.col("amount"),
            pl.Series("draw", draws(lines.select(_CONTENT), self.seed)),
        ).with_row_index("place")
        self._strata.append(
            drawn.group_by(_STRATUM).agg(
                pl.len().alias("lines"), pl.col("amount").sum(), pl.col("amount").abs().sum().alias("weight")
            )
        )
        lowest = self._lowest(drawn.select("place", "draw", *_STRATUM))
        chosen = lines.select(_CONTENT)[lowest["place"]].with_columns(
            pl.col("bonus", "outcome").cast(pl.String), lowest["draw"], lowest["size"]
        )
        self._kept = [self._lowest(pl.concat([*self._kept, chosen]))]

    def strata(self) -> list[Stratum]:
        """Return every stratum there is, by bonus, class and outcome, with how many of its lines are drawn."""
        found = self._found()
        shares = self._shares(found)
        return [
            Stratum(row["bonus"], row["size"], row["outcome"], row["lines"], row["amount"], drawn)
            for row, drawn in zip(found.iter_rows(named=True), shares, strict=True)
        ]

    def lines(self) -> pl.DataFrame:
        """Return the lines drawn, stratum by stratum, the lowest draw first; ``size`` is the class of the amount."""
        if not self._kept:
            return pl.DataFrame()
        strata = self._found()
        wanted = strata.select(*_STRATUM, pl.Series("drawn", self._shares(strata), dtype=pl.Int64)).with_row_index("at")
        ranked = self._kept[0].join(wanted, on=_STRATUM, how="left").sort("at", "draw", *_CONTENT[1:])
        return ranked.filter(pl.int_range(pl.len()).over("at") < pl.col("drawn")).drop("at", "drawn", "draw")

    def _found(self) -> pl.DataFrame:
        if not self._strata:
            return pl.DataFrame(schema={"bonus": pl.String, "size": pl.String, "outcome": pl.String})
        together = pl.concat(self._strata).group_by(_STRATUM).agg(pl.col("lines", "amount", "weight").sum())
        by_size = pl.col("size").replace_strict(SIZES, range(len(SIZES)), return_dtype=pl.Int8)
        return together.sort("bonus", by_size, "outcome")

    def _lowest(self, rows: pl.DataFrame) -> pl.DataFrame:
        # As many of each stratum as the whole sample may need.
        return (
            rows.sort("draw").group_by(_STRATUM, maintain_order=True).head(max(self.size, LEAST)).select(rows.columns)
        )

    def _shares(self, strata: pl.DataFrame) -> list[int]:
        counts = strata["lines"].to_list() if strata.height else []
        weights = strata["weight"].to_list() if strata.height else []
        drawn = [min(count, LEAST) for count in counts]
        left = self.size - sum(drawn)
        # What is left goes where the money is, as far as there are lines; ties go to the first.
        while left > 0 and (open_ := [at for at, count in enumerate(counts) if drawn[at] < count]):
            whole = sum((weights[at] for at in open_), Decimal(0))
            exact = [Decimal(left) * weights[at] / whole if whole else Decimal(left) / len(open_) for at in open_]
            given = [min(int(share), counts[at] - drawn[at]) for share, at in zip(exact, open_, strict=True)]
            if not any(given):
                given[max(range(len(open_)), key=lambda place: (exact[place], -place))] = 1
            for at, count in zip(open_, given, strict=True):
                drawn[at] += count
            left -= sum(given)
        return drawn


def draws(rows: pl.DataFrame, seed: int) -> NDArray[np.uint64]:
    """Return what decides whether a row is drawn, of every row: the lowest are.

    Parameters
    ----------
    rows : polars.DataFrame
        Of columns that print the same everywhere: texts, whole numbers, decimals.
    seed : int

    Returns
    -------
    (k,) uint64
        The first 64 bits of the SHA-256 of ``seed|cell|cell|...``.
    """
    texts = rows.select(
        pl.concat_str(
            [pl.lit(str(seed)), *(pl.col(name).cast(pl.String).fill_null("") for name in rows.columns)], separator="|"
        )
    ).to_series()
    digests = b"".join(hashlib.sha256(text.encode()).digest()[:8] for text in texts)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def lowest_of(draw: NDArray[np.uint64], size: int) -> NDArray[np.int64]:
    """Return the places of the `size` lowest draws, lowest first; ties by place."""
    return np.argsort(draw, kind="stable")[:size]


def strata_total(strata: Iterable[Stratum]) -> Mapping[str, Decimal]:
    """Return the sum of the strata of every bonus."""
    totals: dict[str, Decimal] = {}
    for stratum in strata:
        totals[stratum.bonus] = totals.get(stratum.bonus, Decimal(0)) + stratum.amount
    return totals


def _size() -> pl.Expr:
    amount = pl.col("amount")
    found = pl.when(amount < 0).then(pl.lit(SIZES[0])).when(amount == 0).then(pl.lit(SIZES[1]))
    for bound, name in zip(_BOUNDS, SIZES[2:], strict=False):
        found = found.when(amount < bound).then(pl.lit(name))
    return found.otherwise(pl.lit(SIZES[-1]))
