"""The immediate-leg form of ``differential``: own rate x group, less each first-line leg's rate x its group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.bonuses.differential_walk import Standings
from mlmcalc.kernels.sums import subtree_sum, sum_by_owner
from mlmcalc.kernels.totals import exact_sum, total_magnitude
from mlmcalc.ledger.account import BonusAccount
from mlmcalc.ledger.owed import Owed
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.eligibility import ELIGIBLE


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Every leg of one part of a rate table, and what is the members' own.

    Attributes
    ----------
    standings : Standings
    group : (n,) int64
        In tree order: the bases of everybody's subtree, its own included.
    head : (k,) int64
        Index of the head of every leg whose group is not 0.
    above : (k,) int64
        Index of the one whose leg it is.
    difference : (k,) int64
        The rate of the one above less that of the head; below 0 where the head holds more.
    own : (j,) int64
        Rows of the sources that are volume of somebody in the tree.
    """

    standings: Standings
    group: NDArray[np.int64]
    head: NDArray[np.int64]
    above: NDArray[np.int64]
    difference: NDArray[np.int64]
    own: NDArray[np.int64]


def legs_of(standings: Standings, own: bool) -> Legs:
    """Return the legs of a tree; the bases have been bounded.

    Parameters
    ----------
    standings : Standings
    own : bool
        Whether the own volume pays.
    """
    tree, index = standings.tree, standings.index
    group = subtree_sum(tree.parent, sum_by_owner(index, standings.part.sources.base, tree.size))
    head = np.flatnonzero((tree.parent >= 0) & (group != 0))
    above = tree.parent[head].astype(np.int64)
    pays_itself = (index >= 0) & standings.stands[index]
    return Legs(
        standings,
        group,
        head,
        above,
        standings.rates[above] - standings.rates[head],
        np.flatnonzero(pays_itself) if own else np.empty(0, np.int64),
    )


def post_legs(account: BonusAccount, standings: Standings, own: bool, largest: str) -> None:
    """Post what the legs and the own volumes pay, and count what they offer and lose.

    Parameters
    ----------
    account : BonusAccount
    standings : Standings
    own : bool
        Whether the own volume pays.
    largest : str
        Id of the member with the largest base.

    Raises
    ------
    InputRefused
        ``bonuses.overflow``.
    """
    sources = standings.part.sources
    bases = total_magnitude(sources.base)
    if bases * max(standings.top, 1) > INT64_MAX:
        account.refuse_overflow(bases, standings.top, largest)
    legs = legs_of(standings, own)
    of_legs = legs.group[legs.head] * legs.difference
    place = standings.index[legs.own]
    base, rate = sources.base[legs.own], standings.rates[place]
    account.refuse_exact_overflow(total_magnitude(of_legs) + total_magnitude(base * rate), largest)
    account.offer_exact(exact_sum(of_legs) + exact_sum(base * rate))
    below = legs.difference < 0
    account.lose_exact(0, "nothing_left", exact_sum(legs.group[legs.head[below]]), exact_sum(of_legs[below]))
    parts = [_of_legs(account, legs), _of_own(account, legs, place, base, rate)]
    owed = Owed.joined(parts)
    account.pay(owed.pick(np.lexsort((owed.level, owed.source))))


def _of_legs(account: BonusAccount, legs: Legs) -> Owed:
    standings = legs.standings
    gains = legs.difference > 0
    head, above, rate = legs.head[gains], legs.above[gains], legs.difference[gains]
    paid = standings.reason[above] == ELIGIBLE
    standings.lose(account, above[~paid], legs.group[head[~paid]], rate[~paid])
    head, above, rate = head[paid], above[paid], rate[paid]
    nothing = np.full(head.size, -1, np.int32)
    return Owed(
        earner=standings.position(above),
        source=standings.position(head),
        via=nothing,
        order=nothing,
        level=np.ones(head.size, np.int32),
        paid_level=np.zeros(head.size, np.int16),
        base=legs.group[head],
        rate_ppm=rate,
    )


def _of_own(
    account: BonusAccount, legs: Legs, place: NDArray[np.int32], base: NDArray[np.int64], rate: NDArray[np.int64]
) -> Owed:
    standings, sources = legs.standings, legs.standings.part.sources
    paid = standings.reason[place] == ELIGIBLE
    standings.lose(account, place[~paid].astype(np.int64), base[~paid], rate[~paid])
    paid &= rate > 0
    row = legs.own[paid]
    return Owed(
        earner=standings.position(place[paid]),
        source=sources.member[row],
        via=sources.via[row],
        order=sources.order[row],
        level=np.zeros(row.size, np.int32),
        paid_level=np.zeros(row.size, np.int16),
        base=base[paid],
        rate_ppm=rate[paid],
    )
