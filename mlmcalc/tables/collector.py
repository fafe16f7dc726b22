"""Collects findings: all of them, until one kind in one column is so frequent that a count says more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, errors_of

LIMIT = 1000
"""Findings kept per code, file and column; those beyond are counted in one finding more."""
_SHOWN = 40


def shown(text: object) -> str:
    """Return a value as a message shows it: quoted, short, with every invisible character escaped."""
    quoted = repr(str(text))
    return quoted if len(quoted) <= _SHOWN else quoted[: _SHOWN - 4] + "...'"


class Numbered(Protocol):
    """A table whose columns and rows have names that a user knows."""

    @property
    def file(self) -> str:
        """The file, as the user named it."""
        ...

    def heading(self, name: str) -> str:
        """Return the name of a column in the file."""
        ...

    def row(self, place: int) -> int:
        """Return a row's number in a spreadsheet."""
        ...


class Collector:
    """The findings of all tables of a run, in the order they were made."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._kept: Counter[tuple[str, str, str]] = Counter()
        self._beyond: Counter[tuple[str, str, str, Literal["error", "warning"]]] = Counter()

    def add(self, finding: Finding) -> None:
        """Keep a finding, or count it when there are enough of its kind."""
        self.many((finding.code, finding.file, finding.column), 1, lambda _: finding, finding.level)

    def many(
        self,
        kind: tuple[str, str, str],
        count: int,
        make: Callable[[int], Finding],
        level: Literal["error", "warning"] = "error",
    ) -> None:
        """Keep several findings of one kind, made only where they are kept.

        Parameters
        ----------
        kind : (str, str, str)
            Code, file and heading of the column, which every one of them has.
        count : int
        make : callable
            Called with 0, 1, ... for those that are kept.
        level : {"error", "warning"}
        """
        room = max(LIMIT - self._kept[kind], 0)
        kept = min(count, room)
        self._kept[kind] += kept
        self._findings.extend(make(index) for index in range(kept))
        if count > kept:
            self._beyond[(*kind, level)] += count - kept

    def absorb(self, other: Collector) -> None:
        """Keep the findings of another collector after those of this one, as if they had been made here."""
        for finding in other._findings:
            self.add(finding)
        self._beyond.update(other._beyond)

    def rows(
        self,
        code: str,
        table: Numbered,
        column: str,
        places: NDArray[np.integer] | Sequence[int],
        message: Callable[[int], str],
        remedy: str | Callable[[int], str] = "",
        level: Literal["error", "warning"] = "error",
        member: Callable[[int], str] | None = None,
    ) -> None:
        """Keep one finding per row.

        Parameters
        ----------
        code : str
        table : Numbered
        column : str
            Our name of the column; the finding has the file's.
        places : (k,) int
            Indexes into the table.
        message, remedy, member : callable
            Called with the index into `places`, for the rows that are kept only.
        level : {"error", "warning"}
        """
        heading = table.heading(column)

        def make(index: int) -> Finding:
            return Finding(
                code,
                message(index),
                remedy(index) if callable(remedy) else remedy,
                level,
                file=table.file,
                row=table.row(int(places[index])),
                column=heading,
                member=member(index) if member else "",
            )

        self.many((code, table.file, heading), len(places), make, level)

    def has_errors(self) -> bool:
        """Return whether a finding refuses the run."""
        return bool(errors_of(self._findings))

    def findings(self) -> list[Finding]:
        """Return every finding kept, and one for each kind that had more."""
        beyond = [
            Finding(code, f"{count} rows more have this finding.", "", level, file=file, column=column)
            for (code, file, column, level), count in self._beyond.items()
        ]
        return self._findings + beyond
