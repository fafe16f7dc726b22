"""The orders of a period as columns, or a table of volumes in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlmcalc.genealogy.network import Column

ORDER_KINDS = ("sale", "return")


class Amounts(NamedTuple):
    """A number column with its owners, in whatever order the rows are at hand: enough for sums.

    Attributes
    ----------
    owner : (k,) int32
        Position of the buyer, -1 for a row that does not count.
    column : Column
        Of k rows.
    """

    owner: NDArray[np.int32]
    column: Column


class Orders:
    """Orders of the period, sorted by position of the buyer and then order id.

    Parameters
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

    def __init__(
        self,
        member: NDArray[np.int32],
        ids: NDArray[np.int64] | Sequence[str] | None,
        day: NDArray[np.int32] | None,
        kind: NDArray[np.int8] | None,
        first: NDArray[np.bool_] | None,
        columns: Mapping[str, Column],
    ) -> None:
        self._member = member
        self._ids = ids
        self._day = day
        self._kind = kind
        self._first = first
        self._columns = columns

    @property
    def member(self) -> NDArray[np.int32]:
        """Position of the buyer, ``(m,)`` int32, ascending."""
        return self._member

    @property
    def ids(self) -> NDArray[np.int64] | Sequence[str] | None:
        """Order ids; None for a table of volumes."""
        return self._ids

    @property
    def day(self) -> NDArray[np.int32] | None:
        """Days since 1970-01-01, ``(m,)`` int32; None for a table of volumes."""
        return self._day

    @property
    def kind(self) -> NDArray[np.int8] | None:
        """Codes into `ORDER_KINDS`, ``(m,)`` int8; None for a table of volumes."""
        return self._kind

    @property
    def first(self) -> NDArray[np.bool_] | None:
        """Whether each is its buyer's first order, ``(m,)`` bool; None unless the plan asks."""
        return self._first

    @property
    def columns(self) -> Mapping[str, Column]:
        """Volume columns and the company's own columns that the plan reads, by name."""
        return self._columns

    @property
    def size(self) -> int:
        """Number of orders, or of rows of the table of volumes."""
        return self.member.size

    @property
    def is_table(self) -> bool:
        """Whether these are volumes per member instead of orders."""
        return self.ids is None

    @property
    def has_text_ids(self) -> bool:
        """Whether order ids are texts; known without reading them."""
        return self.ids is not None and not isinstance(self.ids, np.ndarray)

    def amounts(self, name: str) -> Amounts:
        """Return a number column with its owners, unsorted where the orders were never put in order."""
        return Amounts(self.member, self.columns[name])
