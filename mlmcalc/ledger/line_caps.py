"""Caps on the lines of one bonus: per source, and per leg of the earner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.posting import cut_above_cap
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.ledger.id_ties import Ids, id_ranks
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import INT64_MAX

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
    ids : int64 or a sequence of str
        Of all members, by position: a leg fills in their order.
    """

    per_source: int | None = None
    per_leg: NDArray[np.int64] | None = None
    leg_of: LegOf | None = None
    ids: Ids = ()

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
        inside = owed.earner < members
        if self.per_source is not None:
            most = np.full(members, self.per_source, np.int64)
            lines = np.flatnonzero(inside)
            lines = lines[_may_be_above(most, owed.source[lines], amount[lines])]
            order = lines[np.lexsort((owed.order[lines], owed.level[lines], owed.source[lines]))]
            _cut_in_order(owed.source, order, amount, most, whole)
        if self.per_leg is None:
            return whole
        assert self.leg_of is not None, "a cap on legs knows the legs"
        # Through a leg comes no more than through all of them.
        left = amount - whole
        lines = np.flatnonzero(inside)
        lines = lines[_may_be_above(self.per_leg, owed.earner[lines], left[lines])]
        # Volume that was rolled up comes from where its keeper stands.
        via, source = owed.via[lines], owed.source[lines]
        head = self.leg_of(owed.earner[lines], np.where(via >= 0, via, source))
        lines, head, source = lines[head >= 0], head[head >= 0], source[head >= 0]
        # A leg has one earner above it, so that it tells the earner too.
        most = np.zeros(members, np.int64)
        most[head] = self.per_leg[owed.earner[lines]]
        above = _may_be_above(most, head, left[lines])
        lines, head, source = lines[above], head[above], source[above]
        order = _by_leg(head, owed.level[lines], id_ranks(source, members, self.ids), owed.order[lines])
        leg = np.full(amount.size, -1, np.int32)
        leg[lines] = head
        by_leg = np.zeros(amount.size, np.int64)
        _cut_in_order(leg, lines[order], left, most, by_leg)
        return whole + by_leg


def _may_be_above(most: NDArray[np.int64], group: NDArray[np.int32], amount: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the lines of groups whose gains come to more than the most; no running total of others can be above."""
    gains = sum_by_owner(np.ascontiguousarray(group), np.maximum(amount, 0), most.size)
    return (gains > most)[group]


def _by_leg(
    leg: NDArray[np.int32], level: NDArray[np.int32], source: NDArray[np.int64], order: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the order by leg, level, source and order."""
    levels, sources = int(level.max(initial=0)) + 1, int(source.max(initial=0)) + 1
    if (int(leg.max(initial=0)) + 1) * levels * sources > INT64_MAX:
        return np.lexsort((order, source, level, leg))
    key = (leg.astype(np.int64) * levels + level) * sources + source
    return np.argsort(key, kind="stable") if order.max(initial=-1) < 0 else np.lexsort((order, key))


def _cut_in_order(
    group: NDArray[np.int32],
    order: NDArray[np.int64],
    amount: NDArray[np.int64],
    most: NDArray[np.int64],
    cut: NDArray[np.int64],
) -> None:
    # Only the lines in order are looked at.
    lines = np.ascontiguousarray(group[order])
    found = np.zeros(order.size, np.int64)
    cut_above_cap(lines, np.arange(order.size), amount[order], most[lines], found)
    cut[order] = found
