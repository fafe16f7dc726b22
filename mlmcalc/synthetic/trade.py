"""The orders of a synthetic company: who bought how often, for how much, what came back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.periods import Period
from mlmcalc.synthetic.draws import PERMILLE, Draws
from mlmcalc.synthetic.people import MARKETS, People

_BUSY_WEIGHTS = (232, 300, 226, 130, 72, 30, 10)
_BUSY_ORDERS = (0, 1, 2, 3, 5, 8, 14)
_RETURN_PERMILLE = 18
_ABROAD_PERMILLE = 30
_EARLIER_PERMILLE = 250
_COMMISSIONABLE_PERCENT = (55, 70, 80, 90)
_SMALLEST, _SPREAD = 900, 4100
_HIGHEST_DOUBLING = 7


@dataclass(frozen=True, slots=True, eq=False)
class Trade:
    """Orders in the order they came in.

    Attributes
    ----------
    buyer : (m,) int64
        Ordinal of the member.
    day : (m,) int64
        Days since 1970-01-01: in the period, some in the year before.
    returned : (m,) bool
        Whether the order sends an earlier one back.
    qv, cv : (m,) int64
        Hundredths; negative where `returned`.
    country : (m,) int64
        Code into `MARKETS`.
    """

    buyer: NDArray[np.int64]
    day: NDArray[np.int64]
    returned: NDArray[np.bool_]
    qv: NDArray[np.int64]
    cv: NDArray[np.int64]
    country: NDArray[np.int64]


def draw_trade(draws: Draws, people: People, period: Period, orders_per_member: int) -> Trade:
    """Return so many orders per member on average, exactly so in total."""
    buyer, nth = _buyers(draws, people, period, orders_per_member)
    size = buyer.size
    returned = draws.chance("return", _RETURN_PERMILLE, size) & (nth > 0)
    # What is sent back is the sale just before, so that one is never itself a return.
    returned[1:] &= ~returned[:-1]
    qv, cv = _amounts(draws, size)
    back = np.flatnonzero(returned)
    qv[back], cv[back] = -qv[back - 1], -cv[back - 1]
    day = _days(draws, people.joined[buyer], nth, period)
    day[back] = np.minimum(day[back - 1] + 1 + draws.below("return day", 10, size)[back], period.last_day)
    market = people.market[buyer]
    abroad = draws.chance("abroad", _ABROAD_PERMILLE, size)
    country = np.where(abroad, draws.below("country", len(MARKETS), size), market)
    # A stable sort, because equal keys would otherwise fall as the machine's sort has it.
    order = np.argsort((day << 24) | draws.below("clock", 1 << 24, size), kind="stable")
    return Trade(buyer[order], day[order], returned[order], qv[order], cv[order], country[order])


def _buyers(
    draws: Draws, people: People, period: Period, orders_per_member: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return buyer and number of the order among the buyer's, both by row, the rows of one buyer together."""
    size = people.joined.size
    target = size * orders_per_member
    busy = np.array(_BUSY_ORDERS, np.int64)[draws.choice("busy", _BUSY_WEIGHTS, size)]
    gone = (people.status != 0) & (people.status_from < period.first_day)
    busy[gone & ~draws.chance("still buys", 60, size)] = 0
    if not busy.any():
        busy[0] = 1
    scaled = busy * PERMILLE * target // int(busy.sum())
    counts = scaled // PERMILLE + (draws.below("part", PERMILLE, size) < scaled % PERMILLE)
    missing = target - int(counts.sum())
    if missing > 0:
        buyers = np.flatnonzero(busy)
        np.add.at(counts, buyers[np.arange(missing) * buyers.size // missing], 1)
    buyer = np.repeat(np.arange(size, dtype=np.int64), counts)
    if missing < 0:
        keep = np.ones(buyer.size, np.bool_)
        keep[np.arange(-missing) * buyer.size // -missing] = False
        buyer = buyer[keep]
    starts = np.searchsorted(buyer, np.arange(size))
    return buyer, np.arange(buyer.size) - starts[buyer]


def _amounts(draws: Draws, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return points and money of sales: every further doubling is a quarter as likely, which gives a heavy tail."""
    words = draws.words("doublings", size) >> np.uint64(64 - 2 * _HIGHEST_DOUBLING)
    doublings = np.zeros(size, np.int64)
    for step in range(1, _HIGHEST_DOUBLING + 1):
        doublings += words < np.uint64(1 << (2 * (_HIGHEST_DOUBLING - step)))
    qv = (_SMALLEST + draws.below("qv", _SPREAD, size)) << doublings
    percent = np.array(_COMMISSIONABLE_PERCENT, np.int64)[draws.below("cv", len(_COMMISSIONABLE_PERCENT), size)]
    return qv, qv * percent // 100


def _days(draws: Draws, joined: NDArray[np.int64], nth: NDArray[np.int64], period: Period) -> NDArray[np.int64]:
    size = joined.size
    first = period.first_day
    # The first order of some lies before the period, so that it is not the first one of the period that counts as such.
    earlier = (nth == 0) & (joined < first) & draws.chance("earlier", _EARLIER_PERMILLE, size)
    start = np.where(earlier, np.maximum(joined, first - 365), np.maximum(joined, first))
    end = np.where(earlier, first - 1, period.last_day)
    return start + draws.below("day", end - start + 1, size)
