"""The most a bonus can pay of its base: what a plan promises in the worst case."""

from __future__ import annotations

from typing import NamedTuple

from mlmcalc.money import per_unit_text, rate_text
from mlmcalc.rules.rate_layers import PerUnit


class Most(NamedTuple):
    """A bound on what a bonus pays, all earners together.

    Attributes
    ----------
    rate_ppm : int or None
        Parts per million of its base; None where its base does not bound it.
    how : str
        The rates it is made of, or why there is no bound, in words.
    per_unit : bool
        Whether it is an amount for each unit of a base that is counted, and no part of it.
    """

    rate_ppm: int | None
    how: str
    per_unit: bool = False


UNBOUNDED = Most(None, "not bounded by a share of its base")


def rate_or_amount(rate_ppm: int) -> str:
    """Return a rate as a plan writes it: ``5%``, or ``20.00`` for each unit."""
    return per_unit_text(rate_ppm) if isinstance(rate_ppm, PerUnit) else rate_text(rate_ppm)
