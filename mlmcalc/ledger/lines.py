"""The atom of a run: a line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

OUTCOMES = (
    "paid",
    "not_active",
    "not_eligible",
    "no_rate",
    "blocked_by_rank",
    "nothing_left",
    "compressed",
    "cap_reached",
    "passed_on",
    "to_company",
    "below_minimum",
    "excluded",
    "reserved",
    "no_upline",
    "rounding",
    "multiplier",
    "guarantee",
    "limit_reached",
)
OUTCOME_CODE = {name: code for code, name in enumerate(OUTCOMES)}
CUTS = ("cap_reached", "limit_reached")
"""Outcomes of lines that take away what a cap of the bonus, or a limit over several, does not allow."""
OF_THE_EARNER = ("rounding", "multiplier", "below_minimum", "excluded", "limit_reached")
"""Outcomes of lines that change what an earner has, whoever caused it."""
COMPANY = "company"
COLUMNS = ("earner", "source", "via", "order", "level", "paid_level", "base", "rate_ppm", "amount", "outcome")
"""The columns of a block of lines, in order."""


@dataclass(frozen=True, slots=True, eq=False)
class LineBlock:
    """Some lines of one bonus, in canonical order.

    Every line counts: the sum of `amount` over all lines of an earner is its statement. Outcomes are ``paid``,
    ``to_company``, ``cap_reached`` (negative: what a cap took, from the line before it or from the earner) and
    ``rounding``; ``multiplier``, ``guarantee`` and ``limit_reached`` change what the earner had so far, and so do
    ``below_minimum`` and ``excluded``, which take away a whole bonus.

    Attributes
    ----------
    bonus : str
        Name; ``payout`` for what arises when a whole statement is rounded.
    earner : (k,) int32
        Position; the number of members stands for the company.
    source : (k,) int32
        Position of the member who caused it; of the earner itself for ``rounding``; -1 where nobody did.
    via : (k,) int32
        Position of the keeper to whom the volume was rolled up, -1 if it was not.
    order : (k,) int32
        Row of the orders, -1 unless lines are kept per order.
    level : (k,) int32
        Distance from the source in the tree walked; for generations, the generation; 0 for own volume.
    paid_level : (k,) int16
        The level or generation of the rate table that was used.
    base : (k,) int64
        In units of ``10**-base_decimals``.
    rate_ppm : (k,) int64
        0 where the amount is no product of base and rate.
    amount : (k,) int64
        In units of ``10**-amount_decimals``, the same for all lines of a run.
    outcome : (k,) uint8
        Code into `OUTCOMES`.
    """

    bonus: str
    earner: NDArray[np.int32]
    source: NDArray[np.int32]
    via: NDArray[np.int32]
    order: NDArray[np.int32]
    level: NDArray[np.int32]
    paid_level: NDArray[np.int16]
    base: NDArray[np.int64]
    rate_ppm: NDArray[np.int64]
    amount: NDArray[np.int64]
    outcome: NDArray[np.uint8]
    base_decimals: int
    amount_decimals: int

    @property
    def size(self) -> int:
        """Number of lines."""
        return self.earner.size

    def slice(self, start: int, stop: int) -> LineBlock:
        """Return some of the lines, without a copy."""
        columns = {name: getattr(self, name)[start:stop] for name in COLUMNS}
        return replace(self, **columns)
