"""Caps on the lines of one bonus: per source, and per leg of the earner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.posting import cut_above_cap
from mlmcalc.ledger.owed import Owed

LegOf = Callable[[NDArray[np.int32], NDArray[np.int32]], NDArray[np.int32]]
"""Called with earners and sources by position; returns a number for each pair's leg, -1 where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class LineCaps:
    """What the lines of a bonus may come to together.

    Attributes
    ----------
    per_source : int or None
        The most one source may cause, in amount decimals.
    per_leg : (n,) int64 or None
        The most each member may earn through one of its legs, by position, in amount decimals.
    leg_of : LegOf or None
        With `per_leg`.
    place : (n,) int64 or None
        With `per_leg`: the place of every member among all ids.
    """

    per_source: int | None = None
    per_leg: NDArray[np.int64] | None = None
    leg_of: LegOf | None = None
    place: NDArray[np.int64] | None = None

    def cut(self, owed: Owed, amount: NDArray[np.int64], members: int) -> NDArray[np.int64]:
        """Return what is cut from every line; below zero where a cut is given back.

        The cap on a source fills by level, then order; that on a leg by level, then source and order.

        Parameters
        ----------
        owed : Owed
            All lines of the bonus.
        amount : (k,) int64
        members : int
            The earner that is the company; it is not capped.
        """
        whole = np.zeros(amount.size, np.int64)
        if self.per_source is not None:
            order = np.lexsort((owed.order, owed.level, owed.source))
            order = order[owed.earner[order] < members]
            cut_above_cap(owed.source, order, amount, np.full(amount.size, self.per_source, np.int64), whole)
        if self.per_leg is None:
            return whole
        assert self.leg_of is not None, "a cap on legs knows the legs"
        assert self.place is not None, "a cap on legs knows the order of ids"
        inside = np.where(owed.earner < members, owed.earner, 0).astype(np.int32)
        # Volume that was rolled up comes from where its keeper stands.
        start = np.where(owed.via >= 0, owed.via, owed.source)
        leg = np.where(owed.earner < members, self.leg_of(inside, start), -1).astype(np.int32)
        # A leg has one earner above it, so that it tells the earner too.
        levels = int(owed.level.max(initial=0)) + 1
        order = np.lexsort((owed.order, self.place[owed.source], leg.astype(np.int64) * levels + owed.level))
        order = order[leg[order] >= 0]
        by_leg = np.zeros(amount.size, np.int64)
        cut_above_cap(leg, order, amount - whole, self.per_leg[inside], by_leg)
        return whole + by_leg
