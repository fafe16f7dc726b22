"""A part of a company as a company of its own, small enough to calculate at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.build import read_only
from mlmcalc.genealogy.network import Column, Network
from mlmcalc.genealogy.tree import Tree
from mlmcalc.kernels.ancestors import depths
from mlmcalc.rules.besides import Besides
from mlmcalc.rules.values import Override, Values
from mlmcalc.volumes.orders import Orders

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some members, as positions of the whole company, ascending; a place among them is a position of the part.

    Attributes
    ----------
    members : (k,) int64
    inverse : mapping of str to (n,) int32
        Recorded tree with an order of its own to the place in it of every member of the company.
    """

    members: Places
    inverse: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Number of members."""
        return self.members.size

    def places(self, positions: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the places of members, -1 for who is not of the part, and for nobody."""
        if not self.members.size:
            return np.full(positions.size, -1, np.int32)
        row = np.minimum(np.searchsorted(self.members, positions), self.members.size - 1)
        return np.where(self.members[row] == positions, row, -1).astype(np.int32)

    def mask(self, positions: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return who of the part is among some members of it, ``(k,)`` bool."""
        chosen = np.zeros(self.size, np.bool_)
        chosen[self.places(positions)] = True
        return chosen

    def network(self, whole: Network) -> Network:
        """Return the members as a company; a parent outside the part is none."""
        at = self.members
        ids = _ids_at(whole.ids, at)
        return Network(
            ids=ids,
            status=whole.status[at],
            kind=whole.kind[at],
            joined=whole.joined[at],
            columns={name: _column(column, at) for name, column in whole.columns.items()},
            trees={name: self.tree(tree) for name, tree in whole.trees.items()},
            day=whole.day,
            first_day=whole.first_day,
        )

    def tree(self, whole: Tree) -> Tree:
        """Return a tree of the part; a parent or keeper outside it is none."""
        index = self.index(whole)
        order = None if whole.order is None else self.places(whole.order[index])
        small = Part(index)
        parent = small.places(whole.parent[index])
        return replace(
            whole,
            parent=read_only(parent),
            depth=read_only(depths(parent)),
            kept=None if whole.kept is None else whole.kept[index],
            keeper=None if whole.keeper is None else small.places(whole.keeper[index]),
            order=order,
            leg=None if whole.leg is None else whole.leg[index],
        )

    def index(self, whole: Tree) -> Places:
        """Return the places of the part's members in the order of a tree, ascending."""
        if whole.order is None:
            return self.members
        return np.sort(self.inverse[whole.root_tree or whole.name][self.members]).astype(np.int64)

    def overrides(self, whole: Collection[Override]) -> list[Override]:
        """Return the overrides of the part's members."""
        if not whole:
            return []
        rows = list(whole)
        places = self.places(np.array([row.member for row in rows], np.int64)).tolist()
        return [replace(row, member=place) for row, place in zip(rows, places, strict=True) if place >= 0]

    def besides(self, whole: Besides, members: int) -> Besides:
        """Return what else is given of the part's members."""
        return whole.of_part(self.places(np.arange(members))) if whole.closed.amounts else Besides()

    def values(self, whole: Values, orders: Orders) -> Values:
        """Return what is known of the part's members before anything is calculated.

        Parameters
        ----------
        whole : Values
            Of the whole company.
        orders : Orders
            Of the part's members, `member` a place.
        """
        at = self.members
        return Values(
            network=self.network(whole.network),
            orders=orders,
            rounding=whole.rounding,
            scheme=whole.scheme[at],
            scheme_names=whole.scheme_names,
            may_earn=whole.may_earn[at],
            is_source=whole.is_source[at],
            status_bars=whole.status_bars[at],
            walk_compressed=None if whole.walk_compressed is None else whole.walk_compressed[at],
            overrides=self.overrides(whole.overrides),
            vocabulary=whole.vocabulary,
            amount_decimals=whole.amount_decimals,
            keep_entries=whole.keep_entries,
            besides=self.besides(whole.besides, whole.size),
        )


def _ids_at(ids: NDArray[np.int64] | Sequence[str], at: NDArray[np.integer]) -> NDArray[np.int64] | list[str]:
    if isinstance(ids, np.ndarray):
        return ids[at]
    return [str(ids[place]) for place in at.tolist()]


def _column(column: Column, at: NDArray[np.integer]) -> Column:
    given = None if column.given is None else column.given[at]
    return replace(column, values=column.values[at], given=given)


def picked_orders(orders: Orders, rows: NDArray[np.integer], member: NDArray[np.int32]) -> Orders:
    """Return some of the orders.

    Parameters
    ----------
    orders : Orders
    rows : (k,) integer
    member : (k,) int32
        The buyers that take the place of the orders' own.
    """
    return Orders(
        member=np.ascontiguousarray(member, np.int32),
        ids=None if orders.ids is None else _ids_at(orders.ids, rows),
        day=None if orders.day is None else orders.day[rows],
        kind=None if orders.kind is None else orders.kind[rows],
        first=None if orders.first is None else orders.first[rows],
        columns={name: _column(column, rows) for name, column in orders.columns.items()},
    )
