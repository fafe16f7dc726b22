"""Who has a seat in a placement tree and who wants one, and the rule that gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

LegRule = Literal["weaker_volume", "weaker_count", "outer_left", "outer_right", "preferred", "balance"]
LEG_RULES: tuple[LegRule, ...] = (
    "weaker_volume",
    "weaker_count",
    "outer_left",
    "outer_right",
    "preferred",
    "balance",
)
FATES = ("waiting", "placed", "full", "no_top", "circle", "held", "not_joined", "gone")
"""What became of a row; the first five are those of `mlmcalc.kernels.seats`."""
WAITING, PLACED, FULL, NO_TOP, CIRCLE, HELD, NOT_JOINED, GONE = range(8)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The members by row, a row being an index into the ids in ascending order.

    Attributes
    ----------
    sponsor, parent : (n,) int32
        Row of the sponsor, and of the member above in the placement tree; -1 for none. Without cycles.
    leg : (n,) int32
        From 1, 0 where none is given.
    rank : (n,) int32
        Place in the order of joining, each once.
    joined : (n,) int32
        Days since 1970-01-01, `mlmcalc.genealogy.network.NO_DAY` where unknown.
    held_from : (n,) int32
        The day from which a deadline counts: of joining, or a later one; `NO_DAY` where unknown.
    gone : (n,) bool
        Who gets no new seat: left, suspended or merged.
    preference : (n,) int32
        Leg from 0 that a member states, -1 for none.
    volume : (n,) int64
        What `weaker_volume` compares, 0 or more.
    """

    sponsor: NDArray[np.int32]
    parent: NDArray[np.int32]
    leg: NDArray[np.int32]
    rank: NDArray[np.int32]
    joined: NDArray[np.int32]
    held_from: NDArray[np.int32]
    gone: NDArray[np.bool_]
    preference: NDArray[np.int32]
    volume: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of members."""
        return self.sponsor.size

    def in_order(self, rows: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return rows in the order of joining."""
        return rows[np.argsort(self.rank[rows])].astype(np.int32)


@dataclass(frozen=True, slots=True)
class SeatRule:
    """How a seat is found.

    Attributes
    ----------
    width : int
        Legs of each member.
    leg : LegRule or None
        Of a binary tree; None for a matrix, which is filled breadth first.
    depth : int
        Levels below the top of a search, 0 for any number.
    whole : bool
        Whether everybody looks from the one top of the tree, instead of from the sponsor.
    top : int
        Row of that top, -1 where it is found.
    blank : {"outer_left", "outer_right", "balance"}
        For `preferred`, where nothing is stated.
    of_sponsor : bool
        For `preferred`: whether the sponsor's statement counts, instead of the member's own.
    place_roots : bool
        Whether who has no sponsor gets a seat below the top, instead of being a root.
    day : int or None
        Days since 1970-01-01; who joins later gets no seat yet.
    hold_days : int or None
        Who is held for less than so many days waits for a hand.
    """

    width: int
    leg: LegRule | None = None
    depth: int = 0
    whole: bool = False
    top: int = -1
    blank: Literal["outer_left", "outer_right", "balance"] = "balance"
    of_sponsor: bool = False
    place_roots: bool = False
    day: int | None = None
    hold_days: int | None = None
