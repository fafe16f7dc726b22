"""The orders of a period as columns, or a table of volumes in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column

ORDER_KINDS = ("sale", "return")


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """Orders of the period, sorted by position of the buyer and then order id.

    Attributes
    ----------
    member : (m,) int32
        Position of the buyer.
    ids : (m,) int64 or a sequence of m str or None
        Order ids; None for a table of volumes per member (`is_table`).
    day : (m,) int32 or None
        Days since 1970-01-01 in the plan's time zone; None for a table of volumes.
    kind : (m,) int8 or None
        Code into `ORDER_KINDS`.
    first : (m,) bool or None
        Whether this is the buyer's first order; None unless the plan asks.
    columns : mapping of str to Column
        Volume columns (numbers) and the company's own columns that the plan reads.
    """

    member: NDArray[np.int32]
    ids: NDArray[np.int64] | Sequence[str] | None
    day: NDArray[np.int32] | None
    kind: NDArray[np.int8] | None
    first: NDArray[np.bool_] | None
    columns: Mapping[str, Column]

    @property
    def size(self) -> int:
        """Number of orders, or of rows of the table of volumes."""
        return self.member.size

    @property
    def is_table(self) -> bool:
        """Whether these are volumes per member instead of orders."""
        return self.ids is None
