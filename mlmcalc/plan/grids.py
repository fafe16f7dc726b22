"""Nested tables of a plan as grids: one row for each way down, one column for each level."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mlmcalc.plan.wording import OF_A_LIST

_RATE = re.compile(r"-|[0-9]+(\.[0-9]+)?%|[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of texts.

    Attributes
    ----------
    caption : str
    columns : tuple of str
    rows : tuple of tuple of str
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def is_rate_table(value: Any) -> bool:
    """Return whether a value is a table of rates or amounts: a list of them, or a mapping of several down to such."""
    if isinstance(value, Mapping):
        several = len(value) > 1 or any(not isinstance(part, str) or part.endswith("%") for part in value.values())
        return several and all(_is_part(part) for part in value.values())
    return _is_list(value)


def _is_part(value: Any) -> bool:
    if isinstance(value, Mapping):
        return bool(value) and all(_is_part(part) for part in value.values())
    return _is_list(value) or (isinstance(value, str) and value != "-" and _RATE.fullmatch(value) is not None)


def _is_list(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, str) and _RATE.fullmatch(part) is not None for part in value)
    )


def filled(grid: Grid) -> Grid:
    """Return a grid without the columns in which nothing stands."""
    kept = [place for place in range(len(grid.columns)) if any(row[place] for row in grid.rows)]
    rows = tuple(tuple(row[place] for place in kept) for row in grid.rows)
    return Grid(grid.caption, tuple(grid.columns[place] for place in kept), rows)


def grid_of(name: str, table: Any) -> Grid:
    """Return a table of rates as a grid: what chooses a row, then one column for each level."""
    rows = list(_rows(table, ()))
    depth = max(len(keys) for keys, _ in rows)
    levels = max(len(rates) for _, rates in rows)
    what = OF_A_LIST.get(name, "level")
    heads = ("",) * depth + (tuple(f"{what} {number + 1}" for number in range(levels)) if levels > 1 else ("",))
    return Grid(
        name,
        heads,
        tuple((*keys, *("",) * (depth - len(keys)), *rates, *("",) * (levels - len(rates))) for keys, rates in rows),
    )


def _rows(table: Any, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    if isinstance(table, Mapping):
        for key, part in table.items():
            yield from _rows(part, (*above, str(key)))
    else:
        yield above, tuple(table) if isinstance(table, list) else (str(table),)
