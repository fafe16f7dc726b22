"""Completeness: every row and every unit of volume that came in is used, or left out for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mlmcalc.audit.pack.model import Cell, Listing, Section, Tally, columns

KEY, TITLE = "completeness", "Completeness"
QUESTION = "Was every row that came in used, or left out for a stated reason?"


@dataclass(frozen=True, slots=True)
class VolumeTotals:
    """The control totals of one volume column.

    Attributes
    ----------
    column : str
    sealed : Decimal
        As the manifest has it: of all rows that were read.
    left_out : mapping of str to Decimal
        By reason.
    used : Decimal
        Of the rows that are used.
    calculated_on : Decimal
        What the run, prepared once more, calculates on.
    """

    column: str
    sealed: Decimal
    left_out: Mapping[str, Decimal]
    used: Decimal
    calculated_on: Decimal


@dataclass(frozen=True, slots=True)
class TableRows:
    """What became of the rows of one input.

    Attributes
    ----------
    name, file : str
    sha256 : str
    sealed : int
        Rows that were read, as the manifest has it.
    not_read : mapping of str to int
        Rows that do not count at all, by reason: blank, or without what the workspace asks for.
    left_out : mapping of str to int
        Rows that were read and do not count, by reason.
    used : int
    volumes : sequence of VolumeTotals
    """

    name: str
    file: str
    sha256: str
    sealed: int
    not_read: Mapping[str, int]
    left_out: Mapping[str, int]
    used: int
    volumes: Sequence[VolumeTotals] = ()

    @property
    def in_file(self) -> int:
        """Data rows of the file."""
        return self.sealed + sum(self.not_read.values())


@dataclass(frozen=True, slots=True)
class Stated:
    """What the company expected of a table, beside what was found.

    Attributes
    ----------
    table, what : str
        ``rows``, or a volume column.
    expected, found : Decimal
    """

    table: str
    what: str
    expected: Decimal
    found: Decimal


@dataclass(frozen=True, slots=True)
class Warned:
    """Warnings of one kind.

    Attributes
    ----------
    code, first : str
        The first of them.
    count : int
    """

    code: str
    first: str
    count: int


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that is said of the inputs.

    Attributes
    ----------
    tables : sequence of TableRows
    stated : sequence of Stated
    warned : sequence of Warned
    unread : mapping of str to int
        Columns that nothing reads, by table.
    """

    tables: Sequence[TableRows]
    stated: Sequence[Stated] = ()
    warned: Sequence[Warned] = ()
    unread: Mapping[str, int] = field(default_factory=dict)


def completeness(inputs: Inputs) -> Section:
    """Return the account of all rows and volumes."""
    tally = Tally()
    listings = [_rows(inputs, tally), _reasons(inputs)]
    if any(table.volumes for table in inputs.tables):
        listings.append(_volumes(inputs, tally))
    if inputs.stated:
        listings.append(_stated(inputs, tally))
    listings.append(_warned(inputs))
    rows = sum(table.in_file for table in inputs.tables)
    used = sum(table.used for table in inputs.tables)
    said = f"{rows:,} rows came in, {used:,} are used, {rows - used:,} are left out for the reasons below. "
    said += "Rows and volumes tie." if tally.result == "ties" else f"{tally.different} comparisons differ."
    if not inputs.stated:
        said += " What the company expected of its tables was not at hand."
    return Section(KEY, TITLE, QUESTION, tally.result, said, [one for one in listings if one.rows])


def _rows(inputs: Inputs, tally: Tally) -> Listing:
    rows: list[list[Cell]] = []
    for table in inputs.tables:
        out = sum(table.not_read.values()) + sum(table.left_out.values())
        difference = table.in_file - out - table.used
        mark = tally.mark(difference)
        rows.append([table.name, table.file, table.in_file, out, table.used, difference, mark, table.sha256])
    names = columns(table="text", file="text", rows_in="count", left_out="count", used="count", difference="count")
    names += columns(mark="mark", sha256="text")
    return Listing("completeness-rows", "Rows in = used + left out", names, rows)


def _reasons(inputs: Inputs) -> Listing:
    rows: list[list[Cell]] = [
        [table.name, reason, count]
        for table in inputs.tables
        for reason, count in {**table.not_read, **table.left_out}.items()
        if count
    ]
    rows += [[table, "columns that nothing reads", count] for table, count in inputs.unread.items() if count]
    names = columns(table="text", reason="text", count="count")
    return Listing("completeness-left-out", "What was left out, and why", names, rows)


def _volumes(inputs: Inputs, tally: Tally) -> Listing:
    rows: list[list[Cell]] = []
    for table in inputs.tables:
        for volume in table.volumes:
            out = sum(volume.left_out.values(), Decimal(0))
            rest = volume.sealed - out - volume.used
            beside = volume.used - volume.calculated_on
            mark = tally.mark(abs(rest) + abs(beside))
            rows.append(
                [table.name, volume.column, volume.sealed, out, volume.used, volume.calculated_on, rest + beside, mark]
            )
    names = columns(table="text", column="text", control_total="amount", left_out="amount", used="amount")
    names += columns(calculated_on="amount", difference="amount", mark="mark")
    note = (
        "The control total is the manifest's; left out and used are added up from the input's own rows; calculated on "
        "is what the run takes from it."
    )
    return Listing("completeness-volumes", "Control totals of volumes", names, rows, note)


def _stated(inputs: Inputs, tally: Tally) -> Listing:
    rows: list[list[Cell]] = []
    for one in inputs.stated:
        difference = one.found - one.expected
        rows.append([one.table, one.what, one.expected, one.found, difference, tally.mark(difference)])
    names = columns(table="text", what="text", expected="amount", found="amount", difference="amount", mark="mark")
    return Listing("completeness-expected", "What the company expected", names, rows)


def _warned(inputs: Inputs) -> Listing:
    rows: list[list[Cell]] = [[one.code, one.count, one.first] for one in inputs.warned]
    names = columns(finding="text", count="count", first="text")
    return Listing("completeness-findings", "Warnings the run was made with", names, rows)
