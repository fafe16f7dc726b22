"""Hand-made blocks of lines."""

from __future__ import annotations

import numpy as np

from mlmcalc.ledger.lines import LineBlock


def block(bonus="unilevel", lines=5, members=10, base_decimals=2, amount_decimals=2, seed=0, orders=0) -> LineBlock:
    rng = np.random.default_rng(seed)
    return LineBlock(
        bonus=bonus,
        earner=rng.integers(0, members + 1, lines).astype(np.int32),
        source=rng.integers(0, members, lines).astype(np.int32),
        via=rng.integers(-1, members, lines).astype(np.int32),
        order=rng.integers(-1, orders, lines).astype(np.int32) if orders else np.full(lines, -1, np.int32),
        level=rng.integers(0, 7, lines).astype(np.int32),
        paid_level=rng.integers(0, 7, lines).astype(np.int16),
        base=rng.integers(-(10**9), 10**12, lines),
        rate_ppm=rng.integers(0, 10**6, lines),
        amount=rng.integers(-(10**6), 10**9, lines),
        outcome=rng.choice(np.array([0, 7, 9, 14], np.uint8), lines),
        base_decimals=base_decimals,
        amount_decimals=amount_decimals,
    )
