"""Rows of the database as the small objects that callers see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, Table, func, select

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.store.transaction import Reading

Row = TypeVar("Row")


def rows_of(tx: Reading, kind: type[Row], query: Select[Any]) -> list[Row]:
    """Return what a query finds; the columns are the fields of a class."""
    return [kind(**row) for row in tx.connection.execute(query).mappings()]


def next_number(tx: Reading, table: Table, column: str = "number") -> int:
    """Return the number of the next row: one more than the last; writers queue, so no two get the same."""
    return (tx.connection.execute(select(func.max(table.c[column]))).scalar() or 0) + 1


def of_period(table: Table, program: str | None, period: str | None) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows of a program, of a period, or of all."""
    found: list[ColumnElement[bool]] = []
    if program is not None:
        found.append(table.c.program == program)
    if period is not None:
        found.append(table.c.period == period)
    return found


def stated(reason: str, what: str) -> str:
    """Return a reason without blanks around it.

    Raises
    ------
    InputRefused
        ``store.reason``: there is none.
    """
    if not reason.strip():
        raise InputRefused(Finding("store.reason", f"{what} needs a reason.", "Say why, in a sentence."))
    return reason.strip()


def as_row(value: Any, without: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Return the fields of a row object by name."""
    return {name: getattr(value, name) for name in type(value).__dataclass_fields__ if name not in without}
