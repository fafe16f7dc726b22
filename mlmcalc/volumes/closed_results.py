"""``closed``: a volume that is what bonuses of another program came to in the periods of it that ended in this one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.fields import Model, Name, Text
from mlmcalc.money import INT64_MAX
from mlmcalc.rules.local import Spread
from mlmcalc.rules.values import Node, Quantity, Values, Vocabulary, Volume


class ClosedBonuses(Model):
    """What members had of bonuses of another program, all its periods that ended in this one together."""

    closed: Name = Field(description="the other program: the name of its plan")
    bonuses: Annotated[tuple[Name, ...], Field(min_length=1)] | None = Field(
        default=None, description="which of its bonuses; all"
    )
    source: Text = Field(default="", description="where the company's document says so")

    @property
    def spread(self) -> Spread:
        """What a member's value follows from: its own results."""
        return "own"

    def rounds_members(self, vocabulary: Vocabulary) -> bool:
        """Return that it has no orders that could be told apart."""
        return True

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: what is closed is there from the start."""
        return set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return ``volumes.twice``."""
        named = self.bonuses or ()
        return [
            Finding("volumes.twice", f"{bonus} is named twice.", "Keep it once.", path=("bonuses", place))
            for place, bonus in enumerate(named)
            if bonus in named[:place]
        ]

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return the decimals of money."""
        return vocabulary.money_decimals

    def evaluate(self, values: Values, name: str) -> Volume:
        """Return the sum per member, without entries: no order caused it.

        Raises
        ------
        InputRefused
            ``volumes.overflow``: a sum could leave 64 bits.
        """
        closed = values.besides.closed
        bonuses = list(closed.bonuses_of(self.closed) if self.bonuses is None else self.bonuses)
        if closed.magnitude(self.closed, bonuses) > INT64_MAX:
            message = f"The sum of the volume {name} does not fit 64 bits."
            raise InputRefused(Finding("volumes.overflow", message, "Correct the closed results."))
        amounts: np.ndarray = closed.of(self.closed, bonuses, values.size)
        quantity = Quantity(amounts, values.rounding.money_decimals)
        return Volume(quantity, quantity)
