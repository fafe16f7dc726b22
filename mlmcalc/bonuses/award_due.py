"""An award worked out: whom it may concern, what each is entitled to, and what the period leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.eligibility import ELIGIBLE, NOT_ELIGIBLE
from mlmcalc.rules.state import StateRows


@dataclass(frozen=True, slots=True, eq=False)
class Due:
    """What some members are entitled to, for one reason.

    Attributes
    ----------
    step : str
        The rank, or empty.
    position : (k,) int32
        Ascending.
    base : (k,) int64
        In units of money, before `rate_ppm`.
    rate_ppm : (k,) int64
    number : int
        Of the instalment, or the depth of the structure; 0 for a whole award.
    paid : (k,) bool
        Who may have it.
    kind : str
        ``award``, ``instalment``, ``structure`` or ``otherwise``.
    """

    step: str
    position: NDArray[np.int32]
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int64]
    number: int
    paid: NDArray[np.bool_]
    kind: str = "award"


@dataclass(slots=True, eq=False)
class Awarding:
    """An award worked out: for the members whom it may concern, each a row.

    Attributes
    ----------
    reason : (n,) int8
        Who may earn it (`mlmcalc.rules.eligibility`), by position.
    members : (k,) int64
        Position of every row, ascending: who has reached a step or has events, or was at a step before.
    times : (k,) int64
        How many times the award.
    due : list of Due
    before, runs : dict of str to (k,) int64
        By step, periods in a row up to the one before and up to this one.
    streak : (k,) int64 or None
        Periods in a row with the award.
    structures : (n, depths) int64 or None
        How many structures of each depth, by position.
    closing : list of (section, key, (j,) integer, (j,) int64, decimals)
        What the period leaves: positions, ascending, and an amount each.
    rows : list of (section, StateRows)
        What else it leaves.
    """

    reason: NDArray[np.int8]
    members: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    times: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    due: list[Due] = field(default_factory=list)
    before: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    runs: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    streak: NDArray[np.int64] | None = None
    structures: NDArray[np.int64] | None = None
    closing: list[tuple[str, str, NDArray[np.integer], NDArray[np.int64], int]] = field(default_factory=list)
    rows: list[tuple[str, StateRows]] = field(default_factory=list)

    @property
    def eligible(self) -> NDArray[np.bool_]:
        """Which rows may earn it, ``(k,)`` bool."""
        return self.reason[self.members] == ELIGIBLE

    def row_of(self, position: int) -> int | None:
        """Return the row of a member, None where it has none."""
        row = int(np.searchsorted(self.members, position))
        return row if row < self.members.size and self.members[row] == position else None

    def leave(
        self, section: str, key: str, members: NDArray[np.integer], amounts: NDArray[np.int64], decimals: int = 0
    ) -> None:
        """Leave one amount for each of some members."""
        self.closing.append((section, key, members, amounts, decimals))

    def why(self, due: Due) -> NDArray[np.int8]:
        """Return for everybody who is due something whether it is paid, or why not."""
        own = self.reason[due.position]
        barred = np.where(own == ELIGIBLE, NOT_ELIGIBLE, own)
        return np.where(due.paid, ELIGIBLE, barred).astype(np.int8)
