"""``count``: a volume that is a number of orders."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from mlmcalc.errors import Finding
from mlmcalc.kernels.sums import sum_by_owner
from mlmcalc.rules.values import Entries, Node, Quantity, Values, Vocabulary, Volume
from mlmcalc.volumes.order_volume import OrderVolume
from mlmcalc.volumes.orders import ORDER_KINDS


class CountOfOrders(OrderVolume):
    """The orders that meet a condition, counted per member; returns only where the condition asks for them."""

    count: Literal["orders"] = Field(description="what is counted")

    def reads(self, vocabulary: Vocabulary) -> set[Node]:
        """Return nothing: orders and recorded trees are there from the start."""
        return set()

    def check(self, vocabulary: Vocabulary) -> list[Finding]:
        """Return the findings of the condition."""
        return self.check_where(vocabulary)

    def decimals(self, vocabulary: Vocabulary) -> int:
        """Return 0: orders are counted whole."""
        return 0

    @property
    def needs_orders(self) -> bool:
        """Whether it looks at single orders: always."""
        return True

    @property
    def counts_returns(self) -> bool:
        """Whether the condition decides on returns itself."""
        return self.where is not None and "kind" in self.where.words()

    def evaluate(self, values: Values, name: str) -> Volume:
        """Return the number per member, with its entries where the run keeps them.

        Raises
        ------
        InputRefused
            ``volumes.table``: there is a table of volumes.
        """
        rows = self.rows_of(values, name)
        if not self.counts_returns:
            rows = rows[values.orders.kind[rows] == ORDER_KINDS.index("sale")]
        member, rows = self.credited(values, rows)
        ones = np.ones(rows.size, np.int64)
        quantity = Quantity(sum_by_owner(member, ones, values.size), 0)
        return Volume(quantity, quantity, Entries(member, rows, ones) if values.keep_entries else None)
