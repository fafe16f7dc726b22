"""Picking a few lines out of a run while it posts them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mlmcalc.ledger.lines import OUTCOMES, LineBlock


@dataclass(frozen=True, slots=True)
class PickedLine:
    """One line, positions and integers as in `LineBlock`."""

    bonus: str
    earner: int
    source: int
    via: int
    order: int
    level: int
    paid_level: int
    base: int
    base_decimals: int
    rate_ppm: int
    amount: int
    amount_decimals: int
    outcome: str


@dataclass(slots=True)
class LinePicker:
    """Keeps the lines of some earners and of some sources; its `post` goes to `run_commissions`.

    Attributes
    ----------
    earners, sources, orders : frozenset of int
        Positions, and rows of the orders.
    lines : list of PickedLine
        In canonical order.
    """

    earners: frozenset[int] = frozenset()
    sources: frozenset[int] = frozenset()
    orders: frozenset[int] = frozenset()
    lines: list[PickedLine] = field(default_factory=list)

    def post(self, block: LineBlock) -> None:
        """Keep what is wanted of a block."""
        wanted = np.isin(block.earner, list(self.earners)) | np.isin(block.source, list(self.sources))
        wanted |= np.isin(block.order, list(self.orders))
        rows = np.flatnonzero(wanted)
        columns = (block.earner, block.source, block.via, block.order, block.level, block.paid_level)
        amounts = (block.base, block.rate_ppm, block.amount, block.outcome)
        chosen = (column[rows].tolist() for column in (*columns, *amounts))
        for *about, base, rate_ppm, amount, outcome in zip(*chosen, strict=True):
            self.lines.append(
                PickedLine(
                    block.bonus,
                    *about,
                    base=base,
                    base_decimals=block.base_decimals,
                    rate_ppm=rate_ppm,
                    amount=amount,
                    amount_decimals=block.amount_decimals,
                    outcome=OUTCOMES[outcome],
                )
            )
