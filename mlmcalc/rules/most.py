"""The most a bonus can pay of its base: what a plan promises in the worst case."""

from __future__ import annotations

from typing import NamedTuple

from mlmcalc.money import RATE_ONE_PPM, rate_text
from mlmcalc.rules.rates import RateTable


class Most(NamedTuple):
    """A bound on what a bonus pays, all earners together.

    Attributes
    ----------
    rate_ppm : int or None
        Parts per million of its base; None where its base does not bound it.
    how : str
        The rates it is made of, or why there is no bound, in words.
    """

    rate_ppm: int | None
    how: str


UNBOUNDED = Most(None, "not bounded by a share of its base")


def at_factor(most: Most, factors: RateTable) -> Most:
    """Return a bound on what is multiplied; whoever the table says nothing of has it once.

    Parameters
    ----------
    most : Most
    factors : RateTable
        One factor, or one for each scheme, rank or tier.
    """
    least = 0 if isinstance(factors.root, int) else RATE_ONE_PPM
    factor = max(*factors.highest(), least)
    rate = None if most.rate_ppm is None else -(-most.rate_ppm * factor // RATE_ONE_PPM)
    return Most(rate, f"{most.how}, times {rate_text(factor)}")
