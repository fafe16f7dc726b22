"""What a place on a tree means to a walk: a row of a rate table, a reason not to be paid, or an end of the walk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.rules.eligibility import ELIGIBLE

NO_RATE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Classes of a level walk: rate rows; per scheme not active, not eligible; per scheme blocked, no upline.

    Attributes
    ----------
    rates : (classes, levels) int64
        Parts per million; `NO_RATE` where there is none.
    top : (classes, levels) int64
        The highest rate of the class's scheme: what is offered. 0 where the scheme has none.
    rows : int
        Number of classes that are rows of the rate table.
    schemes : int
    to_company : bool
        What is lost to a member is paid to the company.
    """

    rates: NDArray[np.int64]
    top: NDArray[np.int64]
    rows: int
    schemes: int
    to_company: bool

    @classmethod
    def of_table(
        cls,
        rates: NDArray[np.int64],
        top: NDArray[np.int64],
        row_scheme: NDArray[np.integer],
        to_company: bool,
        ends: bool = True,
    ) -> Classes:
        """Return the classes of a rate table.

        Parameters
        ----------
        rates : (rows, levels) int64, -1 for no rate
        top : (schemes, levels) int64, -1 for no rate
        row_scheme : (rows,) int
        to_company : bool
        ends : bool
            Whether levels beyond the end of a walk are offered; if not, who has the class of an end is passed by
            and nothing is offered there.
        """
        offered = np.maximum(top, 0)
        none = np.full((4 * top.shape[0], rates.shape[1]), NO_RATE, np.int64)
        twice = np.repeat(offered, 2, axis=0)
        return cls(
            rates=np.concatenate([rates, none]),
            top=np.concatenate([offered[row_scheme], twice, twice if ends else np.zeros_like(twice)]),
            rows=rates.shape[0],
            schemes=top.shape[0],
            to_company=to_company,
        )

    @property
    def pay(self) -> NDArray[np.int64]:
        """The rates as `mlmcalc.kernels.walk` wants them: what goes to the company is coded as ``-2 - rate``."""
        if not self.to_company:
            return self.rates
        pay = self.rates.copy()
        members = slice(0, self.rows + 2 * self.schemes)
        lost = (self.rates[members] == NO_RATE) & (self.top[members] > 0)
        pay[members][lost] = -2 - self.top[members][lost]
        return pay

    def of_members(
        self, row: NDArray[np.int32], reason: NDArray[np.int8], scheme: NDArray[np.integer]
    ) -> NDArray[np.int32]:
        """Return the class of every member from its rate row, its eligibility and its scheme."""
        barred = self.rows + 2 * scheme.astype(np.int32) + reason - 1
        return np.where(reason == ELIGIBLE, row, barred).astype(np.int32)

    @property
    def nobody(self) -> int:
        """The class of one who is passed by where the ends of walks offer nothing."""
        return self.rows + 2 * self.schemes + 1

    def not_eligible(self, scheme: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return the class of members of these schemes that are not eligible."""
        return (self.rows + 2 * scheme + 1).astype(np.int32)

    def beyond(self, scheme: NDArray[np.integer], blocked: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the class of the levels beyond the end of a walk, for sources of these schemes."""
        return (self.rows + 2 * self.schemes + 2 * scheme + np.where(blocked, 0, 1)).astype(np.int64)

    def outcome(self, place: int) -> str:
        """Return the outcome of a class when it is not paid."""
        if place < self.rows:
            return "no_rate"
        kind = (place - self.rows) % 2
        if place < self.rows + 2 * self.schemes:
            return ("not_active", "not_eligible")[kind]
        return ("blocked_by_rank", "no_upline")[kind]
