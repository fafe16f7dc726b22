"""An amount for each of some members, and nothing for everybody else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import exact_sum


@dataclass(frozen=True, slots=True, eq=False)
class MemberAmounts:
    """An amount for each of some members.

    Attributes
    ----------
    members : (k,) int64
        Positions, ascending.
    amounts : (k,) int64
    """

    members: NDArray[np.int64]
    amounts: NDArray[np.int64]

    @property
    def total(self) -> int:
        """Their sum."""
        return exact_sum(self.amounts)

    def of(self, position: int) -> int:
        """Return the amount of one member, 0 where it has none."""
        row = int(np.searchsorted(self.members, position))
        return int(self.amounts[row]) if row < self.members.size and self.members[row] == position else 0

    def without_zeros(self) -> MemberAmounts:
        """Return the same, only of those who have an amount other than 0."""
        some = np.flatnonzero(self.amounts)
        return self if some.size == self.members.size else MemberAmounts(self.members[some], self.amounts[some])


def no_amounts() -> MemberAmounts:
    """Return what is nothing for everybody."""
    return MemberAmounts(np.empty(0, np.int64), np.empty(0, np.int64))
