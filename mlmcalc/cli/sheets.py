"""A sheet of titles, facts and tables: numbers whole, long texts folded to the terminal, nothing in a pipe."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from mlmcalc.cli.colours import quiet, styled

NARROWEST = 40
WIDEST = 120
_GAP = 2
_SHORTEST = 8
_LONGEST_WORD = 12
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Wrapper(textwrap.TextWrapper):
    """Folds at blanks, and a name of several words after an underscore."""

    wordsep_simple_re = re.compile(r"([\t\n\x0b\x0c\r ]+|(?<=_)(?=[^_\s]))")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    name : str
    right : bool
        Numbers: aligned to the right.
    folds : bool
        Text that may be folded into several lines; others are never cut or folded.
    spare : int
        Where there is no room even so, columns of a higher number are left out first; 0 never.
    """

    name: str
    right: bool = False
    folds: bool = False
    spare: int = 0


class Sheet:
    """Collects what is to be shown, then prints it on standard output."""

    def __init__(self, width: int | None = None) -> None:
        self.width = sheet_width() if width is None else width
        self.lines: list[str] = []

    def title(self, text: str, below: str = "") -> None:
        """Add a heading with a line under it."""
        self.lines += [styled(part, bold=True) for part in self._wrapped(text)]
        self.lines += [quiet(part) for part in self._wrapped(below)] if below else []

    def facts(self, facts: Mapping[str, str]) -> None:
        """Add names with their values; those without a value are left out."""
        shown = {name: shown_text(value) for name, value in facts.items() if value}
        widest = max((len(name) for name in shown), default=0)
        if shown:
            self.lines.append("")
        for name, value in shown.items():
            first, *rest = self._wrapped(value, widest + 4)
            self.lines.append(f"  {quiet(name.ljust(widest))}  {first}")
            self.lines += [" " * (widest + 4) + part for part in rest]

    def heading(self, text: str) -> None:
        """Add a bold line after an empty one."""
        self.lines.append("")
        self.lines += [styled(part, bold=True) for part in self._wrapped(text)]

    def line(self, text: str, indent: int = 0) -> None:
        """Add text, folded."""
        self.lines += [" " * indent + part for part in self._wrapped(text, indent)]

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Any]], last: Sequence[Any] = ()) -> None:
        """Add a table; columns without any content are left out.

        Parameters
        ----------
        columns : sequence of Column
        rows : sequence of sequences
            Shown as text.
        last : sequence
            One row more, in bold.
        """
        cells = [[shown_text(cell) for cell in row] for row in [*rows, *([last] if last else [])]]
        if not cells:
            return
        kept = [place for place in range(len(columns)) if any(row[place] for row in cells)]
        widths = self._widths(columns, kept, cells)
        head = {place: columns[place].name for place in widths}
        self.lines += [quiet(part) for part in _folded(columns, widths, head, every=True)]
        for number, row in enumerate(cells):
            lines = _folded(columns, widths, dict(enumerate(row)))
            bold = bool(last) and number == len(cells) - 1
            self.lines += [styled(part, bold=True) for part in lines] if bold else lines

    def show(self) -> None:
        """Print everything."""
        click.echo("\n".join(self.lines))

    def _widths(self, columns: Sequence[Column], kept: list[int], cells: list[list[str]]) -> dict[int, int]:
        """Return the widths of the columns that are shown, by their place."""
        content = {place: max(len(row[place]) for row in cells) for place in kept}
        natural = {place: max(len(columns[place].name), content[place]) for place in kept}
        if self._over(natural) <= 0:
            return natural
        # First the headings fold, then texts, and what does not fit even so is left out.
        heads = {place: _longest_word([columns[place].name]) for place in kept}
        natural = {place: max(heads[place], content[place]) for place in kept}
        folding = [place for place in kept if columns[place].folds]
        least = {
            place: max(heads[place], min(_LONGEST_WORD, _longest_word([row[place] for row in cells])))
            for place in folding
        }
        spare = sorted((place for place in kept if columns[place].spare), key=lambda place: -columns[place].spare)
        while spare and self._over(natural) > sum(
            natural[place] - least[place] for place in folding if place in natural
        ):
            natural.pop(spare.pop(0))
        # Where there is no room even so, words are cut rather than lines.
        for floor in (least, dict.fromkeys(folding, _SHORTEST)):
            while self._over(natural) > 0:
                wide = [place for place in folding if place in natural and natural[place] > floor[place]]
                if not wide:
                    break
                natural[max(wide, key=lambda place: natural[place])] -= 1
        return natural

    def _over(self, widths: Mapping[int, int]) -> int:
        return 2 + sum(widths.values()) + _GAP * (len(widths) - 1) - self.width

    def _wrapped(self, text: str, indent: int = 0) -> list[str]:
        return textwrap.wrap(shown_text(text), max(self.width - indent, _SHORTEST), break_on_hyphens=False) or [""]


def sheet_width() -> int:
    """Return the width to write for: the terminal's within reason; a pipe has none, and nothing is folded there."""
    if not sys.stdout.isatty():
        return sys.maxsize
    return max(min(shutil.get_terminal_size().columns, WIDEST), NARROWEST)


def shown_text(value: object) -> str:
    """Return a value as one line of text; what the input holds must not steer the terminal."""
    return _HIDDEN.sub(lambda found: repr(found[0])[1:-1], str(value))


def _longest_word(texts: Sequence[str]) -> int:
    return max((len(word) for text in texts for word in text.replace("_", "_ ").split()), default=0)


def _folded(
    columns: Sequence[Column], widths: Mapping[int, int], row: Mapping[int, str], every: bool = False
) -> list[str]:
    parts = {
        place: _Wrapper(width, break_on_hyphens=False).wrap(row[place]) or [""]
        if len(row[place]) > width and (every or columns[place].folds)
        else [row[place]]
        for place, width in widths.items()
    }
    lines = []
    for number in range(max((len(part) for part in parts.values()), default=0)):
        cells = []
        for place, width in widths.items():
            cell = parts[place][number] if number < len(parts[place]) else ""
            cells.append(cell.rjust(width) if columns[place].right else cell.ljust(width))
        lines.append(("  " + (" " * _GAP).join(cells)).rstrip())
    return lines
