"""What a company's own bonus sees of a run: everything, and none of it to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.condition import Condition
from mlmcalc.rules.eligibility import eligibility
from mlmcalc.rules.rates import RateTable
from mlmcalc.rules.state import Kept
from mlmcalc.rules.values import Values


@dataclass(frozen=True, slots=True, eq=False)
class TreeView:
    """A tree by position.

    Attributes
    ----------
    order : (n,) int32
        Positions, every parent before its children.
    parent : (n,) int32
        Position of each member's parent, -1 for none.
    kept : (n,) bool
        Who has a place in the tree; everybody in a recorded one.
    keeper : (n,) int32
        Whom each member belongs to: itself where it is kept, -1 for nobody.
    """

    order: NDArray[np.int32]
    parent: NDArray[np.int32]
    kept: NDArray[np.bool_]
    keeper: NDArray[np.int32]


class Company:
    """The members of a run and what was calculated so far; all columns are by position and read-only.

    Parameters
    ----------
    values : Values
    bonus : str
        Name of the bonus that looks.
    """

    def __init__(self, values: Values, bonus: str) -> None:
        self._values = values
        self._bonus = bonus

    @property
    def size(self) -> int:
        """Number of members."""
        return self._values.size

    @property
    def ids(self) -> Sequence[int] | Sequence[str] | NDArray[np.int64]:
        """Member id of each position."""
        ids = self._values.network.ids
        return _locked(ids) if isinstance(ids, np.ndarray) else tuple(ids)

    @property
    def money_decimals(self) -> int:
        """Decimals of money."""
        return self._values.rounding.money_decimals

    @property
    def scheme(self) -> tuple[NDArray[np.int16], Sequence[str]]:
        """Scheme of each member as a code, and the names of the codes."""
        return _locked(self._values.scheme), tuple(self._values.scheme_names)

    def amounts(self, name: str) -> NDArray[np.int64]:
        """Return a volume, metric, points or number column, ``(n,)`` int64 in units of ``10**-decimals(name)``."""
        return _locked(self._values.quantity(name).amounts)

    def decimals(self, name: str) -> int:
        """Return the decimals of a volume, metric, points or number column."""
        return self._values.quantity(name).decimals

    def earned(self, bonus: str) -> NDArray[np.int64]:
        """Return what each member was paid by another bonus, ``(n,)`` int64 in units of money."""
        return _locked(self._values.earned[bonus].amounts)

    def rank(self, ladder: str = "rank") -> tuple[NDArray[np.int16], Sequence[str]]:
        """Return the rank of each member, 0 for none, and the names of 1, 2, ..., lowest first."""
        ranking = self._values.rankings[ladder]
        return _locked(ranking.code), tuple(ranking.names)

    def holds(self, condition: Condition) -> NDArray[np.bool_]:
        """Return who meets a condition, ``(n,)`` bool."""
        return condition.holds(self._values)

    def reason(self, eligible: Condition | None) -> NDArray[np.int8]:
        """Return 0 for who may earn, 1 for who is not active, 2 for who is not eligible, ``(n,)`` int8."""
        return eligibility(self._values, eligible)

    def is_source(self) -> NDArray[np.bool_]:
        """Return whose volume may pay a bonus, by status, ``(n,)`` bool."""
        return _locked(self._values.is_source)

    def tree(self, name: str) -> TreeView:
        """Return a tree of the plan by position."""
        tree = self._values.trees[name]
        order = np.arange(tree.size, dtype=np.int32) if tree.order is None else tree.order

        def positions(index: NDArray[np.int32]) -> NDArray[np.int32]:
            return _locked(tree.leave(np.where(index >= 0, order[index], -1).astype(np.int32)))

        itself = np.arange(tree.size, dtype=np.int32)
        return TreeView(
            order=_locked(order),
            parent=positions(tree.parent),
            kept=np.ones(tree.size, np.bool_) if tree.kept is None else _locked(tree.leave(tree.kept)),
            keeper=itself if tree.keeper is None else positions(tree.keeper),
        )

    def rates(self, table: RateTable, tier: str | None = None) -> NDArray[np.int64]:
        """Return the rates of each member by its scheme, rank and tier.

        Returns
        -------
        (n, levels) int64
            Parts per million, -1 for no rate.
        """
        values = self._values
        assert values.vocabulary is not None, "a rate table is bound by the names of its plan"
        ranking = values.rankings.get("rank")
        names = ranking.names if ranking is not None else ()
        bound = table.bind(values.vocabulary, None, tier, values.scheme_names, names)
        return bound.rates[""][bound.row(values)]

    def opening(self, key: str, decimals: int) -> NDArray[np.int64]:
        """Return what this bonus left of each member in the period before, ``(n,)`` int64 in so many decimals."""
        kept = Kept("plugin", self._bonus)
        rows = self._values.opening.rows(*kept).of_key(key)
        return rows.per_member(self.size, decimals, kept)

    def leave(self, key: str, amounts: NDArray[np.int64], decimals: int) -> None:
        """Leave one amount of each member to the next period."""
        self._values.closing.leave("plugin", self._bonus, np.array(amounts, np.int64), decimals, key)


def _locked(column: NDArray[Any]) -> NDArray[Any]:
    view = column.view()
    view.flags.writeable = False
    return view
