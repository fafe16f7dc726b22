"""The members of a synthetic company: who sponsored whom, when they came, who left, where they were placed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.periods import Period
from mlmcalc.synthetic.draws import Draws

Shape = Literal["bush", "deep", "chain", "star"]
SHAPES: tuple[Shape, ...] = ("bush", "deep", "chain", "star")
MARKETS = ("IT", "DE", "ES", "FR", "AT", "PL")
_MARKET_WEIGHTS = (36, 24, 14, 12, 8, 6)
KINDS = ("distributor", "preferred", "customer")
_KIND_WEIGHTS = (56, 10, 34)
STATUSES = ("active", "suspended", "left", "merged")
_STATUS_WEIGHTS = (675, 15, 306, 4)
_SEASON = (9, 10, 12, 11, 10, 8, 7, 6, 11, 13, 12, 8)
_YEARS = 8
_COPY_PERMILLE = 600
_NEW_MARKET_PERMILLE = 120


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Members by ordinal, the order in which they joined.

    Attributes
    ----------
    sponsor : (n,) int64
        Ordinal of the sponsor, -1 for a root; smaller than the member's own.
    placement : (n,) int64
        Ordinal of the parent in the binary tree, -1 for roots and for whoever is not placed (customers).
    leg : (n,) int8
        0 not placed under anyone, 1 left, 2 right.
    kind, status, market : (n,) int64
        Codes into `KINDS`, `STATUSES`, `MARKETS`.
    joined, status_from : (n,) int64
        Days since 1970-01-01; `status_from` of an active member is -1.
    """

    sponsor: NDArray[np.int64]
    placement: NDArray[np.int64]
    leg: NDArray[np.int8]
    kind: NDArray[np.int64]
    status: NDArray[np.int64]
    market: NDArray[np.int64]
    joined: NDArray[np.int64]
    status_from: NDArray[np.int64]


def draw_people(draws: Draws, size: int, period: Period, shape: Shape) -> People:
    """Return the members of a company that grew for eight years up to a period."""
    kind = _kinds(draws, size, shape)
    sponsor = _sponsors(draws, kind, shape)
    placement, leg = _placements(draws, sponsor, kind)
    joined = _joined(size, period)
    status, status_from = _statuses(draws, sponsor, joined, period)
    return People(sponsor, placement, leg, kind, status, _markets(draws, sponsor), joined, status_from)


def _kinds(draws: Draws, size: int, shape: Shape) -> NDArray[np.int64]:
    if shape == "chain":
        return np.zeros(size, np.int64)
    kind = draws.choice("kind", _KIND_WEIGHTS, size)
    kind[: 1 if shape == "star" else 3] = 0
    return kind


