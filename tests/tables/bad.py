"""How a bad input is described, in short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from mlmcalc.tables.needs import Needs
from mlmcalc.tables.source import ColumnMap

MEMBERS = "member_id,sponsor_id\n1,\n2,1\n3,1\n4,2\n"
ORDERS = "order_id,member_id,date,cv\n10,1,2026-10-01,5.00\n11,2,2026-10-02,6.50\n12,4,2026-10-31,7\n"
PLAIN = Needs(trees={"sponsor": ("sponsor_id", "", 0)}, volume_columns={"cv": 2})
LEGS = Needs(trees={"placement": ("sponsor_id", "leg", 2)}, volume_columns={"cv": 2})
OWN = Needs(
    trees={"sponsor": ("sponsor_id", "", 0)},
    volume_columns={"cv": 2},
    member_columns={"goal": ("number", 2), "founder": ("flag", 0), "promo": ("day", 0), "market": ("text", 0)},
)
TWO = Needs(trees={"sponsor": ("sponsor_id", "", 0)}, volume_columns={"qv": 2, "cv": 2})


@dataclass(frozen=True)
class Bad:
    """One bad input.

    Attributes
    ----------
    name : str
    expected : str
        One finding per line or after a semicolon: code, row and column, ``-`` for none; a warning begins with ``~``.
    tables : mapping of str to str, bytes, frame or anything
        By label; texts and bytes are written to a file, by default CSV.
    suffix : mapping of str to str
    """

    name: str
    expected: str
    tables: Mapping[str, Any]
    needs: Needs = PLAIN
    maps: Mapping[str, ColumnMap] = field(default_factory=dict)
    suffix: Mapping[str, str] = field(default_factory=dict)


def members(name: str, expected: str, rows: str, header: str = "member_id,sponsor_id", **more: Any) -> Bad:
    tables = {"members": header + "\n" + rows.replace(" / ", "\n") + "\n"}
    return Bad(
        name,
        expected,
        {**tables, **more.pop("tables", {})},
        **{"needs": Needs({"sponsor": ("sponsor_id", "", 0)}), **more},
    )


def orders(name: str, expected: str, rows: str, header: str = "order_id,member_id,date,cv", **more: Any) -> Bad:
    return Bad(name, expected, {"members": MEMBERS, "orders": header + "\n" + rows.replace(" / ", "\n") + "\n"}, **more)


def amount(name: str, expected: str, cell: str) -> Bad:
    """One amount, in row 3 between two good ones."""
    row = f"{expected} 3 cv" if expected else ""
    return orders(name, row, f"10,1,2026-10-01,5 / 11,2,2026-10-02,{cell} / 12,3,2026-10-03,6")


def framed(name: str, expected: str, **columns: Any) -> Bad:
    """Orders as a frame; what is not given is fine."""
    frame = {"order_id": [1, 2], "member_id": [1, 2], "date": [date(2026, 10, 1)] * 2, "cv": [1, 2]} | columns
    return Bad(name, expected, {"members": MEMBERS, "orders": pl.DataFrame(frame)})


def adjustments(name: str, expected: str, rows: str) -> Bad:
    header = "member_id,type,amount,reason,approver,bonus,period,cause"
    return Bad(
        name,
        expected,
        {"members": MEMBERS, "orders": ORDERS, "adjustments": header + "\n" + rows.replace(" / ", "\n") + "\n"},
    )


def closed(name: str, expected: str, rows: str) -> Bad:
    header = "plan,bonus,period,member_id,amount"
    return Bad(
        name,
        expected,
        {"members": MEMBERS, "orders": ORDERS, "closed": header + "\n" + rows.replace(" / ", "\n") + "\n"},
    )


def overrides(name: str, expected: str, rows: str) -> Bad:
    header = "member_id,override,rank,metric,from,to,reason,approver"
    return Bad(
        name,
        expected,
        {"members": MEMBERS, "orders": ORDERS, "overrides": header + "\n" + rows.replace(" / ", "\n") + "\n"},
    )
