"""Amounts that people put into a period by hand, or that follow from an earlier one: each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TEXTS = ("type", "reason", "approver", "bonus", "period", "cause")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One amount.

    Attributes
    ----------
    amount : int
        In units of ``10**-decimals`` of the table it is of.
    type : str
        What the payout calls it: ``manual``, ``true_up``, whatever the company says.
    reason, approver : str
    bonus, period : str
        Where it comes from; empty where nothing is said.
    cause : str
    """

    amount: int
    type: str
    reason: str
    approver: str
    bonus: str = ""
    period: str = ""
    cause: str = ""

    def said(self) -> str:
        """Return why it is there, as a sentence."""
        source = ", ".join(text for text in (self.bonus, self.period) if text)
        parts = [f"{self.type}{f' of {source}' if source else ''}: {self.reason}", f"approved by {self.approver}"]
        return ", ".join(parts) + (f"; {self.cause}" if self.cause else "")


@dataclass(frozen=True, slots=True, eq=False)
class Adjustments:
    """All amounts of a period.

    Attributes
    ----------
    member : (k,) int32
        Position, ascending.
    amounts : (k,) int64
        In units of ``10**-decimals``.
    codes : mapping of str to (k,) int32
        Each of `TEXTS`, into `labels`.
    labels : mapping of str to sequence of str
        An empty text where nothing is said.
    decimals : int
        Of money.
    """

    member: NDArray[np.int32]
    amounts: NDArray[np.int64]
    codes: Mapping[str, NDArray[np.int32]]
    labels: Mapping[str, Sequence[str]]
    decimals: int

    @property
    def size(self) -> int:
        """Number of amounts."""
        return self.amounts.size

    def of(self, position: int) -> list[Adjustment]:
        """Return the amounts of one member."""
        first, last = np.searchsorted(self.member, [position, position + 1]).tolist()
        return [
            Adjustment(
                int(self.amounts[row]),
                **{name: self.labels[name][int(codes[row])] for name, codes in self.codes.items()},
            )
            for row in range(first, last)
        ]

    def by_type(self, members: int) -> dict[str, NDArray[np.int64]]:
        """Return what everybody gets of each type, ``(n,)`` int64 by position, the types in the order of their names.

        Parameters
        ----------
        members : int
            How many there are.
        """
        found = {}
        for code, label in sorted(enumerate(self.labels["type"]), key=lambda one: one[1]):
            rows = np.flatnonzero(self.codes["type"] == code)
            if rows.size:
                found[label] = np.zeros(members, np.int64)
                np.add.at(found[label], self.member[rows], self.amounts[rows])
        return found


def no_adjustments() -> Adjustments:
    """Return what is nothing for everybody."""
    codes = {name: np.empty(0, np.int32) for name in TEXTS}
    return Adjustments(np.empty(0, np.int32), np.empty(0, np.int64), codes, dict.fromkeys(TEXTS, ()), 0)
