"""The columns that the tables of a run have: whoever reads them by name must find them, of the right kind."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_TEXT_OF = {
    "id": r"int64|text",
    "category": r"category(\[.*\])",
    "decimal": r"decimal\((?:[0-9]|[12][0-9]|3[0-8])\)",
    "integer": r"int16|int32|int64",
    "text": r"text",
    "flag": r"flag",
}
"""Kind of a column to how a manifest writes its type."""

COLUMNS: dict[str, dict[str, str]] = {
    "lines": {
        "run": "category",
        "bonus": "category",
        "earner": "id",
        "source": "id",
        "via": "id",
        "order": "id",
        "level": "integer",
        "paid_level": "integer",
        "base": "decimal",
        "rate_ppm": "integer",
        "amount": "decimal",
        "outcome": "category",
    },
    "statements": {"earner": "id", "bonus": "category", "lines": "integer", "amount": "decimal"},
    "breakage": {
        "bonus": "category", "level": "integer", "outcome": "category", "base": "decimal", "amount": "decimal",
    },
    "transfers": {"volume": "category", "tree": "category", "member": "id", "keeper": "id", "amount": "decimal"},
    "balance": {
        "bonus": "category", "offered": "decimal", "paid": "decimal", "breakage": "decimal", "cut": "decimal",
        "rounding": "decimal",
    },
    "payments": {
        "member_id": "id", "plan_amount": "decimal", "currency": "category", "rate": "decimal", "amount": "decimal",
        "left": "decimal",
    },
    "payout": {"member": "id", "step": "category", "name": "category", "amount": "decimal"},
    "state": {
        "period": "category", "section": "category", "name": "category", "member_id": "id", "key": "category",
        "since": "category", "value": "decimal",
    },
    "findings": {
        "level": "text", "code": "text", "message": "text", "remedy": "text", "file": "text", "column": "text",
        "member": "text", "row": "integer", "line": "integer", "position": "integer", "path": "text",
    },
}  # fmt: skip
"""Of all tables but the members, whose columns the plan names."""

_MEMBERS_BEFORE = {"status": "category", "kind": "category", "active": "flag"}
_ANY = "|".join(_TEXT_OF.values())


def odd_column(table: str, columns: Mapping[str, str]) -> str:
    """Return what is wrong with the columns that a manifest has for a table; empty where nothing is.

    Parameters
    ----------
    table : str
    columns : mapping of str to str
        Name to type, as the manifest writes it.
    """
    wanted = COLUMNS.get(table)
    if wanted is None:
        return _odd_of_members(columns)
    if list(columns) != list(wanted):
        return f"the columns of {table} are {', '.join(columns)}"
    odd = [name for name, kind in wanted.items() if not _is(columns[name], _TEXT_OF[kind])]
    return f"{odd[0]} of {table} is {columns[odd[0]]!r}" if odd else ""


def _odd_of_members(columns: Mapping[str, str]) -> str:
    names = list(columns)
    ends = bool(names) and names[0] == "member_id" and names[-1].rstrip("_") == "paid"
    if not ends or not _MEMBERS_BEFORE.keys() <= set(names):
        return "the table of members has not the columns of one"
    wanted = {"member_id": "id", names[-1]: "decimal"} | _MEMBERS_BEFORE
    odd = [name for name, text in columns.items() if not _is(text, _TEXT_OF.get(wanted.get(name, ""), _ANY))]
    return f"{odd[0]} of members is {columns[odd[0]]!r}" if odd else ""


def _is(text: str, pattern: str) -> bool:
    found = re.fullmatch(pattern, text)
    if found is None or not text.startswith("category"):
        return found is not None
    try:
        labels = json.loads(text.removeprefix("category"))
    except ValueError:
        return False
    return all(isinstance(label, str) for label in labels) and len(set(labels)) == len(labels)
