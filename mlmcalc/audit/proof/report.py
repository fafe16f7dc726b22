"""What was verified, one check after another, and what did not hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from mlmcalc.errors import Finding

DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
"""An amount as documents and manifests write it."""
SHOWN = 5
"""Rows of one check that are named; the others are counted."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes
    ----------
    of : str
        What it is about: a run, a document, the archive.
    text : str
        What was seen to hold, as a sentence without its subject's number.
    count : int
        Of how many.
    findings : sequence of Finding
        What does not hold; empty where everything does.
    """

    of: str
    text: str
    count: int
    findings: Sequence[Finding] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of verifying a folder.

    Attributes
    ----------
    folder : str
    kind : {"run", "archive"}
    checks : list of Check
        In the order in which one stands on the other.
    last : str
        Digest of the last document of an archive's chain: whoever kept it knows that nothing was cut off.
    """

    folder: str
    kind: str
    checks: list[Check] = field(default_factory=list)
    last: str = ""

    @property
    def holds(self) -> bool:
        """Whether every check held."""
        return all(check.holds for check in self.checks)

    @property
    def findings(self) -> list[Finding]:
        """Everything that does not hold; the first bad link stands first."""
        return [finding for check in self.checks for finding in check.findings]


def broken(code: str, message: str, file: object = "", member: object = "") -> Finding:
    """Return the finding that something does not hold."""
    named = "" if member is None else str(member)
    return Finding(f"verify.{code}", message, file=str(file), member=named)


def first_of(code: str, rows: pl.DataFrame, say: Callable[[dict], str], file: object = "") -> list[Finding]:
    """Return a finding for each of the first rows, and one that counts the others.

    Parameters
    ----------
    code : str
    rows : polars.DataFrame
        What does not hold.
    say : callable
        From a row to the sentence about it.
    file : object
    """
    findings = [broken(code, say(row), file) for row in rows.head(SHOWN).iter_rows(named=True)]
    if rows.height > SHOWN:
        findings.append(broken(code, f"so do not {rows.height - SHOWN:,} rows more.", file))
    return findings


def unlike(one: pl.LazyFrame, other: pl.LazyFrame, keys: Sequence[str], values: Sequence[str]) -> pl.DataFrame:
    """Return where two tables have other sums for the same key; both are read a piece at a time.

    Parameters
    ----------
    one, other : polars.LazyFrame
        With all keys and values, of the same types but for the decimals of decimals.
    keys, values : sequence of str

    Returns
    -------
    polars.DataFrame
        The keys, and two columns for each value: ``<value>`` of one, ``<value>_there`` of the other, 0 where it has no
        such key; ascending by the keys.
    """
    there = {value: f"{value}_there" for value in values}
    types = _common(one, other, values)
    sides = [
        frame.select(
            *keys,
            *(pl.col(value).cast(types[value]).alias(mine[value]) for value in values),
            *(pl.lit(0).cast(types[value]).alias(theirs[value]) for value in values),
        ).select(*keys, *(name for value in values for name in (value, there[value])))
        for frame, mine, theirs in ((one, dict(zip(values, values, strict=True)), there), (other, there, _same(values)))
    ]
    sums = pl.concat(sides).group_by(keys).agg(pl.exclude(keys).sum())
    differs = pl.any_horizontal(pl.col(value) != pl.col(there[value]) for value in values)
    return sums.filter(differs).sort(keys).collect(engine="streaming")


def _same(values: Iterable[str]) -> dict[str, str]:
    return {value: value for value in values}


def _common(one: pl.LazyFrame, other: pl.LazyFrame, values: Sequence[str]) -> dict[str, pl.DataType]:
    mine, theirs = one.collect_schema(), other.collect_schema()
    types = {}
    for value in values:
        pair = [schema[value] for schema in (mine, theirs)]
        scales = [dtype.scale for dtype in pair if isinstance(dtype, pl.Decimal)]
        types[value] = pl.Decimal(38, max(scales)) if scales else pl.Int64()
    return types
