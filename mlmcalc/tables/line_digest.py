"""The content digest of lines, taken while they pass."""

from __future__ import annotations

from threading import Lock

import numpy as np
from numpy.typing import NDArray

from mlmcalc.ledger.digest import ContentDigest, text_hashes
from mlmcalc.ledger.lines import OUTCOMES, LineBlock
from mlmcalc.tables.ids_out import IdColumn
from mlmcalc.tables.line_frames import LineChunk


class LineDigest:
    """Adds up the hashes of lines; chunks may come in any order and from several threads.

    The id of the run is no part of it. Amounts count in the decimals of the column that is written.

    Parameters
    ----------
    members, orders : IdColumn
    base_decimals, amount_decimals : int
        Of the columns of the whole run.
    """

    def __init__(self, members: IdColumn, orders: IdColumn, base_decimals: int, amount_decimals: int) -> None:
        self._members = members
        self._orders = orders
        self._outcomes = text_hashes(OUTCOMES)
        self._base_decimals = base_decimals
        member_type, order_type = ("text" if ids.is_text else "integer" for ids in (members, orders))
        self._schema = [
            ("bonus", "category"),
            ("earner", member_type),
            ("source", member_type),
            ("via", member_type),
            ("order", order_type),
            ("level", "integer"),
            ("paid_level", "integer"),
            ("base", f"decimal({base_decimals})"),
            ("rate_ppm", "integer"),
            ("amount", f"decimal({amount_decimals})"),
            ("outcome", "category"),
        ]
        self._digest = ContentDigest(self._schema)
        self._lock = Lock()

    def add(self, chunk: LineChunk) -> None:
        """Add the lines of a chunk."""
        for block in chunk.blocks:
            digest = ContentDigest(self._schema)
            digest.add(self._columns(block))
            with self._lock:
                self._digest.join(digest)

    def _columns(self, block: LineBlock) -> list[NDArray]:
        # A scaled base may pass 64 bits; that it wraps is harmless in a hash.
        scale = np.int64(10 ** (self._base_decimals - block.base_decimals))
        return [
            np.broadcast_to(text_hashes([block.bonus]), block.size),
            *(self._members.hashes_at(getattr(block, name)) for name in ("earner", "source", "via")),
            self._orders.hashes_at(block.order),
            block.level,
            block.paid_level,
            block.base if scale == 1 else block.base * scale,
            block.rate_ppm,
            block.amount,
            self._outcomes[block.outcome],
        ]

    def hex(self) -> str:
        """Return the digest of all lines so far."""
        return self._digest.hex()
