"""What closed periods of another program came to, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mlmcalc.kernels.totals import total_magnitude
from mlmcalc.ledger.member_amounts import MemberAmounts


@dataclass(frozen=True, slots=True, eq=False)
class ClosedResults:
    """The results of other programs whose periods end inside one period.

    Attributes
    ----------
    amounts : mapping of (str, str) to MemberAmounts
        Program and bonus to what each member had of it in all these periods together.
    decimals : int
        Of money.
    """

    amounts: Mapping[tuple[str, str], MemberAmounts] = field(default_factory=dict)
    decimals: int = 0

    def bonuses_of(self, program: str) -> list[str]:
        """Return the bonuses of a program."""
        return [bonus for of, bonus in self.amounts if of == program]

    def magnitude(self, program: str, bonuses: list[str]) -> int:
        """Return the sum of the absolute amounts of some bonuses."""
        found = [self.amounts[program, bonus] for bonus in bonuses if (program, bonus) in self.amounts]
        return sum(total_magnitude(one.amounts) for one in found)

    def of(self, program: str, bonuses: list[str], members: int) -> NDArray[np.int64]:
        """Return what members had of some bonuses together, ``(n,)`` int64 by position.

        Parameters
        ----------
        program : str
        bonuses : list of str
        members : int
            How many there are.
        """
        total = np.zeros(members, np.int64)
        for bonus in bonuses:
            one = self.amounts.get((program, bonus))
            if one is not None:
                total[one.members] += one.amounts
        return total

    def moved(self, places: NDArray[np.int32]) -> ClosedResults:
        """Return the same of some members.

        Parameters
        ----------
        places : (n,) int32
            The new position of every member, -1 for who is left out; ascending.
        """
        found = {}
        for key, one in self.amounts.items():
            place = places[one.members]
            found[key] = MemberAmounts(place[place >= 0].astype(np.int64), one.amounts[place >= 0])
        return replace(self, amounts=found)
