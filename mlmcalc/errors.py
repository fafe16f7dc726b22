"""Findings, and the few exceptions that carry them.

Bad input is data: a check returns every `Finding` it makes; an exception carries them once, at a room's door.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, or doubtful, in the input.

    Attributes
    ----------
    code : str
        ``<room>.<fault>``, stable: scripts may rely on it.
    message : str
        What was seen, in one sentence.
    remedy : str
        What to do, in one sentence.
    level : {"error", "warning"}
        An error refuses the run; a warning is counted and listed.
    file : str
        The file as the user named it, or the name of a frame.
    row : int or None
        Row as a spreadsheet counts it: the header is row 1.
    column : str
        Column of a table, as the user's file names it.
    line, position : int or None
        Line and column of a plan or workspace document, from 1.
    path : tuple of (str or int)
        Path of keys in a document; the plan room resolves it to line and position.
    member : str
        The member concerned, as text.
    """

    code: str
    message: str
    remedy: str = ""
    level: Literal["error", "warning"] = "error"
    file: str = ""
    row: int | None = None
    column: str = ""
    line: int | None = None
    position: int | None = None
    path: tuple[str | int, ...] = ()
    member: str = ""

    def where(self) -> str:
        """Return the place of the finding as a reader would say it."""
        parts = [self.file] if self.file else []
        if self.line is not None:
            parts.append(f"line {self.line}" + (f" column {self.position}" if self.position else ""))
        if self.row is not None:
            parts.append(f"row {self.row}")
        place = " ".join(parts)
        if self.column:
            place += (", " if place else "") + f"column {self.column}"
        if self.path:
            place += (", " if place else "") + ".".join(str(step) for step in self.path)
        if self.member:
            place += (", " if place else "") + f"member {self.member}"
        return place

    def text(self) -> str:
        """Return the finding as one line."""
        place = self.where()
        sentence = f"{place}: {self.message}" if place else self.message
        return f"{self.code}  {sentence}" + (f" {self.remedy}" if self.remedy else "")


class MlmcalcError(Exception):
    """Base of the errors that a caller of mlmcalc may meet; carries findings and the exit status of the command."""

    status = 3
    headline = "refused"

    def __init__(self, findings: Finding | Iterable[Finding]) -> None:
        self.findings: Sequence[Finding] = (findings,) if isinstance(findings, Finding) else tuple(findings)
        count = len(self.findings)
        lines = "\n".join("  " + finding.text() for finding in self.findings[:50])
        more = f"\n  and {count - 50} more" if count > 50 else ""
        super().__init__(f"{self.headline}, {count} finding{'' if count == 1 else 's'}\n{lines}{more}")


class InputRefused(MlmcalcError):
    """The plan or the data cannot be used as they are."""

    status = 3
    headline = "input refused"


class ConflictError(MlmcalcError):
    """Somebody else was first, or the output exists already."""

    status = 4
    headline = "conflict"


class IntegrityError(MlmcalcError):
    """A digest, a total or the equation of a run does not hold."""

    status = 5
    headline = "integrity"


class EnvironmentRefused(MlmcalcError):
    """The machine is in the way: disk full, no permission."""

    status = 6
    headline = "environment"


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that refuse a run."""
    return [finding for finding in findings if finding.level == "error"]


def refuse_errors(findings: Iterable[Finding]) -> None:
    """Raise `InputRefused` with all findings if one of them is an error.

    Raises
    ------
    InputRefused
        With every finding, warnings too, errors first.
    """
    found = list(findings)
    if errors_of(found):
        raise InputRefused(sorted(found, key=lambda finding: finding.level != "error"))
