"""The content digest of lines, taken while they pass."""

from __future__ import annotations

from threading import Lock

import numpy as np

from mlmcalc.ledger.digest import ContentDigest, text_hashes
from mlmcalc.ledger.lines import OUTCOMES
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
        self._digest = ContentDigest(
            [
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
        )
        self._lock = Lock()

    def add(self, chunk: LineChunk) -> None:
        """Add the lines of a chunk."""
        names = text_hashes([bonus for bonus, _, _ in chunk.parts])
        counts = [count for _, _, count in chunk.parts]
        # A scaled base may pass 64 bits; that it wraps is harmless in a hash.
        scales = np.array([10 ** (self._base_decimals - decimals) for _, decimals, _ in chunk.parts], np.int64)
        columns = [
            np.repeat(names, counts),
            *(self._members.hashes_at(chunk.column(name)) for name in ("earner", "source", "via")),
            self._orders.hashes_at(chunk.column("order")),
            chunk.column("level"),
            chunk.column("paid_level"),
            chunk.column("base") * np.repeat(scales, counts),
            chunk.column("rate_ppm"),
            chunk.column("amount"),
            self._outcomes[chunk.column("outcome")],
        ]
        with self._lock:
            self._digest.add(columns)

    def hex(self) -> str:
        """Return the digest of all lines so far."""
        return self._digest.hex()
