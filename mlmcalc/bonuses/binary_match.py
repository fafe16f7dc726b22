"""Legs matched and paid: how many steps each member makes, what they are worth, and what a cap leaves of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    def of(self, rows: NDArray[np.int64]) -> Sides:
        """Return the sides of some members."""
        return Sides(self.available[rows], self.deciding[rows], self.mode)

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

    def of(self, rows: NDArray[np.int64]) -> Terms:
        """Return the terms of some members."""
        sizes = self.sizes if len(self.sizes) == 1 else self.sizes[rows]
        return Terms(sizes, self.rate[rows], self.base[rows], self.worth[rows], self.highest)


@dataclass(frozen=True, slots=True, eq=False)
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
    steps, firsts : (n,) int64
        Made, were there no cap.
    taken : (n, legs) int64
        What they take.
    """

    sides: Sides
    terms: Terms
    first: Terms | None
    fresh: NDArray[np.bool_]
    steps: Steps
    firsts: Steps
    taken: NDArray[np.int64]

    @classmethod
    def without_cap(
        cls, sides: Sides, terms: Terms, first: Terms | None, fresh: NDArray[np.bool_], at_most: int = INT64_MAX
    ) -> Match:
        """Return the match of every member, with at most so many steps in a period."""
        most = np.where(terms.worth >= 0, at_most, 0)
        nothing = np.zeros_like(most)
        found = cls(sides, terms, first, fresh, nothing, nothing, np.zeros_like(sides.available))
        wanted = nothing if first is None else (fresh & (first.worth >= 0)).astype(np.int64)
        steps, firsts, taken = found.limited(most, wanted)
        return replace(found, steps=steps, firsts=firsts, taken=taken)

    def of(self, rows: NDArray[np.int64]) -> Match:
        """Return the match of some members."""
        first = None if self.first is None else self.first.of(rows)
        made = (self.steps[rows], self.firsts[rows], self.taken[rows])
        return Match(self.sides.of(rows), self.terms.of(rows), first, self.fresh[rows], *made)

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
        group: NDArray,
    ) -> tuple[Steps, Steps, NDArray[np.int64]]:
        """Return the steps and first steps that a cap pays for, and what they are paid; everybody is paid.

        Where an amount ends inside a step, the step is used up.

        Parameters
        ----------
        kind : {"volume", "cycles", "money"}
        cap : (n,) int64
            In units of the volume, cycles or exact amounts; below 0: none.
        group : (n,) int32
            Members of one group use up the cap together, in their order.
        """
        steps, firsts = self.steps, self.firsts
        exact = self.exact(steps, firsts)
        wanted = exact if kind == "money" else steps + firsts if kind == "cycles" else self.volume
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
