"""Cells of a list as text: for a reader, for a machine, and for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from mlmcalc.audit.pack.model import Cell, Column

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet may take for the beginning of a formula."""
INSTANT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z")
MARKS = {"ties": "✓ ties", "differs": "✗ differs", "absent": "– not at hand", "listed": "• listed"}


def shown(cell: Cell, column: Column, decimals: int = 0) -> str:
    """Return a cell as a page shows it: thousands set apart, no more digits than it has.

    Parameters
    ----------
    cell : Cell
    column : Column
    decimals : int
        Of an amount, at least, as far as it has them: those of its column (`decimals_of`).
    """
    if cell is None:
        return ""
    if column.kind == "mark":
        return MARKS.get(str(cell), str(cell))
    if isinstance(cell, Decimal):
        whole, _, fraction = f"{cell:,f}".partition(".")
        kept = fraction.rstrip("0").ljust(min(len(fraction), max(decimals, 2)), "0")
        return f"{whole}.{kept}" if kept else whole
    if isinstance(cell, int) and column.kind in ("count", "amount"):
        return f"{cell:,}"
    instant = INSTANT.fullmatch(str(cell))
    # To the second: the list has all of it.
    return f"{instant[1]} {instant[2]} UTC" if instant else str(cell)


def written(cell: Cell, column: Column, safe: bool) -> str:
    """Return a cell as a CSV file has it.

    Parameters
    ----------
    cell : Cell
    column : Column
    safe : bool
        Whether a text that a spreadsheet might calculate gets a ``'`` in front; numbers never do.
    """
    if cell is None:
        return ""
    text = f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    is_number = not isinstance(cell, str)
    return f"'{text}" if safe and not is_number and text.startswith(_FORMULA) else text


def decimals_of(cells: Iterable[Cell]) -> int:
    """Return how many decimals the amounts of a column need, so that they stand below one another."""
    fractions = [f"{cell:f}".partition(".")[2].rstrip("0") for cell in cells if isinstance(cell, Decimal)]
    return max((len(fraction) for fraction in fractions), default=0)


def is_right(cell: Cell, column: Column) -> bool:
    """Return whether a cell stands at the right of its column: numbers do."""
    return column.kind in ("count", "amount") and not isinstance(cell, str)
