"""One company in October: members, orders and what a plan needs of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from mlmcalc.periods import Period, parse_period
from mlmcalc.tables.company import Company, read_company
from mlmcalc.tables.needs import Needs
from tests.tables.shapes import network_facts, order_facts

OCTOBER = parse_period("2026-10")
SPONSOR = {"sponsor": ("sponsor_id", "", 0)}
NEEDS = Needs(
    trees={**SPONSOR, "placement": ("placement_id", "leg", 2)},
    volume_columns={"qv": 2, "cv": 3},
    member_columns={"market": ("text", 0), "goal": ("number", 2), "founder": ("flag", 0), "promo_until": ("day", 0)},
    order_columns={"country": ("text", 0)},
    first_order=True,
)
MEMBERS = pl.DataFrame(
    {
        "member_id": [50, 7, 3, 20, 11, 12],
        "sponsor_id": [None, 50, 50, 7, None, 11],
        "placement_id": [None, 3, 50, 7, 50, 11],
        "leg": [None, "left", "right", "2", "L", "1"],
        "joined": [date(2020, 1, 1), date(2021, 1, 1), None, date(2026, 10, 31), date(2026, 11, 1), date(2019, 2, 28)],
        "status": ["active", "left", "suspended", None, "active", "merged"],
        "status_from": [None, date(2026, 11, 1), date(2026, 10, 31), None, None, None],
        "kind": [None, "distributor", "customer", "preferred", "distributor", "distributor"],
        "goal": [100.0, 0.01, None, 2.5, 0.0, 12345678.9],
        "founder": [True, False, None, False, True, True],
        "promo_until": [None, date(2026, 1, 31), None, None, None, None],
        "market": ["EU", "DE", "EU", None, "ÅL", "DE"],
        "name": ["a", "b", "c", "d", "e", "f"],
    }
)
ORDERS = pl.DataFrame(
    {
        "order_id": [9, 8, 5, 7, 1, 2],
        "member_id": [7, 7, 3, 50, 7, 7],
        "date": [
            date(2026, 10, 2),
            date(2026, 10, 2),
            date(2026, 10, 31),
            date(2026, 9, 30),
            date(2026, 10, 1),
            date(2026, 10, 5),
        ],
        "kind": ["sale", "sale", "sale", "sale", "return", None],
        "qv": [5.0, 6.25, 0.0, 1.1, -3.0, 100.0],
        "cv": [1.125, 2.0, 3.0, 4.0, -0.5, 0.001],
        "country": ["DE", "US", None, "DE", "DE", "AT"],
    }
)


def read(
    members: Any = MEMBERS, orders: Any = ORDERS, needs: Needs = NEEDS, period: Period = OCTOBER, **more: Any
) -> Company:
    return read_company(needs, members, period, orders=orders, **more)


def facts(company: Company) -> tuple[dict[str, Any], dict[str, Any]]:
    return network_facts(company.network), order_facts(company.orders)


def fields(needs: Needs) -> dict[str, Any]:
    return {name: getattr(needs, name) for name in needs.__slots__}
