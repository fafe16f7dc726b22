"""A pack as data: sections with a mark, their lists, and the words that say what was compared with what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import polars as pl

from mlmcalc.audit.pack.work import Work

Mark = Literal["ties", "differs", "absent", "listed"]
"""``ties``: compared, and equal; ``differs``: compared, and not equal; ``absent``: could not be looked at, the
conclusion says why; ``listed``: nothing to compare, a list to read."""
Kind = Literal["text", "count", "amount", "mark"]
Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    Attributes
    ----------
    name : str
    kind : {"text", "count", "amount", "mark"}
        A count or an amount is a number; a mark is one of `Mark`.
    """

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Listing:
    """One list of a section; it is a table of the page and a file of its own.

    Attributes
    ----------
    name : str
        Of the file, without its ending.
    title : str
    columns : sequence of Column
    rows : sequence of sequences of Cell
        Amounts are exact decimals.
    note : str
        What a reader must know of it; may be empty.
    last : sequence of Cell
        A row of totals, no part of the file; may be empty.
    shown : int
        How many rows the page shows at most; the file has all.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    last: Sequence[Cell] = ()
    shown: int = 40


@dataclass(frozen=True, slots=True)
class Section:
    """One question of the auditor.

    Attributes
    ----------
    key : str
        Its anchor in the page.
    title, question : str
    mark : {"ties", "differs", "absent", "listed"}
    conclusion : str
        The answer, in a sentence or two.
    listings : sequence of Listing
    """

    key: str
    title: str
    question: str
    mark: Mark
    conclusion: str
    listings: Sequence[Listing] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """Everything about one run that goes to the auditor.

    Attributes
    ----------
    company : str
        Empty where it is not known.
    facts : mapping of str to str
        What the pack is about: run, digests, plan, period.
    seed : int
        Of the samples.
    sections : sequence of Section
    work : Work or None
        The work sheet; None where lines could not be read.
    """

    company: str
    facts: Mapping[str, str]
    seed: int
    sections: Sequence[Section]
    work: Work | None = None

    @property
    def differences(self) -> list[Section]:
        """The sections in which something was compared and not equal."""
        return [section for section in self.sections if section.mark == "differs"]


@dataclass(slots=True)
class Tally:
    """Comparisons of one section, counted as they are made.

    Attributes
    ----------
    compared, different : int
    """

    compared: int = 0
    different: int = 0

    def mark(self, difference: Decimal | int) -> Mark:
        """Return the mark of one comparison, and count it."""
        self.compared += 1
        self.different += bool(difference)
        return "differs" if difference else "ties"

    @property
    def result(self) -> Mark:
        """The mark of all comparisons together."""
        return "differs" if self.different else "ties"


@dataclass(frozen=True, slots=True)
class Bounded:
    """Rows of a list that may be too long to be read.

    Attributes
    ----------
    rows : sequence
    found : int
        How many there are.
    """

    rows: Sequence[Sequence[Cell]] = field(default_factory=tuple)
    found: int = 0

    @property
    def note(self) -> str:
        """That some were left out, and how many; empty where none was."""
        left = self.found - len(self.rows)
        return f"The first {len(self.rows):,} of {self.found:,}; {left:,} are not listed." if left else ""


def absent(key: str, title: str, question: str, reason: str) -> Section:
    """Return a section that could not be made, with the reason."""
    return Section(key, title, question, "absent", reason)


def columns(**kinds: Kind) -> list[Column]:
    """Return columns by name and kind; an underscore in a name is a blank."""
    return [Column(name.replace("_", " "), kind) for name, kind in kinds.items()]


def amounts(names: Iterable[str]) -> list[Column]:
    """Return columns of amounts, named as they are."""
    return [Column(name, "amount") for name in names]


def amount_said(amount: Decimal) -> str:
    """Return an amount as a sentence says it: thousands set apart, at least two decimals where it has any."""
    whole, _, fraction = f"{amount:,f}".partition(".")
    kept = fraction.rstrip("0").ljust(min(len(fraction), 2), "0")
    return f"{whole}.{kept}" if kept else whole


def total(parts: Iterable[Decimal]) -> Decimal:
    """Return an exact sum."""
    return sum(parts, Decimal(0))


def column_sum(frame: pl.DataFrame, name: str) -> Decimal:
    """Return the exact sum of a column of decimals, 0 where it is empty."""
    found = frame[name].sum() if frame.height else Decimal(0)
    assert isinstance(found, Decimal), "the column is one of decimals"
    return found
