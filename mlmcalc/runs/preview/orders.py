"""The orders of a run after some were added and others withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column
from mlmcalc.runs.preview.before import ranges
from mlmcalc.runs.preview.part import Part, Places, picked_orders
from mlmcalc.runs.preview.patch import united
from mlmcalc.volumes.orders import Orders


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """Which members' orders are others now.

    Attributes
    ----------
    buyers : (k,) int64
        Positions, ascending.
    orders : Orders
        All orders of these members as they are now, `member` a position.
    """

    buyers: Places
    orders: Orders


def rows_of(orders: Orders, members: Places) -> NDArray[np.int64]:
    """Return the rows of the orders of some members, by ascending position."""
    # Of another type, the whole column would be converted.
    wanted = members.astype(orders.member.dtype)
    return ranges(np.searchsorted(orders.member, wanted), np.searchsorted(orders.member, wanted, side="right"))


def orders_of(part: Part, orders: Orders, changed: Changed | None) -> Orders:
    """Return the orders of a part's members.

    Parameters
    ----------
    part : Part
    orders : Orders
        Of the run.
    changed : Changed or None
        None: as they were.
    """
    kept = part.members
    if changed is not None:
        kept = kept[~np.isin(kept, changed.buyers)]
    rows = rows_of(orders, kept)
    found = picked_orders(orders, rows, part.places(orders.member[rows]))
    if changed is None:
        return found
    place = part.places(changed.orders.member)
    inside = np.flatnonzero(place >= 0)
    return sorted_by_member(joined([found, picked_orders(changed.orders, inside, place[inside])]))


def whole_orders(orders: Orders, changed: Changed) -> Orders:
    """Return all orders as they are now."""
    drop = np.zeros(orders.size, np.bool_)
    drop[rows_of(orders, changed.buyers)] = True
    rows = np.flatnonzero(~drop)
    return sorted_by_member(joined([picked_orders(orders, rows, orders.member[rows]), changed.orders]))


def sorted_by_member(orders: Orders) -> Orders:
    """Return orders by member; those of one member keep their order."""
    if (orders.member[1:] >= orders.member[:-1]).all():
        return orders
    rows = np.argsort(orders.member, kind="stable")
    return picked_orders(orders, rows, orders.member[rows])


def by_member_and_id(orders: Orders) -> Orders:
    """Return orders by member, then order id."""
    ids = orders.ids
    assert ids is not None, "a table of volumes has no orders"
    by_id = np.argsort(ids, kind="stable") if isinstance(ids, np.ndarray) else _by_text(ids)
    rows = by_id[np.argsort(orders.member[by_id], kind="stable")]
    return picked_orders(orders, rows, orders.member[rows])


def joined(parts: Sequence[Orders]) -> Orders:
    """Return the orders of all parts, one after another; ids are texts where those of one part are."""
    first = parts[0]
    ids = [part.ids for part in parts]
    numbers = [one for one in ids if isinstance(one, np.ndarray)]
    if len(numbers) == len(ids):
        together = np.concatenate(numbers)
    else:
        together = [str(one) for column in ids for one in (column if column is not None else ())]
    return Orders(
        member=np.concatenate([part.member for part in parts]),
        ids=together,
        day=_together([part.day for part in parts]),
        kind=_together([part.kind for part in parts]),
        first=None if first.first is None else _together([part.first for part in parts]),
        columns={name: _column([part.columns[name] for part in parts]) for name in first.columns},
    )


def buyers_of(*parts: NDArray[np.integer]) -> Places:
    """Return the members whose orders these are, each once, ascending."""
    return united(*parts)


def _together(parts: Sequence[NDArray | None]) -> NDArray:
    return np.concatenate([part for part in parts if part is not None])


def _column(parts: Sequence[Column]) -> Column:
    labels: Sequence[str] = parts[0].labels
    values = [part.values for part in parts]
    if any(list(part.labels) != list(labels) for part in parts):
        labels = sorted({label for part in parts for label in part.labels})
        code = {label: place for place, label in enumerate(labels)}
        # The last entry answers for -1: not given.
        known = [np.array([*(code[label] for label in part.labels), -1], np.int32) for part in parts]
        values = [known[place][part.values] for place, part in enumerate(parts)]
    given = None
    if any(part.given is not None for part in parts):
        given = np.concatenate(
            [np.ones(part.values.size, np.bool_) if part.given is None else part.given for part in parts]
        )
    return replace(parts[0], values=np.concatenate(values), labels=labels, given=given)


def _by_text(ids: Sequence[str]) -> NDArray[np.int64]:
    return np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
