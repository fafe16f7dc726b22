"""On which orders a bonus was paid, gathered from its lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.account import Post
from mlmcalc.ledger.lines import LineBlock
from mlmcalc.rules.values import Values


class PaidOrders:
    """The lines of one bonus on their way to the ledger.

    Parameters
    ----------
    values : Values
    post : callable
        Receives every `LineBlock`.
    """

    def __init__(self, values: Values, post: Post) -> None:
        self._members = values.size
        self._amounts = np.zeros(values.orders.size, np.int64)
        self._post = post

    def post(self, block: LineBlock) -> None:
        """Add up what members get from each order, what a cap takes away included, and hand the lines on."""
        counted = np.flatnonzero((block.order >= 0) & (block.earner < self._members))
        np.add.at(self._amounts, block.order[counted], block.amount[counted])
        self._post(block)

    def on_which(self) -> NDArray[np.bool_]:
        """Return the orders on which members were paid anything, ``(m,)`` bool by row of the orders."""
        return self._amounts != 0
