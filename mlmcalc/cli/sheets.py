"""A sheet of titles, facts and tables on a terminal; plain text when piped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text


class Sheet:
    """Collects what is to be shown, then prints it once on standard output."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        # A pipe has no width: nothing may be cut there.
        self._console = console if console.is_terminal else Console(highlight=False, width=200, no_color=True)
        self._parts: list[Any] = []

    def title(self, text: str, below: str = "") -> None:
        """Add a heading with a line under it."""
        self._parts += [Text(text, style="bold"), Text(below, style="dim")]

    def facts(self, facts: Mapping[str, str]) -> None:
        """Add names with their values; those without a value are left out."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in facts.items():
            if value:
                table.add_row(name, Text(str(value)))
        self._parts.append(table)

    def line(self, text: str, bold: bool = False) -> None:
        """Add one line of text."""
        self._parts.append(Text(text, style="bold" if bold else ""))

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        right: set[int] | None = None,
        empty: str = "",
    ) -> None:
        """Add a table; columns without any content are left out, a table without rows says `empty` or nothing."""
        if not rows:
            if empty:
                self._parts += [Text(), Text(f"{title}: {empty}", style="bold")]
            return
        kept = [place for place in range(len(columns)) if any(str(row[place]) != "" for row in rows)]
        table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
        for place in kept:
            table.add_column(columns[place], justify="right" if place in (right or ()) else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(str(row[place])) for place in kept))
        self._parts.append(table)

    def show(self) -> None:
        """Print everything."""
        self._console.print(Group(*self._parts))
