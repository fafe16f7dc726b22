"""Legs matched and paid: how many steps each member makes, what they are worth, and what a cap leaves of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mlmcalc.errors import Finding, InputRefused
from mlmcalc.kernels.matching import match_legs, share_caps
from mlmcalc.money import INT64_MAX

Steps = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """How legs are matched.

    Attributes
    ----------
    available, deciding : (n, legs) int64
        What there is to match, and by what the strong leg is decided.
    mode : int
        One of `mlmcalc.kernels.matching`.
    """

    available: NDArray[np.int64]
    deciding: NDArray[np.int64]
    mode: int

    def match(self, sizes: NDArray[np.int64], most: Steps) -> tuple[Steps, NDArray[np.int64]]:
        """Return the steps of each member and what they take from each leg.

        Parameters
        ----------
        sizes : (n, 2) or (1, 2) int64
            What a step takes from the strong leg and from the weak side.
        most : (n,) int64
            The most steps.
        """
        steps, taken = np.zeros(most.size, np.int64), np.zeros_like(self.available)
        match_legs(self.available, self.deciding, sizes, most, self.mode, steps, taken)
        return steps, taken

    def after(self, taken: NDArray[np.int64]) -> Sides:
        """Return the sides without what has been taken."""
        return Sides(self.available - taken, self.deciding, self.mode)


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What one kind of step takes and is worth.

    Attributes
    ----------
    sizes : (n, 2) or (1, 2) int64
    rate : (n,) int64
        Of the base of a line, in parts per million; 0 where the amount is no product.
    base : (n,) int64
        What a line shows for one step.
    worth : (n,) int64
        Exact amount of one step; below 0 where the member has no rate.
    highest : int
        The highest `worth` of anybody, also of those whose legs hold nothing.
    """

    sizes: NDArray[np.int64]
    rate: NDArray[np.int64]
    base: NDArray[np.int64]
    worth: NDArray[np.int64]
    highest: int


@dataclass(slots=True, eq=False)
class Match:
    """The match of every member, before and after the cap.

    Attributes
    ----------
    sides : Sides
    terms : Terms
    first : Terms or None
        Of the first step that a member ever makes, where it is another one.
    fresh : (n,) bool
        Who has not had it.
    at_most : int
        The most steps of a period.
    steps, firsts : (n,) int64
        Made, were there no cap.
    taken : (n, legs) int64
        What they take.
    """

    sides: Sides
    terms: Terms
    first: Terms | None
    fresh: NDArray[np.bool_]
    at_most: int = INT64_MAX
    steps: Steps = field(init=False)
    firsts: Steps = field(init=False)
    taken: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Match without a cap."""
        most = np.where(self.terms.worth >= 0, self.at_most, 0)
        wanted = np.where(self.fresh & (self.first.worth >= 0), 1, 0) if self.first else np.zeros_like(most)
        self.steps, self.firsts, self.taken = self.limited(most, wanted)

    def limited(self, most: Steps, firsts: Steps) -> tuple[Steps, Steps, NDArray[np.int64]]:
        """Return steps, first steps and what they take, where no more than so many may be made."""
        if self.first is None:
            steps, taken = self.sides.match(self.terms.sizes, most)
            return steps, np.zeros_like(steps), taken
        made, taken = self.sides.match(self.first.sizes, firsts)
        may = np.where(self.fresh & (made == 0), 0, most)
        steps, more = self.sides.after(taken).match(self.terms.sizes, may)
        return steps, made, taken + more

    @property
    def made(self) -> NDArray[np.bool_]:
        """Who makes any step, ``(n,)`` bool."""
        return self.steps > 0 if self.first is None else self.steps + self.firsts > 0

    @property
    def volume(self) -> NDArray[np.int64]:
        """Matched volume, counted on the weak side, ``(n,)`` int64."""
        weak = self.steps * self.terms.sizes[:, 1]
        return weak if self.first is None else weak + self.firsts * self.first.sizes[:, 1]

    def exact(self, steps: Steps, firsts: Steps) -> NDArray[np.int64]:
        """Return what so many steps are worth, ``(n,)`` int64, exact.

        Raises
        ------
        InputRefused
            ``bonuses.overflow``.
        """
        _refuse_product(steps, self.terms.highest)
        exact = steps * np.maximum(self.terms.worth, 0)
        return exact if self.first is None else exact + self.exact_firsts(firsts)

    def exact_firsts(self, firsts: Steps) -> NDArray[np.int64]:
        """Return what first steps are worth, ``(n,)`` int64, exact."""
        return np.zeros_like(firsts) if self.first is None else firsts * np.maximum(self.first.worth, 0)

    def allowed(
        self,
        kind: Literal["volume", "cycles", "money"],
        cap: NDArray[np.int64],
        pays: NDArray[np.bool_],
        group: NDArray,
    ) -> tuple[Steps, Steps, NDArray[np.int64]]:
        """Return the steps and first steps that a cap pays for, and what they are paid.

        Where an amount ends inside a step, the step is used up.

        Parameters
        ----------
        kind : {"volume", "cycles", "money"}
        cap : (n,) int64
            In units of the volume, cycles or exact amounts; below 0: none.
        pays : (n,) bool
            Who is paid at all.
        group : (n,) int32
            Members of one group use up the cap together, in their order.
        """
        steps, firsts = self.steps * pays, self.firsts * pays
        exact = self.exact(steps, firsts)
        wanted = exact if kind == "money" else steps + firsts if kind == "cycles" else self.volume * pays
        allowed = np.zeros_like(wanted)
        share_caps(group, wanted, cap, np.zeros(group.max(initial=0) + 1, np.int64), allowed)
        if kind == "money":
            first = np.where(allowed > 0, firsts, 0)
            worth = np.maximum(self.terms.worth, 0)
            open_ = np.maximum(allowed - self.exact_firsts(first), 0)
            fitting = np.where(worth > 0, -(-open_ // np.maximum(worth, 1)), steps)
            return np.where(firsts > first, 0, np.minimum(steps, fitting)), first, allowed
        size, first_size = self.terms.sizes[:, 1], 0 if self.first is None else self.first.sizes[:, 1]
        if kind == "cycles":
            size, first_size = np.ones(1, np.int64), 1
        first = np.where(allowed >= first_size, firsts, 0)
        fitting = (allowed - first * first_size) // np.maximum(size, 1)
        steps = np.where(firsts > first, 0, np.minimum(steps, fitting))
        return steps, first, self.exact(steps, first)


def _refuse_product(steps: Steps, highest: int) -> None:
    if steps.size and int(steps.max()) * highest > INT64_MAX:
        message = "what a match is worth could leave 64 bits."
        raise InputRefused(Finding("bonuses.overflow", message, "Correct the volume, or state fewer decimals."))