def _sponsors(draws: Draws, kind: NDArray[np.int64], shape: Shape) -> NDArray[np.int64]:
    size = kind.size
    if shape == "chain":
        return np.arange(-1, size - 1, dtype=np.int64)
    if shape == "star":
        return np.where(np.arange(size) == 0, -1, 0).astype(np.int64)
    distributors = np.flatnonzero(kind == 0)
    before = np.cumsum(kind == 0) - (kind == 0)
    window = before if shape == "bush" else np.minimum(before, max(4, size // 5000))
    picked = before - 1 - draws.recent("sponsor", window)
    return _with_copies(draws, picked, distributors)


def _with_copies(draws: Draws, picked: NDArray[np.int64], distributors: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return sponsors by ordinal: the distributor somebody picked or, more often, that distributor's sponsor.

    Copying a sponsor is preferential attachment without its sequential loop: who has sponsored many is copied often. As
    recent members are picked more often than old ones, sponsors fade with age.
    """
    size, count = picked.size, distributors.size
    roots = [0, count // 3, count // 2] if count >= 60 else [0]
    copies = draws.chance("copy", _COPY_PERMILLE, size)
    own = copies[distributors]
    own_pick = picked[distributors]
    own[roots] = False
    is_root = np.zeros(count, np.bool_)
    is_root[roots] = True
    # A root has no sponsor that could be copied.
    own &= ~is_root[np.maximum(own_pick, 0)]
    settled = _follow(np.where(own, own_pick, np.arange(count)))
    sponsor_of = own_pick[settled]
    sponsor_of[is_root] = -1
    everyone = np.where(copies & ~is_root[np.maximum(picked, 0)], sponsor_of[np.maximum(picked, 0)], picked)
    everyone[distributors] = sponsor_of
    return np.where(everyone < 0, -1, distributors[everyone])


def _follow(pointer: NDArray[np.int64]) -> NDArray[np.int64]:
    # Doubling: chains of length k are settled after log2(k) rounds.
    while True:
        further = pointer[pointer]
        if np.array_equal(further, pointer):
            return pointer
        pointer = further


def _placements(
    draws: Draws, sponsor: NDArray[np.int64], kind: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """Return a legal binary tree with long power legs.

    A distributor keeps one leg for own recruits and leaves the other to the upline's spill-over: the first recruit goes
    under the sponsor, each further one under the recruit before. Which side is whose is drawn per distributor.
    """
    size = sponsor.size
    placed = np.flatnonzero((kind == 0) & (sponsor >= 0))
    placed = placed[np.argsort(sponsor[placed], kind="stable")]
    follows = np.zeros(placed.size, np.bool_)
    follows[1:] = sponsor[placed[1:]] == sponsor[placed[:-1]]
    above = np.where(follows, np.roll(placed, 1), sponsor[placed])
    own_side = 1 + draws.below("side", 2, size)
    placement = np.full(size, -1, np.int64)
    leg = np.zeros(size, np.int8)
    placement[placed] = above
    leg[placed] = np.where(follows, 3 - own_side[above], own_side[above])
    return placement, leg


def _joined(size: int, period: Period) -> NDArray[np.int64]:
    """Return days of joining, never falling with the ordinal: growth, with a season, up to the period's last day."""
    months = _YEARS * 12 + 1
    last_month = period.first.year * 12 + period.first.month - 1
    numbers = np.arange(last_month - months + 1, last_month + 2)
    starts = (
        np.array([f"{number // 12:04d}-{number % 12 + 1:02d}" for number in numbers.tolist()], dtype="datetime64[M]")
        .astype("datetime64[D]")
        .astype(np.int64)
    )
    season = np.array(_SEASON, np.int64)[numbers[:-1] % 12]
    limits = np.concatenate([[0], np.cumsum((20 + np.arange(months)) * season)])
    place = np.arange(size, dtype=np.int64) * int(limits[-1]) // max(size, 1)
    month = np.searchsorted(limits, place, side="right") - 1
    share = place - limits[month]
    return starts[month] + share * (starts[month + 1] - starts[month]) // (limits[month + 1] - limits[month])


def _statuses(
    draws: Draws, sponsor: NDArray[np.int64], joined: NDArray[np.int64], period: Period
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    size = joined.size
    status = draws.choice("status", _STATUS_WEIGHTS, size)
    earliest = joined + 30
    # Some notices are dated after the period: until then such a member is active.
    latest = period.last_day + 15
    status[(sponsor < 0) | (earliest > period.last_day - 30)] = 0
    day = earliest + draws.below("status day", latest - earliest + 1, size)
    return status, np.where(status == 0, -1, day)


def _markets(draws: Draws, sponsor: NDArray[np.int64]) -> NDArray[np.int64]:
    # Most members live where their sponsor does; a few open a new market.
    size = sponsor.size
    own = draws.choice("market", _MARKET_WEIGHTS, size)
    moves = draws.chance("new market", _NEW_MARKET_PERMILLE, size) | (sponsor < 0)
    return own[_follow(np.where(moves, np.arange(size), sponsor))]
