"""What a company states about its tables, beside what was read: a mismatch refuses the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlmcalc.documents.document import Document
from mlmcalc.errors import Finding
from mlmcalc.money import text_from_units, units_from_text
from mlmcalc.workspace.model import Expectation


@dataclass(frozen=True, slots=True, eq=False)
class Expectations:
    """``expect:`` of a workspace.

    Attributes
    ----------
    tables : mapping of str to Expectation
        By table: ``members``, ``orders``, ``volumes``, ``overrides``, ``adjustments``, ``closed``, ``rates``.
    document : Document or None
        Where it is written.
    """

    tables: Mapping[str, Expectation] = field(default_factory=dict)
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """What was read from one table.

    Attributes
    ----------
    rows : int
    sums : mapping of str to (int, int)
        Our column to the sum in units of ``10**-decimals``, and these decimals.
    """

    rows: int
    sums: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def compare_expectations(expect: Expectations, counted: Mapping[str, Counted]) -> list[Finding]:
    """Return ``workspace.expectation`` for everything that is not as the company states.

    Parameters
    ----------
    expect : Expectations
    counted : mapping of str to Counted
        By table. A stated table or column that is missing here is a mismatch.
    """
    findings = []
    for table, stated in expect.tables.items():
        found = counted.get(table)
        if found is None:
            findings.append(_mismatch(expect, (table,), f"{table} is stated but was not read."))
            continue
        if stated.rows is not None and stated.rows != found.rows:
            message = f"{table} has {found.rows:,} rows, {stated.rows:,} are stated: {found.rows - stated.rows:+,}."
            findings.append(_mismatch(expect, (table, "rows"), message))
        for column, text in stated.sums.items():
            message = _compare_sum(table, column, text, found.sums.get(column))
            if message:
                findings.append(_mismatch(expect, (table, "sums", column), message))
    return findings


def _compare_sum(table: str, column: str, text: str, found: tuple[int, int] | None) -> str:
    if found is None:
        return f"{table} has no column {column} that could be summed."
    units, decimals = found
    finer = max(decimals, len(text.partition(".")[2]))
    difference = units * 10 ** (finer - decimals) - units_from_text(text, finer)
    if difference == 0:
        return ""
    sign = "+" if difference > 0 else ""
    return (
        f"{column} of {table} sums to {text_from_units(units, decimals)}, {text} is stated: "
        f"{sign}{text_from_units(difference, finer)}."
    )


def _mismatch(expect: Expectations, path: tuple[str, ...], message: str) -> Finding:
    finding = Finding(
        "workspace.expectation", message, "Is this the right file, and all of it?", path=("expect", *path)
    )
    return finding if expect.document is None else expect.document.located(finding)
