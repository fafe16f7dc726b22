"""A company in memory for the tests of words: everything by position, unless said otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from mlmcalc.genealogy.build import build_trees
from mlmcalc.genealogy.network import KINDS, NO_DAY, STATUSES, Column, Network
from mlmcalc.money import Rounding
from mlmcalc.rules.values import Quantity, Values, Vocabulary, Volume
from mlmcalc.volumes.orders import Orders

LAST_DAY = 20757  # 2026-10-31


def number(cells: Sequence[int], decimals: int = 2) -> Column:
    return Column("number", np.array(cells, dtype=np.int64), decimals=decimals)


def text(cells: Sequence[str]) -> Column:
    labels = sorted({cell for cell in cells if cell})
    return Column("text", np.array([labels.index(cell) if cell else -1 for cell in cells], np.int32), labels=labels)


def day(cells: Sequence[int | None]) -> Column:
    return Column("day", np.array([NO_DAY if cell is None else cell for cell in cells], np.int32))


def flag(cells: Sequence[bool]) -> Column:
    return Column("flag", np.array(cells, dtype=bool))


def network(
    parents: Mapping[str, Sequence[int]],
    joined: Sequence[int | None] | None = None,
    kind: Sequence[str] | None = None,
    status: Sequence[str] | None = None,
    columns: Mapping[str, Column] | None = None,
) -> Network:
    """Parents by row; the first tree's rows must be in pre-order already, so that a row is a position."""
    rows = {name: np.array(column, dtype=np.int32) for name, column in parents.items()}
    order, trees = build_trees(rows)
    n = order.size
    assert order.tolist() == list(range(n)), "the rows of the first tree are not in pre-order"
    return Network(
        ids=np.arange(1, n + 1, dtype=np.int64),
        status=np.array([STATUSES.index(one) for one in status or ["active"] * n], np.int8),
        kind=np.array([KINDS.index(one) for one in kind or ["distributor"] * n], np.int8),
        joined=np.array([NO_DAY if one is None else one for one in joined or [0] * n], np.int32),
        columns=dict(columns or {}),
        trees=trees,
        day=LAST_DAY,
    )


def values(made: Network, volumes: Mapping[str, Sequence[int]] | None = None, **changes: Any) -> Values:
    """Values with volumes of two decimals; a member may earn if it is an active distributor."""
    n = made.size
    earns = (made.kind == 0) & (made.status == 0)
    base: dict[str, Any] = {
        "network": made,
        "orders": None,
        "rounding": Rounding("line", "source", "half_up", 1, 2),
        "scheme": np.zeros(n, dtype=np.int16),
        "may_earn": earns,
        "is_source": np.ones(n, dtype=bool),
        "active": made.status == 0,
    }
    if "status_bars" in {field.name for field in fields(Values)}:
        base["status_bars"] = made.status != 0
    found = Values(**{**base, **changes})
    for name, amounts in (volumes or {}).items():
        quantity = Quantity(np.array(amounts, dtype=np.int64), 2)
        found.volumes[name] = Volume(quantity, quantity)
    return found


def names_of(found: Values) -> Vocabulary:
    """The vocabulary a test has put there."""
    assert found.vocabulary is not None
    return found.vocabulary


def vocabulary(**changes: Any) -> Vocabulary:
    base: dict[str, Any] = {
        "volumes": {"pv": 2},
        "metrics": {},
        "trees": {"sponsor": ""},
        "ladders": {},
        "member_columns": {},
        "order_columns": {},
        "bonuses": (),
        "schemes": (),
        "first_tree": "sponsor",
    }
    return Vocabulary(**{**base, **changes})


def orders(rows: Sequence[Mapping[str, Any]], numbers: Sequence[str], texts: Sequence[str] = ()) -> Orders:
    """Rows of member, day, kind, first and columns, sorted by member already; numbers in units of two decimals."""
    columns = {name: number([row.get(name, 0) for row in rows]) for name in numbers}
    columns |= {name: text([row.get(name, "") for row in rows]) for name in texts}
    return Orders(
        member=np.array([row["member"] for row in rows], np.int32),
        ids=np.arange(len(rows), dtype=np.int64),
        day=np.array([row.get("day", LAST_DAY) for row in rows], np.int32),
        kind=np.array([1 if row.get("kind") == "return" else 0 for row in rows], np.int8),
        first=np.array([row.get("first", False) for row in rows], bool),
        columns=columns,
    )


def random_parents(rng: np.random.Generator, n: int, reach: int = 6) -> list[int]:
    """A forest in pre-order: a parent is picked among the ancestors of the one before."""
    parents: list[int] = []
    path: list[int] = []
    for place in range(n):
        path = path[: int(rng.integers(0, min(len(path), reach) + 1)) or len(path)] if rng.random() < 0.7 else path
        if rng.random() < 0.05:
            path = []
        parents.append(path[-1] if path else -1)
        path = [*path, place]
    return parents
