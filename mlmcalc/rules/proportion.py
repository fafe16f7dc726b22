"""A fund in whole units, divided in proportion to weights: parts that add up to it, and maximums."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.proportions import divide
from mlmcalc.kernels.totals import exact_sum
from mlmcalc.ledger.id_ties import Ids, ids_at, lowest_ids

MOST_WEIGHT = 2**62
"""The most that all weights together may be."""


def floors(weight: NDArray[np.int64], units: int, total: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the whole part and the rest of ``weight x units / total``.

    Parameters
    ----------
    weight : (k,) int64
        0 or more.
    units, total : int
        0 or more; from 1 to `MOST_WEIGHT`.
    """
    quotient, rest = np.empty(weight.size, np.int64), np.empty(weight.size, np.int64)
    divide(np.ascontiguousarray(weight), units, total, quotient, rest)
    return quotient, rest


def divided(units: int, weight: NDArray[np.int64], ids: Ids, unheld: int = 0) -> NDArray[np.int64]:
    """Return parts of a number of units in proportion to weights: by largest remainder, ties by id, nobody's last.

    The parts add up to the units; where some of the weight is nobody's, to what remains of them.

    Parameters
    ----------
    units : int
        0 or more.
    weight : (k,) int64
        0 or more, at least one above 0, together with `unheld` at most `MOST_WEIGHT`.
    ids : (k,) int64 or a sequence of k str
        Whose part each is.
    unheld : int
        Weight that is nobody's.
    """
    every = np.append(weight, unheld)
    part, rest = floors(every, units, exact_sum(every))
    left = units - exact_sum(part)
    if left:
        # No more are given than there are rests above 0.
        least = np.partition(rest, rest.size - left)[rest.size - left]
        part[rest > least] += 1
        tied = np.flatnonzero(rest[:-1] == least)
        left = min(left - int(np.count_nonzero(rest > least)), tied.size)
        part[lowest_ids(tied, left, ids)] += 1
    return part[:-1]


def divided_up_to(
    units: int, weight: NDArray[np.int64], most: NDArray[np.int64], ids: Ids
) -> tuple[NDArray[np.int64], int]:
    """Return parts in proportion to weights, none above its maximum, and what is left where all have theirs.

    What a maximum leaves is divided among the others again, until nobody exceeds.

    Parameters
    ----------
    units : int
    weight : (k,) int64
        Above 0, together at most `MOST_WEIGHT`.
    most : (k,) int64
        0 or more.
    ids : (k,) int64 or a sequence of k str
    """
    part = np.zeros(weight.size, np.int64)
    free = np.arange(weight.size)
    while free.size:
        share, rest = floors(weight[free], units, exact_sum(weight[free]))
        over = (share > most[free]) | ((share == most[free]) & (rest > 0))
        if not over.any():
            part[free] = divided(units, weight[free], ids_at(ids, free))
            return part, 0
        part[free[over]] = most[free[over]]
        units -= exact_sum(most[free[over]])
        free = free[~over]
    return part, units
